"""Checks of the rulebook that no single verb answers for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models

from fullkit.actions import conversations, inbox, intake, playbooks, queues
from fullkit.models import Event, Packet
from fullkit.playbook import presets
from fullkit.playbook.lint import lint
from fullkit.playbook.load import load
from fullkit.reports.programs import by_program
from tests.world import World, fresh


@pytest.mark.rule("R34")
def test_r34_results_are_told_by_program(world: World) -> None:
    start = world.now
    for number in range(3):
        world.in_pool(title=f"survey {number}")
    world.released(title="survey 3")
    world.in_pool(title="kanban", fields={"program": "Bearing kanban"})
    world.in_pool(title="not named", full=False)
    rows = by_program(world.plant, since=start, until=start + timedelta(days=1))
    assert [(row.name, row.captured, row.released, row.open) for row in rows] == [
        ("Leak survey", 4, 1, 4),
        ("", 1, 0, 1),
        ("Bearing kanban", 1, 0, 1),
    ]


@pytest.mark.rule("R35")
def test_r35_open_opportunities_are_brought_in_and_worked_without_any_campaign(world: World) -> None:
    for number in range(4):
        acme = world.customer(f"Customer {number}")
        intake.arrive(
            type="opportunity",
            title="Still open in the old list",
            source="import",
            at=world.now,
            by=world.carl,
            customer=acme,
            contact=world.contact(acme),
            fields={"program": "Leak survey"},
            verdict="competitor",
        )
    queues.replenish("inside_sales", at=world.now)
    packet = inbox.deal(world.anna, at=world.now)
    assert packet is not None
    conversations.record(
        packet,
        outcome="sold_next_step",
        counterpart="buyer",
        minutes=9,
        step_at=world.now + timedelta(days=1),
        by=world.anna,
        at=world.now,
    )
    assert fresh(packet).state == "parked"
    assert not Event.objects.filter(source="campaign").exists()


@pytest.mark.rule("R51")
def test_r51_no_table_ties_the_states_of_two_departments_together() -> None:
    """Departments, types and stages are words; the one tie between packets is what a packet serves."""
    ties = {
        (table.__name__, field.name)
        for table in apps.get_app_config("fullkit").get_models()
        for field in table._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is Packet and table is Packet
    }
    assert ties == {("Packet", "parent")}
    tables = {table.__name__ for table in apps.get_app_config("fullkit").get_models()}
    assert not tables & {"Department", "PacketType", "Stage", "Workflow", "Task", "Status"}


@pytest.mark.rule("R51")
def test_r51_changing_the_types_of_one_department_changes_no_other(world: World) -> None:
    design = intake.arrive(type="design", title="A bracket", source="form", at=world.now, by=world.ed).packet
    before, text = world.plant, presets.read("demo")
    quote = next(t for t in before.playbook.packet_types if t.key == "quote")
    assert quote.promise is not None
    at = text.index("- key: quote\n")
    changed = text[:at] + text[at:].replace(f"promise: {quote.promise}", "promise: 7h", 1)
    saved = playbooks.save(changed, author=world.ines, reason="Quotes take longer", at=world.now)
    after = playbooks.activate(saved, by=world.ines, at=world.now)
    assert after.type("quote").promise == "7h"
    others = [t for t in after.playbook.packet_types if t.key != "quote"]
    assert others == [t for t in before.playbook.packet_types if t.key != "quote"]
    assert after.playbook.department == before.playbook.department
    as_it_was = Packet.objects.filter(pk=design.pk).values().get()
    assert (as_it_was["due_at"], as_it_was["fence"]) == (design.due_at, design.fence)


@pytest.mark.rule("R51")
def test_r51_nobody_is_dealt_another_departments_work(world: World) -> None:
    world.arrives()
    assert inbox.deal(world.ed, at=world.now) is None
    assert inbox.deal(world.sara, at=world.now) is not None


@pytest.mark.rule("R100")
def test_r100_one_person_in_both_processes_is_dealt_the_work_of_both() -> None:
    text = presets.read("demo").replace(
        "name: Anna Kowalska\n    roles: [inside_salesperson]",
        "name: Anna Kowalska\n    roles: [inside_salesperson, account_manager]",
    )
    both = load(text)
    assert both.person["anna"].roles == ("inside_salesperson", "account_manager")
    assert [found for found in lint(both) if found.severity == "error"] == []


@pytest.mark.rule("R100")
@pytest.mark.django_db
def test_r100_such_a_person_hunts_and_farms_on_one_day() -> None:
    world = World(
        presets.read("demo").replace(
            "name: Anna Kowalska\n    roles: [inside_salesperson]",
            "name: Anna Kowalska\n    roles: [inside_salesperson, account_manager]",
        )
    )
    world.released()
    touch = intake.arrive(
        type="account_touch",
        title="How is it going?",
        source="plan",
        at=world.now,
        by=world.amir,
        customer=world.customer(),
    ).packet
    hunted = inbox.deal(world.anna, at=world.now)
    assert hunted is not None
    assert hunted.process == "hunting"
    conversations.attempt(hunted, reason="voicemail", by=world.anna, at=world.now)
    assert inbox.deal(world.anna, at=world.later(minutes=1)) == touch
    assert fresh(touch).process == "farming"
