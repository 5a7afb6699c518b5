"""The promise of a shared inbox and the order in which it is dealt (R53, R54).

A promise is a length of working time that starts when a packet enters the inbox. It is green, yellow and red
by thirds, and black once all of it is used. The colour turns at exact instants, `red_at` and `due_at`, which
are stored with the packet so that dealing and waking are walks along an index.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from fullkit.rules.calendar import WorkTime

Colour = Literal["green", "yellow", "red", "black"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def penetration(work: WorkTime, started: datetime, promise_minutes: float, at: datetime) -> float:
    """Share of the promise used at `at`, in working time: 0 at the start, 1 when it is all used."""
    return work.minutes_between(started, at) / _positive(promise_minutes)


def colour(p: float) -> Colour:
    """The colour of a penetration; each third begins its colour, and 1 is black."""
    if p < 1 / 3:
        return "green"
    if p < 2 / 3:
        return "yellow"
    return "red" if p < 1 else "black"


def red_at(work: WorkTime, started: datetime, promise_minutes: float) -> datetime:
    """The instant at which two thirds of the promise are used."""
    return work.add(started, _positive(promise_minutes) * 2 / 3)


def due_at(work: WorkTime, started: datetime, promise_minutes: float) -> datetime:
    """The instant at which the whole promise is used."""
    return work.add(started, _positive(promise_minutes))


def order_key(zone: str, queued_at: datetime, id: int) -> tuple[int, datetime, int]:
    """Sort by this to deal: red and black first, then the longest in the inbox."""
    return (0 if zone in ("red", "black") else 1, queued_at, id)


def alarm(
    state: str,
    *,
    zone: str,
    red_at: datetime | None,
    due_at: datetime | None,
    not_before: datetime | None,
    lease_until: datetime | None,
) -> datetime | None:
    """The next instant at which something happens to this packet by itself; None when nothing will."""
    ahead = _ahead(state, zone, red_at, due_at, not_before, lease_until)
    return min((when for when, _ in ahead), default=None)


def what_is_due(
    state: str,
    zone: str,
    red_at: datetime | None,
    due_at: datetime | None,
    not_before: datetime | None,
    lease_until: datetime | None,
    at: datetime,
) -> list[str]:
    """What happened to this packet by itself up to `at`: lease_ran_out, woke, reddened, broken, in order.

    A packet that nobody looked at through its whole red third has both reddened and broken.
    """
    due = [what for when, what in _ahead(state, zone, red_at, due_at, not_before, lease_until) if when <= at]
    if "reddened" in due and due_at is not None and due_at <= at:
        due.append("broken")
    return due


def _ahead(
    state: str,
    zone: str,
    red_at: datetime | None,
    due_at: datetime | None,
    not_before: datetime | None,
    lease_until: datetime | None,
) -> list[tuple[datetime, str]]:
    if state == "closed":
        return []
    turning = (red_at, "reddened") if zone == "" and red_at is not None else (due_at, "broken")
    candidates = [
        (lease_until if state == "held" else None, "lease_ran_out"),
        (not_before if state == "parked" else None, "woke"),
        turning if zone != "black" else (None, ""),
    ]
    return [(when, what) for when, what in candidates if when is not None]


def _positive(promise_minutes: float) -> float:
    if not promise_minutes > 0:
        raise ValueError(f"A promise of {promise_minutes} minutes cannot be kept; give it some working time.")
    return promise_minutes
