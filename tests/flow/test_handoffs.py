"""R7: what a kit lacks, how long filling it takes, what comes back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fullkit.flow import handoffs, queues
from tests.flow.story import MONDAY, Story, when

NEXT_MONDAY = MONDAY + timedelta(days=7)


@pytest.fixture
def story() -> Story:
    return Story()


def offered(
    story: Story,
    number: int,
    at: datetime,
    *,
    missing: str = "",
    full: datetime | None = None,
    kind: str = "quote_kit",
) -> None:
    if number not in story.facts:
        story.tell(at, "packet.arrived", number, source="handoff", department="inside_sales")
    about = {"handoff": number, "handoff_kind": kind, "to_department": "service"}
    story.tell(at, "handoff.opened", number, missing=missing, **about)
    if full is not None:
        story.tell(full, "handoff.accepted", number, **about)


@pytest.mark.rule("R7")
def test_r7_one_commonly_missing_item_ranks_first(story: Story) -> None:
    offered(story, 1, when(0), missing="deliver_to,lines")
    offered(story, 2, when(1), missing="lines")
    offered(story, 3, when(8), missing="lines")
    offered(story, 4, when(8), full=when(8))
    offered(story, 5, when(8), missing="drawing", kind="design_kit")
    found = story.ask(handoffs.MISSING_ITEMS)
    assert [(r["handoff_kind"], r["item"], r["times"], r["share"]) for r in found] == [
        ("quote_kit", "lines", 3, 0.75),
        ("design_kit", "drawing", 1, 1.0),
        ("quote_kit", "deliver_to", 1, 0.25),
    ]
    rates = {
        r["handoff_kind"]: (r["offered"], r["full_kits"], r["share"])
        for r in story.ask(handoffs.FIRST_TIME_FULL_KIT)
    }
    assert rates == {"quote_kit": (4, 1, 0.25), "design_kit": (1, 0, 0.0)}


def test_first_time_full_kit_by_week_has_no_share_where_nothing_was_offered(story: Story) -> None:
    offered(story, 1, when(0), missing="lines")
    offered(story, 2, when(1))
    found = story.ask(handoffs.FULL_KIT_BY_WEEK)
    assert [(r["offered"], r["share"]) for r in found] == [(2, 0.5), (0, None)]


def test_a_log_that_does_not_know_what_was_missing_says_nothing(story: Story) -> None:
    story.tell(when(0), "packet.arrived", 1, source="handoff")
    story.tell(when(0), "handoff.opened", 1, handoff=1, handoff_kind="quote_kit")
    assert story.ask(handoffs.FIRST_TIME_FULL_KIT) == []


def test_offer_to_accept_is_working_time_and_counts_what_is_still_being_prepared(story: Story) -> None:
    offered(story, 1, when(0, "09:00"), full=when(0, "09:00"))
    offered(story, 2, when(0, "09:00"), full=when(0, "13:00"), missing="lines")
    offered(story, 3, when(4, "15:00"), full=when(7, "15:00"), missing="lines")  # 8 h
    offered(story, 4, when(2), missing="lines")
    offered(story, 5, when(2), missing="lines")
    story.tell(when(3), "handoff.withdrawn", 5, handoff=5, handoff_kind="quote_kit")
    (row,) = story.ask(handoffs.OFFER_TO_ACCEPT)
    assert (row["accepted"], row["median_hours"], row["being_prepared"]) == (3, pytest.approx(4), 1)


def test_rework_is_told_per_hundred_accepted(story: Story) -> None:
    for number in range(1, 5):
        offered(story, number, when(0), full=when(0))
    story.tell(when(1), "favour.asked", 1, item="lines")
    story.tell(when(1), "favour.asked", 1, item="deliver_to")
    story.tell(when(1), "favour.asked", 2)  # help, not a kit's fault
    story.tell(when(1), "handoff.disputed", 3, handoff=3, handoff_kind="quote_kit", item="lines")
    story.tell(
        when(2),
        "dispute.upheld",
        3,
        handoff=3,
        handoff_kind="quote_kit",
        item="lines",
        to_department="inside_sales",
    )
    story.tell(when(2), "handoff.disputed", 4, handoff=4, handoff_kind="quote_kit", item="lines")
    (row,) = story.ask(handoffs.REWORK)
    assert (row["accepted"], row["touches"], row["touches_per_100"]) == (4, 2, 50.0)
    assert (row["disputed"], row["upheld"], row["upheld_per_100"]) == (2, 1, 25.0)


def test_ping_pong_is_a_return_to_the_department_before_last(story: Story) -> None:
    def owned(number: int, day: int, kind: str, to: str) -> None:
        story.tell(when(day), kind, number, to_department=to)

    story.tell(when(0), "packet.arrived", 1, department="inside_sales", source="handoff")
    owned(1, 1, "handoff.accepted", "service")
    owned(1, 2, "dispute.upheld", "inside_sales")  # back once
    owned(1, 8, "handoff.accepted", "service")  # and back again
    story.tell(when(0), "packet.arrived", 2, department="inside_sales", source="handoff")
    owned(2, 1, "handoff.accepted", "service")
    owned(2, 2, "handoff.accepted", "service")  # the same department in a row
    owned(2, 3, "handoff.accepted", "engineering")
    assert story.ask(handoffs.PING_PONG) == [
        {"week": MONDAY, "returns": 1, "packets": 1, "which": [1]},
        {"week": NEXT_MONDAY, "returns": 1, "packets": 1, "which": [1]},
    ]


def test_a_stale_opportunity_that_is_released_again_is_no_ping_pong(story: Story) -> None:
    story.tell(when(0), "packet.arrived", 1, department="promotions", source="campaign")
    story.tell(when(1), "handoff.accepted", 1, to_department="inside_sales")
    story.tell(when(2), "packet.returned_to_pool", 1, to_department="promotions")
    story.tell(when(3), "handoff.accepted", 1, to_department="inside_sales")
    assert [row["returns"] for row in story.ask(handoffs.PING_PONG)] == [0, 0]


@pytest.mark.rule("R99")
def test_r99_crossings_between_hunting_and_farming_are_counted(story: Story) -> None:
    story.packet(1, packet_type="onboarding")
    story.tell(when(1), "handoff.accepted", 1, handoff_kind="onboard")
    story.tell(when(1), "handoff.accepted", 2, handoff_kind="request_quote")
    found = story.ask(handoffs.CONNECTORS)
    assert [(r["week"], r["handoff_kind"], r["accepted"]) for r in found] == [
        (MONDAY, "onboard", 1),
        (NEXT_MONDAY, "onboard", 0),
        (MONDAY, "white_space", 0),
        (NEXT_MONDAY, "white_space", 0),
    ]


def test_a_queue_below_one_days_consumption_starves(story: Story) -> None:
    for day, level in ((0, 5.9), (1, 6.0), (2, 0.0), (3, 12.0)):
        story.tell(when(day), "queue.read", level=level, target=12.0, department="inside_sales")
    story.tell(when(1), "queue.read", level=0.0, target=12.0, department="elsewhere")
    first, second = story.ask(queues.STARVATION)
    assert (first["readings"], first["starved"], first["share"], first["median_level"]) == (4, 2, 0.5, 5.95)
    assert (second["readings"], second["share"]) == (0, None)
