"""What holds for every measure, whatever it measures."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fullkit.flow import schema
from fullkit.flow.measure import Measure, NotInThisData, narrow, run
from fullkit.flow.measures import ALL, STUDIED, WATCHED
from fullkit.rules import events
from tests.flow.story import MONDAY, Story, when

EVERY = ALL | WATCHED | STUDIED
each = pytest.mark.parametrize("measure", EVERY.values(), ids=EVERY)
KEEPS_APART = {
    "packets": {"chain", "process"},
    "queue": {"department"},
    "people": {"roles"},
    "border": set[str](),
}


def a_fortnight(chain: str = "bau", process: str | None = None, first: int = 1) -> Story:
    """Two packets of one side, with something of everything that measures look at."""
    story = Story()
    for number in (first, first + 1):
        story.packet(number, chain=chain, process=process, packet_type="opportunity" if process else "quote")
        story.tell(when(0, "09:00"), "packet.arrived", number, source="mail", department="promotions")
        about = {"handoff": number, "handoff_kind": "release"}
        story.tell(
            when(0, "10:00"),
            "handoff.opened",
            number,
            missing="program" if number == first else "",
            **about,
        )
        story.tell(when(0, "11:00"), "handoff.accepted", number, to_department="inside_sales", **about)
        story.tell(when(1, "09:00"), "packet.dealt", number, reason="next")
        story.tell(when(1, "09:10"), "packet.skipped", number, reason="no_language")
        story.tell(when(1, "10:00"), "conversation.held", number, outcome="sold_next_step", minutes=8.0)
        story.tell(when(1, "10:30"), "stage.advanced", number, stage="interest", to_stage="survey")
        story.tell(when(2, "10:00"), "promise.broken", number, zone="black")
        story.tell(when(2, "11:00"), "promise.cause_named", number, zone="black", reason="volume")
        story.tell(when(2, "12:00"), "favour.asked", number, item="program")
        story.tell(when(2, "13:00"), "conversation.held", number, outcome="sold_next_step", actor=1)
        story.tell(when(3, "12:00"), "handoff.disputed", number, item="program", **about)
        story.tell(
            when(3, "13:00"), "dispute.upheld", number, item="program", to_department="promotions", **about
        )
    story.tell(when(8, "12:00"), "packet.closed", first, outcome="won", due_at=when(7))
    return story


@each
def test_it_says_what_it_is(measure: Measure) -> None:
    assert measure.title.endswith("?")
    assert measure.definition.endswith(".")
    assert ";" not in re.sub(r"--.*", "", measure.sql)
    assert measure.key == next(key for key, value in EVERY.items() if value is measure)


@each
def test_it_looks_at_kinds_that_exist_and_reads_no_details(measure: Measure) -> None:
    assert set(measure.kinds) <= set(events.kinds())
    assert "details" not in measure.sql


@each
@pytest.mark.rule("R99")
def test_r99_it_takes_what_keeps_the_processes_and_chains_apart(measure: Measure) -> None:
    assert KEEPS_APART[measure.about] <= set(measure.params)
    if measure.about == "packets":
        assert re.search(r"chain = \$chain AND process IS NOT DISTINCT FROM \$process", measure.sql)


@pytest.mark.parametrize(
    "measure", [m for m in (ALL | STUDIED).values() if m.about == "packets"], ids=lambda m: m.key
)
@pytest.mark.parametrize("other", [("growth", None), ("growth", "hunting"), ("bau", "farming")], ids=str)
@pytest.mark.rule("R99")
def test_r99_what_the_other_side_does_changes_no_answer(
    measure: Measure, other: tuple[str, str | None]
) -> None:
    alone, beside = a_fortnight(), a_fortnight()
    beside.rows += [row | {"id": 100 + row["id"]} for row in a_fortnight(*other, first=3).rows]
    assert beside.ask(measure) == alone.ask(measure)
    assert beside.ask(measure, chain=other[0], process=other[1]) != []


@each
def test_it_answers_about_an_empty_log_without_inventing_a_rate(measure: Measure) -> None:
    for row in Story().ask(measure):
        for name, value in row.items():
            if "share" in name or "median" in name or "p85" in name or "_per_" in name:
                assert value is None, name


@each
def test_it_names_the_columns_that_the_data_lacks(measure: Measure) -> None:
    lacked = "kind" if measure.kinds else "activity"
    with duckdb.connect() as con:
        schema.create(con, "log", [c for c in schema.LOG if c.name != lacked])
        con.execute(
            "CREATE TABLE packets (packet BIGINT, packet_type VARCHAR, chain VARCHAR, process VARCHAR)"
        )
        schema.calendar(con, [(MONDAY, 480)])
        params: dict[str, Any] = dict.fromkeys(measure.params)
        params |= {n: [] for n in ("roles", "connectors", "types") if n in params}
        with pytest.raises(NotInThisData, match=rf"Not in this data: .* It needs {lacked}\."):
            run(con, measure, **params)


def test_a_parameter_too_many_or_too_few_is_a_mistake() -> None:
    with duckdb.connect() as con, pytest.raises(TypeError, match="takes chain, process, since, until"):
        run(con, ALL["arrivals"], chain="bau")


def test_narrowing_changes_no_answer() -> None:
    story = a_fortnight("growth", "hunting")
    params: dict[str, Any] = {
        "chain": "growth", "process": "hunting", "since": MONDAY, "until": MONDAY + timedelta(days=13),
        "release": "release", "won": "won", "department": "inside_sales", "consumption": 6.0,
        "roles": ["inside_salesperson"], "connectors": ["onboard"],
        "types": ["opportunity"], "required": 12.0,
    }  # fmt: skip
    with story.told(days=14) as con:
        con.execute("DROP VIEW packets")
        con.execute("ALTER TABLE log RENAME TO whole")
        con.execute("CREATE TEMP VIEW log AS SELECT * FROM whole")
        schema.packets(con)
        before = {m.key: run(con, m, **{n: params[n] for n in m.params}) for m in EVERY.values()}
        narrow(con, EVERY.values())
        assert {m.key: run(con, m, **{n: params[n] for n in m.params}) for m in EVERY.values()} == before


# --- sums reconcile ------------------------------------------------------------------------------------------

LIFE = st.lists(
    st.tuples(
        st.integers(1, 6),  # which packet
        st.sampled_from(
            ["packet.closed", "packet.reopened", "handoff.accepted", "packet.triaged", "packet.dealt"]
        ),
        st.integers(0, 13 * 24),  # hours after midnight of the first Monday
    ),
    max_size=40,
)


@settings(max_examples=15)
@given(arrivals=st.lists(st.tuples(st.integers(0, 13 * 24), st.booleans()), max_size=6), life=LIFE)
def test_what_arrived_is_open_or_closed_on_every_day_and_never_less_than_nothing(
    arrivals: list[tuple[int, bool]], life: list[tuple[int, str, int]]
) -> None:
    story, midnight = Story(), when(0, "00:00")
    for number, (hours, handed) in enumerate(arrivals, start=1):
        at = midnight + timedelta(hours=hours)
        story.tell(at, "packet.arrived", number, source="handoff" if handed else "mail")
    for number, kind, hours in life:
        if number <= len(arrivals):
            story.tell(midnight + timedelta(hours=hours), kind, number, handoff_kind="release")
    params = {"chain": "bau", "process": None, "since": MONDAY, "until": MONDAY + timedelta(days=13)}
    with story.told(days=14) as con:
        wip = {row["day"]: row["open"] for row in run(con, ALL["work_in_process"], **params)}
        released = run(con, ALL["released_and_open"], release="release", **params)
        came, went = run(con, ALL["arrivals"], **params), run(con, ALL["throughput"], **params)
    assert len(wip) == 14
    assert all(open >= 0 for open in wip.values())
    assert all(row["open"] >= 0 for row in released)
    total = 0
    for arrived, closed in zip(came, went, strict=True):
        total += arrived["arrived"] + arrived["reopened"] - closed["closed"]
        assert total == wip[sunday(arrived["week"])]


def sunday(week: date) -> date:
    return week + timedelta(days=6)
