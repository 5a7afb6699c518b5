"""How many will be done by then, and when will these be done? From the log's own flow, or a refusal that says why not.

A history with a signal is another process than the one to come, so nothing is forecast from it. Every answer comes with
how the same method would have done on past days, beside two plain rivals. Seeded: the same log gives the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import numpy as np

from fullkit.flow import backtest, futures
from fullkit.flow.backtest import HIGH, LOW, Backtest
from fullkit.flow.futures import Flow
from fullkit.flow.lives import Lives, Steps, count
from fullkit.flow.pipeline import Entries, weighted

SEED, RUNS = 85, 2000
FAR = 104
"""Steps after which the simulation stops looking for an end."""
SHARES = (0.5, 0.85, 1.0)
"""Of the packets asked about, for how many a date is told."""


@dataclass(frozen=True)
class HowMany:
    """How many will be done as wanted from tomorrow until `by`, what is yet to come included."""

    today: date
    by: date
    refused: str
    """Why nothing is said; empty when something is. Then the range is None."""
    low: int | None
    likely: int | None
    high: int | None
    """In 85 of 100 futures between low and high."""
    open_now: int
    last_quarter: float | None
    """What the rivals say: the last quarter repeated, and the weighted pipeline (which knows no date)."""
    pipeline: float | None
    wave: str
    """The wave of the calendar that the futures follow; empty when there is none."""
    tested: Backtest
    """Computed whether or not something is said."""
    says: str


@dataclass(frozen=True)
class Due:
    """By when so many of the packets asked about have ended, with any outcome. None: not within the steps looked at."""

    share: float
    packets: int
    likely: date | None
    """In half of the futures by then."""
    sure: date | None
    """In 85 of 100 futures by then."""


@dataclass(frozen=True)
class When:
    """When packets that are open now will be done."""

    today: date
    refused: str
    dues: tuple[Due, ...]
    """Empty when refused."""
    packets: int
    tested: Backtest
    """Of how many are done within the time in which half of these are likely to be."""
    says: str


def how_many(
    packets: Lives, today: date, by: date, *, moves: Entries | None = None, days: int = 7
) -> HowMany:
    """Until `by`, after today. `packets` as `flow/lives.py` has them; nothing after today is looked at.

    `moves` are the entries into stages, for the rival that weighs by stage; without them it knows one share for all.

    Raises ValueError when `by` is not after today.
    """
    if by <= today:
        raise ValueError(f"A forecast needs a day after {today}, not {by}.")
    steps = count(packets, today, days=days)
    ahead = (by - today).days / days
    weigh = partial(weighted, packets, moves) if moves else None
    tested = backtest.backtest(steps, ahead, seed=SEED, weigh=weigh)
    worth = weigh(today.toordinal()) if weigh else backtest.pipeline(steps, len(steps))
    rivals = (backtest.last_quarter(steps, len(steps), ahead), worth)
    refused = _refusal(steps)
    nothing = _nothing(today, by, refused, steps, rivals, tested)
    if refused:
        return nothing
    now, found = _futures(steps, ahead)
    low, likely, high = np.quantile(found, [LOW, 0.5, HIGH])
    span = (int(np.floor(low)), int(np.rint(likely)), int(np.ceil(high)))
    says = (
        f"By {by}, {span[0]:,} to {span[2]:,} will be done, in 85 of 100 futures like the past; {span[1]:,} is the "
        f"middle. {tested.says}"
    )
    return replace(nothing, low=span[0], likely=span[1], high=span[2], wave=now.wave, says=says)


def when(packets: Lives, today: date, these: Sequence[date] | None = None, *, days: int = 7) -> When:
    """By when half, 85 % and all of them have ended: `these` by the days on which they opened, or all that is open.

    Raises ValueError for one of `these` that opens after today.
    """
    steps = count(packets, today, days=days)
    refused = _refusal(steps)
    if refused:
        tested = backtest.backtest(steps, 4, seed=SEED)
        return When(today, refused, (), 0, tested, f"{refused} {tested.says}")
    now = futures.flow(steps, len(steps))
    if these is not None:
        now = replace(now, open_now=_aged(these, steps, len(now.open_now)))
    asked = int(now.open_now.sum())
    places = futures.coming(now, steps, len(steps), FAR)
    rng = np.random.default_rng((SEED, FAR))
    ended = futures.draw(now, FAR, places, rng, runs=RUNS // 4, arriving=False).ended
    dues = tuple(_due(ended, share, asked, steps) for share in SHARES) if asked else ()
    half = dues[0].likely if dues else None
    tested = backtest.backtest(steps, ((half - today).days / days) if half else 4, seed=SEED)
    return When(today, "", dues, asked, tested, f"{_told(dues)} {tested.says}")


def _nothing(
    today: date, by: date, refused: str, steps: Steps, rivals: tuple[float, float], tested: Backtest
) -> HowMany:
    """The answer without a range; without rivals too when there is next to no history."""
    known = not futures.too_little(steps, len(steps))
    return HowMany(
        today=today,
        by=by,
        refused=refused,
        low=None,
        likely=None,
        high=None,
        open_now=int(steps.surviving[:, -1].sum()) if len(steps) else 0,
        last_quarter=rivals[0] if known else None,
        pipeline=rivals[1] if known else None,
        wave="",
        tested=tested,
        says=f"{refused} {tested.says}",
    )


def _refusal(steps: Steps) -> str:
    why = futures.too_little(steps, len(steps)) or futures.unstable(steps, len(steps))
    return f"No forecast. {why}" if why else ""


def _futures(steps: Steps, ahead: float) -> tuple[Flow, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    now = futures.flow(steps, len(steps))
    places = futures.coming(now, steps, len(steps), int(np.ceil(ahead)))
    rng = np.random.default_rng((SEED, len(steps)))
    return now, futures.draw(now, ahead, places, rng, runs=RUNS, arriving=True).wanted[:, -1]


def _aged(these: Sequence[date], steps: Steps, ages: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    end = steps.first + len(steps) * steps.days
    old = np.array([end - d.toordinal() for d in these], dtype=np.int64)
    if (old <= 0).any():
        raise ValueError("A packet that opens after today cannot be asked about.")
    return np.bincount(np.clip(-(-old // steps.days), 1, ages - 1), minlength=ages)


def _due(
    ended: np.ndarray[tuple[int, int], np.dtype[np.int64]], share: float, asked: int, steps: Steps
) -> Due:
    wanted = int(np.ceil(share * asked))
    there = ended >= wanted
    first = np.where(there.any(axis=1), there.argmax(axis=1), ended.shape[1])

    def day(chance: float) -> date | None:
        step = int(np.quantile(first, chance, method="higher"))
        return steps.day(len(steps) + step + 1) - timedelta(days=1) if step < ended.shape[1] else None

    return Due(share, wanted, day(0.5), day(0.85))


def _told(dues: Sequence[Due]) -> str:
    if not dues:
        return "Nothing is open."
    half, most, _ = dues
    parts = [
        f"{name} ({due.packets:,}) by {due.likely} in half of the futures"
        + (f", by {due.sure} in 85 of 100" if due.sure else "")
        for name, due in (("Half of these", half), ("85 % of them", most))
        if due.likely
    ]
    return "; ".join(parts) + "." if parts else f"Half of these will take more than {FAR} steps."
