"""Who may do what."""

import pytest

from fullkit.playbook.schema import ABILITIES
from fullkit.rules.roles import NEEDS, InsideOrField, may, one_selling_mode

SALESPERSON, COORDINATOR, PROMOTIONS = {"work", "sell"}, {"work", "schedule"}, {"work", "promote"}


@pytest.mark.rule("R14")
def test_r14_a_person_sells_inside_or_in_the_field_or_not_at_all():
    assert one_selling_mode(["inside", None, "inside"]) == "inside"
    assert one_selling_mode(["field"]) == "field"
    assert one_selling_mode([None]) is None


@pytest.mark.rule("R14")
def test_r14_both_is_refused():
    with pytest.raises(
        InsideOrField, match="Faye cannot sell both field and inside. Keep one of the two roles"
    ):
        one_selling_mode(["inside", "field"], person="Faye")


@pytest.mark.rule("R23")
@pytest.mark.parametrize("verb", ["queues.release", "queues.replenish", "queues.accept_advice"])
def test_r23_only_promotions_fills_a_sales_queue(verb):
    assert may(PROMOTIONS, verb)
    assert not may(SALESPERSON, verb)
    assert not may(COORDINATOR, verb)


@pytest.mark.rule("R40")
@pytest.mark.parametrize("verb", ["calendar.open_slots", "calendar.book", "calendar.cancel"])
def test_r40_only_coordinators_write_the_calendar(verb):
    assert may(COORDINATOR, verb)
    assert not may(SALESPERSON, verb)
    assert not may(PROMOTIONS, verb)


def test_what_nobody_defined_nobody_may():
    assert not may(ABILITIES, "inbox.delete")


def test_every_ability_a_verb_needs_is_one_a_playbook_can_give():
    assert set(NEEDS.values()) <= set(ABILITIES)
