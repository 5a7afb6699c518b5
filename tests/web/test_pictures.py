"""The pictures of the whole log on the page of a side, and the packets behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fullkit.actions import inbox, journey
from fullkit.reports import flow as questions
from fullkit.reports import living
from fullkit.web import pictures
from tests.web.test_flow import some_weeks
from tests.web.visitors import queries, said, visitor
from tests.world import PASSWORD, World

FRAGMENT = "/flow/pictures?side="


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of the story, nothing kept from the test before, and what is done aside done at once."""
    for stem in ("flow", "pictures"):
        monkeypatch.setattr(f"fullkit.web.{stem}.now", lambda: world.now)
    monkeypatch.setattr(pictures, "aside", lambda work: work())
    cache.clear()
    questions._kept.clear()
    yield
    cache.clear()


def test_a_side_has_its_pictures_each_with_its_definition(world: World) -> None:
    some_weeks(world, 2)
    max_ = visitor(world.max)
    usual, hunting = said(max_.get(f"{FRAGMENT}bau-rest")), said(max_.get(f"{FRAGMENT}growth-hunting"))
    assert "What stands out" in usual
    for question in (
        "How long does it take, with what is still open counted?",
        "How old is what is open, against what closed?",
        "How does work flow in and out?",
        "What follows what?",
    ):
        assert question in usual
    assert "Where is the constraint?" in hunting
    assert "Where is the constraint?" not in usual
    assert usual.count("<summary>Definition</summary>") == usual.count('<figure class="card')
    for page in (usual, hunting):
        assert (
            '<th scope="col">person</th>' not in page
        )  # people are held against chance, nobody is looked up
    assert "<script" not in usual  # htmx is told to drop them, and the policy would not run them


def test_it_says_that_it_is_being_made_and_shows_it_once_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_weeks(world, 1)
    begun: list[Callable[[], None]] = []
    monkeypatch.setattr(pictures, "aside", begun.append)
    max_ = visitor(world.max)
    for _ in range(2):
        waits = said(max_.get(f"{FRAGMENT}bau-rest"))
        assert "is being asked" in waits
        assert f'hx-get="{FRAGMENT}bau-rest"' in waits
    assert len(begun) == 1
    begun[0]()
    assert "What stands out" in said(max_.get(f"{FRAGMENT}bau-rest"))


def test_a_failure_is_said_and_not_tried_again_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def fails(*_: Any, **__: Any) -> living.Told:
        tries.append(1)
        raise RuntimeError("no room")

    monkeypatch.setattr(living, "told", fails)
    max_ = visitor(world.max)
    for _ in range(2):
        page = said(max_.get(f"{FRAGMENT}bau-rest"))
        assert "could not be computed" in page
        assert "hx-get" not in page
    assert len(tries) == 1


def test_the_old_pictures_stand_until_new_ones_are_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_weeks(world, 1)
    max_ = visitor(world.max)
    address = f"{FRAGMENT}bau-rest"
    first = max_.get(address).content
    world.arrives()
    assert max_.get(address).content == first
    world.later(minutes=6)
    begun: list[Callable[[], None]] = []
    monkeypatch.setattr(pictures, "aside", begun.append)
    assert max_.get(address).content == first
    begun[0]()
    assert max_.get(address).content != first


def test_it_is_for_those_who_lead(world: World) -> None:
    for name in ("anna", "sara", "carl", "otto"):
        assert visitor(world.people[name]).get(f"{FRAGMENT}bau-rest").status_code == 403
    assert visitor(world.sam).get(f"{FRAGMENT}bau-rest").status_code == 200
    assert visitor().get(f"{FRAGMENT}bau-rest").status_code == 302
    assert visitor(world.max).get(f"{FRAGMENT}everything").status_code == 404


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    max_ = visitor(world.max)

    def cold() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert max_.get(f"{FRAGMENT}bau-rest").status_code == 200
        return len(asked)

    some_weeks(world, 1)
    one = cold()
    some_weeks(world, 1)
    assert cold() == one
    assert queries(max_, f"{FRAGMENT}bau-rest") < one  # what is kept is not asked again


def test_behind_every_row_are_as_many_packets_as_it_counts(world: World) -> None:
    some_weeks(world, 2)
    given_up = inbox.deal(world.sara, at=world.now) if world.arrives() else None
    assert given_up is not None
    journey.close(given_up, outcome="cancelled", by=world.sara, at=world.now)
    world.arrives()
    max_ = visitor(world.max)
    page = max_.get(f"{FRAGMENT}bau-rest").content.decode()
    counted = {"ageing": 2, "what-comes-of-it": 1, "how-long": 3}
    asked = 0
    for key, column in counted.items():
        table = page[page.index(f'id="m-{key}"') :]
        for row in re.findall(r"<tr>(.*?)</tr>", table[table.index("<tbody>") : table.index("</tbody>")]):
            cells = [unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<td.*?</td>", row)]
            address = re.search(r'href="([^"]*)"', row)
            assert address is not None, cells
            found = max_.get(unescape(address[1]))
            assert found.context["found"].total == int(cells[column]), (key, cells)
            asked += 1
    assert asked >= 6


def test_the_oldest_lead_to_their_packets(world: World) -> None:
    packet = world.arrives()
    world.later(days=7)
    page = said(visitor(world.max).get(f"{FRAGMENT}bau-rest"))
    oldest = page[page.index("Which packets have been open longest?") :]
    assert f'<a href="/packets/{packet.number}">{packet.number}</a>' in oldest


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_drawings_appear_and_a_bar_leads_to_what_is_open(page: Any, world: World) -> None:
    """Under the policy of the house: the window complains of every breach, and the test with it."""
    some_weeks(world, 1)
    world.arrives()
    world.max.set_password(PASSWORD)
    world.max.save()
    page.goto("/")
    page.get_by_label("Name").fill("max")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Flow:").wait_for()
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto("/flow?side=bau-rest")
    page.get_by_role("heading", name="What stands out").wait_for()
    page.wait_for_function("!document.querySelector('[data-drawing]:not([data-drawn])')")
    page.locator(".drawing svg").first.wait_for()
    assert page.locator(".drawing").count() == page.locator(".drawing svg").count() >= 4
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert errors == []
    bar = page.locator("figure", has=page.locator("#m-ageing")).locator(".mark-rect path[d*='h']").first
    bar.click()
    page.get_by_role("heading", name="How old is what is open").wait_for()
    page.get_by_role("link", name=re.compile("^[A-Z]-")).first.wait_for()
