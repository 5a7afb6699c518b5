"""A sales day, by keyboard: from Promotions' pool to a customer that account management has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fullkit.models import Event, Packet
from tests.web.clock import stop
from tests.world import PASSWORD, World, fresh

CAST = ("carl", "anna", "sara", "amir")
PDF = {"name": "document.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 all of it"}


class Desk:
    """Somebody at a keyboard: what is pressed is counted, what is seen is held against the rules of access."""

    def __init__(self, page: Any) -> None:
        self.page, self.pressed, self.checked = page, 0, set[str]()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def go(self, *keys: str) -> None:
        """Press keys of which the last one leads to another page."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.press(keys[-1])
        self.see()

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def attach(self, field: str) -> None:
        """Choosing a file is the system's own dialog; everything else is by key."""
        self.page.set_input_files(field, PDF)

    def see(self) -> None:
        """axe finds nothing on a page that was not looked at yet."""
        from axe_playwright_python.sync_playwright import Axe

        title = self.page.locator("h1").inner_text()
        if title not in self.checked:
            self.checked.add(title)
            found = Axe().run(self.page).response["violations"]
            assert found == [], f"{self.page.url}: {[(v['id'], v['nodes'][0]['target']) for v in found]}"

    def says(self, words: str) -> None:
        assert words in self.page.locator("body").inner_text()

    def tab_to(self, selector: str, most: int = 40) -> None:
        """Go on with Tab until this has the focus: it can be reached without a mouse."""
        for _step in range(most):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}")


@pytest.fixture
def desks(
    browser: Any, live_server: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Desk]]:
    """The cast of this day, each signed in at a desk of their own."""
    stop(monkeypatch, world)
    for stem in ("queues", "pool"):
        monkeypatch.setattr(f"fullkit.web.{stem}.now", lambda: world.now)
    windows = {
        name: browser.new_context(
            base_url=live_server.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
        )
        for name in CAST
    }
    found = {}
    for name, window in windows.items():
        world.people[name].set_password(PASSWORD)
        world.people[name].save()
        window.set_default_timeout(10_000)
        found[name] = Desk(window.new_page())
        sign_in(found[name], name)
    yield found
    for window in windows.values():
        window.close()


def sign_in(desk: Desk, name: str) -> None:
    desk.page.goto("/")
    desk.see()
    desk.type(name)
    desk.press("Tab")
    desk.type(PASSWORD)
    desk.go("Enter")


@pytest.mark.browser
def test_an_opportunity_from_the_pool_to_account_management(desks: dict[str, Desk], world: World) -> None:
    packet = world.in_pool(title="Seals for the paint line")
    released_by_the_morning_run(desks["carl"])
    anna = desks["anna"]
    anna.go("Enter")  # what is focused asks for the next one
    anna.says("Seals for the paint line")
    the_main_job_takes_two_keys(anna)
    assert fresh(packet).state == "parked"
    world.now = fresh(packet).not_before + timedelta(minutes=5)
    anna.go("n")
    anna.go("Enter")
    anna.says("The next step was promised for now")

    for _stage in ("attention", "briefing"):
        anna.press("e")
        anna.tab_to("[name=stage-evidence]")
        anna.go("Enter")  # the contact is filled in already
    anna.press("e")
    anna.tab_to("[name=stage-evidence]")
    anna.type("Photographs of every pump")
    anna.attach("[name=stage-evidence_file]")
    anna.go("Enter")
    assert fresh(packet).stage == "trial"

    quote = quote_by_kit(anna, packet)
    anna.go("1", "Enter")
    world.later(minutes=30)
    the_quote_is_sent(desks["sara"], quote)

    anna.go("n")
    anna.go("Enter")
    anna.says(f"{quote.number} is ready")
    for _stage in ("trial", "offer"):
        anna.press("e")
        anna.tab_to("[name=stage-evidence]")
        anna.type("https://mail.example/42")
        anna.go("Enter")
    anna.press("e")
    anna.tab_to("[name=stage-evidence]")
    anna.type("Purchase order 4711")
    anna.attach("[name=stage-evidence_file]")
    anna.go("Enter")
    assert (fresh(packet).state, fresh(packet).outcome) == ("closed", "won")

    onboarding_by_kit(anna)
    amir = desks["amir"]
    amir.go("Enter")
    amir.says("Seals for the paint line")
    assert Packet.objects.get(type="onboarding").department == "accounts"
    assert Event.objects.filter(kind="conversation.held", actor=world.anna).count() == 2


def released_by_the_morning_run(carl: Desk) -> None:
    carl.tab_to("form[action$='/run'] button")
    carl.go("Enter")
    assert Packet.objects.get(type="opportunity").department == "inside_sales"


def the_main_job_takes_two_keys(anna: Desk) -> None:
    """Dealt, talked, next step sold for tomorrow at nine, next packet: the outcome's digit and Enter."""
    before = anna.pressed
    anna.press("1")
    record = anna.page.get_by_role("button", name="Record and next").bounding_box()
    assert record["y"] + record["height"] <= 900, "what there is to do is seen without scrolling"
    anna.go("Enter")
    assert anna.pressed - before == 2
    assert Event.objects.filter(kind="conversation.held", outcome="sold_next_step").count() == 1


def quote_by_kit(anna: Desk, packet: Packet) -> Packet:
    anna.press("h")
    anna.tab_to("a[href$='/request_quote']")
    anna.go("Enter")
    anna.attach("[name=lines]")
    anna.tab_to("[name=deliver_to]")
    anna.type("12 Dock Road, Gary")
    anna.page.fill("[name=wanted_by]", "2026-03-20")
    anna.page.focus("[name=deliver_to]")
    anna.go("Enter")
    anna.says("Customer service has Q-")
    anna.says(packet.title)  # and it is still in her hands
    return Packet.objects.get(type="quote")


def the_quote_is_sent(sara: Desk, quote: Packet) -> None:
    sara.go("Enter")
    sara.says(quote.title)
    sara.go("1", "Enter")
    closed = fresh(quote)
    assert (closed.state, closed.outcome) == ("closed", "sent")
    assert closed.closed_at <= closed.due_at


def onboarding_by_kit(anna: Desk) -> None:
    anna.says("O-")
    anna.attach("[name=promised]")
    anna.tab_to("[name=first_order_no]")
    anna.type("4711")
    anna.page.fill("[name=wanted_by]", "2026-03-27")
    anna.page.focus("[name=first_order_no]")
    anna.go("Enter")
    anna.says("has N-")
