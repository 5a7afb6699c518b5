"""A shared inbox: customer service promises a quote within four working hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.calendar import WorkTime
from fullkit.rules.inbox import (
    alarm,
    colour,
    due_at,
    order_key,
    penetration,
    red_at,
    what_is_due,
)

CHICAGO = ZoneInfo("America/Chicago")
WORK = WorkTime(
    "America/Chicago",
    dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ((time(8), time(12)), (time(13), time(17)))),
    frozenset({date(2026, 5, 25)}),
)
PROMISE = 4 * 60


def chicago(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


NOON, ONE, TWO, THREE = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (12, 13, 14, 15))
QUIET = {"red_at": None, "due_at": None, "not_before": None, "lease_until": None}


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0, "green"), (0.333, "green"), (1 / 3, "yellow"), (0.666, "yellow"),
        (2 / 3, "red"), (0.999, "red"), (1, "black"), (7, "black"),
    ],
)  # fmt: skip
def test_r54_a_promise_is_green_yellow_and_red_by_thirds_and_then_black(p, expected):
    assert colour(p) == expected


@pytest.mark.rule("R54")
def test_r54_the_weekend_uses_nothing_of_a_promise():
    friday, monday = chicago(3, 6, 15), chicago(3, 9, 9)
    assert penetration(WORK, friday, PROMISE, chicago(3, 6, 17)) == 0.5
    assert penetration(WORK, friday, PROMISE, chicago(3, 8, 12)) == 0.5
    assert penetration(WORK, friday, PROMISE, monday) == 0.75
    assert due_at(WORK, friday, PROMISE) == chicago(3, 9, 10)


@pytest.mark.rule("R54")
def test_r54_a_holiday_uses_nothing_of_a_promise():
    before_memorial_day = chicago(5, 22, 15)
    assert due_at(WORK, before_memorial_day, PROMISE) == chicago(5, 26, 10)
    assert red_at(WORK, before_memorial_day, PROMISE) == chicago(5, 26, 8, 40)


@pytest.mark.rule("R54")
def test_r54_lunch_and_the_night_the_clocks_change_use_nothing_of_a_promise():
    assert red_at(WORK, chicago(3, 2, 10), PROMISE) == chicago(3, 2, 13, 40)
    assert due_at(WORK, chicago(3, 6, 16), 8 * 60) == chicago(3, 9, 16)


@pytest.mark.rule("R54")
def test_r54_waiting_for_the_customer_does_not_stop_the_promise():
    """A parked packet reddens and breaks like any other: not_before moves neither instant."""
    clocks = {"red_at": ONE, "due_at": TWO, "not_before": THREE, "lease_until": None}
    assert what_is_due("parked", "", **clocks, at=TWO) == ["reddened", "broken"]


def test_a_promise_of_nothing_is_refused():
    with pytest.raises(ValueError, match="cannot be kept; give it some working time"):
        due_at(WORK, NOON, 0)


starts = st.integers(0, 60 * 24 * 60).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))


@pytest.mark.rule("R54")
@given(starts, st.integers(1, 5000), st.integers(0, 30 * 24 * 60))
def test_r54_the_stored_instants_and_the_colour_always_agree(started, promise, later):
    at = started + timedelta(minutes=later)
    seen = colour(penetration(WORK, started, promise, at))
    assert (at >= due_at(WORK, started, promise)) == (seen == "black")
    assert (at >= red_at(WORK, started, promise)) == (seen in ("red", "black"))


# --- dealing -----------------------------------------------------------------------------------------------


@pytest.mark.rule("R53")
def test_r53_red_is_dealt_first_and_then_the_oldest():
    line = [("", NOON, 1), ("red", THREE, 2), ("black", TWO, 3), ("", ONE, 4)]
    assert [id for _, _, id in sorted(line, key=lambda one: order_key(*one))] == [3, 2, 1, 4]


packets = st.lists(
    st.tuples(st.sampled_from(["", "red", "black"]), st.sampled_from([NOON, ONE, TWO, THREE]), st.integers()),
    unique_by=lambda one: one[2],
)


@pytest.mark.rule("R53")
@given(packets)
def test_r53_whoever_is_dealt_first_is_urgent_or_nobody_is_and_nobody_as_urgent_is_older(line):
    for earlier, later in zip(
        dealt := sorted(line, key=lambda one: order_key(*one)), dealt[1:], strict=False
    ):
        assert earlier[0] or not later[0]
        if bool(earlier[0]) == bool(later[0]):
            assert earlier[1] <= later[1]


# --- what happens by itself --------------------------------------------------------------------------------


def test_a_held_packet_rings_when_its_lease_runs_out():
    assert alarm("held", zone="", **QUIET | {"lease_until": ONE, "red_at": TWO}) == ONE
    assert what_is_due("held", "", None, None, None, ONE, ONE) == ["lease_ran_out"]
    assert what_is_due("held", "", None, None, None, ONE, NOON) == []


def test_a_parked_packet_rings_when_its_time_has_come():
    assert alarm("parked", zone="black", **QUIET | {"not_before": TWO, "due_at": ONE}) == TWO
    assert what_is_due("parked", "black", None, ONE, TWO, None, TWO) == ["woke"]


def test_a_waiting_packet_rings_when_it_reddens_and_then_when_it_breaks():
    clocks = QUIET | {"red_at": ONE, "due_at": TWO}
    assert alarm("waiting", zone="", **clocks) == ONE
    assert alarm("waiting", zone="red", **clocks) == TWO
    assert alarm("waiting", zone="black", **clocks) is None


def test_a_lease_or_a_waking_of_another_state_never_rings():
    assert alarm("waiting", zone="", **QUIET | {"not_before": ONE, "lease_until": TWO}) is None


def test_a_packet_without_a_promise_never_rings():
    assert alarm("waiting", zone="", **QUIET) is None


def test_a_closed_packet_rests():
    assert alarm("closed", zone="", red_at=NOON, due_at=ONE, not_before=NOON, lease_until=NOON) is None
    assert what_is_due("closed", "", NOON, NOON, NOON, NOON, THREE) == []


def test_what_happened_unseen_is_told_in_its_order():
    assert what_is_due("held", "", ONE, TWO, None, NOON, THREE) == ["lease_ran_out", "reddened", "broken"]


maybe = st.none() | st.sampled_from([NOON, ONE, TWO, THREE])


@given(
    st.sampled_from(["waiting", "held", "parked", "closed"]),
    st.sampled_from(["", "red", "black"]),
    maybe, maybe, maybe, maybe,
    st.sampled_from([NOON, ONE, TWO, THREE]),
)  # fmt: skip
def test_something_is_due_exactly_when_the_alarm_has_rung(state, zone, red, due, wake, lease, at):
    rings = alarm(state, zone=zone, red_at=red, due_at=due, not_before=wake, lease_until=lease)
    assert bool(what_is_due(state, zone, red, due, wake, lease, at)) == (rings is not None and rings <= at)
