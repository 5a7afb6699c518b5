"""Something arrives: once, at the right department, with a promise (R9, R10, R52, R53)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from fullkit.actions import handoffs, inbox, log, may, packets, playbooks
from fullkit.models import Contact, Customer, Message, Packet, Person
from fullkit.models.prepared import insert
from fullkit.playbook.plant import Plant
from fullkit.rules import events, inertia
from fullkit.rules.fields import clean_fields, typed
from fullkit.rules.refusal import Invalid, Refusal
from fullkit.rules.text import MAX_TEXT

_ID, _LONGEST_ID = 200, 4000
"""Characters of a message's id that are kept as they are; and at most."""


class UnknownType(Refusal):
    says = "There is no packet type {type!r}. Known here: {choices}."


class NotFromOutside(Refusal):
    says = "{type} does not arrive from outside; it comes about by a handoff."


class NotWorkedHere(Refusal):
    says = "{department} does not work {type}. It works: {works}."
    rule = "R51"


class PromotionsFirst(Refusal):
    says = "{type} enters through {pool}: only Promotions fills a sales queue. Put it into the pool."
    rule = "R23"


@dataclass(frozen=True)
class Arrival:
    """A packet, and whether it is new: the same message twice ends in one packet."""

    packet: Packet
    new: bool


def arrive(
    *,
    type: str,
    title: str,
    source: str,
    at: datetime,
    by: Person | None = None,
    message_id: str = "",
    thread: str = "",
    customer: Customer | None = None,
    contact: Contact | None = None,
    fields: dict[str, Any] | None = None,
    value: Decimal | None = None,
    family: str = "",
    verdict: str = "",
    text: str = "",
) -> Arrival:
    """Take something in. Inertia decides where it goes; the same (door, message id) arrives once.

    `verdict` overrides the rule of inertia, for sources that know. A message of a known thread joins its open packet.
    The opportunities a company has already come in the same way, as an import; no campaign is needed (R35).
    """
    plant = playbooks.current()
    spec = plant.playbook.packet_type.get(type)
    if spec is None:
        raise UnknownType(type=type, choices=", ".join(plant.playbook.packet_type))
    if not spec.inbound and by is None:
        raise NotFromOutside(type=spec.name)
    if by is not None and type == plant.playbook.arrivals.yours_to_win and not spec.inbound:
        may.be_able(by, "promote", plant)
    title = typed("title", title, limit=200, required=True)
    given = clean_fields({f.key: f for f in spec.fields}, fields or {})
    family, text = typed("family", family, limit=80), typed("text", text, limit=MAX_TEXT, lines=True)
    message_id, thread = _short("message_id", message_id), _short("thread", thread)
    try:
        with transaction.atomic():
            known = _known(spec.home, message_id, thread, plant, source=source, at=at, text=text)
            if known is not None:
                return Arrival(known, False)
            judged = _judge(plant, spec.key, customer, family, verdict, at, outside=by is None)
            kind = _becomes(plant, type, judged.inertia)
            packet = packets.make(
                plant,
                type=kind,
                title=title,
                department=plant.type(kind).home,
                at=at,
                by=by,
                source=source,
                inertia=judged.inertia,
                customer=customer,
                contact=contact,
                value=value,
                family=family,
                fields=given,
                thread=thread or message_id,
                message=Message(door=spec.home, message_id=message_id, at=at) if message_id else None,
            )
            if text.strip():
                log.record(plant, events.Commented(), at=at, by=by, packet=packet, remark=text)
            return Arrival(packet, True)
    except IntegrityError:
        # Two doors brought the same message at once; the constraint let one through, and that one is the packet.
        return Arrival(Message.objects.get(door=spec.home, message_id=message_id).packet, False)


def _short(field: str, id: str) -> str:
    """What a door calls a message or a thread. A long one is known by its digest, so that none is cut off."""
    id = typed(field, id, limit=_LONGEST_ID)
    return id if len(id) <= _ID else hashlib.sha256(id.encode()).hexdigest()


def _known(
    door: str, message_id: str, thread: str, plant: Plant, *, source: str, at: datetime, text: str
) -> Packet | None:
    """The packet this message already is (R52), or whose open thread it continues."""
    if message_id:
        seen = Message.objects.seen(door, message_id)
        if seen is not None:
            log.record(plant, events.Repeated(source=source), at=at, packet=seen.packet)
            return seen.packet
    if not thread:
        return None
    packet = Packet.objects.continuing(thread)
    if packet is None:
        return None
    if message_id:
        insert(Message(door=door, message_id=message_id, packet=packet, at=at))
    log.record(plant, events.Commented(), at=at, packet=packet, remark=text)
    return packet


def _judge(
    plant: Plant,
    type: str,
    customer: Customer | None,
    family: str,
    verdict: str,
    at: datetime,
    *,
    outside: bool,
) -> inertia.Verdict:
    if verdict:
        if verdict not in inertia.VERDICTS:
            raise Invalid(
                field="verdict",
                problem=f"{verdict!r} is unknown.",
                cure=f"One of {', '.join(inertia.VERDICTS)}.",
            )
        return inertia.Verdict(verdict, "the source says so")
    # Whoever comes to us is ours to lose, whatever they bought before: only of the others is that asked.
    asks = customer if customer is not None and not outside else None
    bought = list(
        asks.purchases.filter(family=family).order_by("at").values_list("at", flat=True) if asks else []
    )
    return inertia.classify(
        inbound=outside,
        incumbent=bool(customer and customer.incumbent),
        new_account=asks is None or not asks.purchases.exists(),
        bought_family=bool(bought),
        days_since_last=(at - bought[-1]).total_seconds() / 86400 if bought else None,
        median_interval=inertia.median_interval_days(bought),
        recent=plant.playbook.arrivals.recent,
        lapsed=plant.playbook.arrivals.lapsed,
    )


def _becomes(plant: Plant, type: str, judged: str) -> str:
    """Growth packets stay what they are only when a competitor has the inertia (R10); the rest goes to service."""
    arrivals = plant.playbook.arrivals
    return inertia.route(judged, type, yours_to_win=arrivals.yours_to_win, undecided=arrivals.undecided)


@transaction.atomic
def classify(packet: Packet, *, verdict: str, reason: str, by: Person, at: datetime) -> Packet:
    """Override the rule of inertia, with a reason that is kept. What turns out yours to win goes to the pool."""
    plant = playbooks.current()
    may.be_of_its_department(packet, by, plant)
    may.be_open(packet)
    if verdict not in inertia.VERDICTS:
        raise Invalid(
            field="verdict", problem=f"{verdict!r} is unknown.", cure=f"One of {', '.join(inertia.VERDICTS)}."
        )
    if not reason.strip():
        raise playbooks.ReasonMissing(what="inertia favours someone else than the rule says")
    kind, before = _becomes(plant, packet.type, verdict), packet.department
    moved = None if kind == packet.type else plant.type(kind).home
    if moved:
        for handoff in packet.handoffs.being_prepared():
            handoffs.drop(handoff, plant, reason="classified", by=by, at=at)
    packets.move(packet, inertia=verdict, **(_as(kind, plant, at) | _sent_to(moved, at) if moved else {}))
    said = events.Classified(inertia=verdict, reason="by_hand", department=before, to_department=moved)
    log.record(plant, said, at=at, by=by, packet=packet, remark=reason)
    if moved:
        _became(packet, plant, by=by, at=at)
    return packet


@transaction.atomic
def triage(packet: Packet, *, type: str, by: Person, at: datetime) -> Packet:
    """Say what kind of work an arrival is; its promise runs from its arrival in the inbox (R53, R54)."""
    plant = playbooks.current()
    may.be_of_its_department(packet, by, plant)
    may.be_open(packet)
    if type not in plant.playbook.packet_type:
        raise UnknownType(type=type, choices=", ".join(plant.playbook.packet_type))
    department = plant.department(packet.department)
    if type not in department.works:
        raise NotWorkedHere(
            department=department.name, type=plant.type(type).name, works=", ".join(department.works)
        )
    if plant.queue(packet.department) is not None and type == plant.playbook.arrivals.yours_to_win:
        raise PromotionsFirst(type=plant.type(type).name, pool=plant.type(type).home)
    if packet.handoffs.being_prepared().exists():
        raise handoffs.AlreadyBeingPrepared(packet=packet.number, to="another department")
    packets.move(packet, **_as(type, plant, packet.queued_at))
    _became(packet, plant, by=by, at=at)
    return packet


def _as(type: str, plant: Plant, since: datetime) -> dict[str, Any]:
    """What changes when a packet becomes one of this type, its promise running since then."""
    spec, stages = plant.type(type), plant.playbook.stages_of(type)
    return {
        "type": type,
        "prefix": spec.prefix,
        "process": spec.process or "",
        "stage": stages[0].key if stages else "",
        "chain": plant.playbook.chain_of(type),
        **packets.promise(plant, type, spec.home, since),
    }


def _sent_to(department: str, at: datetime) -> dict[str, Any]:
    """What changes when a packet lands in the shared inbox of a department."""
    return {
        "department": department,
        "state": "waiting",
        "person_id": None,
        "lease_until": None,
        "queued_at": at,
        "not_before": None,
    }


def _became(packet: Packet, plant: Plant, *, by: Person, at: datetime) -> None:
    """Record the new type, and let the colour follow at once: its promise may have begun long ago."""
    log.record(
        plant, events.Triaged(packet_type=packet.type, due_at=packet.due_at), at=at, by=by, packet=packet
    )
    inbox.let_happen(packet, plant, at)


@transaction.atomic
def correct(packet: Packet, *, by: Person, at: datetime, **facts: Any) -> Packet:
    """Correct what a packet says: title, customer, contact, value, family, fields. May fill a kit that rested on it."""
    plant = playbooks.current()
    may.be_of_its_department(packet, by, plant)
    may.be_open(packet)
    allowed = {"title", "customer", "contact", "value", "family", "fields"}
    unknown = set(facts) - allowed
    if unknown:
        raise Invalid(
            field=", ".join(sorted(unknown)),
            problem="cannot be corrected.",
            cure=f"Only {', '.join(sorted(allowed))}.",
        )
    if "title" in facts:
        facts["title"] = typed("title", facts["title"], limit=200, required=True)
    if "fields" in facts:
        specs = {f.key: f for f in plant.type(packet.type).fields}
        facts["fields"] = packet.fields | clean_fields(specs, facts["fields"], partial=True)
    changed = {name: new for name, new in facts.items() if getattr(packet, name) != new}
    if not changed:
        return packet
    packets.move(packet, **changed)
    rows = [
        log.row(plant, events.Corrected(item=name), at=at, by=by, packet=packet) for name in sorted(changed)
    ]
    log.record_all(rows)
    handoffs.recheck(packet, at=at)
    return packet


@transaction.atomic
def comment(packet: Packet, *, text: str, by: Person, at: datetime) -> None:
    """A remark in the history."""
    plant = playbooks.current()
    text = typed("text", text, limit=4000, required=True, lines=True)
    log.record(plant, events.Commented(), at=at, by=by, packet=packet, remark=text)
