"""A shared inbox as a buffer board: what waits, by how much of its promise is used (R54).

Four columns, each the oldest first and cut off; counts are cut off too. So a board costs the same two statements
and the same walks down one index, whether ten packets wait or a million.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from django.db import connection

from fullkit.models import Packet
from fullkit.playbook.plant import Plant
from fullkit.rules.calendar import WorkTime
from fullkit.rules.inbox import Colour

SHOWN = 12
COUNTED = 1000
"""Counting stops here: "1,000 or more" decides nothing differently from the exact figure."""
COLOURS: tuple[Colour, ...] = ("green", "yellow", "red", "black")


@dataclass
class Column:
    """One colour: the oldest packets, and how many there are (at most COUNTED of a type and state)."""

    colour: Colour
    packets: list[Packet] = field(default_factory=list)
    count: int = 0
    uncounted: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.packets)


@dataclass(frozen=True)
class TypeRow:
    """How many of one type there are, by colour."""

    type: str
    counts: dict[Colour, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Board:
    columns: list[Column]
    rows: list[TypeRow]

    @property
    def total(self) -> int:
        return sum(column.count for column in self.columns)


def board(department: str, plant: Plant, *, at: datetime) -> Board:
    """The open packets of a department, in hand and laid aside included: a promise runs on wherever they are."""
    types = [t for t in plant.department(department).works if t not in plant.pooled(department)]
    columns = {colour: Column(colour) for colour in COLOURS}
    counts: dict[str, dict[Colour, int]] = {t: dict.fromkeys(COLOURS, 0) for t in types}
    shown: dict[Colour, list[int]] = defaultdict(list)
    for what, colour, type, number in _walk(department, types, plant, at):
        if what == "count":
            counts[type][colour] += number
            columns[colour].count += number
            columns[colour].uncounted |= number >= COUNTED
        else:
            shown[colour].append(number)
    packets = Packet.objects.select_related("customer", "person").in_bulk(
        [i for ids in shown.values() for i in ids]
    )
    for colour, ids in shown.items():
        known = [packets[i] for i in ids if i in packets]
        columns[colour].packets = sorted(known, key=lambda p: (p.queued_at, p.pk))[:SHOWN]
    return Board(list(columns.values()), [TypeRow(t, counts[t]) for t in types])


def _walk(
    department: str, types: list[str], plant: Plant, at: datetime
) -> list[tuple[str, Colour, str, int]]:
    """(ids | count, colour, type, id or number) of every type and colour, in one statement."""
    parts: list[str] = []
    given: list[Any] = []
    for type in types:
        bands = _bands(department, type, plant, at)
        for state, (colour, where, cut) in product(("waiting", "held", "parked"), bands):
            open_here = f"department = %s AND state = '{state}' AND type = %s AND {where}"
            values = [department, type, *cut]
            parts.append(
                f"SELECT * FROM (SELECT 'id' AS what, '{colour}' AS colour, type, id FROM fullkit_packet"
                f" WHERE {open_here} ORDER BY queued_at, id LIMIT {SHOWN}) AS shown"
            )
            parts.append(
                f"SELECT 'count', '{colour}', CAST(%s AS varchar(40)), count(*)"
                f" FROM (SELECT 1 FROM fullkit_packet WHERE {open_here} LIMIT {COUNTED}) AS counted"
            )
            given += [*values, type, *values]
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        return cursor.fetchall()


def _bands(department: str, type: str, plant: Plant, at: datetime) -> list[tuple[Colour, str, list[object]]]:
    """What each colour means for one type, as conditions. Red and black are stored; yellow is the second third."""
    promise = plant.promise(type)
    if promise is None:
        return [("green", "zone = ''", [])]
    cut = connection.ops.adapt_datetimefield_value(started_by(plant.work_of(department), at, promise / 3))
    return [
        ("green", "zone = '' AND queued_at > %s", [cut]),
        ("yellow", "zone = '' AND queued_at <= %s", [cut]),
        ("red", "zone = 'red'", []),
        ("black", "zone = 'black'", []),
    ]


def started_by(work: WorkTime, at: datetime, minutes: float) -> datetime:
    """The latest start from which `minutes` of working time had passed at `at`; the inverse of `WorkTime.add`."""
    span = timedelta(minutes=minutes)
    while work.minutes_between(at - span, at) < minutes and span < timedelta(days=3650):
        span *= 2
    long_enough, too_short = at - span, at
    while too_short - long_enough > timedelta(seconds=1):
        middle = long_enough + (too_short - long_enough) / 2
        if work.minutes_between(middle, at) >= minutes:
            long_enough = middle
        else:
            too_short = middle
    return long_enough
