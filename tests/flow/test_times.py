"""How long it takes and whether promises are kept, in working hours that can be counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fullkit.flow import times
from tests.flow.story import MONDAY, Story, when

NEXT_MONDAY = MONDAY + timedelta(days=7)
HUNTING = {"chain": "growth", "process": "hunting"}


@pytest.fixture
def story() -> Story:
    return Story()


def quote(
    story: Story, number: int, came: datetime, went: datetime | None, due: datetime | None = None
) -> None:
    story.tell(came, "packet.arrived", number, source="mail")
    if went is not None:
        story.tell(went, "packet.closed", number, outcome="sent", **({"due_at": due} if due else {}))


def test_inbox_time_is_working_time_over_nights_and_weekends(story: Story) -> None:
    quote(story, 1, when(0, "09:00"), when(0, "11:00"))  # 2 h
    quote(story, 2, when(0, "15:00"), when(1, "09:00"))  # 1 h and 1 h
    quote(
        story, 3, when(4, "15:00"), when(7, "12:00")
    )  # Friday to Monday, over the night the clocks change: 5 h
    quote(story, 4, when(1, "09:00"), None)
    first, second = story.ask(times.INBOX_TIME)
    assert (first["packet_type"], first["closed"], first["median_hours"]) == ("quote", 2, pytest.approx(2))
    assert (second["week"], second["closed"], second["median_hours"]) == (NEXT_MONDAY, 1, pytest.approx(5))


def test_the_85th_percentile_lies_between_the_neighbours(story: Story) -> None:
    for number, clock in enumerate(("10:00", "11:00", "12:00", "13:00", "14:00"), start=1):
        quote(story, number, when(0, "09:00"), when(0, clock))  # 1, 2, 3, 4, 5 h
    (week,) = story.ask(times.INBOX_TIME, days=7)
    assert (week["median_hours"], week["p85_hours"]) == (pytest.approx(3), pytest.approx(4.4))


def test_a_week_in_which_nothing_was_closed_has_no_time(story: Story) -> None:
    quote(story, 1, when(0), when(0, "10:00"))
    assert [row["median_hours"] for row in story.ask(times.INBOX_TIME)] == [pytest.approx(1), None]


def test_inbox_time_of_a_handed_over_packet_starts_with_its_full_kit(story: Story) -> None:
    story.tell(when(0, "08:00"), "packet.arrived", 1, source="handoff")
    story.tell(when(1, "09:00"), "handoff.accepted", 1, handoff_kind="request_quote")
    story.tell(when(1, "12:00"), "packet.closed", 1, outcome="sent")
    assert story.ask(times.INBOX_TIME)[0]["median_hours"] == pytest.approx(3)


def test_a_packet_opened_again_keeps_its_first_start(story: Story) -> None:
    quote(story, 1, when(0, "09:00"), when(0, "10:00"))
    story.tell(when(1, "10:00"), "packet.reopened", 1)
    story.tell(when(1, "11:00"), "packet.closed", 1, outcome="sent")
    (week,) = story.ask(times.INBOX_TIME, days=7)
    assert (week["closed"], week["median_hours"]) == (2, pytest.approx((1 + 10) / 2))


def test_opportunity_time_runs_from_the_last_release_to_closing(story: Story) -> None:
    def accepted(day: int, kind: str = "release") -> None:
        story.tell(when(day, "09:00"), "handoff.accepted", 1, handoff_kind=kind)

    story.packet(1, packet_type="opportunity", **HUNTING)
    story.tell(when(0, "08:00"), "packet.arrived", 1, source="campaign")
    accepted(1)
    story.tell(when(2), "packet.returned_to_pool", 1, to_department="promotions")
    accepted(3)
    accepted(4, "some_other")
    story.tell(when(4, "12:00"), "packet.closed", 1, outcome="lost")
    story.packet(2, packet_type="opportunity", **HUNTING)
    story.tell(when(0), "packet.arrived", 2, source="campaign")
    story.tell(when(4), "packet.closed", 2, outcome="lost")  # never released
    (week,) = story.ask(times.OPPORTUNITY_TIME, days=7, **HUNTING)
    assert (week["closed"], week["median_hours"]) == (1, pytest.approx(11))


def test_on_time_is_told_beside_the_black_backlog(story: Story) -> None:
    quote(story, 1, when(0), when(1), due=when(1))  # to the minute
    quote(story, 2, when(0), when(2), due=when(1))  # late
    quote(story, 3, when(0), when(1))  # nothing was promised
    quote(story, 4, when(0), None)
    story.tell(when(3), "promise.broken", 4, zone="black")
    quote(story, 5, when(0), when(8), due=when(1))
    story.tell(when(3), "promise.broken", 5, zone="black")  # told late, closed in the second week
    first, second = story.ask(times.ON_TIME)
    assert (first["promised"], first["on_time"], first["share"], first["black_backlog"]) == (2, 1, 0.5, 2)
    assert (second["promised"], second["on_time"], second["share"], second["black_backlog"]) == (1, 0, 0.0, 1)


def test_a_new_promise_is_not_black(story: Story) -> None:
    quote(story, 1, when(0), None)
    story.tell(when(1), "promise.broken", 1, zone="black")
    story.tell(when(2), "handoff.accepted", 1, handoff_kind="project_scope")
    assert [row["black_backlog"] for row in story.ask(times.ON_TIME)] == [0, 0]


def test_types_are_never_one_number(story: Story) -> None:
    quote(story, 1, when(0, "09:00"), when(0, "10:00"), due=when(1))
    story.packet(2, packet_type="order")
    quote(story, 2, when(0, "09:00"), when(0, "15:00"), due=when(0, "10:00"))
    by_type = {row["packet_type"]: row for row in story.ask(times.INBOX_TIME, days=7)}
    assert by_type["quote"]["median_hours"] == pytest.approx(1)
    assert by_type["order"]["median_hours"] == pytest.approx(6)
    assert {r["packet_type"]: r["share"] for r in story.ask(times.ON_TIME, days=7)} == {
        "quote": 1.0,
        "order": 0.0,
    }


def test_the_time_mix_of_a_week_adds_up_to_everything_logged(story: Story) -> None:
    for category, minutes in (("selling", 300.0), ("admin", 60.0), ("repair", 120.0), ("selling", 120.0)):
        story.tell(when(1), "time.logged", category=category, minutes=minutes, role="inside_salesperson")
    story.tell(when(1), "time.logged", category="admin", minutes=999.0, role="engineer")
    mix = story.ask(times.TIME_MIX)
    assert {row["category"]: row["share"] for row in mix} == {"admin": 0.1, "repair": 0.2, "selling": 0.7}
    assert sum(row["share"] for row in mix) == pytest.approx(1)
    first, second = story.ask(times.SELLING_SHARE)
    assert (first["minutes"], first["selling"], first["repair"]) == (600.0, 0.7, 0.2)
    assert (second["minutes"], second["selling"]) == (None, None)


@pytest.mark.rule("R59")
def test_r59_hours_that_business_as_usual_borrows_from_growth_are_counted(story: Story) -> None:
    story.tell(when(1), "growth.borrowed", person=1, minutes=90.0, chain="growth")
    story.tell(when(2), "growth.borrowed", person=2, minutes=30.0, chain="bau")
    assert story.ask(times.BORROWED) == [
        {"week": MONDAY, "times": 2, "hours": 2.0},
        {"week": NEXT_MONDAY, "times": 0, "hours": 0.0},
    ]
