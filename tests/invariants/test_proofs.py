"""The constraints are the proof, so they have to be in the database and not only in the models."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from fullkit.models import Packet
from tests.world import World

TABLES = list(apps.get_app_config("fullkit").get_models())


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_constraint_and_index_is_there(db: None, model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, model._meta.db_table)
    wanted = {c.name for c in model._meta.constraints} | {i.name for i in model._meta.indexes}
    assert wanted <= set(there)


def test_the_log_has_its_triggers(db: None) -> None:
    table = (
        "sqlite_master WHERE type = 'trigger'" if connection.vendor == "sqlite" else "pg_trigger WHERE true"
    )
    column = "name" if connection.vendor == "sqlite" else "tgname"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        found = {name.lower() for (name,) in cursor.fetchall()}
    assert {"fullkit_event_no_update", "fullkit_event_no_delete"} <= found


def test_the_database_lets_nobody_hold_two(world: World) -> None:
    packets = [world.arrives(title=f"mail {n}") for n in range(2)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Packet.objects.filter(pk__in=[p.pk for p in packets]).update(
            state="held", person=world.sara, lease_until=world.now
        )


def test_the_database_lets_nothing_be_held_without_a_lease(world: World) -> None:
    packet = world.arrives()
    with pytest.raises(IntegrityError), transaction.atomic():
        Packet.objects.filter(pk=packet.pk).update(state="held", person=world.sara)


def test_the_database_closes_nothing_without_an_outcome(world: World) -> None:
    packet = world.arrives()
    with pytest.raises(IntegrityError), transaction.atomic():
        Packet.objects.filter(pk=packet.pk).update(state="closed", closed_at=world.now)
