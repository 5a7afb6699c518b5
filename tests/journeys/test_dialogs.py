"""In the hand: a no said where one typed, and a page that nobody looks at lets go."""

from __future__ import annotations

from typing import Any

import pytest

from fullkit.actions import inbox
from fullkit.models import Packet
from tests.journeys.test_morning import comes_in
from tests.web.clock import stop
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


def test_a_no_is_said_inside_the_dialog_and_what_was_typed_stays(page: Any, world: World) -> None:
    packet = world.in_hand()
    comes_in(page, world, "anna")
    page.get_by_text(packet.number).first.wait_for()
    page.keyboard.press("s")
    world.later(hours=3)  # its lease ran out, and nobody noticed
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_role("dialog").get_by_text("longer than its lease").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.get_by_role("dialog").get_by_role("combobox").select_option(index=1)
    page.get_by_role("dialog").get_by_role("textbox").fill("Which seal fits?")
    Packet.objects.filter(pk=packet.pk).update(
        department="promotions", state="waiting", person=None, lease_until=None
    )
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("dialog").locator(".notice").wait_for()
    assert page.get_by_role("dialog").get_by_role("textbox").input_value() == "Which seal fits?"


def test_a_skip_is_undone_by_one_key(page: Any, world: World) -> None:
    first, second = world.in_hand(title="The first"), world.released(title="The second")
    comes_in(page, world, "anna")
    page.get_by_text(first.number).first.wait_for()
    page.keyboard.press("s")
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_text(second.number).first.wait_for()
    page.keyboard.press("u")
    page.get_by_role("heading", name="The first").wait_for()
    assert inbox.in_hand(world.anna) == first


def test_a_page_that_nobody_looks_at_lets_the_packet_go(page: Any, world: World) -> None:
    packet = world.in_hand()
    comes_in(page, world, "anna")
    page.get_by_text(packet.number).first.wait_for()
    renewed: list[str] = []
    page.on("request", lambda asked: renewed.append(asked.url) if asked.url.endswith("/lease") else None)
    page.clock.install()
    page.goto("/next")
    for minute in range(4, 26, 4):
        if minute == 8:
            page.keyboard.press("Shift")
        with page.expect_response("**/lease"):
            page.clock.run_for(4 * 60_000)
    for _minute in range(28, 60, 4):
        page.clock.run_for(4 * 60_000)
        page.wait_for_timeout(40)
    assert len(renewed) <= 7  # twenty minutes after the last key it stopped
