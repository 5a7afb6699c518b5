"""A morning: the campaign coordinator fills the queues, the sales coordinator a slot. By keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from fullkit.actions import calendar, handoffs
from fullkit.actions.handoffs import Given
from fullkit.models import Packet, Slot
from tests.world import PASSWORD, World, fresh

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for stem in ("queues", "pool", "calendar"):
        monkeypatch.setattr(f"fullkit.web.{stem}.now", lambda: world.now)


def comes_in(page: Any, world: World, name: str) -> None:
    person = world.people[name]
    person.set_password(PASSWORD)
    person.save()
    page.goto("/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def sees_nothing_wrong(page: Any) -> None:
    found = Axe().run(page).response["violations"]
    assert found == [], [(v["id"], v["nodes"][0]["target"]) for v in found]


def test_the_coordinator_fills_the_queues_before_the_first_call(page: Any, world: World) -> None:
    for n in range(40):
        world.in_pool(title=f"opportunity {n}")
    comes_in(page, world, "carl")
    page.get_by_role("heading", name="Queues").wait_for()
    sees_nothing_wrong(page)
    page.keyboard.press("r")
    page.get_by_text("40 released, 8 short").wait_for()
    sees_nothing_wrong(page)
    assert Packet.objects.filter(department="inside_sales").count() == 40

    page.goto("/pool")
    page.keyboard.press("i")
    rows = "\n".join(f"Firm {n}\tContact {n}\t+1 312 555 01{n:02}\t\tLeak survey" for n in range(10))
    page.get_by_label("Rows").fill(rows + "\n\tnobody's firm")
    page.get_by_role("button", name="Look through").click()
    page.get_by_text("10 rows can be taken in. 1 is rejected").wait_for()
    sees_nothing_wrong(page)
    page.get_by_role("button", name="Take 10 rows in").click()
    page.get_by_text("10 rows are taken in.").wait_for()
    page.goto("/queues")
    page.keyboard.press("r")
    page.get_by_text("8 released; every queue is at its target.").wait_for()


def test_the_coordinator_books_a_meeting_and_offers_a_cancelled_slot_again(page: Any, world: World) -> None:
    packet = world.in_hand(world.anna)
    kit = {
        "agreed": Given(value=True, evidence="on the phone"),
        "purpose": Given(value="survey"),
        "why_on_site": Given(value=world.plant.handoff("book_meeting").kit[4].is_.one_of[0]),  # type: ignore[index]
        "address": Given(value="12 Dock Road"),
    }
    meeting = handoffs.open(packet, kind="book_meeting", by=world.anna, at=world.now, items=kit).packet
    calendar.open_slots(world.faye, day=world.now.date().replace(day=3), by=world.cora, at=world.now)
    comes_in(page, world, "cora")
    page.get_by_role("heading", name="Calendar").wait_for()
    sees_nothing_wrong(page)
    page.keyboard.press("r")  # the request that waits longest is chosen already
    page.keyboard.press("Tab")
    for _step in range(3):  # past the board's own stop, to the first free slot
        if "slot" in page.evaluate("document.activeElement.name || ''"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text(f"{meeting.number} is booked: Faye Donnelly, Tue 3 Mar 09:00.").wait_for()
    assert Slot.objects.get(packet=meeting).person == world.faye

    page.get_by_role("link", name="09:00 Acme Pumps").click()
    page.keyboard.type("Their line is down")
    page.keyboard.press("Enter")
    page.get_by_text("is free again").wait_for()
    assert page.evaluate("document.activeElement.classList.contains('slot-offered')")
    sees_nothing_wrong(page)
    assert fresh(meeting).outcome == "cancelled"
    assert len(calendar.standby(world.plant)) == 1
