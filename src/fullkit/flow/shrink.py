"""What somebody's share probably is: their own figures, drawn towards everybody's by as much as chance demands.

A beta-binomial model whose common level is that of all together. How alike people are (the prior's size m) is not
estimated and then believed; it is averaged over its posterior, with even weight on the shrinkage m / (m + size).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fullkit.flow.chance import Floats, beta_below, log_beta

LEVEL = 0.95
STEPS = (np.arange(40) + 0.5) / 40
"""The shrinkages that are averaged over."""


@dataclass(frozen=True)
class Shrunk:
    """Arrays are (people,)."""

    share: Floats
    """The posterior mean."""
    low: Floats
    high: Floats
    """The 95 % interval."""
    towards_all: float
    """How much weight everybody's level has for a person of the typical size, 0 to 1."""


def shares(hits: Sequence[int], tries: Sequence[int]) -> Shrunk:
    """Shrunk shares. Needs both hits and misses among all together."""
    y, n = np.array(hits, dtype=np.float64)[:, None], np.array(tries, dtype=np.float64)[:, None]
    centre = float(y.sum() / n.sum())
    size = STEPS / (1 - STEPS) * float(np.median(n))
    a, b = centre * size[None, :], (1 - centre) * size[None, :]
    fit = (log_beta(y + a, n - y + b) - log_beta(a, b)).sum(axis=0)
    weight = np.exp(fit - fit.max())
    weight /= weight.sum()
    mean = ((y + a) / (n + a + b)) @ weight

    def at(share: float) -> Floats:
        low, high = np.zeros(len(y)), np.ones(len(y))
        for _ in range(40):
            middle = (low + high) / 2
            above = beta_below(middle[:, None], y + a, n - y + b) @ weight < share
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return (low + high) / 2

    tail = (1 - LEVEL) / 2
    return Shrunk(mean, at(tail), at(1 - tail), float(STEPS @ weight))
