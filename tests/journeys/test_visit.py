"""A visit, by thumb: three taps on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from fullkit.models import Event
from tests.actions.test_calendar import visit
from tests.web.clock import stop
from tests.world import PASSWORD, World, fresh


@pytest.mark.browser
def test_a_visit_is_recorded_in_three_taps(
    browser: Any, live_server: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(monkeypatch, world)
    packet = visit(world)
    world.now = fresh(packet).not_before
    world.faye.set_password(PASSWORD)
    world.faye.save()
    phone = browser.new_context(
        base_url=live_server.url,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        reduced_motion="reduce",
    )
    page = phone.new_page()
    page.goto("/")
    page.fill("[name=name]", "faye")
    page.fill("[name=password]", PASSWORD)
    page.tap("button.btn-primary")
    page.wait_for_url("**/today")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.tap("label:has([value=not_sold])")
    page.tap("label:has([value=timing])")
    page.tap(".outcome-end button")
    page.wait_for_load_state()
    page.wait_for_selector(".nothing, .visits")

    assert (fresh(packet).state, fresh(packet).outcome) == ("closed", "held")
    held = Event.objects.get(kind="conversation.held", actor=world.faye)
    assert (held.outcome, held.reason) == ("not_sold", "timing")
    phone.close()
