"""Capacity is finite, and flow is the goal: what a minute of selling costs, buys and loses.

R8, R13, R15, R16, R19, R21, R38, R41, R42, R59, R102. Minutes are working minutes, money is throughput.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from math import sqrt
from typing import Literal, get_args

Category = Literal["selling", "transactional", "admin", "travel", "repair"]
CATEGORIES: tuple[str, ...] = get_args(Category)
"""The taxonomy of R16; every minute of a salesperson is in one of them."""

REPAIR_BAND = (0.15, 0.35)
FIELD_LIMIT = 0.10
_Z95 = 1.959964
_ROUNDING = 1e-9


# --- what adding something displaces (R8) --------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """One item of a salesperson's queue: expected throughput, and the minutes it takes."""

    id: int
    throughput: Decimal
    minutes: float


@dataclass(frozen=True)
class Displaced:
    """What an added activity pushes out, and the throughput that costs."""

    ids: tuple[int, ...]
    throughput: Decimal


def displaced(queue: Sequence[Work], minutes: float, *, spare_minutes: float = 0.0) -> Displaced:
    """What `minutes` more push out of a queue given in dealing order: from its end, whole items.

    Capacity is full unless `spare_minutes` says that so much of it is free.
    """
    short, out = minutes - spare_minutes, []
    for work in reversed(queue):
        if short <= _ROUNDING:
            break
        short -= work.minutes
        out.append(work)
    return Displaced(tuple(work.id for work in out), sum((work.throughput for work in out), Decimal(0)))


# --- flow before conversion (R15, R19) -----------------------------------------------------------------------


def sales(flow: float, conversion: float) -> float:
    """Sales are flow times conversion: 10 at 50 % are 5, at 60 % they are 6, and 100 at 25 % are 25."""
    return flow * conversion


def more_sales(flow: float, conversion: float, *, points: float = 0.0, flow_percent: float = 0.0) -> float:
    """Sales gained by `points` of conversion (10 is ten percentage points) and `flow_percent` of flow."""
    better = min(1.0, conversion + points / 100)
    return sales(flow * (1 + flow_percent / 100), better) - sales(flow, conversion)


@dataclass(frozen=True)
class Conversion:
    """A conversion with its 95 % interval, and whether even its lower end is suspiciously high."""

    rate: float
    low: float
    high: float
    too_good: bool


def too_good(won: int, decided: int, *, upper: float = 0.8) -> Conversion | None:
    """R19: near 100 % means too few or too easy opportunities; None when nothing was decided.

    It warns only when the whole Wilson interval lies above `upper`, so that three wins of three do not.
    """
    if decided <= 0:
        return None
    rate, z2 = won / decided, _Z95**2
    centre = (rate + z2 / (2 * decided)) / (1 + z2 / decided)
    half = _Z95 * sqrt(rate * (1 - rate) / decided + z2 / (4 * decided**2)) / (1 + z2 / decided)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Conversion(rate, low, high, too_good=low > upper)


# --- meetings (R21, R41, R38) --------------------------------------------------------------------------------


def slot_worth(conversion_per_slot: float, throughput_per_win: Decimal) -> Decimal:
    """What a meeting slot brings on average."""
    return Decimal(str(conversion_per_slot)) * throughput_per_win


def empty_slot_cost(empty: int, worth: Decimal) -> Decimal:
    """R21: twenty empty slots at 800 cost 16,000."""
    return empty * worth


def fill_rate(held: int, slots: int) -> float | None:
    """R41: held over offered slots; None when none were offered."""
    return held / slots if slots > 0 else None


def field_share(field_minutes: float, all_minutes: float) -> float | None:
    """R38: share of the week spent in the field, to be held against FIELD_LIMIT; None without minutes."""
    return field_minutes / all_minutes if all_minutes > 0 else None


# --- time (R13, R16, R59, R102) ------------------------------------------------------------------------------


def time_mix(minutes: Mapping[str, float]) -> dict[str, float]:
    """Share of each category, summing to 1; empty when no minute was logged. Unknown categories are refused."""
    unknown = sorted(set(minutes) - set(CATEGORIES))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no category of time; use one of {', '.join(CATEGORIES)}.")
    total = sum(minutes.values())
    return {one: minutes.get(one, 0.0) / total for one in CATEGORIES} if total > 0 else {}


def selling_share_fell(history: Sequence[float], *, least: int = 6) -> bool:
    """R16: whether the latest share of selling time is below what the weeks before it vary by themselves.

    Below the lower natural process limit of the history (mean less 2.66 mean moving ranges), with at least
    `least` weeks of it; oldest week first.
    """
    before = history[:-1]
    if len(before) < least:
        return False
    mean = sum(before) / len(before)
    moves = [abs(b - a) for a, b in pairwise(before)]
    return history[-1] < mean - 2.66 * sum(moves) / len(moves) - _ROUNDING


@dataclass(frozen=True)
class Spell:
    """Some minutes of one person in one mode (selling, diplomacy, admin ...) on one day."""

    day: date
    mode: str
    minutes: float
    person: int = 0


@dataclass(frozen=True)
class Blocks:
    """How long people stay in one mode, and how often a day they switch."""

    count: int
    mean_minutes: float
    switches_per_day: float


def blocks(spells: Sequence[Spell]) -> Blocks | None:
    """R13: spells of each person in the order they happened, joined while the mode stays; None without any.

    Switches are counted within a person's day.
    """
    runs = [
        ((person, day), sum(spell.minutes for spell in run))
        for (person, day, _), run in groupby(spells, key=lambda spell: (spell.person, spell.day, spell.mode))
    ]
    if not runs:
        return None
    days = len({day for day, _ in runs})
    total = sum(minutes for _, minutes in runs)
    return Blocks(len(runs), total / len(runs), (len(runs) - days) / days)


@dataclass(frozen=True)
class RepairShare:
    """Share of time lost to repairing order-to-delivery, against the published band of 15 to 35 %."""

    share: float
    band: Literal["below", "inside", "above"]


def repair_share(repair_minutes: float, all_minutes: float) -> RepairShare | None:
    """R102: 10 of 40 hours are 25 %, inside the band; None without minutes."""
    if all_minutes <= 0:
        return None
    share = repair_minutes / all_minutes
    low, high = REPAIR_BAND
    return RepairShare(share, "below" if share < low else "above" if share > high else "inside")


def borrows_growth(work_chain: str, person_chain: str) -> bool:
    """R59: business as usual done by somebody of the growth chain, which would otherwise always give way."""
    return work_chain == "bau" and person_chain == "growth"
