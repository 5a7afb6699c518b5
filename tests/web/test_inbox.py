"""The buffer board."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.actions import inbox
from fullkit.models import Packet
from fullkit.reports import board as questions
from fullkit.rules.inbox import colour, penetration
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


@pytest.mark.rule("R54")
def test_r54_every_column_holds_what_its_promise_says(world: World) -> None:
    made = []
    for hours in range(30):
        made.append(world.arrives(("quote", "order")[hours % 2], title=f"Case {hours}"))
        world.later(hours=1)
    inbox.sweep(at=world.now)
    board = questions.board("service", world.plant, at=world.now)
    for column in board.columns:
        true = [p for p in made if _colour(p, world) == column.colour]
        assert column.count == len(true)
        assert [p.pk for p in column.packets] == [p.pk for p in true][: questions.SHOWN]
    assert board.total == 30
    assert {c.colour for c in board.columns if c.packets} == {"green", "yellow", "red", "black"}


def _colour(packet: Packet, world: World) -> str:
    length = world.plant.promise(packet.type) or 0
    return colour(penetration(world.plant.work_of("service"), packet.promise_from, length, world.now))


def test_the_latest_start_that_uses_so_much_is_found_across_a_weekend(world: World) -> None:
    work = world.plant.work
    at = world.now + timedelta(minutes=20)
    start = questions.started_by(work, at, 60)
    assert work.minutes_between(start, at) == pytest.approx(60, abs=0.1)


def test_more_than_a_column_holds_is_counted(world: World) -> None:
    for n in range(15):
        world.arrives("quote", title=f"Case {n}")
    page = said(visitor(world.sara).get("/inbox/service"))
    assert "and 3 more" in page
    assert page.index("Case 0") < page.index("Case 1")


def test_an_empty_inbox_says_what_fills_it(world: World) -> None:
    assert "Inside sales" in said(visitor(world.sara).get("/inbox/service"))


@pytest.mark.rule("R18")
def test_r18_a_salesperson_sees_figures_and_no_list(world: World) -> None:
    packet = world.released()
    page = said(visitor(world.anna).get("/inbox/inside_sales"))
    assert packet.number not in page
    assert "Ready" in page


def test_nothing_on_the_board_picks(world: World) -> None:
    world.arrives("quote")
    assert "pick-up" not in said(visitor(world.sara).get("/inbox/service"))


def test_the_board_costs_the_same_whatever_waits(world: World) -> None:
    world.arrives("quote")
    sara = visitor(world.sara)
    one = queries(sara, "/inbox/service")
    for n in range(3):
        world.arrives("order", title=f"Order {n}", customer=world.customer(f"Firm {n}"))
    assert queries(sara, "/inbox/service") == one


def test_who_may_look(world: World) -> None:
    assert visitor(world.sara).get("/inbox").url == "/inbox/service"  # type: ignore[attr-defined]
    assert visitor(world.gwen).get("/inbox/service").status_code == 200
    assert visitor(world.max).get("/inbox/service").status_code == 200
    assert visitor(world.anna).get("/inbox/service").status_code == 403
    assert visitor().get("/inbox/service").status_code == 302
    assert visitor(world.sara).get("/inbox/nowhere").status_code == 404
    assert Packet.objects.count() == 0
