"""A personal queue is dealt from in the order of rules/queue.py, however long it is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from django.db import connection

from fullkit.actions import inbox, playbooks
from fullkit.models import Packet
from fullkit.models.packet import _OWN_FIRST
from tests.world import World


def _queue(world: World, rng: Random, many: int) -> None:
    """So many in Anna's queue, of every kind."""
    first = world.released()
    rows = []
    for _ in range(many):
        row = Packet.objects.get(pk=first.pk)
        row.pk, row.queued_at = None, world.now - timedelta(hours=rng.randrange(400))
        row.value = rng.choice([None, Decimal(rng.randrange(90_000))])
        row.stage = rng.choice([s.key for s in world.plant.playbook.stages_of("opportunity")])
        if rng.random() < 0.2:
            row.touched_at = world.now
        if rng.random() < 0.1:
            row.step_due_at = world.now + timedelta(hours=rng.randrange(-40, 40))
        rows.append(row)
    Packet.objects.bulk_create(rows)


def test_the_first_of_a_long_queue_are_those_of_the_whole_order(world: World) -> None:
    """Whatever lies in it, the few that are read begin with the ones that the whole queue begins with."""
    rng = Random(3)
    _queue(world, rng, 60)
    plant, at = playbooks.current(), world.now
    turn = inbox._Turn(plant, world.anna, at, at + timedelta(hours=1))
    for _ in range(61):
        whole = inbox._order(turn, "inside_sales", Packet.objects.own_waiting(world.anna, "inside_sales"))
        few = inbox._order(turn, "inside_sales", Packet.objects.own_first(world.anna, "inside_sales"))
        assert few[:8] == whole[:8]
        Packet.objects.filter(pk=whole[0].id).update(state="parked", not_before=at)
    assert Packet.objects.own_first(world.anna, "inside_sales") == []


def test_what_is_new_in_a_long_queue_is_not_read(world: World) -> None:
    """A queue of any length gives eight of the untouched ones, along an index and without sorting."""
    _queue(world, Random(4), 40)
    Packet.objects.filter(person=world.anna).update(touched_at=None, step_due_at=None)
    assert len(Packet.objects.own_first(world.anna, "inside_sales")) == 8
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {_OWN_FIRST}", [1, "inside_sales", 1, "inside_sales"])
            plan = " ".join(str(row[3]) for row in cursor.fetchall())
        assert "packet_own_begun" in plan
        assert "packet_own_new" in plan
        assert "TEMP B-TREE" not in plan
