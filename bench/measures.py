"""The measures of the log, each tool in a process of its own, from its stored file to the answers.

Answers: how often one activity directly follows another, how many variants there are, the median and the 85th
percentile of what packets took, first entries by day and activity, and packets by the day of their last activity.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ONE, TEN = 1_000_000, 10_000_000
KEPT = Path(os.environ.get("FULLKIT_BENCH_LOGS", Path(tempfile.gettempdir()) / "fullkit-bench-logs"))
"""Where the logs are kept between runs: to write the large one takes some minutes."""


def measures(database: str = "sqlite") -> list[tuple[str, str, str]]:
    """The rows of the table; only once, because no database is asked."""
    if database != "sqlite":
        return []
    for count in (ONE, TEN):
        if not (KEPT / str(count) / "done").exists():
            _child("write", count)
    _child("ours", ONE)  # compiles, once for all the processes that follow
    took: dict[tuple[str, int], dict[str, Any]] = {
        (tool, count): min((_child(tool, count) for _ in range(times)), key=lambda one: float(one["seconds"]))
        for tool, times in (("decode", 3), ("ours", 3), ("sql", 2), ("pm4py", 1))
        for count in (ONE, TEN)
    }
    for tool, count in took:
        if tool != "decode" and took[tool, count]["answer"] != took["ours", count]["answer"]:
            raise RuntimeError(f"{tool} says otherwise of {count} events: {took[tool, count]['answer']}")
    rows = []
    for count in (ONE, TEN):
        bare, ours, sql, pm4py = (took[tool, count] for tool in ("decode", "ours", "sql", "pm4py"))
        million = f"{count // ONE} million events"
        rows += [
            (f"{million}: PM4Py to ours", _ratio(pm4py, ours), ">= 30"),
            (f"{million}: hand-written DuckDB SQL to ours", _ratio(sql, ours), "> 1"),
            (f"{million}: ours to decoding the columns", _ratio(ours, bare), "<= 3"),
            (
                f"{million}: memory, ours to PM4Py",
                f"{ours['mb'] / pm4py['mb']:.2f} ({ours['mb']:.0f} MB to {pm4py['mb']:.0f} MB; SQL {sql['mb']:.0f} MB)",
                "< 0.33",
            ),
        ]
    rows.append(("ours, 10 million to 1 million", _ratio(took["ours", TEN], took["ours", ONE]), "<= 12"))
    first = min(float(_child("ours", ONE)["whole"]) for _ in range(3))
    rows.append(("1 million events: first answer of a fresh process", f"{first:.2f} s", "< 2 s"))
    page = min(float(_child("page", TEN)["seconds"]) for _ in range(2))
    rows.append(("10 million events: all measures of a page, mirror warm", f"{page:.2f} s", "< 1.5 s"))
    return rows


def _ratio(one: dict[str, Any], other: dict[str, Any]) -> str:
    """By the clock, and by the time of the processor, which says more on a shared machine."""
    clock, busy = (one[name] / other[name] for name in ("seconds", "cpu"))
    return f"{clock:.1f} ({one['seconds']:.2f} s to {other['seconds']:.2f} s; processor {busy:.1f})"


def _child(tool: str, count: int) -> dict[str, Any]:
    """One process; `seconds` without starting Python and loading libraries, `whole` with both."""
    began = time.perf_counter()
    run = [sys.executable, "-m", "bench.measures", tool, str(count)]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=HERE.parent)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said | {"whole": time.perf_counter() - began}


# --- in the child --------------------------------------------------------------------------------------------


def write(folder: Path, count: int) -> Callable[[], Any]:
    from bench import synthetic

    def go() -> None:
        synthetic.write(folder, count)
        (folder / "done").touch()

    return go


def decode(folder: Path, _count: int) -> Callable[[], Any]:
    """What the columns cost that any answer needs, summed so that no statistics can answer instead."""
    con = _connection()
    return lambda: con.execute(
        "SELECT sum(packet), sum(epoch_us(\"at\")), sum(length(activity)), sum(day - DATE '2000-01-01')"
        f" FROM read_parquet('{folder / 'mirror.parquet'}')"
    ).fetchall()


def ours(folder: Path, _count: int) -> Callable[[], Any]:
    from fullkit.flow import kernel

    def go() -> Any:
        con = _connection()
        done = kernel.read_all(con, [f"read_parquet('{folder / 'mirror.parquet'}')"])
        found = kernel.ways(done)
        case = kernel.TWINS[kernel.CASE_TIME](found)[0]
        return _answer(
            (len(found.edges), int(found.follows.sum())),
            len(found.ways),
            (case["median_days"], case["p85_days"]),
            int(found.entered.sum()),
            int(found.ended.max()),
        )

    return go


def sql(folder: Path, _count: int) -> Callable[[], Any]:
    """As somebody writes it who knows DuckDB, on the log as it is appended."""
    con = _connection()
    con.execute(f"CREATE VIEW log AS SELECT * FROM read_parquet('{folder / 'log.parquet'}')")

    def go() -> Any:
        edges = con.execute("""
            SELECT activity, next, count(*) FROM (
                SELECT activity, lead(activity) OVER (PARTITION BY packet ORDER BY "at", id) AS next FROM log)
            WHERE next IS NOT NULL GROUP BY ALL""").fetchall()
        variants = con.execute("""
            SELECT count(*) FROM (
                SELECT DISTINCT way FROM (
                    SELECT string_agg(activity, ',' ORDER BY "at", id) AS way FROM log GROUP BY packet))""").fetchall()
        times = con.execute("""
            SELECT median(days), quantile_cont(days, 0.85) FROM (
                SELECT date_diff('microsecond', min("at"), max("at")) / 86400e6 AS days FROM log GROUP BY packet)
            """).fetchall()
        entered = con.execute("""
            SELECT day, activity, count(*) FROM (
                SELECT packet, activity, min(day) AS day FROM log GROUP BY packet, activity) GROUP BY ALL""").fetchall()
        ended = con.execute("""
            SELECT day, count(*) FROM (SELECT packet, max(day) AS day FROM log GROUP BY packet)
            GROUP BY day""").fetchall()
        return _answer(
            (len(edges), sum(e[2] for e in edges)), variants[0][0], times[0],
            sum(e[2] for e in entered), max(e[1] for e in ended),
        )  # fmt: skip

    return go


def pm4py(folder: Path, _count: int) -> Callable[[], Any]:
    """PM4Py where it has the answer, pandas as its documents do it for the two it has not.

    The file is read by DuckDB into a data frame, which is faster than anything PM4Py reads by itself.
    """
    import pm4py as pm  # type: ignore[import-untyped]

    con = _connection()
    case, name, at = "case:concept:name", "concept:name", "time:timestamp"

    def go() -> Any:
        frame = con.execute(
            f'SELECT packet AS "{case}", activity AS "{name}", "at" AS "{at}"'
            f" FROM read_parquet('{folder / 'log.parquet'}')"
        ).df()
        frame = pm.format_dataframe(frame, case_id=case, activity_key=name, timestamp_key=at)
        graph, _, _ = pm.discover_dfg(frame)
        variants = pm.get_variants(frame)
        groups = frame.groupby(case, sort=False)[at]
        days = (groups.max() - groups.min()).dt.total_seconds() / 86400
        assert len(pm.get_all_case_durations(frame)) == len(days)
        firsts = frame.drop_duplicates([case, name])
        entered = firsts.groupby([firsts[at].dt.floor("D"), name], observed=True).size()
        ended = groups.max().dt.floor("D").value_counts()
        return _answer(
            (len(graph), int(sum(graph.values()))), len(variants), (days.median(), days.quantile(0.85)),
            int(entered.sum()), int(ended.max()),
        )  # fmt: skip

    return go


def page(folder: Path, _count: int) -> Callable[[], Any]:
    """What a page of one side asks, by the statements and the pass together."""
    from datetime import date, timedelta

    from fullkit.flow import kernel, schema
    from fullkit.flow.measure import run
    from fullkit.flow.measures import ALL, STUDIED

    mirror = f"read_parquet('{folder / 'mirror.parquet'}')"
    con = _connection()
    con.execute(f"CREATE VIEW log AS SELECT * FROM {mirror}")
    schema.packets(con)
    first = date(2024, 1, 1)
    schema.calendar(con, [(first + timedelta(days=i), 480.0 * (i % 7 < 5)) for i in range(760)])
    given = {
        "chain": "growth", "process": "hunting", "since": date(2025, 6, 2), "until": date(2025, 11, 30),
        "release": "release", "won": "won",
    }  # fmt: skip
    asked = [(ALL | STUDIED)[key] for key in ("throughput", "closed_time", "cycle_time", "little")]

    def go() -> Any:
        for measure in asked:
            run(con, measure, **{name: given[name] for name in measure.params})
        side = {name: given[name] for name in ("chain", "process", "since", "until")}
        kernel.answers(kernel.ways(kernel.read(con, **side, runs=[mirror])))

    go()
    return go


def _connection() -> Any:
    import duckdb

    return duckdb.connect(config={"threads": 2})


def _answer(edges: Any, variants: int, days: Any, entered: int, busiest: int) -> list[Any]:
    return [*edges, variants, *(round(float(d), 6) for d in days), entered, busiest]


def main() -> None:
    """One tool on one log: what it answers, how long it takes and the most memory it held."""
    import resource

    tool, count = sys.argv[1], int(sys.argv[2])
    go = {f.__name__: f for f in (write, decode, ours, sql, pm4py, page)}[tool](KEPT / str(count), count)
    began, busy = time.perf_counter(), time.process_time()
    answer = go()
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": cpu,
                "mb": most,
                "answer": answer if tool in ("ours", "sql", "pm4py") else None,
            }
        )
    )


if __name__ == "__main__":
    main()
