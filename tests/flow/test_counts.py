"""Arrivals, throughput, work in process and what comes of it, on logs whose answer can be counted by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.flow import counts
from tests.flow.story import MONDAY, Story, when

NEXT_MONDAY = MONDAY + timedelta(days=7)
HUNTING = {"chain": "growth", "process": "hunting"}


@pytest.fixture
def story() -> Story:
    return Story()


def hunted(story: Story, number: int, captured: int, released: int | None = None) -> None:
    story.packet(number, packet_type="opportunity", department="promotions", **HUNTING)
    story.tell(when(captured), "packet.arrived", number, source="campaign")
    if released is not None:
        accepted(story, number, released)


def accepted(story: Story, number: int, day: int) -> None:
    story.tell(when(day), "handoff.accepted", number, handoff_kind="release", to_department="inside_sales")


def test_arrivals_are_counted_by_the_companys_week(story: Story) -> None:
    story.tell(when(0, "00:00"), "packet.arrived", 1, source="mail")
    story.tell(when(6, "23:59"), "packet.arrived", 2, source="mail")  # Sunday there, Monday in London
    story.tell(when(7, "00:00"), "packet.arrived", 3, source="mail")
    assert story.ask(counts.ARRIVALS) == [
        {"week": MONDAY, "arrived": 2, "reopened": 0},
        {"week": NEXT_MONDAY, "arrived": 1, "reopened": 0},
    ]


def test_what_another_department_hands_over_arrives_when_its_kit_is_full(story: Story) -> None:
    story.tell(when(1), "packet.arrived", 1, source="handoff")
    story.tell(when(8), "handoff.accepted", 1, handoff_kind="request_quote")
    story.tell(when(1), "packet.arrived", 2, source="handoff")
    story.tell(when(2), "packet.closed", 2, outcome="cancelled")  # withdrawn: it never arrived
    assert [row["arrived"] for row in story.ask(counts.ARRIVALS)] == [0, 1]
    assert [row["closed"] for row in story.ask(counts.THROUGHPUT)] == [0, 0]


def test_an_arrival_counts_as_what_triage_made_of_it(story: Story) -> None:
    story.tell(when(1), "packet.arrived", 1, source="mail")
    story.packet(1, packet_type="opportunity", **HUNTING)
    story.tell(when(2), "packet.triaged", 1)
    assert [row["arrived"] for row in story.ask(counts.ARRIVALS)] == [0, 0]
    assert [row["arrived"] for row in story.ask(counts.ARRIVALS, **HUNTING)] == [1, 0]


def test_a_reopened_packet_is_open_again_and_closes_again(story: Story) -> None:
    story.tell(when(0), "packet.arrived", 1, source="mail")
    story.tell(when(1), "packet.closed", 1, outcome="sent")
    story.tell(when(8), "packet.reopened", 1)
    story.tell(when(9), "packet.closed", 1, outcome="sent")
    assert [row["closed"] for row in story.ask(counts.THROUGHPUT)] == [1, 1]
    assert [row["reopened"] for row in story.ask(counts.ARRIVALS)] == [0, 1]
    wip = [row["open"] for row in story.ask(counts.WORK_IN_PROCESS)]
    assert wip == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]


def test_work_in_process_carries_what_was_open_before_the_period(story: Story) -> None:
    story.tell(when(0), "packet.arrived", 1, source="mail")
    story.tell(when(9), "packet.arrived", 2, source="mail")
    found = story.ask(counts.WORK_IN_PROCESS, since=NEXT_MONDAY)
    assert [row["open"] for row in found] == [1, 1, 2, 2, 2, 2, 2]


def test_released_and_open_leaves_out_the_pool_and_what_went_back_to_it(story: Story) -> None:
    hunted(story, 1, captured=0)  # in the pool
    hunted(story, 2, captured=0, released=1)
    hunted(story, 3, captured=0, released=1)
    story.tell(when(3), "packet.returned_to_pool", 2, to_department="promotions")
    accepted(story, 2, 5)
    story.tell(when(4), "packet.closed", 3, outcome="lost")
    story.tell(when(4), "packet.closed", 1, outcome="lost")  # never released
    found = story.ask(counts.RELEASED_AND_OPEN, days=7, **HUNTING)
    assert [row["open"] for row in found] == [0, 2, 2, 1, 0, 1, 1]
    assert [row["released"] for row in found] == [0, 2, 0, 0, 0, 1, 0]
    assert [row["gone"] for row in found] == [0, 0, 0, 1, 1, 0, 0]


def test_opportunity_flow_counts_an_opportunity_once_a_week_however_often_it_moved(story: Story) -> None:
    hunted(story, 1, captured=0, released=0)
    hunted(story, 2, captured=0, released=0)
    for day in (1, 2):
        story.tell(when(day), "conversation.held", 1, outcome="sold_next_step")
    story.tell(when(3), "packet.closed", 1, outcome="won")
    story.tell(when(3), "conversation.held", 2, outcome="not_sold")
    story.tell(when(4), "attempt.made", 2, reason="voicemail")
    found = story.ask(counts.OPPORTUNITY_FLOW, **HUNTING)
    assert [(row["processed"], row["working_days"], row["per_day"]) for row in found] == [
        (1, 5, 0.2),
        (0, 5, 0.0),
    ]


def test_interactions_are_told_per_working_day(story: Story) -> None:
    hunted(story, 1, captured=0, released=0)
    for hour in range(9, 16):
        story.tell(when(1, f"{hour:02}:00"), "conversation.held", 1, outcome="sold_next_step")
    story.tell(when(2), "attempt.made", 1, reason="voicemail")
    # Asked on Tuesday: two working days so far.
    (week,) = story.ask(counts.INTERACTIONS, days=2, **HUNTING)
    assert (week["interactions"], week["working_days"], week["per_day"]) == (7, 2, 3.5)


def test_a_week_without_a_working_day_has_no_rate(story: Story) -> None:
    hunted(story, 1, captured=0, released=0)
    (week,) = story.ask(counts.INTERACTIONS, since=MONDAY + timedelta(days=5), days=7, **HUNTING)
    assert (week["working_days"], week["per_day"]) == (0, None)


@pytest.mark.rule("R103")
def test_r103_conversion_is_told_on_both_denominators_by_cohort(story: Story) -> None:
    hunted(story, 1, captured=0, released=1)  # captured and released in week 1, won in week 2
    hunted(story, 2, captured=0, released=8)  # captured in week 1, released in week 2, still open
    hunted(story, 3, captured=2)  # never released, lost
    hunted(story, 4, captured=8, released=9)  # week 2, lost
    story.tell(when(9), "packet.closed", 1, outcome="won")
    story.tell(when(3), "packet.closed", 3, outcome="lost")
    story.tell(when(10), "packet.closed", 4, outcome="lost")
    first, second = story.ask(counts.CONVERSION, **HUNTING)
    assert (first["captured"], first["won_of_captured"], first["of_captured"]) == (3, 1, pytest.approx(1 / 3))
    assert (first["released"], first["won_of_released"], first["of_released"]) == (1, 1, 1.0)
    assert (second["captured"], second["won_of_captured"], second["of_captured"]) == (1, 0, 0.0)
    assert (second["released"], second["won_of_released"], second["still_open"]) == (2, 0, 1)


def test_a_win_that_was_opened_again_is_no_win_until_it_closes(story: Story) -> None:
    hunted(story, 1, captured=0, released=0)
    story.tell(when(1), "packet.closed", 1, outcome="won")
    story.tell(when(2), "packet.reopened", 1)
    assert story.ask(counts.CONVERSION, **HUNTING)[0]["won_of_released"] == 0


@pytest.mark.rule("R55")
def test_r55_the_commonest_red_cause_of_a_week_ranks_first(story: Story) -> None:
    for number, reason in ((1, "volume"), (2, "volume"), (3, "absence")):
        story.tell(when(0), "packet.arrived", number, source="mail")
        story.tell(when(1), "promise.cause_named", number, reason=reason)
    story.tell(when(2), "promise.cause_named", 1, reason="volume")  # the same packet, named twice
    story.tell(when(8), "promise.cause_named", 3, reason="absence")
    assert [(r["week"], r["reason"], r["packets"], r["place"]) for r in story.ask(counts.RED_CAUSES)] == [
        (MONDAY, "volume", 2, 1),
        (MONDAY, "absence", 1, 2),
        (NEXT_MONDAY, "absence", 1, 1),
    ]


def test_skips_are_counted_by_reason_and_held_against_what_was_dealt(story: Story) -> None:
    story.tell(when(0), "packet.arrived", 1, source="mail")
    for _ in range(4):
        story.tell(when(1), "packet.dealt", 1)
    story.tell(when(1), "packet.skipped", 1, reason="no_language")
    story.tell(when(1), "packet.put_back", 1, reason="end_of_shift")
    assert story.ask(counts.SKIPS) == [
        {"reason": "no_language", "skips": 1, "packets": 1, "per_100_dealt": 25.0}
    ]
