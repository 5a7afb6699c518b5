"""Distributions, as functions of arrays: the tails, quantiles and their inverses that the other files speak of.

Built on scipy.special, which loads in a tenth of the time of scipy.stats.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special  # type: ignore[import-untyped]

Floats = NDArray[np.float64]


def _array(found: object) -> Floats:
    return np.asarray(found, dtype=np.float64)


def normal_below(z: ArrayLike) -> Floats:
    """P(Z <= z)."""
    return _array(special.ndtr(z))


def normal_quantile(share: ArrayLike) -> Floats:
    """The z below which this share lies."""
    return _array(special.ndtri(share))


def binomial_at_most(count: ArrayLike, tries: ArrayLike, share: ArrayLike) -> Floats:
    """P(X <= count); 0 for a negative count."""
    k, n, p = (_array(a) for a in (count, tries, share))
    found = special.bdtr(np.clip(k, 0, n), n.astype(np.int64), p)  # tries that are no integers are deprecated
    return _array(np.where(k < 0, 0.0, np.where(k >= n, 1.0, found)))


def binomial_quantile(share: ArrayLike, tries: ArrayLike, chance: ArrayLike) -> Floats:
    """The smallest count that at least this share of outcomes does not exceed."""
    q, n, p = np.broadcast_arrays(*(_array(a) for a in (share, tries, chance)))
    p = np.clip(p, 0.0, 1.0)  # a mean of shares that are all 1 can come out a little above it
    guess = _guess(q, n * p, np.sqrt(n * p * (1 - p)), 1 - 2 * p)
    return _smallest(np.clip(guess, 0, n), q, lambda k: binomial_at_most(k, n, p))


def _guess(share: Floats, mean: Floats, sigma: Floats, skew: Floats) -> Floats:
    """Cornish and Fisher's: within a few of the quantile of a count."""
    z = special.ndtri(share)
    return _array(np.maximum(np.rint(mean + z * sigma + skew * (z * z - 1) / 6), 0))


def _smallest(guess: Floats, share: Floats, at_most: Callable[[Floats], Floats]) -> Floats:
    """From a guess to the smallest count that this share does not exceed, by whole steps."""
    while (low := at_most(guess) < share).any():
        guess = guess + low
    while (high := (guess > 0) & (at_most(guess - 1) >= share)).any():
        guess = guess - high
    return guess


def poisson_at_most(count: ArrayLike, mean: ArrayLike) -> Floats:
    """P(X <= count); 0 for a negative count."""
    k = _array(count)
    return _array(np.where(k < 0, 0.0, special.pdtr(np.maximum(k, 0), mean)))


def poisson_quantile(share: ArrayLike, mean: ArrayLike) -> Floats:
    """The smallest count that at least this share of outcomes does not exceed."""
    q, m = np.broadcast_arrays(_array(share), _array(mean))
    return _smallest(_guess(q, m, np.sqrt(m), np.ones_like(m)), q, lambda k: poisson_at_most(k, m))


def chi2_above(value: ArrayLike, freedom: ArrayLike) -> Floats:
    """P(chi-square > value)."""
    return _array(special.chdtrc(freedom, value))


def chi2_quantile(share: ArrayLike, freedom: ArrayLike) -> Floats:
    """The value below which this share of a chi-square lies."""
    return _array(special.chdtri(freedom, 1 - _array(share)))


def f_above(value: ArrayLike, between: ArrayLike, within: ArrayLike) -> Floats:
    """P(F > value) with these degrees of freedom."""
    return _array(special.fdtrc(between, within, value))


def t_quantile(share: ArrayLike, freedom: ArrayLike) -> Floats:
    """The t below which this share lies; normal where freedom is infinite."""
    f = _array(freedom)
    finite = special.stdtrit(np.where(np.isfinite(f), f, 1.0), share)
    return _array(np.where(np.isfinite(f), finite, special.ndtri(share)))


def hypergeometric_quantile(share: float, drawn: int, hits: int, total: int) -> int:
    """The smallest count among `drawn` of `total`, `hits` of which are hits, that this share does not exceed."""
    low, high = max(0, drawn + hits - total), min(drawn, hits)
    k = np.arange(low, high + 1)
    log = (
        special.gammaln(hits + 1)
        - special.gammaln(k + 1)
        - special.gammaln(hits - k + 1)
        + special.gammaln(total - hits + 1)
        - special.gammaln(drawn - k + 1)
        - special.gammaln(total - hits - drawn + k + 1)
    )
    mass = np.exp(log - log.max())
    return int(low + np.searchsorted(np.cumsum(mass) / mass.sum(), share, side="left"))


def beta_below(value: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """P(beta(a, b) <= value)."""
    return _array(special.betainc(a, b, value))


def log_beta(a: ArrayLike, b: ArrayLike) -> Floats:
    """The logarithm of the beta function."""
    return _array(special.betaln(a, b))


def beta_quantile(share: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """The value below which this share of a beta(a, b) lies."""
    return _array(special.betaincinv(a, b, share))


def share_interval(held: int, tries: int, *, level: float = 0.95) -> tuple[float, float]:
    """The exact (Clopper and Pearson) interval of a share."""
    tail = (1 - level) / 2
    low = 0.0 if held == 0 else float(beta_quantile(tail, held, tries - held + 1))
    high = 1.0 if held == tries else float(beta_quantile(1 - tail, held + 1, tries - held))
    return low, high
