"""Only coordinators write the calendar, and a slot has one winner."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from fullkit.actions import calendar, handoffs, may
from fullkit.actions.handoffs import Given
from fullkit.models import Packet, Slot
from tests.world import World, fresh

CHICAGO = ZoneInfo("America/Chicago")


def asked(world: World, title: str = "Show them the seal", **more: object) -> Packet:
    """A meeting request with a full kit, in scheduling."""
    packet = world.in_hand(title=title, **more)
    done = handoffs.open(
        packet,
        kind="book_meeting",
        by=world.anna,
        at=world.now,
        items={
            "agreed": Given(value=True, evidence="Pat Doyle on the phone, 2 March"),
            "purpose": Given(value="trial"),
            "why_on_site": Given(value=world.plant.kit("book_meeting")[4].arg[0]),
            "address": Given(value="12 Dock Road, Gary"),
        },
    )
    from fullkit.actions import inbox

    inbox.park(
        fresh(packet), until=world.now + timedelta(days=5), reason="meeting", by=world.anna, at=world.now
    )
    return fresh(done.packet)


def slots(world: World) -> list[Slot]:
    return calendar.open_slots(world.faye, day=date(2026, 3, 4), by=world.cora, at=world.now)


def visit(world: World) -> Packet:
    """A meeting booked with Faye for Wednesday at nine."""
    packet = asked(world)
    calendar.book(slots(world)[0], packet=packet, by=world.cora, at=world.now)
    return fresh(packet)


@pytest.mark.rule("R41")
def test_r41_a_working_day_has_four_slots_at_the_hours_of_the_company(world: World) -> None:
    opened = slots(world)
    assert [s.starts_at.astimezone(CHICAGO).strftime("%H:%M") for s in opened] == [
        "09:00",
        "11:00",
        "13:30",
        "15:30",
    ]
    assert len(slots(world)) == 4
    assert Slot.objects.count() == 4


def test_slots_keep_their_local_hour_over_the_change_of_the_clocks(world: World) -> None:
    before = calendar.open_slots(world.faye, day=date(2026, 3, 6), by=world.cora, at=world.now)[0]
    after = calendar.open_slots(world.faye, day=date(2026, 3, 9), by=world.cora, at=world.now)[0]
    assert before.starts_at.astimezone(CHICAGO).hour == after.starts_at.astimezone(CHICAGO).hour == 9
    assert (after.starts_at - before.starts_at) == timedelta(days=3) - timedelta(hours=1)


def test_a_closed_day_has_no_slots(world: World) -> None:
    assert calendar.open_slots(world.faye, day=date(2026, 7, 3), by=world.cora, at=world.now) == []


@pytest.mark.rule("R40")
@pytest.mark.parametrize("name", ["anna", "faye", "sara", "max"])
def test_r40_only_coordinators_write_the_calendar(world: World, name: str) -> None:
    packet, free = asked(world), slots(world)[0]
    person = world.people[name]
    with pytest.raises(may.NotYours):
        calendar.book(free, packet=packet, by=person, at=world.now)
    with pytest.raises(may.NotYours):
        calendar.open_slots(world.faye, day=date(2026, 3, 5), by=person, at=world.now)


def test_booking_is_the_kit_item_that_hands_the_meeting_to_the_field(world: World) -> None:
    packet = visit(world)
    start = Slot.objects.get(packet=packet).starts_at
    assert (packet.department, packet.person, packet.state) == ("field_sales", world.faye, "parked")
    assert packet.not_before == start


@pytest.mark.rule("R40")
def test_r40_the_second_to_book_a_slot_is_told_what_is_still_free(world: World) -> None:
    first, second = asked(world), asked(world, title="another", name="Beta Mills")
    free = slots(world)[0]
    calendar.book(free, packet=first, by=world.cora, at=world.now)
    with pytest.raises(calendar.SlotTaken, match="still free that day: Wed 04 Mar 11:00"):
        calendar.book(Slot.objects.get(pk=free.pk), packet=second, by=world.cora, at=world.now)


def test_a_past_slot_is_refused(world: World) -> None:
    packet, free = asked(world), slots(world)[0]
    with pytest.raises(calendar.SlotOver):
        calendar.book(free, packet=packet, by=world.cora, at=free.starts_at)


def test_only_a_request_for_a_visit_is_booked(world: World) -> None:
    with pytest.raises(calendar.NotForAVisit):
        calendar.book(slots(world)[0], packet=world.arrives(), by=world.cora, at=world.now)


@pytest.mark.rule("R41")
def test_r41_a_cancelled_slot_is_free_at_once_and_the_meeting_is_asked_for_again(world: World) -> None:
    packet = visit(world)
    slot = Slot.objects.get(packet=packet)
    fresh_request = calendar.cancel(slot, reason="Pat is ill", by=world.cora, at=world.later(hours=1))
    assert Slot.objects.get(pk=slot.pk).packet is None
    assert fresh(packet).outcome == "cancelled"
    assert fresh_request in calendar.standby(world.plant)
    calendar.book(Slot.objects.get(pk=slot.pk), packet=fresh_request, by=world.cora, at=world.now)


def test_cancelling_what_is_not_booked_is_refused(world: World) -> None:
    with pytest.raises(calendar.NotBooked):
        calendar.cancel(slots(world)[0], reason="x", by=world.cora, at=world.now)
