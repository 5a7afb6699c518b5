"""Departments touch only here: a handoff happens when, and only when, its kit is full (R1 to R7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from fullkit.actions import log, may, packets, playbooks
from fullkit.models import Handoff, KitSupply, Packet, Person, Upload
from fullkit.models.prepared import insert, put, update
from fullkit.playbook.plant import Plant
from fullkit.rules import events, kit
from fullkit.rules.refusal import Refusal

FIRST_REMINDER = "1h"
"""Working time after which a packet whose kit is still not full comes up again at its sender."""


class UnknownHandoff(Refusal):
    says = "There is no handoff {kind!r} for {packet} from {department}. Possible here: {choices}."


class AlreadyBeingPrepared(Refusal):
    says = "The kit of {packet} for {to} is already being prepared. Supply its items, or withdraw it first."


class HandoffOver(Refusal):
    says = "This handoff of {packet} is {what}; nothing can be added to it. Open a new one."
    rule = "R3"


class NoSuchItem(Refusal):
    says = "{item!r} is not in the kit for {to}. The kit asks for: {kit}."
    rule = "R5"


@dataclass(frozen=True)
class Given:
    """What is supplied for one kit item: a value, a file, or a tick with evidence."""

    value: Any = None
    file: Upload | None = None
    evidence: str = ""

    def as_supply(self) -> kit.Supply:
        file = self.file
        return kit.Supply(
            value=self.value,
            file_name=file.name if file else "",
            file_type=file.kind if file else "",
            evidence=self.evidence,
        )


@transaction.atomic
def open(
    packet: Packet,
    *,
    kind: str,
    by: Person | None,
    at: datetime,
    title: str = "",
    items: Mapping[str, Given] | None = None,
    to_person: Person | None = None,
    pulled: bool = False,
) -> Handoff:
    """Begin a handoff with what is at hand. If that fills the kit, ownership moves at once (R2).

    What fills a queue is `pulled` by actions/queues.py alone; until then it stays in the pool, full or not (R24).
    A handoff that `makes` a packet makes it here, owned by the sender until the kit is full; `packet` keeps its owner.
    """
    plant = playbooks.current()
    spec = plant.playbook.handoff.get(kind)
    if spec is None or not _applies(spec, packet):
        choices = ", ".join(h.key for h in plant.playbook.handoffs if _applies(h, packet)) or "none"
        raise UnknownHandoff(kind=kind, packet=packet.number, department=packet.department, choices=choices)
    may.be_of_its_department(packet, by, plant)
    moving = packet
    if spec.makes:
        moving = _make(packet, spec.makes, plant, title=title, by=by, at=at)
    else:
        may.be_open(packet)
        if Handoff.objects.prepared_for(packet):
            raise AlreadyBeingPrepared(packet=packet.number, to=plant.department(spec.to).name)
    handoff = Handoff(
        packet=moving,
        kind=kind,
        from_department=packet.department,
        to_department=spec.to,
        to_person=to_person,
        opened_by=by,
        opened_at=at,
        playbook=plant.number,
    )
    _begin(handoff, plant)
    _store_all(handoff, plant, items or {}, by=by, at=at)
    lacking = missing(handoff, at=at)
    opened = events.HandoffOpened(
        handoff=handoff.pk, handoff_kind=kind, to_department=spec.to, missing=[m.key for m in lacking]
    )
    log.record(plant, opened, at=at, by=by, packet=moving)
    if not lacking:
        handoff.first_time_full = True
    _accept_if_full(handoff, plant, lacking, at=at, pulled=pulled)
    return handoff


def _make(served: Packet, kind: str, plant: Plant, *, title: str, by: Person | None, at: datetime) -> Packet:
    """A packet for the receiver. Until its kit is full it lies at the sender, and comes up again there."""
    return packets.make(
        plant,
        type=kind,
        title=title or served.title,
        department=served.department,
        at=at,
        by=by,
        source="handoff",
        person=sender(served.department, by or served.person, plant),
        parent=served,
        customer=served.customer,
        contact=served.contact,
        value=served.value,
        family=served.family,
        inertia="competitor" if kind == plant.playbook.arrivals.yours_to_win else served.inertia,
        fields={f.key: served.fields[f.key] for f in plant.type(kind).fields if f.key in served.fields},
        not_before=plant.work.add(at, plant.minutes(FIRST_REMINDER)),
        promised=False,
    )


def _begin(handoff: Handoff, plant: Plant) -> None:
    try:
        with transaction.atomic():
            insert(handoff)
    except IntegrityError:
        # Somebody else began one in this moment, and the constraint let one of the two through.
        to = plant.department(handoff.to_department).name
        raise AlreadyBeingPrepared(packet=handoff.packet.number, to=to) from None


def _applies(spec: Any, packet: Packet) -> bool:
    if spec.from_ != packet.department:
        return False
    if spec.moves:
        return bool(spec.moves == packet.type)
    return not spec.makes_from or packet.type in spec.makes_from


@transaction.atomic
def supply(handoff: Handoff, *, item: str, by: Person | None, at: datetime, given: Given) -> Handoff:
    """Supply one item. When it fills the kit, the receiver owns the packet before this call returns."""
    return supply_all(handoff, items={item: given}, by=by, at=at)


@transaction.atomic
def supply_all(handoff: Handoff, *, items: Mapping[str, Given], by: Person | None, at: datetime) -> Handoff:
    """Supply several items at once."""
    handoff = Handoff.objects.select_for_update().select_related("packet").get(pk=handoff.pk)
    plant = playbooks.version(handoff.playbook)
    may.be_of_its_department(handoff.packet, by, plant)
    if not handoff.open:
        raise HandoffOver(packet=handoff.packet.number, what="withdrawn" if handoff.withdrawn_at else "done")
    _store_all(handoff, plant, items, by=by, at=at)
    _accept_if_full(handoff, plant, missing(handoff, at=at), at=at)
    return handoff


def _store_all(
    handoff: Handoff, plant: Plant, items: Mapping[str, Given], *, by: Person | None, at: datetime
) -> None:
    """Keep each item; what answers a field of the packet is also written there, for the handoffs to come."""
    for key, given in items.items():
        _store(handoff, plant, key, given, by=by, at=at)
    packet = handoff.packet
    known = {f"field.{f.key}": f.key for f in plant.type(packet.type).fields}
    facts = {i.key: known[i.fact] for i in plant.kit(handoff.kind) if i.fact in known}
    learnt = {facts[key]: kit.storable(given.value) for key, given in items.items() if key in facts}
    if learnt:
        packets.move(packet, fields=packet.fields | learnt)


def _store(
    handoff: Handoff, plant: Plant, key: str, given: Given, *, by: Person | None, at: datetime
) -> None:
    items = {i.key: i for i in plant.kit(handoff.kind)}
    if key not in items:
        raise NoSuchItem(item=key, to=plant.department(handoff.to_department).name, kit=", ".join(items))
    kit.refuse_wrong_type(items[key], given.as_supply(), today=plant.work.day_of(at))
    supply = KitSupply(
        handoff=handoff,
        item=key,
        value=kit.storable(given.value),
        file=given.file,
        evidence=given.evidence.strip(),
        by=by,
        at=at,
    )
    put(supply, unique=("handoff", "item"))
    supplied = events.KitSupplied(handoff=handoff.pk, handoff_kind=handoff.kind, item=key)
    log.record(plant, supplied, at=at, by=by, packet=handoff.packet)


def missing(handoff: Handoff, *, at: datetime) -> list[kit.Missing]:
    """What the kit still lacks, in the kit's order. Empty means full."""
    plant = playbooks.version(handoff.playbook)
    given = {s.item: _supply(s) for s in KitSupply.objects.of(handoff)}
    return kit.missing(plant.kit(handoff.kind), given, facts(handoff.packet), today=plant.work.day_of(at))


def _supply(stored: KitSupply) -> kit.Supply:
    return Given(stored.value, stored.file, stored.evidence).as_supply()


def facts(packet: Packet) -> dict[str, object]:
    """What a packet already knows and a kit item may rest on."""
    return packet.facts


def _accept_if_full(
    handoff: Handoff, plant: Plant, lacking: list[kit.Missing], *, at: datetime, pulled: bool = False
) -> None:
    if lacking:
        if handoff.full_at is not None:
            handoff.full_at = None
            handoff.save(update_fields=["full_at"])
        return
    handoff.full_at = handoff.full_at or at
    update(handoff, "full_at", "first_time_full")
    if not pulled and handoff.kind in {q.release for q in plant.playbook.queues}:
        return
    grace = plant.handoff(handoff.kind).grace
    if grace is None or plant.work.add(handoff.full_at, plant.minutes(grace)) <= at:
        _accept(handoff, plant, at=at)


def _accept(handoff: Handoff, plant: Plant, *, at: datetime) -> None:
    """The receiver owns it now: its inbox, its clock, the method in force now."""
    packet, to, now = handoff.packet, handoff.to_department, playbooks.current()
    person = handoff.to_person
    if person is None or not person.works_in(to, now.playbook):
        person = least_loaded(to, now) if now.department(to).inbox == "personal" else None
    handoff.accepted_at = at
    update(handoff, "accepted_at")
    sender = packet.department
    packets.move(
        packet,
        department=to,
        person_id=person.pk if person else None,
        state="waiting",
        queued_at=at,
        lease_until=None,
        not_before=None,
        step="",
        step_due_at=None,
        cause="",
        skipped_by_id=None,
        playbook=now.number,
        **({"released_at": at, "touched_at": None} if now.queue(to) else {}),
        **packets.promise(now, packet.type, to, at),
    )
    accepted = events.HandoffAccepted(
        handoff=handoff.pk,
        handoff_kind=handoff.kind,
        to_department=to,
        person=person.pk if person else None,
        due_at=packet.due_at,
        first_time_full=handoff.first_time_full,
    )
    row = log.row(now, accepted, at=at, packet=packet)
    row.department = sender
    log.record_all([row])


def sender(department: str, person: Person | None, plant: Plant) -> Person | None:
    """Who has a packet that stays or comes back: this person if they work there, else whoever has least to do."""
    if person is not None and person.works_in(department, plant.playbook):
        return person
    return least_loaded(department, plant) if plant.department(department).inbox == "personal" else None


def least_loaded(department: str, plant: Plant) -> Person | None:
    """Of those who work in a department, the one with the fewest open packets; ties go to the longest here."""
    people = [
        p
        for p in Person.objects.filter(is_active=True).order_by("pk")
        if p.works_in(department, plant.playbook)
    ]
    return min(people, key=lambda p: Packet.objects.open().filter(person=p).count(), default=None)


def recheck(packet: Packet, *, at: datetime, pulled: bool = False) -> None:
    """A fact of the packet changed, or a queue pulls: a kit that rested on it may be full now."""
    for handoff in Handoff.objects.prepared_for(packet):
        handoff.packet = packet
        plant = playbooks.version(handoff.playbook)
        _accept_if_full(handoff, plant, missing(handoff, at=at), at=at, pulled=pulled)


def without_fact(packet: Packet, fact: str) -> dict[str, Any]:
    """What changes when a fact of the packet turned out to be untrue: it is no longer known."""
    if fact.startswith("field."):
        return {"fields": {k: v for k, v in packet.fields.items() if f"field.{k}" != fact}}
    return {"customer": {"customer_id": None}, "contact": {"contact_id": None}, "value": {"value": None}}.get(
        fact, {"family": ""}
    )


def accept_those_past_grace(*, at: datetime) -> int:
    """Full kits whose grace is over change hands by themselves; a recipient who does nothing changes nothing (R2)."""
    done = 0
    for handoff in Handoff.objects.being_prepared().filter(full_at__isnull=False).select_related("packet"):
        with transaction.atomic():
            _accept_if_full(handoff, playbooks.version(handoff.playbook), missing(handoff, at=at), at=at)
            done += handoff.accepted_at is not None
    return done


@transaction.atomic
def withdraw(handoff: Handoff, *, reason: str, by: Person, at: datetime) -> None:
    """Give up a handoff whose kit is not full. A packet made for it closes as cancelled."""
    plant = playbooks.current()
    handoff = Handoff.objects.select_for_update().select_related("packet").get(pk=handoff.pk)
    may.be_of_its_department(handoff.packet, by, plant)
    if not handoff.open:
        raise HandoffOver(packet=handoff.packet.number, what="withdrawn" if handoff.withdrawn_at else "done")
    drop(handoff, plant, reason=reason, by=by, at=at)
    if playbooks.version(handoff.playbook).handoff(handoff.kind).makes and handoff.packet.state != "closed":
        outcomes = plant.type(handoff.packet.type).outcomes
        outcome = "cancelled" if "cancelled" in outcomes else outcomes[-1]
        packets.end(handoff.packet, plant, outcome=outcome, reason="withdrawn", by=by, at=at)


def drop(handoff: Handoff, plant: Plant, *, reason: str, by: Person | None, at: datetime) -> None:
    """Mark a handoff as withdrawn, and record it."""
    handoff.withdrawn_at = at
    handoff.save(update_fields=["withdrawn_at"])
    gone = events.HandoffWithdrawn(handoff=handoff.pk, handoff_kind=handoff.kind, reason="withdrawn")
    log.record(plant, gone, at=at, by=by, packet=handoff.packet, remark=reason)
