"""What a page says about one packet: its head, its way, its kits, its history, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from fullkit.actions import handoffs, inbox
from fullkit.models import Event, Handoff, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import HandoffType, Stage
from fullkit.reports import history
from fullkit.rules.inbox import colour, penetration
from fullkit.web import words


def find(number: str) -> Packet:
    """The packet people call by this number, or a 404."""
    found = Packet.objects.select_related("customer", "contact", "person", "parent").numbered(number).first()
    if found is None:
        raise Http404
    return found


# --- where it stands -----------------------------------------------------------------------------------------


def head(packet: Packet, plant: Plant, *, at: datetime, why: str = "") -> dict[str, Any]:
    """For parts/_packet_head.html."""
    share, zone = promise(packet, plant, at)
    return {
        "type": words.type_name(packet.type, plant),
        "zone": zone if packet.due_at is not None else None,
        "used": share,
        "due_at": packet.due_at if packet.open else None,
        "department": words.department(packet.department, plant),
        "person": packet.person,
        "why": why,
        "customer_url": reverse("customer", args=[packet.customer_id]) if packet.customer_id else "",
        "late_by": working_left(packet, plant, at),
        "promised": packet.due_at is not None,
    }


def promise(packet: Packet, plant: Plant, at: datetime) -> tuple[float | None, str]:
    """The share of its promise that is used, and its colour; (None, its zone) without a promise."""
    if packet.due_at is None or packet.promise_from is None or not packet.open:
        return None, packet.zone
    work = plant.work_of(packet.department)
    length = work.minutes_between(packet.promise_from, packet.due_at)
    if length <= 0:
        return None, packet.zone
    share = penetration(work, packet.promise_from, length, at)
    return share, packet.zone or min(colour(share), "yellow", key=["green", "yellow", "red", "black"].index)


def working_left(packet: Packet, plant: Plant, at: datetime) -> float | None:
    """Working minutes until its promise; negative once it is broken."""
    if packet.due_at is None:
        return None
    work = plant.work_of(packet.department)
    if packet.due_at >= at:
        return work.minutes_between(at, packet.due_at)
    return -work.minutes_between(packet.due_at, at)


def stage_of(packet: Packet, plant: Plant) -> Stage | None:
    """The stage it is in; None for a type without stages or a stage the playbook no longer has."""
    return next((s for s in stages(packet, plant) if s.key == packet.stage), None)


def stages(packet: Packet, plant: Plant) -> tuple[Stage, ...]:
    return plant.playbook.stages_of(packet.type) if packet.type in plant.playbook.packet_type else ()


def steps(packet: Packet, plant: Plant) -> list[tuple[str, str]]:
    """For parts/_stages.html."""
    line = stages(packet, plant)
    keys = [s.key for s in line]
    here = keys.index(packet.stage) if packet.stage in keys else 0
    if packet.state == "closed" and packet.outcome == "won":
        here = len(keys)
    return [
        (s.name, "done" if i < here else "here" if i == here and packet.open else "ahead")
        for i, s in enumerate(line)
    ]


def facts(packet: Packet, plant: Plant, viewer: Person) -> list[tuple[str, Any]]:
    """What is known of it, as (word, value); what it is worth is not a salesperson's concern (R63)."""
    known = packet.fields
    spec = plant.playbook.packet_type.get(packet.type)
    told: list[tuple[str, Any]] = [
        (f.name, known[f.key]) for f in (spec.fields if spec else ()) if known.get(f.key)
    ]
    if packet.family:
        told.append((_("Product family"), packet.family))
    if packet.value is not None and sees_worth(viewer, plant):
        told.append((_("Worth"), f"{packet.value:,.2f} {plant.playbook.company.currency}"))
    return told


def sees_worth(viewer: Person, plant: Plant) -> bool:
    """Whether amounts are shown to this person: selling roles answer for new business, not for revenue (R63)."""
    if not plant.playbook.switches.revenue_hidden_from_salespeople:
        return True
    return not any(r.selling for r in viewer.roles_in(plant.playbook))


# --- history -------------------------------------------------------------------------------------------------


def told(rows: Iterable[Event], plant: Plant, viewer: Person) -> list[dict[str, Any]]:
    """For parts/_history.html: rows of the log, newest first, with the remark somebody typed."""
    line = list(rows)
    says = history.sentences(line, plant, worth=sees_worth(viewer, plant))
    return [
        {"at": row.at, "says": sentence, "remark": row.remark.text if hasattr(row, "remark") else ""}
        for row, sentence in zip(line, says, strict=True)
    ]


def last_events(packet: Packet, *, most: int) -> list[Event]:
    """The newest rows of a packet's log."""
    return list(Event.objects.filter(packet=packet).select_related("remark").order_by("-id")[:most])


def dealt(packet: Packet, person: Person) -> Event | None:
    """When and why the packet last came into this person's hands."""
    rows = Event.objects.filter(packet=packet, kind="packet.dealt", person=person)
    return rows.order_by("-id").first()


# --- kits ----------------------------------------------------------------------------------------------------


def preparing(packet: Packet) -> list[Handoff]:
    """Handoffs whose kit the packet's department is filling: of the packet itself, or of what is made from it."""
    begun = Handoff.objects.being_prepared().select_related("packet", "packet__customer", "packet__contact")
    return list(begun.filter(Q(packet=packet) | Q(packet__parent=packet)).order_by("pk"))


def kit_address(handoff: Handoff, origin: Packet) -> str:
    """The page on which this kit is filled."""
    return reverse("handoff", args=[origin.number, handoff.kind])


def kit_brief(handoff: Handoff, origin: Packet, plant: Plant, *, at: datetime) -> dict[str, Any]:
    """A kit in a few lines: what is met and what is missing, and where to go on."""
    lacking = {m.key: m.problem for m in handoffs.missing(handoff, at=at)}
    spec = plant.playbook.handoff.get(handoff.kind)
    return {
        "id": handoff.pk,
        "to": words.department(handoff.to_department, plant),
        "number": handoff.packet.number,
        "url": kit_address(handoff, origin),
        "items": [{"name": i.name, "met": i.key not in lacking} for i in (spec.kit if spec else ())],
    }


def possible(packet: Packet, plant: Plant) -> list[HandoffType]:
    """The handoffs that can be begun from where the packet is. A release is the queue's, not a person's."""
    releases = {q.release for q in plant.playbook.queues}
    booked = {s.handoff for s in plant.playbook.slots}
    return [
        h
        for h in plant.playbook.handoffs
        if h.from_ == packet.department
        and h.key not in releases | booked
        and h.automatic_on is None
        and (packet.type == h.moves if h.moves else not h.makes_from or packet.type in h.makes_from)
    ]


def brings_a_meeting(plant: Plant) -> set[str]:
    """The handoffs that ask Scheduling for a meeting: a next step whose time others find (R36)."""
    meetings = {plant.handoff(s.handoff).packet_type for s in plant.playbook.slots}
    return {h.key for h in plant.playbook.handoffs if h.makes in meetings}


# --- who may -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Allowed:
    """What this person can do with this packet now."""

    in_hand: bool
    of_department: bool
    pick_up: bool
    supervise: bool


def allowed(packet: Packet, person: Person, plant: Plant) -> Allowed:
    """The same questions the verbs ask, so that a page offers only what will not be refused."""
    supervise = person.may("supervise", plant.playbook)
    ours = packet.department in person.departments_in(plant.playbook) or supervise
    mine = packet.state == "held" and packet.person_id == person.pk
    free = packet.state in ("waiting", "parked") and packet.person_id in (None, person.pk)
    works = packet.department in inbox.working_departments(person, plant)
    pooled = packet.type in plant.pooled(packet.department)
    return Allowed(mine, ours, free and works and not pooled, supervise)


# --- times a next step is promised for -----------------------------------------------------------------------

CLOCK = 9
"""The hour a next step is offered for; the exact time is one field away."""


def quick_times(plant: Plant, at: datetime) -> list[tuple[str, str, datetime]]:
    """(key, words, moment): tomorrow, in two days, in a week, each moved to the next day that is worked."""
    zone = ZoneInfo(plant.playbook.company.zone)
    today = plant.work.day_of(at)
    tomorrow = _worked(plant, today + timedelta(days=1))
    second = _worked(plant, tomorrow + timedelta(days=1))
    week = _worked(plant, today + timedelta(days=7))
    days = [("tomorrow", tomorrow), ("two_days", second), ("week", week)]
    return [(key, _day_words(key, day, today), _clock(plant, day, zone)) for key, day in days]


def _worked(plant: Plant, day: date) -> date:
    for _ahead in range(60):
        if plant.work.start_of_day(day) is not None:
            return day
        day += timedelta(days=1)
    return day


def _clock(plant: Plant, day: date, zone: ZoneInfo) -> datetime:
    nine = datetime(day.year, day.month, day.day, CLOCK, tzinfo=zone)
    start = plant.work.start_of_day(day)
    return max(nine, start.astimezone(zone)) if start else nine


def _day_words(key: str, day: date, today: date) -> str:
    if key == "tomorrow" and (day - today).days == 1:
        return _("Tomorrow 9:00")
    if key == "week" and (day - today).days == 7:
        return _("In a week")
    from django.utils.formats import date_format

    return f"{date_format(day, 'D j M')} 9:00"
