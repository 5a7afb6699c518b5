"""The way in: files, in any of the forms people have, to an event table and an account of every row."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from fullkit.flow.reading import (
    beside,
    closing,
    events,
    files,
    gaps,
    history,
    lives,
    opportunities,
    ours,
    recognise,
    sheets,
    text,
    words,
    worktime,
)
from fullkit.flow.reading.account import Ledger
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.imported import Imported, Recognised
from fullkit.flow.reading.mapping import Mapping
from fullkit.flow.reading.names import settle
from fullkit.flow.reading.recognise import Taken
from fullkit.flow.reading.sheets import Sheet

Progress = Callable[[float, str], None]
SAME = 0.7
"""Share of columns that two files have in common when they are parts of one pipeline."""


@dataclass
class Import:
    """An import under way."""

    con: DuckDBPyConnection
    mapping: Mapping
    today: date | None
    progress: Progress
    ledger: Ledger
    written: date
    """The day on which the newest of the files was written."""
    taken: list[Taken] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    cannot: list[str] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)


def read(
    paths: Sequence[Path],
    *,
    mapping: Mapping | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Imported:
    """The event table in these files.

    `today` bounds the dates that can have happened; `progress` is told the share done and what is being done.
    Raises Unreadable with a sentence when a file is not what it says or nothing in it is recognised.
    """
    con = duckdb.connect(config={"threads": 2})
    room = Path(tempfile.mkdtemp(prefix="fullkit-read-"))
    try:
        known = mapping or Mapping()
        con.execute(f"SET TimeZone = '{known.zone}'; SET preserve_insertion_order = true")
        con.execute(f"SET temp_directory = '{Path(tempfile.gettempdir()) / f'fullkit-spill-{room.name}'}'")
        work = Import(con, known, today, progress or (lambda share, what: None), Ledger(con), date.min)
        if len(paths) == 1 and text.kind(text.head(paths[0])) == "parquet":
            return ours.imported(con, paths[0], known.zone)
        _open(work, paths, room)
        work.written = max(datetime.fromtimestamp(p.stat().st_mtime, UTC).date() for p in paths)
        found = _main(work)
        work.progress(1.0, "done")
        return found
    except BaseException:
        con.close()
        raise
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _open(work: Import, paths: Sequence[Path], room: Path) -> None:
    if not paths:
        raise Unreadable("Nothing", "was given to read.", "Name at least one file.")
    for i, path in enumerate(paths):
        work.progress(0.02 + 0.08 * i / len(paths), f"opening {path.name}")
        for sheet in files.tables(work.con, path, room / str(i), work.mapping.objects):
            rows = sheets.sample(work.con, sheet)
            if not rows and len(paths) == 1:
                raise Unreadable(
                    sheet.name, "has a header and no rows.", "Export it again with its rows.", line=1
                )
            work.taken.append(recognise.recognise(sheet, rows, work.mapping.of(path.name)))
            work.says += sheet.notes
            work.facts |= sheet.counts


def _main(work: Import) -> Imported:
    holds = {t.holds for t in work.taken}
    if "opportunities" in holds and "events" in holds:
        names = ", ".join(t.sheet.name for t in work.taken if t.holds in ("opportunities", "events"))
        raise Unreadable(names, "hold both a pipeline and an event log.", "Read them one after the other.")
    if "opportunities" in holds:
        _one_pipeline(work)
    elif "history" in holds:
        _history_alone(work)
    elif "events" in holds:
        return _log(work)
    else:
        raise unknown(work.taken)
    return _pipeline(work)


def _one_pipeline(work: Import) -> None:
    """Tasks and leads look like a pipeline too; beside a better one they are none.

    The best is one that is told or known by its signature, else the one with most columns; files with nearly the
    same columns are parts of it.
    """
    main = [t for t in work.taken if t.holds == "opportunities"]
    best = max(main, key=lambda t: (t.kind != "opportunities", len(t.columns)))
    for i, t in enumerate(work.taken):
        if t.holds == "opportunities" and t is not best:
            both = set(t.columns) & set(best.columns)
            if t.kind != best.kind or len(both) < SAME * len(set(t.columns) | set(best.columns)):
                work.taken[i] = Taken(t.sheet, "nothing", "", {})


def _history_alone(work: Import) -> None:
    """A history without the pipeline it belongs to still says how each opportunity stands last."""
    for i, t in enumerate(work.taken):
        if t.holds == "history":
            flat = [words.plain(h) for h in t.sheet.header]
            work.taken[i] = Taken(
                t.sheet, "opportunities", t.kind, recognise.match(flat, words.OPPORTUNITIES)
            )


def unknown(taken: Sequence[Taken]) -> Unreadable:
    """What is said when no file is recognised, with the columns that come nearest."""
    sheet = taken[0].sheet
    seen = ", ".join(sheet.header[:12]) + (", ..." if len(sheet.header) > 12 else "")
    near = _nearest(sheet)
    return Unreadable(
        sheet.name,
        f"is not recognised as a pipeline or an event log by its columns ({seen}).{near}",
        "Let `fullkit diagnose --propose` write a mapping, correct it, and give it with `--mapping`.",
        line=1,
    )


def _nearest(sheet: Sheet) -> str:
    flat = [words.plain(h) for h in sheet.header]
    deals = recognise.match(flat, words.OPPORTUNITIES)
    events = recognise.match(flat, words.EVENTS)
    best = deals if len(deals) >= len(events) else events
    if not best:
        return ""
    return f" Nearest: {', '.join(f'{sheet.header[at]} as {ours}' for ours, at in best.items())}."


def _pipeline(work: Import) -> Imported:
    con, mapping, ledger = work.con, work.mapping, work.ledger
    main = [t for t in work.taken if t.holds == "opportunities"]
    fields = _load(work, main)
    rest = [t for t in work.taken if t.holds not in ("opportunities", "history")]
    work.progress(0.3, "joining the files beside the pipeline")
    joined = {j.field: j for j in beside.join(con, rest, fields, ledger)}
    for j in joined.values():
        work.taken[work.taken.index(j.taken)] = replace(j.taken, kind=beside.kind(j))
    work.progress(0.35, "reading dates and numbers")
    clean = opportunities.clean(con, fields, ledger, mapping)
    work.progress(0.6, "checking the order of dates")
    closing.dates(con, clean, mapping, ledger)
    past = [history.load(con, t, mapping, ledger) for t in work.taken if t.holds == "history"]
    last = max((h.last for h in past if h.last), default=None)
    day, why = closing.as_of(con, clean, mapping, ledger, today=work.today, written=work.written, more=last)
    work.progress(0.7, "settling names")
    named = frozenset(f for f in lives.NAMED if f in fields)
    for f in sorted(named):
        known = joined[f].beside if f in joined else None
        work.offers += settle(con, f, known, mapping.spelling.get(f, {}), ledger)
    work.says += [said for j in joined.values() if (said := beside.missing(con, j))]
    priced = "product" in joined and "list_price" in joined["product"].beside.more
    shape = lives.Shape(named, priced, bool(past))
    work.progress(0.8, "laying out events")
    lives.tables(con, clean, shape, mapping)
    first = con.execute(
        f"SELECT min({worktime.local('arrived_at', mapping.zone)})::DATE FROM items"
    ).fetchall()[0][0]
    worktime.calendar(con, min(first or day, day), day, mapping.hours)
    if past:
        history.moves(con, mapping, ledger)
    lives.log(con, clean.fields, shape, mapping)
    work.says += [*clean.says, worktime.sentence(mapping.hours)]
    work.cannot += gaps.of_pipeline(con, clean, shape)
    return _imported(work, "opportunities", day, why)


def _log(work: Import) -> Imported:
    con, mapping, ledger = work.con, work.mapping, work.ledger
    main = [t for t in work.taken if t.holds == "events"]
    fields = _load(work, main)
    for t in (t for t in work.taken if t.holds != "events"):
        number = sheets.load(con, t.sheet, "unused", {"c0": 0}, ledger)
        ledger.reject("this file is no part of the event log", f"SELECT {number}, line, c0 FROM unused")
    work.progress(0.35, "reading times")
    work.says += events.clean(con, fields, mapping, ledger)
    work.progress(0.5, "pairing starts and completions")
    if "resource" in fields:
        settle(con, "resource", None, mapping.spelling.get("owner", {}), ledger, typed=False)
    work.says += events.activities(con, fields, mapping)
    work.progress(0.7, "laying out events")
    first, last = events.tables(con, fields, mapping)
    day, why = (
        (mapping.today, "as the mapping says") if mapping.today else (last, "the last event in the log")
    )
    worktime.calendar(con, first, max(last, day), mapping.hours)
    events.log(con, fields, mapping)
    work.facts["cases"] = int(con.execute("SELECT count(*) FROM items").fetchall()[0][0])
    work.says.append(worktime.sentence(mapping.hours))
    work.cannot += gaps.of_log(fields, con)
    return _imported(work, "events", day, why)


def _load(work: Import, main: Sequence[Taken]) -> frozenset[str]:
    """The table `raw` with the rows of all files of the pipeline; returns the fields that any of them has."""
    fields = list(dict.fromkeys(f for t in main for f in t.columns))
    parts = []
    for i, t in enumerate(main):
        work.progress(0.1 + 0.2 * i / len(main), f"reading {t.sheet.name}")
        table = f"raw_{i}" if len(main) > 1 else "raw"
        sheets.load(
            work.con, t.sheet, table, t.columns, work.ledger, opportunities.DATES + opportunities.NUMBERS
        )
        lacking = "".join(f", NULL::VARCHAR AS {sheets.name(f)}" for f in fields if f not in t.columns)
        parts.append(f"SELECT *{lacking} FROM {table}")
    if len(main) > 1:
        work.con.execute(f"CREATE OR REPLACE TEMP TABLE raw AS {' UNION ALL BY NAME '.join(parts)}")
        for i in range(len(main)):
            work.con.execute(f"DROP TABLE raw_{i}")
    return frozenset(fields)


def _imported(work: Import, holds: str, day: date, why: str) -> Imported:
    account = work.ledger.close()
    return Imported(
        work.con,
        account,
        "events" if holds == "events" else "opportunities",
        tuple(Recognised(t.sheet.name, t.kind or "not used", t.named()) for t in work.taken),
        day,
        why,
        work.mapping.zone,
        tuple(dict.fromkeys(work.says)),
        tuple(work.offers),
        tuple(work.cannot),
        {"rows": account.rows, **work.facts},
    )
