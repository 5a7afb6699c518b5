"""Minutes by category."""

from __future__ import annotations

import pytest

from fullkit.models import TimeEntry
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


@pytest.mark.rule("R102")
def test_r102_repair_needs_its_cause(world: World) -> None:
    anna = visitor(world.anna)
    answer = anna.post("/time", {"category": "repair", "minutes": "30"})
    assert answer.status_code == 422
    assert "Say what was repaired" in said(answer)
    anna.post("/time", {"category": "repair", "minutes": "30", "cause": "late_delivery"})
    assert TimeEntry.objects.get().cause == "late_delivery"
    assert "30 min logged today" in said(anna.get("/time"))


@pytest.mark.parametrize("minutes", ["0", "-5", "1441", "many", ""])
def test_impossible_minutes_come_back_as_typed(world: World, minutes: str) -> None:
    assert visitor(world.anna).post("/time", {"category": "admin", "minutes": minutes}).status_code == 422
    assert not TimeEntry.objects.exists()


def test_one_sees_ones_own_and_nobody_elses(world: World) -> None:
    visitor(world.anna).post("/time", {"category": "travel", "minutes": "61"})
    assert "1 h 01" in said(visitor(world.anna).get("/time"))
    assert "1 h 01" not in said(visitor(world.ben).get("/time"))
    assert visitor().get("/time").status_code == 302


def test_the_page_costs_the_same_with_one_and_three(world: World) -> None:
    anna = visitor(world.anna)
    anna.post("/time", {"category": "admin", "minutes": "5"})
    one = queries(anna, "/time")
    anna.post("/time", {"category": "admin", "minutes": "5"})
    anna.post("/time", {"category": "admin", "minutes": "5"})
    assert queries(anna, "/time") == one
