"""What the rulebook asks of measures, each check under its rule's number."""

from __future__ import annotations

import random

import pytest

from fullkit.flow.measures import ALL
from tests.flow.story import Story, when

GROWTH = {"chain": "growth", "process": "hunting", "packet_type": "opportunity", "department": "inside_sales"}
RELEASE = {"handoff_kind": "release", "to_department": "inside_sales"}


def arrive(story: Story, number: int, **facts: str) -> None:
    story.packet(number, **facts)
    story.tell(when(0, "08:30"), "packet.arrived", number, source="campaign")


@pytest.mark.rule("R7")
def test_r7_first_time_full_and_what_comes_back_are_counted_by_kind() -> None:
    story = Story()
    for number in range(1, 5):
        arrive(story, number)
        about = {"handoff": number, "handoff_kind": "request_quote", "to_department": "service"}
        story.tell(
            when(0, "09:00"), "handoff.opened", number, missing="lines" if number == 1 else "", **about
        )
        story.tell(when(0, "10:00"), "handoff.accepted", number, **about)
    story.tell(when(0, "11:00"), "favour.asked", 2, item="deliver_to")
    story.tell(when(0, "11:00"), "favour.asked", 3)
    [full] = story.ask(ALL["first_time_full_kit"])
    [back] = story.ask(ALL["rework"])
    assert (full["offered"], full["share"]) == (4, 0.75)
    assert (back["accepted"], back["touches"], back["touches_per_100"]) == (4, 1, 25)


@pytest.mark.rule("R17")
def test_r17_where_winning_falls_with_age_the_report_recovers_that_slope(seed: int) -> None:
    story, chance = Story(), random.Random(seed)
    number = 0
    for weeks, often in ((0, 0.8), (2, 0.5), (5, 0.2)):
        for _ in range(120):
            number += 1
            arrive(story, number, **GROWTH)
            story.tell(when(0), "handoff.accepted", number, **RELEASE)
            ended = "won" if chance.random() < often else "lost"
            story.tell(when(weeks * 7 + 2), "packet.closed", number, outcome=ended)
    rows = story.ask(ALL["conversion_by_time"], days=60, chain="growth", process="hunting")
    assert [row["weeks"] for row in rows] == [0, 2, 5]
    assert [row["closed"] for row in rows] == [120] * 3
    slope = (rows[-1]["share"] - rows[0]["share"]) / 5
    assert slope == pytest.approx((0.2 - 0.8) / 5, abs=0.04)


@pytest.mark.rule("R17")
def test_r17_the_stage_in_which_opportunities_wait_longest_comes_first() -> None:
    story = Story()
    arrive(story, 1, **GROWTH)
    story.tell(when(0, "09:00"), "handoff.accepted", 1, **RELEASE)
    story.tell(when(0, "11:00"), "stage.advanced", 1, stage="interest", to_stage="survey")
    story.tell(when(2, "11:00"), "stage.advanced", 1, stage="survey", to_stage="order")
    rows = story.ask(ALL["stage_time"], chain="growth", process="hunting")
    assert [(row["stage"], row["median_hours"]) for row in rows] == [("survey", 16), ("interest", 2)]


@pytest.mark.rule("R44")
def test_r44_the_transactional_minutes_of_salespeople_are_told_week_by_week() -> None:
    story = Story()
    for day, minutes in ((0, 120.0), (7, 30.0)):
        story.tell(
            when(day), "time.logged", role="inside_salesperson", category="transactional", minutes=minutes
        )
        story.tell(when(day), "time.logged", role="inside_salesperson", category="selling", minutes=270.0)
    leaks = [row["minutes"] for row in story.ask(ALL["time_mix"]) if row["category"] == "transactional"]
    assert leaks == [120, 30]


@pytest.mark.rule("R16")
def test_r16_the_time_mix_of_a_week_adds_up_to_the_whole() -> None:
    story = Story()
    for category, minutes in (("selling", 200.0), ("admin", 60.0), ("repair", 40.0)):
        story.tell(when(1), "time.logged", role="inside_salesperson", category=category, minutes=minutes)
    assert sum(row["share"] for row in story.ask(ALL["time_mix"])) == pytest.approx(1)
