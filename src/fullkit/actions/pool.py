"""Promotions puts opportunities into its pool: one by a form, or many pasted from a spreadsheet (R23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from fullkit.actions import customers, inbox, intake, may, playbooks
from fullkit.models import Packet, Person
from fullkit.rules import capacity, pasted, queue
from fullkit.rules.refusal import Invalid, Refusal


class AlreadyThere(Refusal):
    says = "{customer} already has {packet} open about this."


@dataclass(frozen=True)
class Lead:
    """What is known of somebody who may buy."""

    customer: str
    title: str = ""
    contact: str = ""
    role: str = ""
    phone: str = ""
    email: str = ""
    family: str = ""
    value: Decimal | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """What became of one pasted row: the packet it is now, or why it was rejected."""

    row: pasted.Row
    packet: Packet | None
    why: str = ""


@transaction.atomic
def add(lead: Lead, *, source: str, by: Person, at: datetime) -> Packet:
    """One opportunity. The rule of inertia decides where it goes: only what a competitor has enters the pool (R10)."""
    plant = playbooks.current()
    may.be_able(by, "promote", plant)
    if not lead.customer.strip():
        raise Invalid(field="customer", problem="is missing.", cure="Name the firm.")
    customer = customers.register(name=lead.customer, by=by, at=at)
    contact = None
    if lead.contact.strip():
        contact = customers.add_contact(
            customer, name=lead.contact, role=lead.role, email=lead.email, phone=lead.phone, by=by
        )
    kind = plant.playbook.arrivals.yours_to_win
    title = (
        lead.title or next(filter(None, [*lead.fields.values(), lead.family]), "") or plant.type(kind).name
    )
    same = Packet.objects.open().filter(customer=customer, type=kind, title=title.strip()).first()
    if same is not None:
        raise AlreadyThere(customer=customer.name, packet=same.number)
    return intake.arrive(
        type=kind,
        title=title,
        source=source,
        by=by,
        at=at,
        customer=customer,
        contact=contact,
        family=lead.family,
        value=lead.value,
        fields=dict(lead.fields),
    ).packet


@transaction.atomic
def add_all(rows: Sequence[pasted.Row], *, by: Person, at: datetime) -> list[Taken]:
    """Many at once: each is taken in or rejected by itself, and says why."""
    return [_take(row, by=by, at=at) for row in rows]


def rehearse(rows: Sequence[pasted.Row], *, by: Person, at: datetime) -> list[Taken]:
    """What `add_all` would do, by doing it and undoing it; so that nothing is promised that does not come."""
    with transaction.atomic():
        done = add_all(rows, by=by, at=at)
        transaction.set_rollback(True)
    return done


def displaced(person: Person, *, department: str, minutes: float, at: datetime) -> capacity.Displaced:
    """What so many minutes more would push out at the end of somebody's queue, and its expected throughput (R8)."""
    plant = playbooks.current()
    line = {c.id: c for c in inbox.candidates(plant, Packet.objects.own_waiting(person, department))}
    guard = inbox.waited_too_long_before(plant, department, at)
    work = [
        capacity.Work(
            one.id, Decimal(str(one.chance)) * (one.value or Decimal(0)), max(1.0, one.hours_left * 60)
        )
        for one in (line[c.id] for c in queue.sales_order(line.values(), at=at, waited_too_long_before=guard))
    ]
    return capacity.displaced(work, minutes)


def _take(row: pasted.Row, *, by: Person, at: datetime) -> Taken:
    if row.wrong:
        return Taken(row, None, row.wrong)
    try:
        with transaction.atomic():
            return Taken(row, add(_lead(row.cells), source="list", by=by, at=at))
    except Refusal as refused:
        return Taken(row, None, refused.message)


def _lead(cells: Mapping[str, str]) -> Lead:
    own = {"customer", "title", "contact", "role", "phone", "email", "family"}
    given = {name: cells.get(name, "") for name in own}
    fields = {name: cell for name, cell in cells.items() if name not in own | {"value"} and cell}
    return Lead(value=pasted.amount("value", cells.get("value", "")), fields=fields, **given)
