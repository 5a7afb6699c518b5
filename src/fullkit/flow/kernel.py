"""The ways that packets take, in one compiled pass: the twin of the statements in flow/graph.py, and equal to them.

It reads the activities of packet after packet, each in order of time. Where the log stands in that order already, as
the mirror does, nothing is sorted; several such parts are merged as cards are. Numba keeps the compiled code in the
folder NUMBA_CACHE_DIR names, else beside this file or in the user's own cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numba
import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from fullkit.flow.graph import ACTIVITY_FLOW, CASE_TIME, DIRECTLY_FOLLOWS, LAST_DONE, VARIANTS
from fullkit.flow.measure import Measure, NotInThisData

Ints = NDArray[np.int64]
TOP = 100
"""How many variants an answer names."""
MOST = 4_000
"""Distinct activities up to which everything that can follow everything is counted in one table."""
_HOUR, _DAY = 3600e6, 86400e6


class TooManyActivities(ValueError):
    """So many names are not activities; somebody mapped a number or a text to them."""

    def __init__(self, names: int) -> None:
        super().__init__(
            f"The log holds {names} different activities; up to {MOST} can be drawn as a graph."
            " Map the column that says what was done, not one that is different on every row."
        )


@dataclass(frozen=True)
class Done:
    """What was done, packet after packet in order of time. All arrays are (events,)."""

    packet: Ints
    at: Ints
    """Microseconds since 1970, UTC."""
    day: NDArray[np.int32]
    """Days after `first_day`; the company's dates."""
    code: NDArray[np.uint16]
    """The place of the activity in `names`."""
    names: tuple[str, ...]
    """The activities, in order."""
    first_day: date


def read(
    con: DuckDBPyConnection,
    *,
    chain: str,
    process: str | None,
    since: date,
    until: date,
    runs: Sequence[str] = (),
) -> Done:
    """The activities of one side in a period, from the tables of flow/schema.py.

    runs: what the log consists of, as SQL after FROM: parts that are each in order of packet, time and number, the
    older first; without any, `log` is put in order. Raises NotInThisData when the log lacks a column, and
    TooManyActivities when there are more than MOST.
    """
    _needs(con)
    params = {"chain": chain, "process": process, "since": since, "until": until}
    ours = (
        "packet IN (SELECT packet FROM packets WHERE chain = $chain AND process IS NOT DISTINCT FROM $process)"
        " AND day BETWEEN $since AND $until"
    )
    return _read(con, runs, ours, params)


def read_all(con: DuckDBPyConnection, runs: Sequence[str] = ()) -> Done:
    """The same of every side and of all time, for a log that holds one process."""
    return _read(con, runs, "true", {})


def _read(con: DuckDBPyConnection, runs: Sequence[str], where: str, params: dict[str, Any]) -> Done:
    parts = list(runs) or ['(SELECT * FROM log ORDER BY packet, "at", id)']
    whole = " UNION ALL ".join(f"SELECT activity, day FROM {part}" for part in runs) or "SELECT * FROM log"
    seen = con.execute(f"SELECT DISTINCT activity FROM ({whole}) WHERE activity IS NOT NULL ORDER BY 1")
    names = tuple(row[0] for row in seen.fetchall())
    if len(names) > MOST:
        raise TooManyActivities(len(names))
    first = con.execute(f"SELECT min(day) FROM ({whole}) WHERE activity IS NOT NULL").fetchone()
    if not names or not first or first[0] is None:
        nothing = np.empty(0, np.int64)
        return Done(nothing, nothing, nothing.astype(np.int32), nothing.astype(np.uint16), names, date.min)
    kinds = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    columns = (
        f"packet, epoch_us(\"at\") AS moment, (day - DATE '{first[0]}')::INTEGER AS since_first,"
        f" enum_code(activity::ENUM({kinds}))::USMALLINT AS code"
    )
    found: list[tuple[Any, ...]] = []
    for part in parts:
        given = con.execute(
            f"SELECT {columns} FROM {part} WHERE activity IS NOT NULL AND {where}", params
        ).fetchnumpy()
        found.append(tuple(np.asarray(given[name]) for name in ("packet", "moment", "since_first", "code")))
    merged = found.pop()
    while found:  # the small ones first: they are the last
        older, newer = found.pop(), merged
        merged = older if not len(newer[0]) else newer if not len(older[0]) else _merge(*older, *newer)
    packet, at, day, code = merged
    return Done(packet, at, day, code, names, first[0])


def _needs(con: DuckDBPyConnection) -> None:
    held = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE log)").fetchall()}
    absent = tuple(name for name in DIRECTLY_FOLLOWS.reads if name not in held)
    if absent:
        raise NotInThisData(DIRECTLY_FOLLOWS, absent)


# --- what one pass finds -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ways:
    """What one pass over the log finds, as numbers; `answers` says them as the statements do."""

    done: Done
    follows: Ints
    """(activities, activities): how often the second directly followed the first."""
    lasts: Ints
    """(packets,): microseconds from the first activity to the last."""
    entered: Ints
    """(days, activities): packets to which it was done for the first time on that day."""
    ended: Ints
    """(days,): packets on which the last thing was done on that day."""
    ways: Ints
    """(variants,): packets of each variant, in the order of their first packet."""
    where: Ints
    """(variants, 2): where that packet's events begin in `done`, and how many they are."""

    @cached_property
    def edges(self) -> list[tuple[int, int, int]]:
        """(activity, next, times), the commonest first."""
        rows, columns = np.nonzero(self.follows)
        times = self.follows[rows, columns]
        order = np.lexsort((columns, rows, -times))
        return [(int(rows[i]), int(columns[i]), int(times[i])) for i in order]


def ways(done: Done) -> Ways:
    """The pass: one loop over the events."""
    days = int(done.day.max()) + 1 if len(done.day) else 0
    return Ways(done, *_pass(done.packet, done.at, done.day, done.code, len(done.names), days))


def answers(found: Ways) -> dict[str, list[dict[str, Any]]]:
    """The rows of each statement in TWINS, by its key; equal to what `flow.measure.run` says."""
    return {measure.key: twin(found) for measure, twin in TWINS.items()}


def _directly_follows(found: Ways) -> list[dict[str, Any]]:
    names, edges = found.done.names, found.edges
    size = len(names)
    counts = found.follows.ravel()
    starts = np.concatenate([[0], np.cumsum(counts)])
    hours = _waits(found.done.packet, found.done.at, found.done.code, size, starts)
    rows = []
    for one, two, times in edges:
        begin = starts[one * size + two]
        rows.append((names[one], names[two], times, _quantile(hours[begin : begin + times], 0.5)))
    return _rows(DIRECTLY_FOLLOWS, rows)


def _variants(found: Ways) -> list[dict[str, Any]]:
    counts, total = found.ways, int(found.ways.sum())
    if not total:
        return []
    least = np.sort(counts)[-min(TOP, len(counts))]
    named = [(-int(counts[i]), tuple(_codes(found, i))) for i in np.flatnonzero(counts >= least)]
    names = found.done.names
    return _rows(
        VARIANTS,
        [([names[c] for c in codes], -n, -n / total, len(counts)) for n, codes in sorted(named)[:TOP]],
    )


def _codes(found: Ways, variant: np.integer[Any]) -> list[int]:
    begin, length = found.where[variant]
    codes: list[int] = found.done.code[begin : begin + length].tolist()
    return codes


def _case_time(found: Ways) -> list[dict[str, Any]]:
    if not len(found.lasts):
        return []
    days = found.lasts / _DAY
    half, most = _quantile(days, 0.5), _quantile(days, 0.85)
    return _rows(CASE_TIME, [(len(days), half, most, float(days.mean()), float(days.max()))])


def _activity_flow(found: Ways) -> list[dict[str, Any]]:
    sums, rows = np.cumsum(found.entered, axis=0), []
    for code, name in enumerate(found.done.names):
        for day in np.flatnonzero(found.entered[:, code]):
            n, so_far = int(found.entered[day, code]), int(sums[day, code])
            rows.append((_date(found, day), name, n, so_far))
    return _rows(ACTIVITY_FLOW, rows)


def _last_done(found: Ways) -> list[dict[str, Any]]:
    days = np.flatnonzero(found.ended)
    return _rows(LAST_DONE, [(_date(found, day), int(found.ended[day])) for day in days])


def _date(found: Ways, day: np.integer[Any]) -> date:
    return found.done.first_day + timedelta(days=int(day))


def _rows(measure: Measure, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(measure.columns, row, strict=True)) for row in rows]


def _quantile(values: NDArray[np.float64], share: float) -> float:
    """Between its neighbours in a straight line, as `quantile_cont` has it."""
    place = (len(values) - 1) * share
    low, high = int(np.floor(place)), int(np.ceil(place))
    parted = np.partition(values, (low, high))
    return float(parted[low] * (1 - (place - low)) + parted[high] * (place - low))


TWINS: dict[Measure, Callable[[Ways], list[dict[str, Any]]]] = {
    DIRECTLY_FOLLOWS: _directly_follows,
    VARIANTS: _variants,
    CASE_TIME: _case_time,
    ACTIVITY_FLOW: _activity_flow,
    LAST_DONE: _last_done,
}
"""The statements that have a compiled twin; graph.ONE_PASS names them for those who need not load the compiler."""


def run(con: DuckDBPyConnection, **side: Any) -> dict[str, list[dict[str, Any]]]:
    """The answers of all twins, by key, about one side and period; takes and raises what `read` does."""
    return answers(ways(read(con, **side)))


# --- compiled ------------------------------------------------------------------------------------------------


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Machine code, kept for the next process where there is a folder to keep it in."""
    try:
        kept: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder can be written to
        kept = numba.njit(nogil=True)(function)
    return kept


@_compiled
def _cases(packet):  # type: ignore[no-untyped-def]
    count = 0
    for i in range(len(packet)):
        count += i == 0 or packet[i] != packet[i - 1]
    return count


@_compiled
def _find(slots, hashes, where, code, begin, length, key):  # type: ignore[no-untyped-def]
    """The slot where this variant is, or where it is to be. A hash may lie; the activities do not."""
    slot = np.int64(key & np.uint64(len(slots) - 1))
    while slots[slot] >= 0:
        one = slots[slot]
        if hashes[one] == key and where[one, 1] == length:
            other, j = where[one, 0], 0
            while j < length and code[other + j] == code[begin + j]:
                j += 1
            if j == length:
                break
        slot = (slot + 1) & (len(slots) - 1)
    return slot


@_compiled
def _pass(packet, at, day, code, activities, days):  # type: ignore[no-untyped-def]
    events, cases = len(packet), _cases(packet)
    follows = np.zeros((activities, activities), np.int64)
    entered = np.zeros((days, activities), np.int64)
    ended = np.zeros(days, np.int64)
    lasts = np.empty(cases, np.int64)
    seen = np.full(activities, -1, np.int64)  # the last packet to which it was done
    size = 16
    while size < 2 * cases:
        size *= 2
    slots = np.full(size, -1, np.int64)  # by hash: the number of a variant
    hashes = np.empty(cases, np.uint64)
    where = np.empty((cases, 2), np.int64)
    many = np.zeros(cases, np.int64)
    variants, i = 0, 0
    for case in range(cases):
        begin, key = i, np.uint64(14695981039346656037)
        while i < events and packet[i] == packet[begin]:
            now = code[i]
            if i > begin:
                follows[code[i - 1], now] += 1
            if seen[now] != case:
                seen[now] = case
                entered[day[i], now] += 1
            key = (key ^ np.uint64(now + 1)) * np.uint64(1099511628211)  # the hash of Fowler, Noll and Vo
            i += 1
        lasts[case] = at[i - 1] - at[begin]
        ended[day[i - 1]] += 1
        key ^= key >> np.uint64(29)
        slot = _find(slots, hashes, where, code, begin, i - begin, key)
        if slots[slot] < 0:
            slots[slot], hashes[variants] = variants, key
            where[variants, 0], where[variants, 1] = begin, i - begin
            variants += 1
        many[slots[slot]] += 1
    return follows, lasts, entered, ended, many[:variants].copy(), where[:variants].copy()


@_compiled
def _waits(packet, at, code, activities, starts):  # type: ignore[no-untyped-def]
    """The hours between neighbours, those of one pair of activities side by side from its start on."""
    hours = np.empty(starts[-1], np.float64)
    filled = starts[:-1].copy()
    for i in range(1, len(packet)):
        if packet[i] == packet[i - 1]:
            pair = np.int64(code[i - 1]) * activities + code[i]
            hours[filled[pair]] = (at[i] - at[i - 1]) / 3600e6
            filled[pair] += 1
    return hours


@_compiled
def _merge(packet, at, day, code, packet2, at2, day2, code2):  # type: ignore[no-untyped-def]
    """Two parts in order made one; at the same instant the older part comes first, as its numbers are lower."""
    n, m = len(packet), len(packet2)
    packets, times = np.empty(n + m, np.int64), np.empty(n + m, np.int64)
    days, codes = np.empty(n + m, np.int32), np.empty(n + m, np.uint16)
    i, j = 0, 0
    for k in range(n + m):
        if j == m or (i < n and (packet[i] < packet2[j] or (packet[i] == packet2[j] and at[i] <= at2[j]))):
            packets[k], times[k], days[k], codes[k] = packet[i], at[i], day[i], code[i]
            i += 1
        else:
            packets[k], times[k], days[k], codes[k] = packet2[j], at2[j], day2[j], code2[j]
            j += 1
    return packets, times, days, codes
