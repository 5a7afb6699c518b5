"""Funnel plots: how far from the common level somebody may lie by chance, by how much they did (Spiegelhalter 2005).

Limits for shares are tails of the binomial distribution itself, not interpolated: at most 2.5 % (0.1 %) of people at
the common level lie beyond each 95 % (99.8 %) limit, mostly fewer, as counts are whole. Limits for rates follow the
exact Poisson interval by chi-square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from fullkit.flow.chance import Floats, binomial_quantile, chi2_above, chi2_quantile

INNER, OUTER = 0.025, 0.001
"""What may lie beyond each limit: of the 95 % pair, and of the 99.8 % pair."""
WINSOR = 0.1
"""The share of the furthest on each side that over-dispersion is not judged by: they are brought in to the next."""
UNLIKE, FIELD = 0.05, 10
"""A field is wider than chance when chance makes it as wide this seldom; with fewer people than this, a wide field
cannot be told from one person who differs, and limits are not widened."""


@dataclass(frozen=True)
class Limits:
    """Two pairs of limits, in the units of the plot; arrays of one shape."""

    low95: Floats
    high95: Floats
    low998: Floats
    high998: Floats


@dataclass(frozen=True)
class Funnel:
    """A funnel plot. Arrays are (people,)."""

    kind: Literal["share", "rate"]
    centre: float
    values: Floats
    sizes: Floats
    """Tries, or exposure."""
    limits: Limits
    chi2: float
    freedom: int
    chance: float
    """The chance of a field as wide, or wider, when all are at the common level."""
    phi: float
    """Over-dispersion: the mean squared z, the furthest tenth on each side brought in. 1 is chance."""
    widened: float
    """By what the limits are wider than those of chance: sqrt(phi) where the field is too wide, else 1."""

    @property
    def outside(self) -> tuple[int, ...]:
        """Who lies beyond the 99.8 % limits."""
        beyond = (self.values < self.limits.low998) | (self.values > self.limits.high998)
        return tuple(int(i) for i in np.flatnonzero(beyond))

    @property
    def family_error(self) -> float:
        """The chance that anybody lies beyond the 99.8 % limits when all are alike; at most this."""
        return float(1 - (1 - 2 * OUTER) ** len(self.values))

    def curve(self, points: int = 60) -> tuple[Floats, Limits]:
        """Sizes from the smallest to the largest, and the limits there: what to draw."""
        low, high = self.sizes.min(), self.sizes.max()
        if self.kind == "rate":
            at = np.geomspace(low, high, points)
        else:
            at = np.unique(np.rint(np.geomspace(max(low, 1), max(high, 1), points)))
        return at, _limits(self.kind, self.centre, at, self.widened)


def of_shares(hits: Sequence[int], tries: Sequence[int]) -> Funnel:
    """The funnel of shares around that of all together. Everybody tried at least once."""
    y, n = np.array(hits, dtype=np.float64), np.array(tries, dtype=np.float64)
    centre = float(y.sum() / n.sum())
    sigma = np.sqrt(centre * (1 - centre) / n)
    return _funnel("share", centre, y / n, n, sigma)


def of_rates(events: Sequence[int], exposures: Sequence[float]) -> Funnel:
    """The funnel of rates around that of all together. Every exposure is positive."""
    y, n = np.array(events, dtype=np.float64), np.array(exposures, dtype=np.float64)
    centre = float(y.sum() / n.sum())
    return _funnel("rate", centre, y / n, n, np.sqrt(centre / n))


def poisson_limits(expected: ArrayLike, tail: float) -> tuple[Floats, Floats]:
    """Observed over expected may lie between these, for this tail on each side (exact, by chi-square)."""
    e = np.asarray(expected, dtype=np.float64)
    return chi2_quantile(tail, 2 * e) / (2 * e), chi2_quantile(1 - tail, 2 * (e + 1)) / (2 * e)


def overdispersion(z: Floats) -> float:
    """Spiegelhalter's phi with the furthest tenth on each side winsorised."""
    low, high = np.quantile(z, [WINSOR, 1 - WINSOR])
    return float((np.clip(z, low, high) ** 2).mean())


def _funnel(
    kind: Literal["share", "rate"], centre: float, values: Floats, sizes: Floats, sigma: Floats
) -> Funnel:
    z = np.divide(values - centre, sigma, out=np.zeros_like(values), where=sigma > 0)
    chi2, freedom = float((z**2).sum()), len(values) - 1
    chance = float(chi2_above(chi2, freedom)) if freedom else 1.0
    phi = overdispersion(z)
    widened = float(np.sqrt(phi)) if chance < UNLIKE and phi > 1 and len(z) >= FIELD else 1.0
    return Funnel(
        kind,
        centre,
        values,
        sizes,
        _limits(kind, centre, sizes, widened),
        chi2,
        freedom,
        chance,
        phi,
        widened,
    )


def _limits(kind: Literal["share", "rate"], centre: float, sizes: Floats, widened: float) -> Limits:
    pairs = []
    for tail in (INNER, OUTER):
        if kind == "share":
            low, high = (binomial_quantile(q, sizes, centre) / sizes for q in (tail, 1 - tail))
        else:
            low, high = (centre * x for x in poisson_limits(sizes * centre, tail))
        top = 1.0 if kind == "share" else np.inf
        pairs += [
            np.maximum(centre + (low - centre) * widened, 0),
            np.minimum(centre + (high - centre) * widened, top),
        ]
    return Limits(*pairs)
