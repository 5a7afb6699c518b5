"""Analysis of means: which of several groups differ from all together, with one error rate for the whole family.

A group is outside when it lies more than h standard errors of its deviation from the mean of all (Ott 1967, Nelson
1983). h is computed, not looked up: deviations from a common mean are independent normals under the condition that they
add up to nothing, so the chance that all lie within bounds is one Fourier integral over the product of truncated
normals, for equal and unequal sizes alike, averaged over the estimate of sigma where that has to be estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special  # type: ignore[import-untyped]

from fullkit.flow.chance import (
    Floats,
    chi2_quantile,
    hypergeometric_quantile,
    normal_below,
    t_quantile,
)

FAMILY = 0.05
"""The chance that any group is called different when all are alike."""
LARGE = 5.0
"""With fewer hits, or misses, than these expected in a group, its limits are exact tails instead of normal ones."""


@dataclass(frozen=True)
class Anom:
    """Arrays are (groups,). A group beyond its limits differs from all together; the family error is as stated."""

    centre: float
    means: Floats
    sizes: Floats
    lower: Floats
    upper: Floats
    h: float
    family_error: float

    @property
    def outside(self) -> tuple[int, ...]:
        """The groups beyond their limits."""
        return tuple(int(i) for i in np.flatnonzero((self.means < self.lower) | (self.means > self.upper)))


def of_shares(hits: Sequence[int], tries: Sequence[int], *, family: float = FAMILY) -> Anom:
    """Groups by their share of hits. Needs two groups, and both hits and misses.

    Normal limits (rulebook 4.6); where few hits or misses are expected, the tails of the hypergeometric distribution at
    the same error for each group, which keep the stated error and are somewhat wider.
    """
    y, n = np.array(hits, dtype=np.float64), np.array(tries, dtype=np.float64)
    total = n.sum()
    centre = float(y.sum() / total)
    h = critical(tuple(tries), family=family)
    reach = h * np.sqrt(centre * (1 - centre) * (total - n) / (n * total))
    lower, upper = np.maximum(centre - reach, 0), np.minimum(centre + reach, 1)
    tail = float(normal_below(-h))
    for i in np.flatnonzero(n * min(centre, 1 - centre) < LARGE):
        lower[i], upper[i] = (
            hypergeometric_quantile(q, int(n[i]), int(y.sum()), int(total)) / n[i] for q in (tail, 1 - tail)
        )
    return Anom(centre, y / n, n, lower, upper, h, family)


def of_means(groups: Sequence[Sequence[float]], *, family: float = FAMILY) -> Anom:
    """Groups by their mean, with the pooled spread within groups. Needs two groups and one of more than one value."""
    sizes = np.array([len(g) for g in groups], dtype=np.float64)
    means = np.array([np.mean(g) for g in groups])
    total = float(sizes.sum())
    centre = float((means * sizes).sum() / total)
    freedom = int(total) - len(groups)
    within = sum(float(((np.asarray(g) - m) ** 2).sum()) for g, m in zip(groups, means, strict=True))
    h = critical(tuple(len(g) for g in groups), freedom, family=family)
    reach = h * np.sqrt(within / freedom * (total - sizes) / (sizes * total))
    return Anom(centre, means, sizes, centre - reach, centre + reach, h, family)


@lru_cache(maxsize=256)
def critical(sizes: tuple[int, ...], freedom: int | None = None, *, family: float = FAMILY) -> float:
    """h for groups of these sizes; `freedom` of the estimated sigma, None when sigma is known.

    Agrees with Nelson's tables to the four digits they have. Raises ValueError for fewer than two groups.
    """
    if len(sizes) < 2:
        raise ValueError("Analysis of means compares two groups or more.")
    if len(sizes) == 2:
        return float(t_quantile(1 - family / 2, np.inf if freedom is None else freedom))
    found = np.array(sizes, dtype=np.float64)
    if freedom is None:
        return _solve(lambda h: _all_within(h, found), family)
    log = _beyond(sizes)
    scales = _scales(freedom)

    def averaged(h: float) -> float:
        bound = h * scales
        inside = 1 - np.exp(log(np.clip(bound, 0.5, 6)))
        return float(np.where(bound > 6, 1.0, inside).mean())

    return _solve(averaged, family)


@lru_cache(maxsize=64)
def _beyond(sizes: tuple[int, ...]) -> np.polynomial.Chebyshev:
    """The logarithm of the chance that any lies beyond h with sigma known, for h from 0.5 to 6."""
    grid, found = np.linspace(0.5, 6, 30), np.array(sizes, dtype=np.float64)
    beyond = np.array([1 - _all_within(h, found) for h in grid])
    return np.polynomial.Chebyshev.fit(grid, np.log(np.maximum(beyond, 1e-12)), 15)


def _solve(within: Callable[[float], float], family: float) -> float:
    """The h at which all lie within with the chance 1 - family; by secants, as the logarithm is nearly straight."""

    def excess(h: float) -> float:
        return float(np.log(max(1 - within(h), 1e-13) / family))

    before, here = 2.2, 3.2
    left, now = excess(before), excess(here)
    for _ in range(60):
        if abs(now) < 1e-9 or now == left:
            break
        after = float(np.clip(here - now * (here - before) / (now - left), here / 2, here * 2))
        before, left, here, now = here, now, after, excess(after)
    return here


def _scales(freedom: int | None) -> Floats:
    """Estimated over true sigma, at equally likely places of its distribution."""
    if freedom is None:
        return np.ones(1)
    places = (np.arange(20000) + 0.5) / 20000
    return np.sqrt(chi2_quantile(places, freedom) / freedom)


def _all_within(h: float, sizes: Floats) -> float:
    """P(no deviation beyond h of its standard errors), sigma known."""
    kinds, many = np.unique(sizes, return_counts=True)
    part = kinds / sizes.sum()
    end = 80 if len(sizes) == 3 else 40 if len(sizes) < 8 else 20  # the more factors, the sooner it is over
    t = np.linspace(0, end, 40 * end + 1)
    product = np.ones_like(t)
    for share, count in zip(part, many, strict=True):
        product *= _truncated(h * np.sqrt(1 - share), t * np.sqrt(share)) ** count
    step = t[1] - t[0]
    simpson = product[0] + product[-1] + 4 * product[1:-1:2].sum() + 2 * product[2:-1:2].sum()
    return float(np.clip(simpson * step / 3 * np.sqrt(2 / np.pi), 0, 1))


def _truncated(c: float, t: Floats) -> Floats:
    """The integral of the normal density times cos(ty) over -c to c."""
    tail = np.exp(-c * c / 2 - 1j * c * t) * special.wofz((-t + 1j * c) / np.sqrt(2))
    return np.asarray(np.exp(-t * t / 2) - tail.real)
