"""The queue board: right for Promotions, read by supervisors, closed to all others."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fullkit.actions import queues
from fullkit.models import Advice, Packet, QueueTarget
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.web.queues.now", lambda: world.now)


def test_the_coordinator_sees_each_level_before_the_run(world: World) -> None:
    for n in range(5):
        world.released(world.anna, title=f"released {n}")
    page = said(visitor(world.carl).get("/queues"))
    assert "Not run yet today" in page
    assert "5 ready of 12" in page
    assert page.count("starving</span>") == 3
    assert "Replenish now" in page


def test_replenish_now_says_what_it_did_and_does_it_once(world: World) -> None:
    for n in range(40):
        world.in_pool(title=f"opportunity {n}")
    carl = visitor(world.carl)
    page = said(carl.post("/queues/inside_sales/run", follow=True))
    assert "40 released, 8 short" in page
    assert "reserve list, next campaign brought forward, reactivation list, wider criteria" in page
    assert "0 released, 8 short" in said(carl.post("/queues/inside_sales/run", follow=True))
    for n in range(10):
        world.in_pool(title=f"late {n}")
    assert "8 released; every queue" in said(carl.post("/queues/inside_sales/run", follow=True))
    assert "Nothing to release" in said(carl.post("/queues/inside_sales/run", follow=True))


def test_what_starving_costs_stands_beside_the_name(world: World) -> None:
    for n in range(4):
        world.in_pool(title=f"opportunity {n}")
    queues.replenish("inside_sales", at=world.now)
    page = said(visitor(world.carl).get("/queues"))
    lost = Packet.objects.filter(type="starving_queue").values_list("value", flat=True)
    assert f"${round(max(lost)):,}" in page
    assert "Starving queues" in page


def test_a_starving_queue_is_completed_where_it_stands(world: World) -> None:
    world.in_pool()
    queues.replenish("inside_sales", at=world.now)
    incident = Packet.objects.filter(type="starving_queue").first()
    assert incident is not None
    answer = visitor(world.carl).post(
        f"/queues/incidents/{incident.number}/completion", {"outcome": "refilled"}, follow=True
    )
    assert "is completed" in said(answer)
    assert fresh(incident).outcome == "refilled"


def test_advice_is_accepted_by_one_click(world: World) -> None:
    advice = Advice.objects.create(
        person=world.anna,
        at=world.now,
        day=world.now.date(),
        from_target=12,
        to_target=16,
        reason="Deep in red",
    )
    carl = visitor(world.carl)
    assert "Deep in red" in said(carl.get("/queues"))
    carl.post(f"/queues/advice/{advice.pk}/acceptance")
    assert QueueTarget.objects.get(person=world.anna).target == 16
    assert carl.post(f"/queues/advice/{advice.pk}/acceptance").status_code == 409


def test_an_empty_company_hears_what_fills_the_page(world: World) -> None:
    page = said(visitor(world.carl).get("/queues"))
    assert "The pool covers less than 2 days" in page


def test_a_colleague_reads_an_outsider_does_not(world: World) -> None:
    assert "Replenish now" not in said(visitor(world.sam).get("/queues"))
    assert visitor(world.sam).post("/queues/inside_sales/run").status_code == 403
    assert visitor(world.sara).get("/queues").status_code == 403
    assert visitor(world.anna).post("/queues/inside_sales/run").status_code == 403
    assert visitor().get("/queues").status_code == 302


@pytest.mark.parametrize("more", [1, 3])
def test_the_number_of_queries_does_not_grow(world: World, more: int) -> None:
    def rows(count: int) -> None:
        for n in range(count):
            world.released(world.people[("anna", "ben", "chloe")[n]], title=f"{n}")
            world.in_pool(title=f"pool {n}", value=Decimal(1000))

    rows(1)
    carl = visitor(world.carl)
    one = queries(carl, "/queues")
    rows(more)
    assert queries(carl, "/queues") == one
