"""The week of the field: who goes where, what is free, how far ahead it is booked (R21, R40, R41)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from fullkit.models import Packet, Person, Slot
from fullkit.playbook.plant import Plant
from fullkit.reports.queues import start_of
from fullkit.rules import capacity, queue

WEEK = timedelta(days=7)
RECENT_MEETINGS = 100
"""How many meetings the worth of a slot is taken from."""


@dataclass(frozen=True)
class Cell:
    """One slot on the board."""

    slot: Slot
    over: bool
    """Whether its time has begun."""

    @property
    def free(self) -> bool:
        return self.slot.packet_id is None and not self.over

    @property
    def lost(self) -> bool:
        return self.slot.packet_id is None and self.over


@dataclass(frozen=True)
class Line:
    """One person's week: the cells of each day, in the order of the board's days."""

    person: Person
    days: tuple[tuple[Cell, ...], ...]
    closed: tuple[bool, ...]
    """For each day, whether this person's department does not work."""
    ahead: float
    """Forward-booked days: booked slots to come over slots a day."""
    reach: float
    """Days ahead that have open slots: what `ahead` is held against."""

    @property
    def named(self) -> list[tuple[tuple[Cell, ...], bool]]:
        """Each day's cells, and whether it is closed."""
        return list(zip(self.days, self.closed, strict=True))

    @property
    def zone(self) -> queue.Zone:
        return queue.zone(self.ahead, self.reach) if self.reach else "red"


@dataclass(frozen=True)
class Week:
    """The board of one week, from its Monday."""

    monday: date
    days: tuple[date, ...]
    lines: tuple[Line, ...]
    worth: Decimal
    """Expected throughput of one slot."""

    def unopened(self, today: date) -> bool:
        """Whether a working day from today on has no slots yet for somebody."""
        return any(
            day >= today and not cells and not closed
            for line in self.lines
            for day, (cells, closed) in zip(self.days, line.named, strict=True)
        )

    @property
    def cells(self) -> list[Cell]:
        return [cell for line in self.lines for day in line.days for cell in day]

    @property
    def slots(self) -> int:
        return len(self.cells)

    @property
    def booked(self) -> int:
        return sum(cell.slot.packet_id is not None for cell in self.cells)

    @property
    def fill(self) -> float | None:
        return capacity.fill_rate(self.booked, self.slots)

    @property
    def lost(self) -> int:
        return sum(cell.lost for cell in self.cells)

    @property
    def free(self) -> int:
        return sum(cell.free for cell in self.cells)

    @property
    def lost_cost(self) -> Decimal:
        return capacity.empty_slot_cost(self.lost, self.worth)

    @property
    def free_cost(self) -> Decimal:
        return capacity.empty_slot_cost(self.free, self.worth)


def monday_of(day: date) -> date:
    """The Monday of the week a day is in."""
    return day - timedelta(days=day.weekday())


def people_of(plant: Plant) -> list[Person]:
    """Those whose roles have slots, in the playbook's order."""
    roles = {s.role for s in plant.playbook.slots}
    order = {entry.sign_in: n for n, entry in enumerate(plant.playbook.people)}
    found = [p for p in Person.objects.filter(is_active=True) if roles & set(p.roles)]
    return sorted(found, key=lambda p: (order.get(p.sign_in, len(order)), p.pk))


def week(monday: date, plant: Plant, *, at: datetime) -> Week:
    """A week's board. Four queries, however many people and slots."""
    people = people_of(plant)
    days = _days(monday, people, plant)
    cells: dict[tuple[int, date], list[Cell]] = defaultdict(list)
    zone = ZoneInfo(plant.playbook.company.zone)
    for slot in _slots(start_of(monday, plant), start_of(monday + WEEK, plant), people):
        cells[slot.person_id, slot.starts_at.astimezone(zone).date()].append(Cell(slot, slot.starts_at <= at))
    ahead = _ahead(people, plant, at)
    lines = []
    for person in people:
        rows = tuple(tuple(cells.get((person.pk, day), ())) for day in days)
        booked, reach = ahead[person.pk]
        shut = tuple(plant.work_of(person.department).start_of_day(day) is None for day in days)
        lines.append(Line(person=person, days=rows, closed=shut, ahead=booked, reach=reach))
    return Week(monday=monday, days=tuple(days), lines=tuple(lines), worth=worth_of_a_slot(plant))


def worth_of_a_slot(plant: Plant) -> Decimal:
    """What a meeting brought lately: the chance of a win at its stage times the throughput of one (R21)."""
    types = {plant.handoff(s.handoff).packet_type for s in plant.playbook.slots}
    served = Packet.objects.filter(type__in=types, parent__value__isnull=False).order_by("-pk")
    worths, chances = [], []
    for packet in served.select_related("parent").only("parent__value", "parent__type", "parent__stage")[
        :RECENT_MEETINGS
    ]:
        behind = packet.parent
        if behind is None or behind.type not in plant.playbook.packet_type:
            continue
        stages = {s.key: s.chance for s in plant.playbook.stages_of(behind.type)}
        chances.append(stages.get(behind.stage, 0.0))
        worths.append(behind.worth(plant.playbook.company.margin))
    if not worths:
        return Decimal(0)
    mean = sum(worths, Decimal(0)) / len(worths)
    return capacity.slot_worth(sum(chances) / len(chances), mean).quantize(Decimal("0.01"))


def _days(monday: date, people: Sequence[Person], plant: Plant) -> list[date]:
    """The days of the week on which anybody works; a holiday of the week stays visible as an empty column."""
    hours = plant.playbook.calendar.hours
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return [monday + timedelta(days=n) for n, name in enumerate(names) if hours.get(name)]  # type: ignore[call-overload]


def _slots(since: datetime, until: datetime, people: Sequence[Person]) -> list[Slot]:
    found = Slot.objects.filter(starts_at__gte=since, starts_at__lt=until, person__in=people)
    return list(found.select_related("packet__customer").order_by("starts_at", "pk"))


def _ahead(people: Sequence[Person], plant: Plant, at: datetime) -> dict[int, tuple[float, float]]:
    """Forward-booked days of each person, and how many days ahead have slots at all (4.2)."""
    zone = ZoneInfo(plant.playbook.company.zone)
    booked: dict[int, int] = defaultdict(int)
    offered: dict[int, int] = defaultdict(int)
    open_days: dict[int, set[date]] = defaultdict(set)
    for slot in Slot.objects.filter(starts_at__gt=at, person__in=people).only(
        "person", "packet", "starts_at"
    ):
        offered[slot.person_id] += 1
        booked[slot.person_id] += slot.packet_id is not None
        open_days[slot.person_id].add(slot.starts_at.astimezone(zone).date())
    out = {}
    for person in people:
        days = len(open_days[person.pk])
        a_day = offered[person.pk] / days if days else 0
        out[person.pk] = (booked[person.pk] / a_day if a_day else 0.0, float(days))
    return out
