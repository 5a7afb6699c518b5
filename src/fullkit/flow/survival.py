"""How long things take when some are not over yet: Kaplan-Meier, and Aalen-Johansen where they can end in several ways.

Both take durations with how many lasted so long and whether they were over then, as flow/durations.py counts them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats  # type: ignore[import-untyped]

Floats = NDArray[np.float64]


class NothingToCount(ValueError):
    """Not one packet started in the period, so no curve can be drawn."""

    def __init__(self) -> None:
        super().__init__("Nothing started in this period, so there is nothing to measure; take a longer one.")


@dataclass(frozen=True)
class Survival:
    """What share is still open after each duration. All arrays are (distinct durations,), ascending."""

    times: Floats
    """Durations, in the unit they were given in."""
    at_risk: Floats
    """Packets that lasted at least so long."""
    over: Floats
    """Packets that were over exactly then."""
    open_share: Floats
    """The share still open just after."""
    low: Floats
    high: Floats
    """The interval of it, pointwise; NaN where there is none: before the first ending and once nothing is open."""
    confidence: float

    @property
    def packets(self) -> int:
        return int(self.at_risk[0])

    @property
    def still_open(self) -> int:
        """Packets that are not over: they count as having lasted at least as long as they have."""
        return int(self.at_risk[0] - self.over.sum())

    def share_at(self, time: float) -> float:
        """The share still open after that long."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return 1.0 if place == 0 else float(self.open_share[place - 1])

    def quantile(self, share: float) -> float | None:
        """The shortest duration after which at least this share was over; None when fewer ended: not in this data."""
        return _first(self.times, self.open_share, 1 - share)

    def quantile_interval(self, share: float) -> tuple[float | None, float | None]:
        """The durations between which that quantile lies, by the interval of the curve (Brookmeyer and Crowley 1982).

        None where the interval of the curve does not come down so far.
        """
        return _first(self.times, self.low, 1 - share), _first(self.times, self.high, 1 - share)


def survival(
    durations: ArrayLike, over: ArrayLike, counts: ArrayLike | None = None, *, confidence: float = 0.95
) -> Survival:
    """Kaplan-Meier (SciPy's `ecdf` of censored data), with Greenwood's variance and the log-log interval.

    durations: (n,), 0 or more, any unit. over: (n,), whether it was over then; else it is known to have lasted longer.
    counts: (n,), how many packets that row stands for; 1 when absent. Raises NothingToCount when there are none.
    """
    time, ended, many = _counted(durations, over, counts)
    times, place = np.unique(time, return_inverse=True)
    over_then = _sums(place, many * ended)
    at_risk = _at_risk(place, many)
    if not over_then.any():
        nothing = np.full(len(times), np.nan)
        return Survival(times, at_risk, over_then, np.ones(len(times)), nothing, nothing.copy(), confidence)
    each = many.astype(np.int64)
    data = stats.CensoredData(
        uncensored=np.repeat(time[ended], each[ended]), right=np.repeat(time[~ended], each[~ended])
    )
    curve = stats.ecdf(data).sf
    with np.errstate(all="ignore"), warnings.catch_warnings():  # at 0 and 1 the interval is not defined
        warnings.simplefilter("ignore", RuntimeWarning)
        band = curve.confidence_interval(confidence_level=confidence, method="log-log")
    low, high = (np.asarray(side.probabilities, dtype=np.float64) for side in (band.low, band.high))
    shares = np.asarray(curve.probabilities, dtype=np.float64)
    known = (shares > 0) & (shares < 1)
    low, high = np.where(known, low, np.nan), np.where(known, high, np.nan)
    return Survival(times, at_risk, over_then, shares, low, high, confidence)


@dataclass(frozen=True)
class Incidence:
    """What share has ended in one way by each duration. All arrays are (distinct durations,), ascending."""

    ending: str
    times: Floats
    ended: Floats
    """Packets that ended so exactly then."""
    share: Floats
    """The share that has ended so by then, whatever else could have ended it."""
    variance: Floats
    low: Floats
    high: Floats
    """The interval of it, pointwise; NaN before the first such ending and where it cannot be told."""
    confidence: float

    def share_at(self, time: float) -> float:
        """The share that has ended so within that long."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return 0.0 if place == 0 else float(self.share[place - 1])


def incidence(
    durations: ArrayLike,
    endings: Sequence[str | None],
    counts: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
) -> dict[str, Incidence]:
    """The cumulative incidence of each ending (Aalen and Johansen 1978), by ending in order of name.

    1 minus Kaplan-Meier of one ending alone would count what was lost as if it could still be won, and so promise too
    much; these shares and what is still open add up to 1.

    durations: (n,), 0 or more, any unit. endings: (n,), how it ended, None for what is not over. counts: (n,), how many
    packets that row stands for. The variance is that of the delta method (Marubini and Valsecchi 1995, section 10.2.1),
    the interval log-log as Choudhury (2002). Raises NothingToCount when there are none.
    """
    time, ended, many = _counted(durations, [e is not None for e in endings], counts)
    times, place = np.unique(time, return_inverse=True)
    at_risk = _at_risk(place, many)
    over = _sums(place, many * ended)
    before = np.concatenate([[1.0], np.cumprod(1 - over / at_risk)[:-1]])
    names = np.array([e or "" for e in endings], dtype=object)
    found = {}
    for name in sorted({e for e in endings if e is not None}):
        so = _sums(place, many * (ended & (names == name)))
        share = np.cumsum(before * so / at_risk)
        variance = _variance(share, before, at_risk, over, so)
        low, high = _log_log(share, variance, confidence)
        found[name] = Incidence(name, times, so, share, variance, low, high, confidence)
    return found


def _sums(place: NDArray[np.int64], counts: Floats) -> Floats:
    """The counts at each distinct duration."""
    return np.asarray(np.bincount(place, weights=counts), dtype=np.float64)


def _at_risk(place: NDArray[np.int64], counts: Floats) -> Floats:
    return np.asarray(np.cumsum(_sums(place, counts)[::-1])[::-1], dtype=np.float64)


def _variance(share: Floats, before: Floats, at_risk: Floats, over: Floats, so: Floats) -> Floats:
    """Of the incidence at each time, in one pass: the sums of the formula with their squares multiplied out."""
    rest = at_risk - over
    hazard = np.divide(over, at_risk * rest, out=np.zeros_like(share), where=rest > 0)
    own = before**2 * so * (at_risk - so) / at_risk**3
    both = before * so / at_risk**2
    sums = [np.cumsum(a) for a in (hazard, share * hazard, share**2 * hazard, own, both, share * both)]
    first = share**2 * sums[0] - 2 * share * sums[1] + sums[2]
    return np.asarray(np.maximum(0.0, first + sums[3] - 2 * (share * sums[4] - sums[5])), dtype=np.float64)


def _log_log(share: Floats, variance: Floats, confidence: float) -> tuple[Floats, Floats]:
    z = stats.norm.ppf((1 + confidence) / 2)
    known = (share > 0) & (share < 1)
    safe = np.where(known, share, 0.5)
    spread = np.exp(z * np.sqrt(variance) / (safe * np.log(safe)))  # at most 1: the logarithm is negative
    low, high = safe ** (1 / spread), safe**spread
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _counted(
    durations: ArrayLike, over: ArrayLike, counts: ArrayLike | None
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    time = np.asarray(durations, dtype=np.float64)
    ended = np.asarray(over, dtype=bool)
    many = np.ones(len(time)) if counts is None else np.asarray(counts, dtype=np.float64)
    kept = many > 0
    if not kept.any():
        raise NothingToCount
    return time[kept], ended[kept], many[kept]


def _first(times: Floats, curve: Floats, level: float) -> float | None:
    """The first time at which a falling curve is at the level or below; tiny errors of adding up do not count."""
    reached = np.flatnonzero(curve <= level + 1e-12)
    return float(times[reached[0]]) if len(reached) else None
