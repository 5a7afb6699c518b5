"""A log made by hand: a company that works Monday to Friday, 08:00 to 16:00 in Chicago, and what happened there."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from duckdb import DuckDBPyConnection

from fullkit.flow import schema
from fullkit.flow.measure import Measure, run
from fullkit.rules.calendar import WorkTime

CHICAGO = ZoneInfo("America/Chicago")
HOURS = ((time(8), time(16)),)
WORK = WorkTime("America/Chicago", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), HOURS))
BASE = datetime(2020, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 3, 2)


def when(day: int, clock: str = "09:00") -> datetime:
    """The instant at which it is this time in Chicago, so many days after the first Monday."""
    local = datetime.combine(MONDAY + timedelta(days=day), time.fromisoformat(clock), CHICAGO)
    return local.astimezone(UTC)


DATABASE = duckdb.connect(config={"threads": 1})


def _fill(con: DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """As `schema.fill`, by way of a file: sixty times as fast for hundreds of rows."""
    types = {c.name: c.type for c in schema.LOG}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as told:
        told.writelines(f"{json.dumps(row, default=str)}\n" for row in rows)
        told.flush()
        if rows:
            source = f"read_json('{told.name}', columns = {types}, format = 'newline_delimited')"
            con.execute(f"INSERT INTO log SELECT * FROM {source}")


class Story:
    """What happened, in the order told."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.facts: dict[int | None, dict[str, Any]] = {}

    def packet(self, number: int, **facts: Any) -> None:
        """What a packet is from now on: an inbox quote of customer service unless said otherwise."""
        known = {"chain": "bau", "process": None, "packet_type": "quote", "department": "service"}
        self.facts[number] = known | self.facts.get(number, {}) | facts

    def tell(self, at: datetime, kind: str, packet: int | None = None, **facts: Any) -> None:
        """One event. What it does not say is the packet's."""
        if packet is not None and packet not in self.facts:
            self.packet(packet)
        moment = {
            "id": len(self.rows) + 1,
            "packet": packet,
            "kind": kind,
            "at": at.replace(tzinfo=None),
            "recorded_at": at.replace(tzinfo=None),
            "day": (day := WORK.day_of(at)),
            "week": day - timedelta(days=day.weekday()),
            "worked": WORK.minutes_between(BASE, at),
            "activity": kind if packet is not None else None,
        }
        if "due_at" in facts:
            facts["due_at"] = facts["due_at"].replace(tzinfo=None)
        self.rows.append(self.facts.get(packet, {}) | facts | moment)

    @contextmanager
    def told(self, *, days: int) -> Iterator[DuckDBPyConnection]:
        """The tables that measures read, with a calendar of so many days from the first Monday on."""
        with DATABASE.cursor() as con:
            schema.create(con, "log", schema.LOG, temporary=True)
            _fill(con, self.rows)
            schema.packets(con)
            starts = [when(i, "00:00") for i in range(days + 1)]
            schema.calendar(
                con,
                [
                    (MONDAY + timedelta(days=i), WORK.minutes_between(starts[i], starts[i + 1]))
                    for i in range(days)
                ],
            )
            yield con

    def ask(self, measure: Measure, *, days: int = 14, **params: Any) -> list[dict[str, Any]]:
        """A measure's answer about the first `days`; of inbox work unless said otherwise."""
        given = {
            "chain": "bau",
            "process": None,
            "since": MONDAY,
            "until": MONDAY + timedelta(days=days - 1),
            "release": "release",
            "won": "won",
            "department": "inside_sales",
            "consumption": 6.0,
            "roles": ["inside_salesperson"],
            "connectors": ["onboard", "white_space"],
            "types": ["opportunity", "quote"],
            "required": 12.0,
        } | params
        with self.told(days=days) as con:
            return run(con, measure, **{name: given[name] for name in measure.params})
