"""Who is short, by how much, from what pool: the promotions coordinator's first screen (R24 to R29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, Sum

from fullkit.models import Advice, Event, Packet, Person, QueueReading, QueueTarget
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Queue
from fullkit.reports import pool
from fullkit.rules import queue

LOOKS_BACK = timedelta(days=28)
"""How far the cost of starving is summed up."""


@dataclass(frozen=True)
class Row:
    """One person's queue. `level` is the one before this morning's run, or the present one when it has not run."""

    person: Person
    level: int
    target: float
    zone: queue.Zone
    ready: int
    in_play: int
    gap: int
    """Still to be released today."""
    released: int
    starved_at: datetime | None
    lost: Decimal
    """Throughput lost by starving within the last four weeks."""
    advice: Advice | None

    @property
    def share(self) -> float:
        return self.level / self.target if self.target else 0.0


@dataclass(frozen=True)
class Board:
    """All queues of one department, and the pool that fills them."""

    department: str
    policy: Queue
    rows: tuple[Row, ...]
    ran_at: datetime | None
    """When today's run read the levels."""
    in_pool: int
    full_in_pool: int
    """Of those looked at: all of the pool, unless `deep`."""
    deep: bool
    """The pool is deeper than was looked at; what is full in it, and what it lasts, are at least that."""
    cover_days: float | None
    incidents: tuple[Packet, ...]
    mornings: int
    on_time: int
    """Of the last mornings, those whose run was done when the first working span began (R25)."""

    @property
    def gap(self) -> int:
        return sum(row.gap for row in self.rows)

    @property
    def released(self) -> int:
        return sum(row.released for row in self.rows)

    @property
    def lost(self) -> Decimal:
        return sum((row.lost for row in self.rows), Decimal(0))


def board(department: str, people: Sequence[Person], plant: Plant, *, at: datetime) -> Board:
    """The queues of these people, in the order given. The number of queries does not depend on their number."""
    policy = plant.playbook.queue[department]
    release = plant.handoff(policy.release)
    paces = [plant.pace(department, p.sign_in) for p in people]
    needed = ceil(sum(paces) * policy.cover_days)
    oldest = pool.stretch(release, plant, at=at, length=max(pool.LOOKED_AT, 2 * needed))
    full = len(oldest.full)
    readings = _readings(department, plant, at)
    mornings = _mornings(department, plant, at)
    return Board(
        department=department,
        policy=policy,
        rows=tuple(_rows(department, people, readings, plant, at)),
        ran_at=min((r.at for r in readings.values()), default=None),
        in_pool=pool.waiting(release).count() if oldest.further else len(oldest.rows),
        full_in_pool=full,
        deep=oldest.further is not None,
        cover_days=pool.cover_days(full, paces),
        incidents=tuple(_incidents(policy, release.from_)),
        mornings=len(mornings),
        on_time=sum(mornings),
    )


def standing(department: str, people: Sequence[Person], plant: Plant, *, at: datetime) -> list[Row]:
    """How full each of these people's queues is, without the pool behind it."""
    return _rows(department, people, _readings(department, plant, at), plant, at)


def start_of(day: date, plant: Plant) -> datetime:
    """Midnight of the company's day."""
    return datetime.combine(day, time.min, ZoneInfo(plant.playbook.company.zone))


def _readings(department: str, plant: Plant, at: datetime) -> dict[int, QueueReading]:
    today = QueueReading.objects.filter(department=department, day=plant.work.day_of(at))
    return {reading.person_id: reading for reading in today}


def _rows(
    department: str, people: Sequence[Person], readings: dict[int, QueueReading], plant: Plant, at: datetime
) -> list[Row]:
    policy = plant.playbook.queue[department]
    targets = dict(QueueTarget.objects.filter(person__in=people).values_list("person", "target"))
    counts = _counts(department, people, plant, at)
    released = _released_today(people, policy, plant, at)
    starved = _starved(people, at)
    advice = {
        a.person_id: a for a in Advice.objects.filter(person__in=people, accepted_at=None, lapsed_at=None)
    }
    rows = []
    for person in people:
        reading = readings.get(person.pk)
        ready, in_play = counts.get(person.pk, (0, 0))
        target = targets.get(person.pk) or plant.ready_target(department, person.sign_in)
        level = reading.level if reading else ready
        if reading:
            gap, target = max(0, reading.gap - reading.released), reading.target
        else:
            gap = queue.gap(target, ready, 0, in_play, policy.in_play[1])
        last, lost = starved.get(person.pk, (None, Decimal(0)))
        rows.append(
            Row(
                person=person,
                level=level,
                target=target,
                zone=queue.zone(level, target),
                ready=ready,
                in_play=in_play,
                gap=gap,
                released=released.get(person.pk, 0),
                starved_at=last,
                lost=lost,
                advice=advice.get(person.pk),
            )
        )
    return rows


def _counts(
    department: str, people: Sequence[Person], plant: Plant, at: datetime
) -> dict[int, tuple[int, int]]:
    """Ready and in play by person; what is past the freshness limit is no stock (4.2)."""
    policy = plant.playbook.queue[department]
    kind = plant.handoff(policy.release).packet_type
    fresh = at - timedelta(days=policy.fresh_days)
    own = Packet.objects.open().filter(department=department, type=kind, person__in=people)
    counted = own.values("person").annotate(
        ready=Count("pk", filter=Q(touched_at=None, released_at__gte=fresh)),
        in_play=Count("pk", filter=Q(touched_at__isnull=False)),
    )
    return {c["person"]: (c["ready"], c["in_play"]) for c in counted.order_by()}


def _released_today(people: Sequence[Person], policy: Queue, plant: Plant, at: datetime) -> dict[int, int]:
    since = start_of(plant.work.day_of(at), plant)
    done = Event.objects.filter(
        person__in=people, kind="handoff.accepted", handoff_kind=policy.release, at__gte=since, at__lte=at
    )
    return dict(done.values("person").annotate(n=Count("pk")).order_by().values_list("person", "n"))


def _starved(people: Sequence[Person], at: datetime) -> dict[int, tuple[datetime, Decimal]]:
    """When each last starved, and what that cost within the last weeks."""
    known = Event.objects.filter(person__in=people, kind="queue.starved", at__lte=at)
    recent = Q(at__gte=at - LOOKS_BACK)
    found = known.values("person").annotate(last=Max("at"), lost=Sum("value", filter=recent)).order_by()
    return {f["person"]: (f["last"], Decimal(f["lost"] or 0)) for f in found}


def _incidents(policy: Queue, department: str) -> list[Packet]:
    if not policy.incident:
        return []
    found = Packet.objects.open().filter(department=department, type=policy.incident)
    return list(found.select_related("person").order_by("queued_at", "pk"))


def _mornings(department: str, plant: Plant, at: datetime) -> list[bool]:
    """For each of the last mornings with a run, whether it was done before work began."""
    since = plant.work.day_of(at) - LOOKS_BACK
    runs = QueueReading.objects.filter(department=department, day__gte=since).values("day")
    on_time = []
    for run in runs.annotate(first=Min("at")).order_by("day"):
        opens = plant.work_of(department).start_of_day(run["day"])
        if opens is not None:
            on_time.append(run["first"] <= opens)
    return on_time
