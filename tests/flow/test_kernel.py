"""The compiled pass says what the statements say, of any log, whatever parts it comes in."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fullkit.flow import kernel, schema
from fullkit.flow.graph import ONE_PASS
from fullkit.flow.measure import NotInThisData, run
from fullkit.reports import gallery
from tests.flow.story import MONDAY, Story, when

SIDE: dict[str, Any] = {"chain": "bau", "process": None}
PERIOD = {"since": MONDAY, "until": MONDAY + timedelta(days=8)}
DOINGS = (
    "packet.arrived",
    "conversation.held",
    "favour.asked",
    "stage.advanced",
    "packet.closed",
    "time.logged",
)
LOGS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(DOINGS), st.integers(0, 10 * 48)), min_size=1, max_size=60
)


def story_of(doings: list[tuple[int, str, int]]) -> Story:
    """Doings of packets, half hours after the first midnight. Packet 6 is of another side; hours log no packet."""
    story = Story()
    story.packet(6, chain="growth", process="hunting")
    for number in range(1, 7):
        story.tell(when(0, "00:00"), "packet.arrived", number)
    for number, kind, half_hours in doings:
        at = when(0, "00:00") + timedelta(minutes=30 * half_hours)
        story.tell(at, kind, None if kind == "time.logged" else number)
    return story


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Equal, but for the last digits of what is divided: a sum of floats depends on its order."""
    return len(found) == len(wanted) and all(
        row[name] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)
        for row, other in zip(found, wanted, strict=True)
        for name, value in other.items()
    )


@settings(max_examples=10)
@given(doings=LOGS, cuts=st.lists(st.integers(1, 60), max_size=3))
def test_it_equals_the_statements_whatever_parts_the_log_comes_in(
    doings: list[tuple[int, str, int]], cuts: list[int]
) -> None:
    story = story_of(doings)
    ends = [0, *sorted(set(cuts)), len(story.rows)]
    runs = [
        f'(SELECT * FROM log WHERE id > {low} AND id <= {high} ORDER BY packet, "at", id)'
        for low, high in pairwise(ends)
    ]
    with story.told(days=14) as con:
        wanted = {m.key: run(con, m, **SIDE, **PERIOD) for m in kernel.TWINS}
        for parts in ((), runs):
            found = kernel.answers(kernel.ways(kernel.read(con, **SIDE, **PERIOD, runs=parts)))
            assert all(same(found[key], wanted[key]) for key in wanted)


def test_it_says_the_same_uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    for function in ("_pass", "_find"):
        monkeypatch.setattr(kernel, function, getattr(kernel, function).py_func)
    test_a_hash_that_lies_makes_no_two_ways_one()
    test_the_numbers_of_a_log_that_can_be_counted_by_hand()


def test_the_numbers_of_a_log_that_can_be_counted_by_hand() -> None:
    story = Story()
    for number, last in ((1, "packet.closed"), (2, "packet.closed"), (3, "favour.asked")):
        story.tell(when(0, "09:00"), "packet.arrived", number)
        story.tell(when(0, "10:00"), "conversation.held", number)
        story.tell(when(number, "10:00"), last, number)
    with story.told(days=7) as con, np.errstate(over="ignore"):  # the hash is meant to run over
        found = kernel.answers(kernel.ways(kernel.read(con, **SIDE, **PERIOD)))
    assert [(r["activity"], r["next"], r["times"], r["median_hours"]) for r in found["directly_follows"]] == [
        ("packet.arrived", "conversation.held", 3, 1.0),
        ("conversation.held", "packet.closed", 2, 36.0),
        ("conversation.held", "favour.asked", 1, 72.0),
    ]
    assert [(r["packets"], r["activities"][-1], r["variants"]) for r in found["variants"]] == [
        (2, "packet.closed", 2),
        (1, "favour.asked", 2),
    ]
    assert found["case_time"][0]["median_days"] == pytest.approx(2 + 1 / 24)
    assert [r["packets"] for r in found["last_done"]] == [1, 1, 1]


def test_a_hash_that_lies_makes_no_two_ways_one() -> None:
    code = np.array([0, 1, 1, 0], dtype=np.uint16)
    slots, hashes = np.full(4, -1, np.int64), np.array([7, 0], dtype=np.uint64)
    where = np.array([[0, 2], [0, 0]])
    slots[3] = 0  # the way (0, 1) has the hash 7
    assert kernel._find(slots, hashes, where, code, 0, 2, np.uint64(7)) == 3
    assert (
        kernel._find(slots, hashes, where, code, 2, 2, np.uint64(7)) == 0
    )  # (1, 0) goes on to the next slot
    assert kernel._find(slots, hashes, where, code, 0, 1, np.uint64(7)) == 0


def test_an_empty_period_has_no_ways() -> None:
    story = story_of([])
    early = {"since": MONDAY - timedelta(days=9), "until": MONDAY - timedelta(days=8)}
    with story.told(days=7) as con:
        found = kernel.answers(kernel.ways(kernel.read(con, **SIDE, **early)))
        assert found == {m.key: run(con, m, **SIDE, **early) for m in kernel.TWINS}


def test_a_log_without_activities_is_said_to_lack_them() -> None:
    with duckdb.connect() as con:
        schema.create(con, "log", [c for c in schema.LOG if c.name != "activity"])
        schema.packets(con)
        with pytest.raises(NotInThisData, match="It needs activity"):
            kernel.read(con, **SIDE, **PERIOD)


def test_a_column_that_differs_on_every_row_is_no_activity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "MOST", 2)
    story = story_of([(1, "conversation.held", 3), (1, "favour.asked", 4)])
    with story.told(days=7) as con, pytest.raises(kernel.TooManyActivities, match="3 different activities"):
        kernel.read(con, **SIDE, **PERIOD)


def test_those_that_are_named_for_the_pass_are_those_it_answers() -> None:
    assert set(kernel.TWINS) == ONE_PASS


def test_a_report_of_a_large_log_takes_them_from_the_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_of([(1, "conversation.held", 3), (2, "favour.asked", 4)])
    small: dict[str, Any] = {}
    large: dict[str, Any] = {}
    for found, least in ((small, 1_000), (large, 1)):
        monkeypatch.setattr(gallery, "LARGE", least)
        with story.told(days=7) as con:
            asked = gallery.Asked(con, SIDE | PERIOD)
            found |= {m.key: asked.rows(m) for m in ONE_PASS}
            assert asked.answers.keys() == {m.key for m in ONE_PASS}
    assert all(same(large[key], small[key]) for key in small)
