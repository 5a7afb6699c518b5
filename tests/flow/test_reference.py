"""Measures of files that nobody here made, against figures that others computed: pandas, PM4Py, SciPy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fullkit.flow import kernel
from fullkit.flow.measure import Measure, run
from fullkit.flow.measures import ALL, STUDIED
from fullkit.flow.reading import Imported, read
from fullkit.flow.survival import incidence, survival
from tests.flow.test_kernel import same

DATA = Path(__file__).parents[2] / "../shared/data"
LOGS, MAVEN = DATA / "2-eventlogs", DATA / "1-crm/maven-crm/sales_pipeline.csv"
EVERY = ALL | STUDIED
needs = pytest.mark.skipif(not LOGS.exists(), reason="../shared/data/2-eventlogs is not here")


@contextmanager
def imported(path: Path) -> Iterator[Imported]:
    found = read([path])
    with closing(found.con):
        yield found


def ask(found: Imported, measure: Measure, **given: Any) -> list[dict[str, Any]]:
    """Of the first side, over all its days unless said otherwise."""
    known = {"since": date(1960, 1, 1), "until": found.as_of, "release": "release", "won": "won"}
    chain, process = found.con.execute("SELECT DISTINCT chain, process FROM packets").fetchall()[0]
    known |= {"chain": chain, "process": process} | given
    return run(found.con, measure, **{name: known[name] for name in measure.params})


@needs
@pytest.mark.parametrize("name", ["running-example.csv", "receipt.csv.gz", "06_bpic2013_closed.xes.gz"])
def test_the_graph_of_a_known_log(name: str) -> None:
    known = json.loads((LOGS / "expected.json").read_text(encoding="utf-8"))[name.removesuffix(".xes.gz")]
    with imported(LOGS / name) as found:
        rows = {m.key: ask(found, m) for m in kernel.TWINS}
        side = found.con.execute("SELECT any_value(chain), any_value(process) FROM packets").fetchone()
        assert side is not None
        period = {"since": date(1960, 1, 1), "until": found.as_of}
        twins = kernel.answers(kernel.ways(kernel.read(found.con, chain=side[0], process=side[1], **period)))
        people = ask(found, STUDIED["hands_of_people"])[0]
        group = ask(found, STUDIED["hands_of_departments"])[0] if "group_handoffs_total" in known else {}
    edges = rows["directly_follows"]
    assert (len(edges), sum(r["times"] for r in edges)) == (known["dfg_edges"], known["dfg_total"])
    for pair, times in known["dfg_top5"]:
        assert [r["times"] for r in edges if f"{r['activity']} -> {r['next']}" == pair] == [times]
    assert (rows["variants"][0]["variants"], rows["variants"][0]["packets"]) == (
        known["variants"], known["top_variant"][0],
    )  # fmt: skip
    (case,) = rows["case_time"]
    for ours, theirs in (("median", "median"), ("p85", "p85"), ("mean", "mean"), ("longest", "max")):
        assert case[f"{ours}_days"] == pytest.approx(known["case_days"][theirs], rel=1e-9)
    for who, hands in (("resource", people), ("group", group)):
        if hands:
            assert (hands["handoffs"], hands["handed_over"], hands["ping_ponged"], hands["returns"]) == tuple(
                known[f"{who}_{key}"]
                for key in ("handoffs_total", "cases_with_handoff", "cases_ping_pong_ABA", "ABA_total")
            )
    for key, answer in twins.items():
        assert same(answer, rows[key])


@needs
def test_work_side_by_side_gives_no_more_than_all_of_the_time() -> None:
    """interval_event_log: 3,225.594 h of work in 1,266 cases of 584.726 h on average; some of it overlaps."""
    with imported(LOGS / "interval_event_log.csv") as found:
        (row,) = ask(found, STUDIED["wait_share"])
    assert row["touch_hours"] + row["overlap_hours"] == pytest.approx(3225.594, abs=0.001)
    assert row["elapsed_hours"] / row["closed"] == pytest.approx(584.726, abs=0.001)
    assert row["overlap_hours"] > 0
    assert row["wait_share"] == pytest.approx(1 - row["touch_hours"] / row["elapsed_hours"])


@needs
def test_the_loan_applications_are_never_worked_on_more_than_all_the_time() -> None:
    with imported(LOGS / "LoanApp_simplified.csv.gz") as found:
        (row,) = ask(found, STUDIED["wait_share"])
    assert row["overlap_hours"] > 0
    assert 0 <= row["wait_share"] < 1


@needs
def test_a_known_pipeline() -> None:
    """Maven: the closed deals alone say 45 days; with 1,589 open ones counted as open it is 69."""
    with imported(MAVEN) as found:
        lasted = ask(found, STUDIED["cycle_time"])
        (closed,) = ask(found, STUDIED["closed_time"])
        flow = {row["day"]: row for row in ask(found, STUDIED["cumulative_flow"])}
        wip = {row["day"]: row["open"] for row in ask(found, ALL["work_in_process"])}
        on_day = ask(found, STUDIED["ageing"], until=date(2017, 9, 30))
        (little,) = ask(found, STUDIED["little"], since=date(2017, 3, 1))
    days, over, many = ([row[c] for row in lasted] for c in ("days", "is_over", "packets"))
    curve = survival(days, over, many)
    assert (curve.packets, curve.still_open) == (8300, 1589)
    assert [curve.quantile(share) for share in (0.25, 0.5, 0.75)] == [10, 69, 107]
    ends = incidence(days, [row["outcome"] for row in lasted], many)
    assert ends["won"].share[-1] + ends["lost"].share[-1] + curve.open_share[-1] == pytest.approx(1)
    assert (int(ends["won"].ended.sum()), int(ends["lost"].ended.sum())) == (4238, 2473)
    assert (closed["closed"], closed["median_days"], closed["p85_days"]) == (6711, 45, 97)
    september = flow[date(2017, 9, 30)]
    assert (september["released"], september["closed"]) == (7135, 4726)
    known = {(3, 31): 1330, (6, 30): 1686, (8, 15): 2284, (9, 30): 2409, (12, 31): 1589}
    for (month, day), open_ in known.items():
        line = flow[date(2017, month, day)]
        assert line["released"] - line["closed"] == wip[date(2017, month, day)] == open_
    assert max(wip, key=lambda day: wip[day]) == date(2017, 10, 23)
    assert sum(row["open"] for row in on_day) == 2409
    assert little["mean_open"] == pytest.approx(1924.497, abs=0.001)
    assert little["flagged"]
