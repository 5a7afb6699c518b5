"""The one door into the log. Every verb records what it did here, in the transaction in which it did it."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from fullkit.models import Event, Packet, Person, Remark
from fullkit.models.prepared import insert
from fullkit.playbook.plant import Plant
from fullkit.rules import events

_AS_IDS = ("customer", "person")

backdated = ContextVar("backdated", default=False)
"""Set while a history is built (the demo): the row then says it was written when it happened."""


def row(
    plant: Plant, event: events.Event, *, at: datetime, by: Person | None = None, packet: Packet | None = None
) -> Event:
    """The log row of an event, not yet written. What the event does not say is taken from the packet as it stands.

    So a verb changes the packet first and records then: `state` and `holder` are what holds from here on, and
    rules/replay.py folds them. An event that moves the packet names the department it came from itself.
    """
    columns, details = event.split()
    facts: dict[str, Any] = {"playbook": plant.number, "details": details}
    if packet is not None:
        facts |= {
            "packet_id": packet.pk,
            "customer_id": packet.customer_id,
            "department": packet.department,
            "process": packet.process or None,
            "chain": packet.chain,
            "packet_type": packet.type,
            "stage": packet.stage or None,
            "inertia": packet.inertia,
            "state": packet.state,
            "holder": packet.person_id,
        }
    if by is not None:
        facts |= {"actor_id": by.pk, "role": by.roles[0] if by.roles else None}
        facts.setdefault("department", by.department)
    facts |= {f"{k}_id" if k in _AS_IDS else k: v for k, v in columns.items()}
    if packet is None and facts.get("department") in plant.playbook.department:
        facts["chain"] = plant.department(facts["department"]).chain
    return Event(kind=event.kind, at=at, recorded_at=at if backdated.get() else datetime.now(UTC), **facts)


def record(
    plant: Plant,
    event: events.Event,
    *,
    at: datetime,
    by: Person | None = None,
    packet: Packet | None = None,
    remark: str = "",
) -> Event:
    """Write one event, and beside it the remark a person typed."""
    written = row(plant, event, at=at, by=by, packet=packet)
    Event.objects.write([written])
    if remark.strip():
        insert(Remark(event=written, text=remark.strip()))
    return written


def record_all(rows: list[Event]) -> None:
    """Write many rows at once, in their order."""
    Event.objects.write(rows)
