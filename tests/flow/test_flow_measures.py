"""Curves, ages, ways and hands of a company whose few packets can be counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fullkit.flow import ageing, durations, graph
from tests.flow.story import MONDAY, Story, when

HUNTING = {"chain": "growth", "process": "hunting"}


def deal(
    story: Story,
    number: int,
    *,
    came: int,
    released: int | None,
    closed: int | None = None,
    outcome: str = "won",
) -> None:
    """An opportunity by the days on which it came, was released and closed, each at 09:00."""
    story.packet(number, packet_type="opportunity", department="promotions", **HUNTING)
    story.tell(when(came), "packet.arrived", number, source="campaign")
    if released is not None:
        story.tell(
            when(released), "handoff.accepted", number, handoff_kind="release", to_department="inside_sales"
        )
    if closed is not None:
        story.tell(when(closed), "packet.closed", number, outcome=outcome)


@pytest.fixture
def deals() -> Story:
    story = Story()
    deal(story, 1, came=0, released=1, closed=4)
    deal(story, 2, came=0, released=1, closed=9, outcome="lost")
    deal(story, 3, came=0, released=2)
    deal(story, 4, came=0, released=None)
    return story


def test_the_clock_runs_from_release_and_what_is_open_counts_as_open(deals: Story) -> None:
    rows = deals.ask(durations.CYCLE_TIME, **HUNTING)
    assert [tuple(row.values()) for row in rows] == [
        (3, True, "won", 1),
        (8, True, "lost", 1),
        (11, False, None, 1),
    ]


def test_what_closed_after_the_period_was_open_in_it(deals: Story) -> None:
    rows = deals.ask(durations.CYCLE_TIME, days=7, **HUNTING)
    assert [(row["days"], row["is_over"]) for row in rows] == [(3, True), (4, False), (5, False)]


def test_working_hours_leave_out_nights_and_weekends(deals: Story) -> None:
    rows = deals.ask(durations.CYCLE_HOURS, **HUNTING)
    # Tuesday to Friday: 3 days of 8 hours; to the next Wednesday 6; the open one lasts until the last event, also 5
    assert [(row["hours"], row["is_over"]) for row in rows] == [(24, True), (40, False), (48, True)]


def test_one_opened_again_is_open_and_keeps_its_start(deals: Story) -> None:
    deals.tell(when(10), "packet.reopened", 1)
    rows = deals.ask(durations.CYCLE_TIME, **HUNTING)
    assert [(row["days"], row["is_over"], row["packets"]) for row in rows] == [
        (8, True, 1), (11, False, 1), (12, False, 1),
    ]  # fmt: skip


def test_where_nothing_is_ever_released_the_clock_starts_with_arrival() -> None:
    story = Story()
    story.tell(when(0), "packet.arrived", 1)
    story.tell(when(2), "packet.closed", 1, outcome="sent")
    assert story.ask(durations.CLOSED_TIME) == [
        {"packet_type": "quote", "closed": 1, "median_days": 2, "p85_days": 2}
    ]


def test_wins_are_held_against_the_week_they_came_from(deals: Story) -> None:
    deal(deals, 5, came=7, released=7, closed=9)
    rows = deals.ask(durations.COHORTS, **HUNTING)
    assert [(row["week"], row["days"], row["outcome"]) for row in rows] == [
        (MONDAY, 3, "won"),
        (MONDAY, 8, "lost"),
        (MONDAY, 11, None),
        (MONDAY + timedelta(days=7), 2, "won"),
    ]


def test_a_stage_ends_by_going_on_by_closing_or_not_yet() -> None:
    story = Story()
    for number in (1, 2, 3):
        story.packet(number, packet_type="opportunity", **HUNTING)
        story.tell(when(0, "08:00"), "packet.arrived", number)
        story.tell(when(0, "09:00"), "handoff.accepted", number, handoff_kind="release", stage="interest")
    for number in (1, 2):
        story.tell(when(0, "11:00"), "stage.advanced", number, stage="interest", to_stage="survey")
    story.tell(when(0, "14:00"), "packet.closed", 1, outcome="lost", stage="survey")
    rows = story.ask(durations.STAGE_LEAD_TIME, **HUNTING)
    assert [tuple(row.values()) for row in rows] == [
        ("interest", 2, True, "advanced", 2),
        ("interest", 5, False, None, 1),
        ("survey", 3, False, None, 1),
        ("survey", 3, True, "closed", 1),
    ]


def test_work_side_by_side_counts_once_and_is_told() -> None:
    story = Story()
    story.tell(when(0, "08:00"), "packet.arrived", 1)
    story.tell(when(0, "10:00"), "conversation.held", 1, minutes=60.0)  # 09:00 to 10:00
    story.tell(
        when(0, "10:30"), "conversation.held", 1, minutes=60.0
    )  # 09:30 to 10:30: half an hour beside it
    story.tell(when(0, "10:40"), "attempt.made", 1, minutes=600.0)  # began before it arrived: 08:00 to 10:40
    story.tell(when(0, "12:00"), "packet.closed", 1, outcome="sent")
    (row,) = story.ask(durations.WAIT_SHARE)
    assert (row["elapsed_hours"], row["touch_hours"]) == (pytest.approx(4), pytest.approx(2 + 2 / 3))
    assert row["overlap_hours"] == pytest.approx(2)
    assert row["wait_share"] == pytest.approx(1 / 3)


def test_ages_stand_against_what_closed(deals: Story) -> None:
    deal(deals, 5, came=7, released=9)
    rows = deals.ask(ageing.AGEING, **HUNTING)
    # closed after 3 and 8 days: median 5.5, 85th 7.25, 95th 7.75; open for 4 and for 11
    assert [(row["band"], row["open"], row["oldest"]) for row in rows] == [
        ("to p50", 1, 4),
        ("over p95", 1, 11),
    ]
    assert rows[0]["p85_days"] == pytest.approx(7.25)
    assert [row["packet"] for row in deals.ask(ageing.OLDEST, **HUNTING)] == [3, 5]


def test_lines_of_the_cumulative_flow_count_each_packet_once(deals: Story) -> None:
    deals.tell(when(10), "packet.reopened", 1)
    deals.tell(when(11), "packet.closed", 1, outcome="won")
    rows = {row["day"]: row for row in deals.ask(ageing.CUMULATIVE_FLOW, **HUNTING)}
    last, third = rows[MONDAY + timedelta(days=13)], rows[MONDAY + timedelta(days=2)]
    assert (third["arrived"], third["released"], third["closed"]) == (4, 3, 0)
    assert (last["arrived"], last["released"], last["closed"]) == (4, 3, 2)


def test_little_holds_when_all_is_over_and_flags_what_nobody_closes() -> None:
    story = Story()
    for number in range(1, 6):
        deal(story, number, came=number, released=number, closed=number + 2)
    (row,) = story.ask(ageing.LITTLE, **HUNTING)
    assert row["gap"] == pytest.approx(0)
    assert not row["flagged"]
    for number in range(6, 10):
        deal(story, number, came=0, released=0)  # zombies
    (row,) = story.ask(ageing.LITTLE, **HUNTING)
    assert row["flagged"]
    assert row["implied"] == pytest.approx(10 / 14)
    assert row["mean_open"] == pytest.approx((10 + 4 * 14) / 14)


def test_takt_is_selling_time_over_what_is_required(deals: Story) -> None:
    about = {"category": "selling", "role": "inside_salesperson"}
    deals.tell(when(1), "time.logged", minutes=480.0, **about)
    first, second = deals.ask(ageing.TAKT, **HUNTING)
    assert (first["takt_minutes"], first["pace_minutes"]) == (40, 480)
    assert (second["takt_minutes"], second["closed"]) == (None, 1)


def test_a_starved_morning_costs_the_day() -> None:
    story = Story()
    for day, level in ((0, 2.0), (1, 6.0), (2, 0.0)):
        story.tell(when(day, "08:00"), "queue.read", department="inside_sales", level=level, target=12.0)
    first, second = story.ask(ageing.STARVED_HOURS)
    assert (first["readings"], first["starved"], first["hours"], second["hours"]) == (3, 2, 16, None)


@pytest.fixture
def ways() -> Story:
    """1: call, call, quote, call; 2: call, quote; a person each time."""
    story = Story()
    steps = (
        (1, "attempt.made", 1, "sales"), (1, "attempt.made", 2, "sales"), (1, "stage.advanced", None, None),
        (1, "attempt.made", 1, "design"), (2, "attempt.made", 1, "sales"), (2, "stage.advanced", 1, "design"),
    )  # fmt: skip
    for number in (1, 2):
        story.tell(when(0, "07:00"), "packet.arrived", number, department=None)
    for hour, (number, kind, actor, department) in enumerate(steps):
        story.tell(when(0, f"{8 + hour:02}:00"), kind, number, actor=actor, department=department)
    return story


def test_what_is_done_again_at_once_and_after_something_else(ways: Story) -> None:
    (row,) = ways.ask(graph.REPEATS)
    assert (row["activity"], row["packets"], row["repeated"]) == ("attempt.made", 2, 1)
    assert (row["at_once"], row["loops"], row["share"]) == (1, 1, 0.5)


def test_hands_leave_out_what_nobody_did_and_count_the_same_twice_once(ways: Story) -> None:
    (people,) = ways.ask(graph.HANDS_OF_PEOPLE)
    assert (people["handoffs"], people["returns"], people["ping_ponged"], people["packets"]) == (2, 1, 1, 2)
    (departments,) = ways.ask(graph.HANDS_OF_DEPARTMENTS)
    assert (departments["handoffs"], departments["handed_over"], departments["returns"]) == (2, 2, 0)


def test_stages_count_their_first_entry() -> None:
    story = Story()
    story.packet(1, packet_type="opportunity", **HUNTING)
    story.tell(when(0), "packet.arrived", 1)
    for day, (stage, next_) in enumerate((("a", "b"), ("b", "a"), ("a", "b"))):
        story.tell(when(day), "stage.advanced", 1, stage=stage, to_stage=next_)
    rows = story.ask(ageing.STAGE_FLOW, **HUNTING)
    assert [(r["stage"], r["day"], r["cumulative"]) for r in rows] == [("a", MONDAY, 1), ("b", MONDAY, 1)]
    assert story.ask(ageing.STAGE_FLOW, since=date(2026, 3, 3), **HUNTING) == []
