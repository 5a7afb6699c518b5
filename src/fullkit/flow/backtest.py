"""Would it have been right? The same forecast from past days, with what was known then, beside two plain rivals.

Rivals: the last quarter repeated; and the pipeline as CRMs draw it, what was open weighted by the share that had been
won of what had ended from its stage (flow/pipeline.py), or of all where stages are not in the data. The share of ranges
that held is told with its exact interval, counting only horizons that do not overlap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from fullkit.flow import futures
from fullkit.flow.chance import share_interval
from fullkit.flow.lives import Steps

LOW, HIGH = 0.075, 0.925
"""The ends of the range that is to hold in 85 % of cases."""
TRIALS, RUNS = 20, 400
"""Past days tried, and futures drawn for each."""
QUARTER = 91
"""Days."""


@dataclass(frozen=True)
class Trial:
    """One past day: what would have been said, and what came."""

    today: date
    by: date
    low: float
    likely: float
    high: float
    actual: int
    last_quarter: float
    pipeline: float
    refused: bool
    """Whether the history of that day was not stable, so that nothing would have been said."""

    @property
    def held(self) -> bool:
        """Whether what came lies in the range."""
        return self.low <= self.actual <= self.high


@dataclass(frozen=True)
class Errors:
    """Mean errors over the trials, in packets: absolute, and pinball at the ends and the middle of the range.

    A rival has one number only, which stands for its whole range.
    """

    ours: float
    last_quarter: float
    pipeline: float


@dataclass(frozen=True)
class Backtest:
    """How the forecast would have done."""

    trials: tuple[Trial, ...]
    held: int
    share: float | None
    """Of the ranges, how many held; None without any trial. 85 % is what it should be."""
    interval: tuple[float, float]
    """The 95 % interval of that share."""
    apart: int
    """How many trials that do not overlap these are worth."""
    refused: int
    """In how many of the trials nothing would have been said; they are counted all the same."""
    absolute: Errors | None
    pinball: Errors | None
    says: str


def backtest(
    steps: Steps, ahead: float, *, seed: int, weigh: Callable[[int], float] | None = None
) -> Backtest:
    """Try the forecast of `ahead` steps, at least one, from up to 20 past days.

    `weigh` tells what the pipeline was worth at the end of a day (a day number); without it stages play no part in it.
    """
    whole = max(round(ahead), 1)
    origins = [i for i in range(futures.LEAST, len(steps) - whole + 1) if not futures.too_little(steps, i)]
    every = max(1, -(-len(origins) // TRIALS))
    trials = tuple(_trial(steps, i, whole, seed, weigh) for i in origins[::-1][::every][::-1])
    if not trials:
        says = "Not tested: the history is too short to look back from any day of it."
        return Backtest((), 0, None, (0.0, 1.0), 0, 0, None, None, says)
    held = sum(t.held for t in trials)
    apart = min(len(trials), 1 + (origins[-1] - origins[0]) // whole)
    share = held / len(trials)
    interval = share_interval(round(share * apart), apart)
    absolute, pinball = _absolute(trials), _pinball(trials)
    refused = sum(t.refused for t in trials)
    says = (
        f"Tested on {len(trials)} past days: {held} of the 85 % ranges held ({share:.0%}; 95 % interval "
        f"{interval[0]:.0%} to {interval[1]:.0%}). Mean error {_short(absolute.ours)}; the last quarter repeated "
        f"{_short(absolute.last_quarter)}, the weighted pipeline {_short(absolute.pipeline)}."
    )
    if refused:
        says += f" On {refused} of these days nothing would have been said, as the history was not stable."
    return Backtest(trials, held, share, interval, apart, refused, absolute, pinball, says)


def last_quarter(steps: Steps, origin: int, ahead: float) -> float:
    """As many as in the last quarter, in proportion to the time."""
    back = min(round(QUARTER / steps.days), origin)
    return float(steps.done[0][origin - back : origin].sum()) / max(back, 1) * ahead


def pipeline(steps: Steps, origin: int) -> float:
    """What is open times the share that ended as wanted of all that ended; without any date, as CRMs have it."""
    wanted, other = (int(d[:origin].sum()) for d in steps.done)
    return float(steps.surviving[:origin, origin].sum()) * wanted / max(wanted + other, 1)


def _trial(steps: Steps, origin: int, ahead: int, seed: int, weigh: Callable[[int], float] | None) -> Trial:
    now = futures.flow(steps, origin)
    places = futures.coming(now, steps, origin, ahead)
    rng = np.random.default_rng((seed, origin))
    found = futures.draw(now, ahead, places, rng, runs=RUNS, arriving=True).wanted[:, -1]
    low, likely, high = (float(q) for q in np.quantile(found, [LOW, 0.5, HIGH]))
    return Trial(
        today=steps.day(origin),
        by=steps.day(origin + ahead),
        low=float(np.floor(low)),
        likely=likely,
        high=float(np.ceil(high)),
        actual=int(steps.done[0][origin : origin + ahead].sum()),
        last_quarter=last_quarter(steps, origin, ahead),
        pipeline=weigh(steps.day(origin).toordinal() - 1) if weigh else pipeline(steps, origin),
        refused=bool(futures.unstable(steps, origin)),
    )


def _absolute(trials: tuple[Trial, ...]) -> Errors:
    return Errors(
        *(
            float(np.mean([abs(getattr(t, name) - t.actual) for t in trials]))
            for name in ("likely", "last_quarter", "pipeline")
        )
    )


def _pinball(trials: tuple[Trial, ...]) -> Errors:
    actual = np.array([t.actual for t in trials], dtype=np.float64)

    def loss(said: list[tuple[float, float, float]]) -> float:
        rest = actual[:, None] - np.array(said)
        at = np.array([LOW, 0.5, HIGH])
        return float(np.maximum(at * rest, (at - 1) * rest).mean())

    return Errors(
        loss([(t.low, t.likely, t.high) for t in trials]),
        loss([(t.last_quarter,) * 3 for t in trials]),
        loss([(t.pipeline,) * 3 for t in trials]),
    )


def _short(value: float) -> str:
    """Three digits that mean something, and never an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
