"""Minutes by category."""

from __future__ import annotations

import pytest

from fullkit.actions import may, time
from fullkit.models import Event
from fullkit.rules.refusal import Refusal
from tests.world import World


@pytest.mark.rule("R102")
def test_r102_repair_needs_its_cause(world: World) -> None:
    with pytest.raises(Refusal):
        time.log_time(person=world.anna, category="repair", minutes=30, by=world.anna, at=world.now)
    time.log_time(
        person=world.anna, category="repair", minutes=30, cause="late_delivery", by=world.anna, at=world.now
    )
    assert Event.objects.get(kind="time.logged").reason == "late_delivery"


@pytest.mark.rule("R59")
def test_r59_transactional_work_of_a_growth_person_is_borrowed_time(world: World) -> None:
    time.log_time(person=world.anna, category="transactional", minutes=30, by=world.anna, at=world.now)
    time.log_time(person=world.sara, category="transactional", minutes=30, by=world.sara, at=world.now)
    assert [e.person for e in Event.objects.filter(kind="growth.borrowed")] == [world.anna]


def test_time_of_another_is_logged_by_a_supervisor_only(world: World) -> None:
    with pytest.raises(may.NotYours):
        time.log_time(person=world.anna, category="selling", minutes=30, by=world.ben, at=world.now)
    time.log_time(person=world.anna, category="selling", minutes=30, by=world.sam, at=world.now)


@pytest.mark.parametrize(("category", "minutes"), [("leisure", 10), ("selling", 0), ("selling", 1441)])
def test_what_cannot_be_is_refused(world: World, category: str, minutes: float) -> None:
    with pytest.raises(Refusal):
        time.log_time(person=world.anna, category=category, minutes=minutes, by=world.anna, at=world.now)
