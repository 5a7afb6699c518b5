"""The evidence for where the constraint is, gathered from the event table by measures; what is absent stays absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow import load
from fullkit.flow.constraint import Evidence, Sensitivity, Verdict, per_hour, sensitivity, verdict
from fullkit.flow.handoffs import FIRST_TIME_FULL_KIT
from fullkit.flow.measure import Measure, NotInThisData, run
from fullkit.flow.times import SELLING_SHARE
from fullkit.rules.queue import lost_throughput


@dataclass(frozen=True)
class Where:
    """Whose constraint is asked for, in the keys of the company. What a company lacks stays empty."""

    chain: str
    process: str | None
    since: date
    until: date
    won: str = "won"
    department: str = "inside_sales"
    """Whose queues are read each morning."""
    consumption: float = 1.0
    """Opportunities a salesperson uses up a day; a queue below that is starved."""
    inside: Sequence[str] = ()
    field: Sequence[str] = ()
    """Roles that sell inside, and in the field."""
    delivers: Sequence[str] = ()
    """Packet types that deliver what was sold, such as orders."""


@dataclass(frozen=True)
class Weighed:
    """The verdict, what it rests on, and what it is worth. None: not in this data."""

    verdict: Verdict
    evidence: Evidence
    sensitivity: Sensitivity | None
    per_hour: Decimal | None
    """Value won for each logged hour of selling."""
    lost: Decimal | None
    """Throughput lost to queues that stayed short; as recorded then, or else by today's chance and value of a win."""
    short: float | None
    """Opportunities by which queues stayed short."""
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """What the measures answered, by key."""
    absent: tuple[str, ...] = ()
    """What the measures could not answer, and why."""


def weigh(con: DuckDBPyConnection, where: Where) -> Weighed:
    """Ask every place, and judge. `con` holds the tables of flow/schema.py."""
    asked = _Asked(con, where)
    sellers = [*where.inside, *where.field]
    time = asked.rows(SELLING_SHARE, roles=sellers) if sellers else []
    logged = [r for r in time if r["selling"] is not None]
    evidence = Evidence(
        **_delivery(asked),
        repair=[float(r["repair"]) for r in logged],
        selling=[float(r["selling"]) for r in logged],
        kits=_kits(asked),
        readings=_readings(asked),
        slots=_slots(asked),
        meetings=_each(asked, where.field),
        talks=_each(asked, where.inside),
    )
    earned: Mapping[str, Any] = next(iter(asked.rows(load.EARNED)), {"decided": 0})
    hours = next(iter(asked.rows(load.SELLING_HOURS, roles=sellers)), {"hours": None})["hours"]
    short: Mapping[str, Any] = next(iter(asked.rows(load.SHORT)), {"times": 0})
    return Weighed(
        verdict(evidence),
        evidence,
        sensitivity(earned["decided"], earned["won"], earned["weeks"]) if earned["decided"] else None,
        per_hour(earned["earned"], hours) if hours and earned.get("earned") else None,
        _lost(short, earned),
        float(short["short"]) if short["times"] else None,
        asked.answers,
        tuple(asked.absent),
    )


class _Asked:
    """Answers of measures, kept; what is not in this data is noted and answers nothing."""

    def __init__(self, con: DuckDBPyConnection, where: Where) -> None:
        self.con, self.where = con, where
        self.answers: dict[str, Sequence[Mapping[str, Any]]] = {}
        self.absent: list[str] = []

    def rows(self, measure: Measure, **more: Any) -> list[dict[str, Any]]:
        given = {**vars(self.where), "types": list(self.where.delivers), "roles": []} | more
        try:
            found = run(self.con, measure, **{name: given[name] for name in measure.params})
        except NotInThisData as absent:
            self.absent.append(str(absent))
            return []
        self.answers[measure.key] = found
        return found


def _delivery(asked: _Asked) -> dict[str, Sequence[float]]:
    rows = asked.rows(load.DELIVERY) if asked.where.delivers else []
    return {name: [float(r[name]) for r in rows] for name in ("ordered", "delivered")}


def _kits(asked: _Asked) -> tuple[int, int] | None:
    rows = asked.rows(FIRST_TIME_FULL_KIT)
    offered = sum(int(r["offered"]) for r in rows)
    return (sum(int(r["full_kits"]) for r in rows), offered) if offered else None


def _readings(asked: _Asked) -> tuple[int, int, int] | None:
    rows = asked.rows(load.QUEUE_READINGS)
    if not rows or not rows[0]["readings"]:
        return None
    return int(rows[0]["starved"]), int(rows[0]["over"]), int(rows[0]["readings"])


def _slots(asked: _Asked) -> tuple[int, int] | None:
    rows = asked.rows(load.SLOTS)
    offered = sum(int(r["offered"]) for r in rows)
    return (sum(int(r["booked"]) for r in rows), offered) if offered else None


def _each(asked: _Asked, roles: Sequence[str]) -> list[float]:
    rows = asked.rows(load.TALKS_EACH, roles=list(roles)) if roles else []
    return [float(r["per_person_day"]) for r in rows if r["per_person_day"] is not None]


def _lost(short: Mapping[str, Any], earned: Mapping[str, Any]) -> Decimal | None:
    """As recorded at the time; else the shortfall times the chance and the mean value of a win."""
    if not short["times"]:
        return None
    if short["lost"] is not None:
        return Decimal(short["lost"])
    if not earned["decided"] or not earned.get("with_value"):
        return None
    return lost_throughput(
        float(short["short"]),
        chance=Decimal(earned["won"]) / Decimal(earned["decided"]),
        worth=Decimal(earned["earned"]) / Decimal(earned["with_value"]),
    )
