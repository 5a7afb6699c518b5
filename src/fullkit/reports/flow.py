"""The manager's picture of the flow: one side of the company at a time, each measure with its answer.

A side is a chain and a process (growth and hunting; business as usual and its inboxes). R99 and R59 forbid a number
that mixes two, so there is no picture of everything. Revenue is in none of them (R63).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from fullkit.flow import spc
from fullkit.flow.measure import Measure, narrow, run
from fullkit.flow.measures import ALL, WATCHED
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Queue
from fullkit.reports import log, method, watch
from fullkit.reports.answers import Told, answer
from fullkit.reports.words import Words
from fullkit.rules import transition

WEEKS = 26
Unit = Literal["", "h", "%", "a day"]
JUDGED = 6
"""Lines of one measure that are held against limits: those with the most cases."""
_KEPT = 32


@dataclass(frozen=True)
class Side:
    """A chain and a process, and the packet types that belong to them."""

    chain: str
    process: str | None
    name: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """One week of a series. `value` None: not in this data, which is never zero."""

    week: date
    value: float | None
    n: int
    """Cases behind the value."""
    whole: bool
    """False for the week that is still running."""


@dataclass(frozen=True)
class Series:
    """One line of a chart."""

    key: str
    name: str
    points: tuple[Point, ...]
    chart: spc.Chart | None = None
    """Its whole weeks held against limits; None where weeks cannot be compared, as when the latest are not over."""


@dataclass(frozen=True)
class Tile:
    """A measure, its answer in one sentence, its chart and its table."""

    measure: Measure
    says: str
    n: int
    """Cases behind the sentence; 0 means there was nothing to say."""
    unit: Unit
    """Of the series' values; a share is between 0 and 1."""
    series: tuple[Series, ...]
    """Empty where a table says it better."""
    rows: tuple[dict[str, Any], ...]
    """The answer as it is, by column, with keys."""
    table: tuple[tuple[Any, ...], ...]
    """The same in the order of the measure's columns, keys said as the company says them."""

    @property
    def key(self) -> str:
        return self.measure.key


@dataclass(frozen=True)
class Dashboard:
    """What one side's flow looks like."""

    side: Side
    since: date
    until: date
    week: date
    """The Monday of the week that the sentences speak of."""
    when: str
    weeks: int
    tiles: tuple[Tile, ...]
    reach: log.Reach
    watch: tuple[watch.Watched, ...] = ()
    """What is held against a limit, on the side that sells; what is past it first."""

    def tile(self, key: str) -> Tile | None:
        return next((tile for tile in self.tiles if tile.key == key), None)


@dataclass(frozen=True)
class _Chart:
    value: str
    n: str
    unit: Unit = ""
    by: str = ""
    what: spc.What | None = "count"
    """What the values are, from which the kind of chart follows; None: not to be judged."""
    part: str = ""
    """For a share: the column that counts the part, out of `n`."""


ORDER: dict[str, _Chart | None] = {
    "opportunity_flow": _Chart("processed", "processed"),
    "interactions": _Chart("per_day", "interactions", "a day", what="amount"),
    "released_and_open": _Chart("open", "open", what="amount"),
    "opportunity_time": _Chart("median_hours", "closed", "h", what="time"),
    "starvation": _Chart("share", "readings", "%", what="share", part="starved"),
    "conversion": _Chart("of_released", "released", "%", what=None),
    "conversion_by_time": None,
    "stage_time": None,
    "on_time": _Chart("share", "promised", "%", "packet_type", "share", "on_time"),
    "inbox_time": _Chart("median_hours", "closed", "h", "packet_type", "time"),
    "arrivals": _Chart("arrived", "arrived"),
    "throughput": _Chart("closed", "closed"),
    "work_in_process": _Chart("open", "open", what="amount"),
    "first_time_full_kit": None,
    "full_kit_by_week": _Chart("share", "offered", "%", "handoff_kind", "share", "full_kits"),
    "missing_items": None,
    "offer_to_accept": None,
    "rework": None,
    "ping_pong": _Chart("returns", "returns"),
    "red_causes": None,
    "skips": None,
    "selling_share": _Chart("selling", "minutes", "%", what="amount"),
    "time_mix": _Chart("share", "minutes", "%", "category", "amount"),
    "borrowed": _Chart("hours", "times", "h", what="amount"),
    "connectors": _Chart("accepted", "accepted", "", "handoff_kind"),
}
"""What a page shows, in its order: flow before conversion (R15), then promises, handoffs, hours."""


class NoSuchSide(LookupError):
    """No packet type of the playbook in force belongs to this chain and process."""


def sides(plant: Plant) -> tuple[Side, ...]:
    """The sides of a company, growth first, in the playbook's order."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for kind in plant.playbook.packet_types:
        found.setdefault((plant.playbook.chain_of(kind.key), kind.process), []).append(kind.key)
    ordered = sorted(found, key=lambda pair: (pair[0] != "growth", pair[1] is None))
    return tuple(
        Side(chain, process, _name(plant, chain, process), tuple(found[chain, process]))
        for chain, process in ordered
    )


def _name(plant: Plant, chain: str, process: str | None) -> str:
    if process is not None:
        return plant.playbook.process[process].name
    return "Other growth work" if chain == "growth" else "Business as usual"


_kept: OrderedDict[tuple[Any, ...], Dashboard] = OrderedDict()
_guard = threading.Lock()


def dashboard(*, chain: str, process: str | None = None, weeks: int = WEEKS, at: datetime) -> Dashboard:
    """The flow of one side over the last `weeks`, this one included; kept until the log says more.

    Raises NoSuchSide when the playbook has no packet of this chain and process.
    """
    plant = method.in_force()
    side = (
        next((s for s in sides(plant) if (s.chain, s.process) == (chain, process)), None) if plant else None
    )
    if plant is None or side is None:
        raise NoSuchSide(f"No packet type belongs to the chain {chain!r} and the process {process!r}.")
    today = plant.work.day_of(at)
    key = (log.reach(), plant.number, chain, process, weeks, today)
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _build(plant, side, weeks, today, at)
    with _guard:
        _kept[key] = made
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return made


def weeks_of(packet_type: str, plant: Plant, *, at: datetime) -> list[transition.Week]:
    """How many of a type were completed in each whole week, and how many on time; oldest first (R45)."""
    side = next(s for s in sides(plant) if packet_type in s.types)
    board = dashboard(chain=side.chain, process=side.process, at=at)
    kept = board.tile("on_time")
    rows = [r for r in kept.rows if r["packet_type"] == packet_type] if kept else []
    monday = board.until - timedelta(days=board.until.weekday())
    return [transition.Week(r["promised"], r["on_time"]) for r in rows if r["week"] < monday]


def _build(plant: Plant, side: Side, weeks: int, today: date, at: datetime) -> Dashboard:
    monday = today - timedelta(days=today.weekday())
    since = monday - timedelta(weeks=weeks - 1)
    given = params(plant, side) | {"since": since, "until": today}
    chosen = [ALL[key] for key in ORDER if _fits(ALL[key], plant, side, given)]
    con, reach = log.table(at=at)
    with con:
        sells = "release" in given
        narrow(con, [*chosen, *(WATCHED.values() if sells else ())])
        rows = {m.key: run(con, m, **{name: given[name] for name in m.params}) for m in chosen}
        behind = watch.ask(con, plant, given, monday) if sells else {}
        first = con.execute("SELECT min(week) FROM calendar").fetchone()
    begun = first[0] if first else monday
    week, when = (
        (monday - timedelta(weeks=1), "last week") if begun < monday else (monday, "this week so far")
    )
    if week < since:
        week, when = monday, "this week so far"
    words = Words(plant)
    told = Told(week, when, weeks, words, rows)
    tiles = tuple(_tile(measure, told, monday) for measure in chosen)
    held = watch.watched(rows | behind, plant, monday) if sells else ()
    return Dashboard(side, since, today, week, when, weeks, tiles, reach, held)


def _queue(plant: Plant, side: Side) -> Queue | None:
    """The queue whose release hands over packets of this side."""
    return next(
        (q for q in plant.playbook.queues if plant.handoff(q.release).packet_type in side.types), None
    )


def params(plant: Plant, side: Side) -> dict[str, Any]:
    """What keeps the measures of a side apart from the other sides."""
    queue, book = _queue(plant, side), plant.playbook
    found: dict[str, Any] = {"chain": side.chain, "process": side.process}
    if queue is not None:
        outcomes = book.packet_type[plant.handoff(queue.release).packet_type].outcomes
        found |= {
            "release": queue.release,
            "department": queue.department,
            "consumption": float(queue.consumption),
            "won": "won" if "won" in outcomes else outcomes[0],
        }
    chain = {d.key for d in book.departments if d.chain == side.chain}
    roles = [r.key for r in book.roles if r.department in chain and (r.selling or side.chain == "bau")]
    if roles and (queue is not None or side.process is None):
        found["roles"] = roles
    connectors = [h.key for h in book.handoffs if h.connector]
    if connectors and side.process is not None:
        found["connectors"] = connectors
    return found


def _fits(measure: Measure, plant: Plant, side: Side, params: dict[str, Any]) -> bool:
    """Whether a measure says something about this side: a queue's only where there is one, and so on."""
    if not set(measure.params) <= set(params):
        return False
    if measure.key == "inbox_time":
        return "release" not in params
    if measure.key == "on_time":
        return any(plant.type(kind).promise for kind in side.types)
    if measure.key in ("opportunity_flow", "interactions", "borrowed"):
        return "release" in params
    return True


def _tile(measure: Measure, told: Told, monday: date) -> Tile:
    rows = told.rows[measure.key]
    says, n = answer(measure.key, told)
    chart = ORDER[measure.key]
    return Tile(
        measure=measure,
        says=says,
        n=n,
        unit=chart.unit if chart else "",
        series=_series(rows, chart, told.words, monday) if chart else (),
        rows=tuple(rows),
        table=tuple(_said(measure, row, told.words) for row in rows),
    )


def _series(rows: Sequence[dict[str, Any]], chart: _Chart, words: Words, monday: date) -> tuple[Series, ...]:
    """A line per key of the column `by`. Where there is a row per day, the last of each week counts."""
    lines: dict[str, dict[date, tuple[Point, float]]] = {}
    for row in rows:
        value = row[chart.value]
        point = Point(
            week=row["week"],
            value=None if value is None else float(value),
            n=int(row[chart.n] or 0),
            whole=row["week"] < monday,
        )
        part = float(row[chart.part] or 0) if chart.part else 0.0
        lines.setdefault(row[chart.by] if chart.by else "", {})[row["week"]] = (point, part)
    largest = sorted(lines, key=lambda key: -sum(point.n for point, _ in lines[key].values()))[:JUDGED]
    return tuple(
        Series(
            key,
            words.said(chart.by, key) if key else "",
            tuple(point for point, _ in points.values()),
            _judged(list(points.values()), chart) if key in largest else None,
        )
        for key, points in lines.items()
    )


def _judged(points: Sequence[tuple[Point, float]], chart: _Chart) -> spc.Chart | None:
    """The whole weeks against their own limits, by the usual rules."""
    whole = [(point, part) for point, part in points if point.whole]
    if chart.what is None or not any(point.value is not None for point, _ in whole):
        return None
    weeks = [point.week for point, _ in whole]
    if chart.what == "share":
        parts = [part if point.n else None for point, part in whole]
        return spc.chart(spc.Series("share", parts, weeks, [float(point.n) for point, _ in whole]))
    return spc.chart(spc.Series(chart.what, [point.value for point, _ in whole], weeks))


def _said(measure: Measure, row: dict[str, Any], words: Words) -> tuple[Any, ...]:
    event = measure.kinds[-1] if len(measure.kinds) == 1 or measure.key == "skips" else ""
    return tuple(
        words.said(name, row[name], event=event, handoff=row.get("handoff_kind")) for name in measure.columns
    )
