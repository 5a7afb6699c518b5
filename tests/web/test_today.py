"""Today: the next visit, then the day."""

from __future__ import annotations

import pytest

from fullkit.models import Packet
from tests.actions.test_calendar import visit
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


def test_no_visit_says_who_books_one(world: World) -> None:
    assert "Scheduling books visits" in said(visitor(world.faye).get("/today"))


def test_a_visit_is_recorded_in_one_go_and_wakes_what_it_served(world: World) -> None:
    packet = visit(world)
    faye = visitor(world.faye)
    page = said(faye.get("/today"))
    assert packet.title in page
    assert "tel:" in page
    world.now = fresh(packet).not_before
    given = {"outcome": "sold_next_step", "step": "tomorrow", "counterpart": "plant manager", "minutes": "50"}
    assert faye.post(f"/today/{packet.number}", given).url == "/today"  # type: ignore[attr-defined]
    after = fresh(packet)
    assert (after.state, after.outcome) == ("closed", "held")
    assert fresh(packet.parent).state == "waiting"


def test_what_is_wrong_comes_back_and_nothing_is_taken_in_hand(world: World) -> None:
    packet = visit(world)
    answer = visitor(world.faye).post(
        f"/today/{packet.number}", {"outcome": "not_sold", "counterpart": "boss"}
    )
    assert answer.status_code == 422
    assert "boss" in said(answer)
    assert fresh(packet).state == "parked"


@pytest.mark.rule("R40")
def test_r40_nothing_on_the_page_writes_the_calendar(world: World) -> None:
    visit(world)
    assert "slot" not in said(visitor(world.faye).get("/today")).lower().replace("free slots", "")


def test_a_colleague_and_an_outsider(world: World) -> None:
    packet = visit(world)
    given = {"outcome": "not_sold", "why_not": "timing", "counterpart": "boss"}
    assert packet.number not in said(visitor(world.finn).get("/today"))
    assert visitor(world.finn).post(f"/today/{packet.number}", given).status_code == 409
    assert visitor(world.sara).post(f"/today/{packet.number}", given).status_code == 403
    assert visitor().get("/today").status_code == 302
    assert Packet.objects.get(pk=packet.pk).open


def test_the_page_costs_the_same_with_one_and_two_visits(world: World) -> None:
    visit(world)
    faye = visitor(world.faye)
    assert queries(faye, "/today") < 25
