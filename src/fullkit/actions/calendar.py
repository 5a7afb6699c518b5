"""The calendar of field people. Only coordinators write it (R40); a booking has exactly one winner."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from fullkit.actions import handoffs, log, may, packets, playbooks
from fullkit.models import Handoff, Packet, Person, Slot
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Slots
from fullkit.rules import events
from fullkit.rules.refusal import Refusal


class SlotTaken(Refusal):
    says = "{person} at {when} was booked a moment ago. These are still free that day: {free}."


class SlotOver(Refusal):
    says = "{person} at {when} has passed. Choose a later slot."


class NotBooked(Refusal):
    says = "{person} at {when} is not booked, so there is nothing to cancel."


class NoSlots(Refusal):
    says = "{person} has no slot times in the playbook. Give one of their roles slots first."


class AlreadyBooked(Refusal):
    says = "{packet} is booked already. Cancel that time first; one meeting has one."


class NotForAVisit(Refusal):
    says = "{packet} is not a request for a visit: only {type} is booked into slots, while scheduling has it."


@transaction.atomic
def open_slots(person: Person, *, day: date, by: Person | None, at: datetime) -> list[Slot]:
    """Open a day's slots by the playbook's template; a second call adds nothing. Closed days have none (R41)."""
    plant = playbooks.current()
    may.be_able(by, "schedule", plant)
    template = template_of(person, plant)
    if template is None:
        raise NoSlots(person=person.name)
    if plant.work_of(person.department).start_of_day(day) is None:
        return []
    zone = ZoneInfo(plant.playbook.company.zone)
    starts = sorted(datetime.combine(day, time, zone).astimezone(UTC) for time in template.times)
    known = {s.starts_at: s for s in Slot.objects.between(person, starts[0], starts[-1])}
    opened = []
    for start in starts:
        slot, new = (known[start], False) if start in known else _open_slot(person, start, template)
        if new:
            said = events.SlotOffered(person=person.pk, due_at=slot.starts_at)
            log.record(plant, said, at=at, by=by)
        opened.append(slot)
    return opened


def _open_slot(person: Person, start: datetime, template: Slots) -> tuple[Slot, bool]:
    ends = {"ends_at": start + timedelta(minutes=template.minutes)}
    return Slot.objects.get_or_create(person=person, starts_at=start, defaults=ends)


def template_of(person: Person, plant: Plant) -> Slots | None:
    """The slot template of the first of a person's roles that has one."""
    by_role = {s.role: s for s in plant.playbook.slots}
    return next((by_role[r] for r in person.roles if r in by_role), None)


@transaction.atomic
def book(slot: Slot, *, packet: Packet, by: Person, at: datetime) -> Handoff:
    """Book a meeting into a slot. The booked time is one item of the kit that hands the meeting to the field."""
    plant = playbooks.current()
    may.be_able(by, "schedule", plant)
    may.be_open(packet)
    template = template_of(slot.person, plant)
    if template is None:
        raise NoSlots(person=slot.person.name)
    spec = plant.handoff(template.handoff)
    if packet.type != spec.moves or packet.department != spec.from_:
        raise NotForAVisit(packet=packet.number, type=plant.type(spec.packet_type).name)
    if slot.starts_at <= at:
        raise SlotOver(person=slot.person.name, when=_when(slot, plant))
    if not _take(slot, packet, by=by, at=at):
        raise SlotTaken(person=slot.person.name, when=_when(slot, plant), free=_free(slot, plant) or "none")
    slot.refresh_from_db()
    booked = events.SlotBooked(person=slot.person_id, due_at=slot.starts_at)
    log.record(plant, booked, at=at, by=by, packet=packet)
    given = {template.item: handoffs.Given(value=slot.starts_at.isoformat())}
    preparing = packet.handoffs.being_prepared().filter(kind=spec.key).first()
    if preparing is None:
        done = handoffs.open(packet, kind=spec.key, by=by, at=at, items=given, to_person=slot.person)
    else:
        Handoff.objects.filter(pk=preparing.pk).update(to_person=slot.person)
        done = handoffs.supply_all(preparing, items=given, by=by, at=at)
    _wait_for_the_visit(done, slot, plant, at)
    return done


def _take(slot: Slot, packet: Packet, *, by: Person, at: datetime) -> bool:
    try:
        with transaction.atomic():
            free = Slot.objects.filter(pk=slot.pk, packet=None)
            return bool(free.update(packet=packet, booked_by=by, booked_at=at))
    except IntegrityError:
        # The constraint: one meeting has one slot, whoever books it at the same time.
        raise AlreadyBooked(packet=packet.number) from None


def _wait_for_the_visit(done: Handoff, slot: Slot, plant: Plant, at: datetime) -> None:
    """At the field person it comes up when the visit begins, not before; the slot is its promise."""
    packet = Packet.objects.get(pk=done.packet_id)
    if done.accepted_at is None or packet.state != "waiting":
        return
    packets.move(
        packet,
        state="parked",
        not_before=slot.starts_at,
        step_due_at=slot.starts_at,
        promise_from=None,
        red_at=None,
        due_at=None,
    )
    log.record(plant, events.Parked(due_at=slot.starts_at, reason="visit"), at=at, packet=packet)


@transaction.atomic
def cancel(slot: Slot, *, reason: str, by: Person, at: datetime) -> Packet | None:
    """Free a booked slot for re-offering at once (R41). While what it served lives, scheduling gets a new request."""
    plant = playbooks.current()
    may.be_able(by, "schedule", plant)
    packet = slot.packet
    if packet is None or not Slot.objects.filter(pk=slot.pk, packet=packet).update(
        packet=None, booked_by=None, booked_at=None
    ):
        raise NotBooked(person=slot.person.name, when=_when(slot, plant))
    slot.refresh_from_db()
    cancelled = events.SlotCancelled(person=slot.person_id, due_at=slot.starts_at, reason="cancelled")
    log.record(plant, cancelled, at=at, by=by, packet=packet, remark=reason)
    home = plant.type(packet.type).home
    if packet.department == home or not packet.open:
        _take_out_of_kit(packet, slot, plant)
        return packet if packet.open else None
    packets.end(packet, plant, outcome="cancelled", by=by, at=at, reason="cancelled")
    if packet.parent is None or not packet.parent.open:
        return None
    return packets.make(
        plant,
        type=packet.type,
        title=packet.title,
        department=home,
        at=at,
        by=by,
        source="rebooking",
        inertia=packet.inertia,
        parent=packet.parent,
        customer=packet.customer,
        contact=packet.contact,
        value=packet.value,
        family=packet.family,
        fields=packet.fields,
    )


def _take_out_of_kit(packet: Packet, slot: Slot, plant: Plant) -> None:
    template = template_of(slot.person, plant)
    if template is not None:
        for handoff in packet.handoffs.being_prepared():
            handoff.supplies.filter(item=template.item).delete()


def standby(plant: Plant) -> list[Packet]:
    """Meetings waiting for a slot, oldest first: whom to call when one becomes free."""
    types = {plant.handoff(s.handoff).packet_type for s in plant.playbook.slots}
    taken = Slot.objects.filter(packet=OuterRef("pk"))
    waiting = Packet.objects.open().filter(type__in=types).filter(~Exists(taken))
    homes = {plant.type(t).home for t in types}
    return list(
        waiting.filter(department__in=homes).select_related("customer", "contact").order_by("queued_at", "pk")
    )


def _when(slot: Slot, plant: Plant) -> str:
    return f"{slot.starts_at.astimezone(ZoneInfo(plant.playbook.company.zone)):%a %d %b %H:%M}"


def _free(slot: Slot, plant: Plant) -> str:
    day = slot.starts_at.astimezone(ZoneInfo(plant.playbook.company.zone)).date()
    start = datetime.combine(day, datetime.min.time(), ZoneInfo(plant.playbook.company.zone))
    free = Slot.objects.filter(
        person=slot.person, packet=None, starts_at__gte=start, starts_at__lt=start + timedelta(1)
    )
    return ", ".join(_when(s, plant) for s in free.order_by("starts_at"))
