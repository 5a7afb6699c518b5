"""What a supervisor looks at in the stand-up: queues, late cases, skips, stale holders, disputes.

People stand in the order of the playbook, never of a result (R85).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from fullkit.models import Dispute, Event, KitSupply, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import KitItem
from fullkit.reports import method
from fullkit.reports.queues import Row, standing, start_of

SHOWN = 40
"""Late cases shown; the oldest promise first."""
SKIPS_OF = timedelta(days=7)
STALE_AT = 2 / 3
"""Share of a lease after which a holder without a word is stale."""


@dataclass(frozen=True)
class Member:
    """One person today."""

    person: Person
    role: str
    done: int | None
    """Meaningful interactions today (inside), meetings held today (field); None when the role has no target."""
    target: int | None
    closed: int
    """Cases completed today."""
    queue: Row | None
    in_hand: Packet | None


@dataclass(frozen=True)
class Skips:
    """Why work was passed over, and which."""

    reason: str
    packets: tuple[Packet, ...]
    people: int

    @property
    def count(self) -> int:
        return len(self.packets)


@dataclass(frozen=True)
class Stale:
    """A packet in the hands of somebody who has not been heard of for most of its lease."""

    packet: Packet
    since: datetime
    used: float


@dataclass(frozen=True)
class Case:
    """A dispute with its evidence: what the kit asks for, what was supplied, what is claimed."""

    dispute: Dispute
    item: KitItem | None
    supply: KitSupply | None
    fact: object


def members(department: str, plant: Plant, *, at: datetime) -> list[Member]:
    """Everyone who works there, in the playbook's order."""
    order = {entry.sign_in: n for n, entry in enumerate(plant.playbook.people)}
    active = Person.objects.filter(is_active=True)
    people = sorted(
        (
            p
            for p in active
            if department in p.departments_in(plant.playbook) and _works(p, department, plant)
        ),
        key=lambda p: (order.get(p.sign_in, len(order)), p.pk),
    )
    levels = {}
    if department in plant.playbook.queue:
        sellers = [p for p in people if p.may("sell", plant.playbook)]
        levels = {row.person.pk: row for row in standing(department, sellers, plant, at=at)}
    talked, held, closed = _done_today(people, plant, at)
    in_hand = {p.person_id: p for p in Packet.objects.filter(state="held", person__in=people)}
    out = []
    for person in people:
        role = next(r for r in person.roles_in(plant.playbook) if r.department == department)
        done = {"inside": talked, "field": held}.get(role.selling or "", {}).get(person.pk, 0)
        out.append(
            Member(
                person=person,
                role=role.name,
                done=done if role.selling else None,
                target=role.target_per_day,
                closed=closed.get(person.pk, 0),
                queue=levels.get(person.pk),
                in_hand=in_hand.get(person.pk),
            )
        )
    return out


def late(department: str) -> tuple[list[Packet], int]:
    """Red and black cases, the oldest promise first, and how many there are."""
    found = Packet.objects.open().filter(department=department, zone__in=["red", "black"])
    return list(found.select_related("customer", "person").order_by("due_at", "pk")[:SHOWN]), found.count()


def skips(department: str, *, at: datetime) -> list[Skips]:
    """What was skipped within a week, by reason, the commonest first."""
    rows = Event.objects.filter(
        kind="packet.skipped", department=department, at__gte=at - SKIPS_OF, at__lte=at
    )
    by_reason: dict[str, list[Event]] = defaultdict(list)
    for row in rows.select_related("packet").order_by("-at"):
        by_reason[row.reason or ""].append(row)
    found = [
        Skips(
            reason=reason,
            packets=tuple(dict.fromkeys(r.packet for r in rows if r.packet is not None)),
            people=len({r.actor_id for r in rows}),
        )
        for reason, rows in by_reason.items()
    ]
    return sorted(found, key=lambda s: (-s.count, s.reason))


def stale(department: str, plant: Plant, *, at: datetime) -> list[Stale]:
    """Who holds something and was not heard of for two thirds of its lease, the longest first."""
    lease = timedelta(minutes=plant.lease(department))
    held = Packet.objects.filter(
        department=department, state="held", lease_until__lte=at + lease * (1 - STALE_AT)
    )
    found = []
    for packet in held.select_related("person", "customer").order_by("lease_until", "pk"):
        since = (packet.lease_until or at) - lease
        found.append(Stale(packet, since, (at - since) / lease))
    return found


def disputes(department: str, plant: Plant) -> list[Case]:
    """Open claims about kits that this department sent or received, the oldest first."""
    sides = Q(handoff__from_department=department) | Q(handoff__to_department=department)
    found = list(
        Dispute.objects.filter(sides, decided_at=None)
        .select_related(
            "raised_by", "handoff__packet__customer", "handoff__packet__contact", "handoff__opened_by"
        )
        .order_by("raised_at", "pk")
    )
    return _with_evidence(found)


def counts(departments: Sequence[str]) -> dict[str, int]:
    """How many red and black cases each department has: where to look first."""
    found = Packet.objects.open().filter(department__in=departments, zone__in=["red", "black"])
    return dict(found.values("department").annotate(n=Count("pk")).order_by().values_list("department", "n"))


def _works(person: Person, department: str, plant: Plant) -> bool:
    return any(r.department == department and "work" in r.may for r in person.roles_in(plant.playbook))


def _done_today(
    people: Sequence[Person], plant: Plant, at: datetime
) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """Conversations, meetings held and cases closed today, by person."""
    since = start_of(plant.work.day_of(at), plant)
    meetings = {plant.handoff(s.handoff).packet_type for s in plant.playbook.slots}
    today = Event.objects.filter(
        kind__in=["conversation.held", "packet.closed"], at__gte=since, at__lte=at, actor__in=people
    )
    found = today.values("actor").annotate(
        talked=Count("pk", filter=Q(kind="conversation.held")),
        held=Count("pk", filter=Q(kind="packet.closed", packet_type__in=meetings, outcome="held")),
        closed=Count("pk", filter=Q(kind="packet.closed")),
    )
    rows = list(found.order_by())
    return (
        {r["actor"]: r["talked"] for r in rows},
        {r["actor"]: r["held"] for r in rows},
        {r["actor"]: r["closed"] for r in rows},
    )


def _with_evidence(found: Sequence[Dispute]) -> list[Case]:
    plants = method.versions([d.handoff.playbook for d in found])
    supplies = {
        (s.handoff_id, s.item): s
        for s in KitSupply.objects.filter(handoff__in=[d.handoff_id for d in found]).select_related(
            "file", "by"
        )
    }
    cases = []
    for one in found:
        spec = plants[one.handoff.playbook].playbook.handoff.get(one.handoff.kind)
        item = next((i for i in spec.kit if i.key == one.item), None) if spec else None
        fact = one.handoff.packet.facts.get(item.fact) if item and item.fact else None
        cases.append(Case(one, item, supplies.get((one.handoff_id, one.item)), fact))
    return cases
