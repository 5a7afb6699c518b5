"""Sentences that stand above the manager's questions only when they are true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.actions import conversations, customers, intake, time
from fullkit.models import Packet
from fullkit.reports import flow
from fullkit.reports.flow import dashboard
from fullkit.reports.watch import Watched, _back_test, _hours, _too_good
from tests.world import World, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Answers are kept by how far the log reaches, and every test begins a log anew."""
    flow._kept.clear()


def watched(world: World) -> dict[str, Watched]:
    return {one.key: one for one in dashboard(chain="growth", process="hunting", at=world.now).watch}


def talk(world: World, packet: Packet, minutes: float) -> None:
    conversations.record(
        packet, outcome="not_sold", counterpart="buyer", minutes=minutes, reason="timing",
        by=world.anna, at=world.now,
    )  # fmt: skip


def test_a_company_that_has_just_begun_is_warned_of_nothing(world: World) -> None:
    assert watched(world) == {}


@pytest.mark.rule("R19")
def test_r19_a_conversion_near_all_of_them_is_a_warning() -> None:
    easy = _too_good([{"won": 160, "closed": 172}], 0.8)
    assert easy is not None
    assert easy.fires
    assert "too few or too easy" in easy.says
    usual = _too_good([{"won": 12, "closed": 40}], 0.8)
    assert usual is not None
    assert not usual.fires
    assert _too_good([], 0.8) is None


@pytest.mark.rule("R10")
def test_r10_minutes_on_what_is_ours_to_lose_raise_the_alarm(world: World) -> None:
    talk(world, world.in_hand(title="to win"), 45)
    lost_cause = world.in_hand(title="to lose")
    Packet.objects.filter(pk=lost_cause.pk).update(inertia="us")
    talk(world, fresh(lost_cause), 15)
    world.later(days=7)
    found = watched(world)["yours_to_lose"]
    assert found.fires
    assert found.says.startswith("25 % of the salespeople's conversation minutes")
    assert found.limit == "More than 10 %"


@pytest.mark.rule("R102")
@pytest.mark.rule("R13")
def test_r102_ten_of_forty_hours_on_repair_are_inside_the_band(world: World) -> None:
    for day in range(4):
        for category, minutes, cause in (("selling", 450, ""), ("repair", 150, "late_delivery")):
            at = world.now + timedelta(days=day, minutes=1 if cause else 0)
            reasons = [r.key for r in world.plant.playbook.reasons.repair]
            time.log_time(
                person=world.anna, category=category, minutes=minutes, by=world.anna, at=at,
                cause=reasons[0] if cause else "",
            )  # fmt: skip
    world.later(days=7)
    found = watched(world)
    assert found["repair"].fires
    assert found["repair"].says.startswith(
        "25 % of the hours logged went on repairing order-to-delivery, inside"
    )
    assert "10.0 hours in 4 weeks" in found["repair"].says
    assert found["blocks"].says == (
        "Salespeople stay 300 minutes at one kind of work and switch 1.0 times a day."
    )


@pytest.mark.rule("R38")
def test_r38_more_than_a_tenth_of_the_week_in_the_field_is_told(world: World) -> None:
    time.log_time(person=world.faye, category="travel", minutes=600, by=world.faye, at=world.now)
    time.log_time(person=world.faye, category="admin", minutes=600, by=world.faye, at=world.now)
    world.later(days=7)
    found = watched(world)["field"]  # ten hours of five days of eight and a half
    assert found.says.startswith("24 % of the field salespeople's week")
    assert (found.fires, found.limit) == (True, "More than 10 %")


@pytest.mark.rule("R16")
def test_r16_a_fall_of_the_selling_share_is_told(world: World) -> None:
    monday = world.now.date()
    usual = [0.5, 0.52, 0.49, 0.51, 0.5, 0.48, 0.5]
    rows = [
        {"week": monday - timedelta(weeks=9 - n), "selling": share, "repair": 0.0, "minutes": 2400.0}
        for n, share in enumerate([*usual, 0.3])
    ]
    assert [one.key for one in _hours([], rows, monday) if one.fires] == ["selling_fell"]
    assert _hours([], rows[:-1], monday) == []


@pytest.mark.rule("R37")
def test_r37_briefings_that_ran_over_are_counted(world: World) -> None:
    for n, minutes in enumerate((8, 11)):
        packet = world.in_hand(title=f"briefing {n}")
        stage = next(s for s in world.plant.playbook.stages_of("opportunity") if s.promised_minutes)
        Packet.objects.filter(pk=packet.pk).update(stage=stage.key)
        talk(world, fresh(packet), minutes)
    world.later(days=7)
    assert watched(world)["briefings"].says == "50 % of 2 conversations with promised minutes ran over them."


@pytest.mark.rule("R9")
def test_r9_the_rule_of_inertia_is_held_against_what_was_bought(world: World) -> None:
    for n in range(22):
        firm = world.customer(f"Firm {n}")
        intake.arrive(
            type="quote", title="Ten more", source="mail", at=world.now, customer=firm, verdict="us"
        )
        customers.bought(firm, family="seals", value=100, at=world.now + timedelta(days=3))
        world.in_pool(title=f"to win {n}", name=f"Rival's {n}")
    world.later(days=100)
    found = watched(world)["back_test"]
    assert found.says.startswith("Ours to lose was bought in 100 % of cases, ours to win in 0 %")
    assert not found.fires
    wrong = _back_test([
        {"inertia": "us", "won": False, "touches": 1, "arrived": 20},
        {"inertia": "competitor", "won": True, "touches": 1, "arrived": 20},
    ])  # fmt: skip
    assert wrong is not None
    assert wrong.fires
