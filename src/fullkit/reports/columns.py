"""Rows of the log as NumPy columns, with what the company's time zone and calendar add."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from fullkit.flow import schema
from fullkit.rules.calendar import WorkTime

_AS_IDS = ("packet", "actor", "customer", "person")
RECORDED = tuple(f"{c.name}_id" if c.name in _AS_IDS else c.name for c in schema.RECORDED)
"""The recorded columns as the model names them."""

COUNTED_FROM = datetime(2000, 1, 1, tzinfo=UTC)
"""`worked` is 0 then and before."""

Column = NDArray[Any]


def arrays(rows: Sequence[tuple[Any, ...]], work: WorkTime) -> dict[str, Column]:
    """Rows in the order of RECORDED as one array per column of the log; an absent number is NaN, a time NaT."""
    columns = dict(zip((c.name for c in schema.RECORDED), zip(*rows, strict=True), strict=True))
    found = {c.name: _READ.get(c.type, _text)(columns[c.name]) for c in schema.RECORDED}
    day = days(found["at"], work.zone)
    monday = day - (day.astype(np.int64) + 3) % 7  # day 0 of the epoch was a Thursday
    found |= {"day": day.astype("datetime64[us]"), "week": monday.astype("datetime64[us]")}
    found["worked"] = worked(found["at"], work)
    of_none = np.isnan(found["packet"])
    found["activity"] = found["kind"].copy()
    found["activity"][of_none] = None
    return found


def _numbers(values: Sequence[Any]) -> Column:
    return np.array(values, dtype=np.float64)


def times(values: Sequence[datetime | None]) -> Column:
    # Django gives UTC; NumPy knows no zones.
    return np.array([None if v is None else v.replace(tzinfo=None) for v in values], dtype="datetime64[us]")


def _text(values: Sequence[str | None]) -> Column:
    return np.array(values, dtype=object)


_READ: dict[str, Callable[[Sequence[Any]], Column]] = {
    "BIGINT": _numbers,
    "INTEGER": _numbers,
    "DOUBLE": _numbers,
    "DECIMAL(14, 2)": _numbers,
    "TIMESTAMP": times,
}


def midnights(zone: str, first: date, last: date) -> list[datetime]:
    """The instants at which the days from `first` to `last` begin."""
    place, count = ZoneInfo(zone), (last - first).days + 1
    starts = (datetime.combine(first + timedelta(days=i), time.min, place) for i in range(count))
    return [start.astimezone(UTC) for start in starts]


def days(at: Column, zone: str) -> Column:
    """The company's date at each instant."""
    first, last = _span(at)
    begin = first.date() - timedelta(days=1)
    starts = times(midnights(zone, begin, last.date() + timedelta(days=2)))
    return np.datetime64(begin, "D") + (np.searchsorted(starts, at, side="right") - 1)


def worked(at: Column, work: WorkTime) -> Column:
    """Working minutes from COUNTED_FROM to each instant."""
    first, last = _span(at)
    first, last = max(first, COUNTED_FROM), max(last, COUNTED_FROM)
    before = work.minutes_between(COUNTED_FROM, first)
    spans = work.spans(first, last)
    if not spans:
        return np.full(len(at), before)
    opens, closes = (times(side).astype(np.int64) for side in zip(*spans, strict=True))
    opens[0] = max(opens[0], int(times([first]).astype(np.int64)[0]))  # what lies before is in `before`
    instants = at.astype(np.int64)
    i = np.searchsorted(opens, instants, side="right") - 1
    done = np.concatenate([[0], np.cumsum(closes - opens)])
    ticks = done[i + 1] - np.where(i >= 0, np.maximum(0, closes[i] - instants), 0)
    return before + ticks / 60e6


def _span(at: Column) -> tuple[datetime, datetime]:
    first, last = (np.datetime64(at.min(), "us").item(), np.datetime64(at.max(), "us").item())
    return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
