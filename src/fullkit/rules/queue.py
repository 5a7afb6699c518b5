"""The queue in front of one salesperson: how big, when to fill it, what comes next (R18, R24 to R29).

Two numbers are kept apart: what is *ready* (released and untouched) and what is *in play* (touched and open).
The target and its zones are for what is ready, read in the morning before the run that fills it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Literal

from fullkit.rules.refusal import Refusal

Zone = Literal["red", "yellow", "green", "over"]
WhyNow = Literal["promised_step_due", "waited_too_long", "worth_most_per_hour", "new"]

_CLASSES: tuple[WhyNow, ...] = ("promised_step_due", "waited_too_long", "worth_most_per_hour", "new")
CONSUMPTION_DAYS = 20
_LITTLE = 1e-9  # 0.1 + 0.2 days of cover must not become one opportunity more


class QueueFull(Refusal):
    """R24: work is pulled by the gap in the queue, never pushed past its target."""

    says = "{person} has {level} ready of {target} and needs no more now. Release past it only with a reason."
    rule = "R24"


class TooMuchInPlay(Refusal):
    """R27: what is in play beyond its limit lengthens the way of everything."""

    says = "{person} has {in_play} in play, the limit is {limit}. Release more only with a reason."
    rule = "R27"


# --- how big -------------------------------------------------------------------------------------------------


def ready_target(consumption: float, cover_days: float) -> int:
    """How many should be ready in the morning: a day's consumption times the days to cover, at least 1."""
    return max(1, ceil(consumption * cover_days - _LITTLE))


def in_play_target(flow_per_day: float, active_life_days: float) -> int:
    """How many are in play when that many a day live that long (Little's law)."""
    return round(flow_per_day * active_life_days)


def consumption(closed_per_day: Sequence[int]) -> float:
    """Opportunities used up a day: the mean of the last 20 working days, at least 1. Oldest day first."""
    recent = closed_per_day[-CONSUMPTION_DAYS:]
    return max(1.0, sum(recent) / len(recent)) if recent else 1.0


def zone(level: float, target: float) -> Zone:
    """The third of the target the level is in: red, yellow, green; over when above the target."""
    if level > target:
        return "over"
    if 3 * level < target:
        return "red"
    return "yellow" if 3 * level < 2 * target else "green"


# --- filling it ----------------------------------------------------------------------------------------------


def gap(target: float, ready: int, released_today: int, in_play: int, in_play_limit: int) -> int:
    """How many to release now; `ready` is the level before today's run, so that a second run releases none."""
    if in_play > in_play_limit:
        return 0
    return max(0, floor(target - ready - released_today + _LITTLE))


def may_release(
    *,
    person: str,
    level: int,
    target: float,
    in_play: int = 0,
    in_play_limit: int | None = None,
    override: str = "",
) -> None:
    """Refuse to release one more at or above the target, or above the limit in play, unless a reason is given."""
    if override.strip():
        return
    if level + 1 > target:
        raise QueueFull(person=person, level=level, target=f"{target:g}")
    if in_play_limit is not None and in_play > in_play_limit:
        raise TooMuchInPlay(person=person, in_play=in_play, limit=in_play_limit)


def stale(touched: bool, age_days: float, limit: float) -> bool:
    """Whether an opportunity lay untouched so long that it goes back to the pool."""
    return not touched and age_days >= limit


def lost_throughput(short: float, *, chance: Decimal, worth: Decimal) -> Decimal:
    """Throughput lost for want of `short` opportunities: their chance of a win times what a win is worth."""
    return (max(Decimal(0), Decimal(str(short))) * chance * worth).quantize(Decimal("0.01"))


# --- dynamic buffer management (R29) -------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """The level of one morning, read *before* the run that fills the queue, and the target of that morning.

    Read after the run the level is always green, and the target would be shrunk for ever.
    """

    day: date
    level: float
    target: float


@dataclass(frozen=True)
class Advice:
    """A recommended target, why, and until when it then rests."""

    target: int
    reason: str
    cool_until: date


def advise(
    readings: Sequence[Reading],
    *,
    target: float,
    replenishment_days: float,
    cool_until: date | None,
    day: date,
    min_target: float,
    max_target: float,
) -> Advice | None:
    """Whether to change the target by a third, from the readings of working mornings up to `day`.

    Down when every reading of two replenishment times is green; up when the depths into red of one replenishment
    time add up to the red zone. Nothing before `cool_until`, with too few readings, or past the bounds. A new
    target is rounded up, so that rounding never starves anyone. The replenishment time is a day for a
    salesperson's queue and the lead time of a campaign for the reserve pool.
    """
    if cool_until is not None and day < cool_until:
        return None
    levels = [one.level for one in sorted(readings, key=lambda one: one.day) if one.day <= day]
    span = max(1, ceil(replenishment_days))
    new = target
    if _always_green(levels, target, 2 * span):
        # Clamped on this side only: advice to go down never raises the target up to its bound.
        new = min(target, max(ceil(target * 2 / 3 - _LITTLE), ceil(min_target)))
        reason = f"Every morning of the last {2 * span} was green"
    elif _deep_in_red(levels, target, span):
        new = max(target, min(ceil(target * 4 / 3 - _LITTLE), floor(max_target)))
        days = "this morning" if span == 1 else f"on the last {span} mornings"
        reason = f"It stood as deep in red {days} as the red zone is high"
    if new == target:
        return None
    return Advice(target=int(new), reason=reason, cool_until=day + timedelta(days=span))


def _always_green(levels: Sequence[float], target: float, days: int) -> bool:
    return len(levels) >= days and all(3 * level >= 2 * target for level in levels[-days:])


def _deep_in_red(levels: Sequence[float], target: float, days: int) -> bool:
    red = target / 3
    depth = sum(max(0.0, red - level) for level in levels[-days:])
    return len(levels) >= days and depth >= red - _LITTLE


# --- what comes next (R18) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A packet that may be dealt: what is known of it that decides its turn."""

    id: int
    touched: bool
    step_due_at: datetime | None
    """When the next step was promised to the customer."""
    queued_at: datetime
    """Since when it waits in this queue."""
    chance: float
    """Of a win, from its stage; never a salesperson's guess."""
    value: Decimal | None
    """What a win brings: throughput, or revenue when a margin is given. None when nobody knows yet."""
    hours_left: float
    """Expected hours of the salesperson until it is decided."""


@dataclass(frozen=True)
class Choice:
    """Whose turn it is, and why now."""

    id: int
    reason: WhyNow


def sales_order(
    candidates: Iterable[Candidate],
    *,
    at: datetime,
    waited_too_long_before: datetime,
    margin: Decimal = Decimal(1),
) -> list[Choice]:
    """The order in which one salesperson is dealt these packets.

    Promised next steps that are due, the earliest promise first; then whatever has waited since before the age
    guard, the oldest first; then those touched, by throughput per hour of selling; then new ones, oldest first.
    """
    line = list(candidates)
    typical = _typical([one.value for one in line])

    why = {one.id: why_now(one, at=at, waited_too_long_before=waited_too_long_before) for one in line}

    def turn(one: Candidate) -> tuple[int, float, datetime, int]:
        rank, worth, since = _CLASSES.index(why[one.id]), 0.0, one.queued_at
        if why[one.id] == "promised_step_due":
            since = one.step_due_at or since
        elif why[one.id] == "worth_most_per_hour":
            worth = -worth_per_hour(one, margin=margin, typical=typical)
        return rank, worth, since, one.id

    return [Choice(one.id, why[one.id]) for one in sorted(line, key=turn)]


def why_now(one: Candidate, *, at: datetime, waited_too_long_before: datetime) -> WhyNow:
    """The class a packet is dealt in."""
    if one.step_due_at is not None and one.step_due_at <= at:
        return "promised_step_due"
    if one.queued_at < waited_too_long_before:
        return "waited_too_long"
    return "worth_most_per_hour" if one.touched else "new"


def worth_per_hour(one: Candidate, *, margin: Decimal = Decimal(1), typical: Decimal = Decimal(0)) -> float:
    """Expected throughput per hour of selling (4.5); `typical` stands in for a value nobody knows yet."""
    worth = float((typical if one.value is None else one.value) * margin)
    return one.chance * worth / max(one.hours_left, 1 / 60)


def _typical(values: Sequence[Decimal | None]) -> Decimal:
    """The mean of the known values: an unknown one is neither first nor last."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) / len(known) if known else Decimal(0)
