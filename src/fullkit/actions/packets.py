"""The strokes that verbs are made of: make a packet, move it under its fence, end it, promise a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from fullkit.actions import log
from fullkit.models import Contact, Customer, Message, Packet, Person
from fullkit.models.prepared import insert_with
from fullkit.playbook.plant import Plant
from fullkit.rules import events
from fullkit.rules.inbox import alarm, due_at, red_at
from fullkit.rules.refusal import Refusal


class SomeoneWasFaster(Refusal):
    says = "Someone changed {packet} a moment before you. Nothing was overwritten; look at it again."


def make(
    plant: Plant,
    *,
    type: str,
    title: str,
    department: str,
    at: datetime,
    by: Person | None,
    source: str,
    inertia: str,
    person: Person | None = None,
    parent: Packet | None = None,
    customer: Customer | None = None,
    contact: Contact | None = None,
    value: Decimal | None = None,
    family: str = "",
    fields: dict[str, Any] | None = None,
    thread: str = "",
    not_before: datetime | None = None,
    promised: bool = True,
    message: Message | None = None,
) -> Packet:
    """A new packet in a department's inbox and its `packet.arrived`; with `not_before`, parked until then.

    `message`, not yet stored, is what it arrived by.
    """
    spec, stages = plant.type(type), plant.playbook.stages_of(type)
    packet = Packet(
        prefix=spec.prefix,
        type=type,
        title=title.strip(),
        customer=customer,
        contact=contact,
        department=department,
        person=person,
        state="parked" if not_before else "waiting",
        process=spec.process or "",
        stage=stages[0].key if stages else "",
        chain=plant.playbook.chain_of(type),
        inertia=inertia,
        value=value,
        family=family,
        fields=fields or {},
        source=source,
        thread=thread,
        arrived_at=at,
        queued_at=at,
        not_before=not_before,
        parent=parent,
        playbook=plant.number,
        **(promise(plant, type, department, at) if promised else {}),
    )
    packet.alarm_at = alarm(
        packet.state,
        zone=packet.zone,
        red_at=packet.red_at,
        due_at=packet.due_at,
        not_before=packet.not_before,
        lease_until=None,
    )
    arrived = events.Arrived(
        source=source, inertia=inertia, value=value, family=family or None, due_at=packet.due_at
    )
    row = log.row(plant, arrived, at=at, by=by, packet=packet)
    insert_with(packet, (row, "packet_id"), *([(message, "packet_id")] if message else []))
    return packet


def move(packet: Packet, **changes: object) -> None:
    """Change a packet under its fence, keeping what dealing and the sweep walk by: `urgent` and `alarm_at`.

    Raises SomeoneWasFaster when it changed since it was read; nothing is overwritten then.
    """
    move_telling(packet, tuple, **changes)


def move_telling(packet: Packet, told: Callable[[], Sequence[Model]], /, **changes: object) -> None:
    """`move`, and the new rows that belong to it, in one go; they are asked for once the packet reads as it will be.

    Raises SomeoneWasFaster when it changed since it was read; nothing is overwritten and nothing written then.
    """

    def after(name: str) -> Any:
        return changes.get(name, getattr(packet, name))

    changes["urgent"] = after("zone") != ""
    changes["alarm_at"] = alarm(
        after("state"),
        zone=after("zone"),
        red_at=after("red_at"),
        due_at=after("due_at"),
        not_before=after("not_before"),
        lease_until=after("lease_until"),
    )
    if not Packet.objects.change(packet, told, **changes):
        raise SomeoneWasFaster(packet=packet.number)


def end(
    packet: Packet,
    plant: Plant,
    *,
    outcome: str,
    by: Person | None,
    at: datetime,
    reason: str = "",
    value: Decimal | None = None,
) -> None:
    """Close it and record that."""
    zone, worth = packet.zone, value if value is not None else packet.value
    move(
        packet,
        state="closed",
        closed_at=at,
        outcome=outcome,
        reason=reason,
        value=worth,
        lease_until=None,
        not_before=None,
    )
    closed = events.Closed(
        outcome=outcome, reason=reason or None, value=worth, zone=zone or None, due_at=packet.due_at
    )
    log.record(plant, closed, at=at, by=by, packet=packet)


def promise(plant: Plant, packet_type: str, department: str, at: datetime) -> dict[str, Any]:
    """The fields of a promise that starts now, in the department's working time (R54)."""
    length, work = plant.promise(packet_type), plant.work_of(department)
    if length is None:
        return {"promise_from": None, "due_at": None, "red_at": None, "zone": ""}
    return {
        "promise_from": at,
        "due_at": due_at(work, at, length),
        "red_at": red_at(work, at, length),
        "zone": "",
    }
