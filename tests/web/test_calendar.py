"""The calendar's page: Scheduling writes it, everyone reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fullkit.actions import calendar, handoffs
from fullkit.actions.handoffs import Given
from fullkit.models import Packet, Person, Slot
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.web.calendar.now", lambda: world.now)


def asked_for(world: World, by: Person | None = None, address: str = "12 Dock Road") -> Packet:
    """A meeting that a salesperson sold and Scheduling has to place."""
    who = by or world.anna
    packet = world.in_hand(who)
    kit = {
        "agreed": Given(value=True, evidence="on the phone"),
        "purpose": Given(value="survey"),
        "why_on_site": Given(value=world.plant.handoff("book_meeting").kit[4].is_.one_of[0]),  # type: ignore[index]
        "address": Given(value=address),
    }
    return fresh(handoffs.open(packet, kind="book_meeting", by=who, at=world.now, items=kit).packet)


def slots(world: World, person: Person, day: date = date(2026, 3, 3)) -> list[Slot]:
    return calendar.open_slots(person, day=day, by=world.cora, at=world.now)


def test_a_request_and_a_slot_make_a_booking(world: World) -> None:
    meeting, free = asked_for(world), slots(world, world.faye)
    cora = visitor(world.cora)
    page = said(cora.get("/calendar"))
    assert f'value="{meeting.number}" checked' in page
    answer = cora.post("/calendar/bookings", {"request": meeting.number, "slot": free[0].pk}, follow=True)
    assert f"{meeting.number} is booked: Faye" in said(answer)
    assert "Tue 3 Mar 09:00" in said(answer)
    assert (fresh(meeting).department, fresh(meeting).person) == ("field_sales", world.faye)


def test_a_slot_without_a_request_says_what_to_choose(world: World) -> None:
    free = slots(world, world.faye)
    answer = visitor(world.cora).post("/calendar/bookings", {"slot": free[0].pk})
    assert (answer.status_code, "none is chosen" in said(answer)) == (422, True)


@pytest.mark.rule("R41")
def test_r41_a_cancelled_slot_is_offered_at_once_to_who_waits(world: World) -> None:
    meeting, waits = asked_for(world), asked_for(world, world.ben, "3 Mill Lane")
    free = slots(world, world.faye)
    calendar.book(free[0], packet=meeting, by=world.cora, at=world.now)
    cora = visitor(world.cora)
    assert cora.post(f"/calendar/slots/{free[0].pk}", {"reason": ""}).status_code == 422
    answer = cora.post(f"/calendar/slots/{free[0].pk}", {"reason": "Ill"}, follow=True)
    page = said(answer)
    assert "is free again" in page
    assert "slot-offered" in page
    assert f'value="{waits.number}" checked' in page  # the oldest that waits stands ready
    assert len(calendar.standby(world.plant)) == 2


@pytest.mark.rule("R21")
def test_r21_an_empty_slot_has_its_price(world: World) -> None:
    meeting, free = asked_for(world), slots(world, world.faye)
    calendar.book(free[0], packet=meeting, by=world.cora, at=world.now)
    world.later(days=2)
    page = said(visitor(world.cora).get("/calendar?week=2026-03-02"))
    # one of four was filled; three stayed empty, at the chance of the opportunity behind times its throughput
    chance = world.plant.playbook.process["hunting"].stages[0].chance
    assert "25%" in page
    assert f"${3 * chance * 24000 * float(world.plant.playbook.company.margin):,.0f}" in page


def test_slots_of_a_week_are_opened_once(world: World) -> None:
    cora = visitor(world.cora)
    assert "slots are opened" in said(cora.post("/calendar/weeks/2026-03-09/slots", follow=True))
    opened = Slot.objects.count()
    assert opened == 5 * (4 + 4 + 2)
    assert "was open already" in said(cora.post("/calendar/weeks/2026-03-09/slots", follow=True))
    assert Slot.objects.count() == opened


def test_nine_o_clock_is_nine_o_clock_on_both_sides_of_the_change_of_clocks(world: World) -> None:
    before = slots(world, world.faye, date(2026, 3, 6))[0]
    after = slots(world, world.faye, date(2026, 3, 9))[0]  # Chicago put its clocks forward on the eighth
    assert before.starts_at == datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
    assert after.starts_at == datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
    for monday in ("2026-03-02", "2026-03-09"):
        assert '<span class="slot-time">09:00</span>' in said(
            visitor(world.cora).get(f"/calendar?week={monday}")
        )


@pytest.mark.parametrize("week", ["nonsense", "9999-12-31", "0001-01-01", ""])
def test_any_week_is_a_week(world: World, week: str) -> None:
    assert visitor(world.cora).get("/calendar", {"week": week}).status_code == 200


@pytest.mark.rule("R40")
@pytest.mark.parametrize("name", ["faye", "anna", "sam", "max"])
def test_r40_others_read_and_only_scheduling_writes(world: World, name: str) -> None:
    meeting, free = asked_for(world), slots(world, world.faye)
    client = visitor(world.people[name])
    assert client.get("/calendar").status_code == 200
    assert 'name="slot"' not in said(client.get("/calendar"))
    assert (
        client.post("/calendar/bookings", {"request": meeting.number, "slot": free[0].pk}).status_code == 403
    )
    assert client.post("/calendar/weeks/2026-03-09/slots").status_code == 403
    calendar.book(free[0], packet=meeting, by=world.cora, at=world.now)
    assert "Cancel and offer" not in said(client.get(f"/calendar/slots/{free[0].pk}"))
    assert client.post(f"/calendar/slots/{free[0].pk}", {"reason": "No"}).status_code == 403
    assert visitor().get("/calendar").status_code == 302


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    def booked(name: str, by: Person) -> None:
        free = slots(world, world.people[name])
        calendar.book(free[0], packet=asked_for(world, by), by=world.cora, at=world.now)

    asked_for(world, world.chloe)
    booked("faye", world.anna)
    cora = visitor(world.cora)
    one = queries(cora, "/calendar")
    booked("finn", world.ben)
    asked_for(world, world.dev)
    assert queries(cora, "/calendar") == one
