"""How often a chart like this one raises an alarm when nothing has happened.

Each rate is simulated for the chart at hand: its kind, its length, its baseline, its sizes and its level, thousands
of times, with chance alone at work and the limits computed anew each time as on the chart itself. So the rate
includes what an uncertain baseline adds. Seeded; a rate is remembered for charts of the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fullkit.flow import signals
from fullkit.flow.limits import (
    MEAN_RANGE_TOP,
    MEDIAN_RANGE_TOP,
    PLAIN,
    Bools,
    Fit,
    Floats,
    Kind,
    Spans,
    Ways,
    fit,
    mean_range,
    moving_ranges,
    scaled,
)

SEED = 20141
RUNS, CELLS = 4000, 400_000
"""Simulated charts, and at most so many points in all of them."""


@dataclass(frozen=True)
class FalseAlarms:
    """The chance of at least one false alarm on a chart of this length, by each set of rules."""

    usual: float
    """Outside the limits, a long run, or few crossings."""
    watch: float
    """The four rules for a single chart under watch."""
    ranges: float
    """A moving range above its upper limit (XmR and t charts only)."""
    points: int
    runs: int
    """How many charts were simulated: the standard error of a rate r is sqrt(r (1 - r) / runs)."""

    def of(self, rules: signals.Rules) -> float:
        """The rate of this set of rules."""
        return self.usual if rules == "usual" else self.watch


@dataclass(frozen=True)
class Null:
    """What a chart, or one phase of it, looks like to whoever simulates it. Hashable."""

    kind: Kind
    base: tuple[bool, ...]
    counted: tuple[bool, ...]
    sizes: tuple[float, ...]
    """Empty where they play no part."""
    level: float
    """The centre: a share for p, a rate for u, a mean gap for t and g; any for XmR, which is the same at each level."""
    exact: bool = False
    floored: bool = False
    """Nothing can be too low, as the lower limit lies below what is possible."""
    ways: Ways = PLAIN


def of_phases(nulls: list[Null]) -> FalseAlarms:
    """The rates of a chart of several phases: at least one false alarm in any of them."""
    rates = [_rates(null) for null in nulls]
    runs = min((r.runs for r in rates), default=0)

    def any_of(each: list[float]) -> float:
        return float(1 - np.prod([1 - rate for rate in each]))

    return FalseAlarms(
        any_of([r.usual for r in rates]),
        any_of([r.watch for r in rates]),
        any_of([r.ranges for r in rates]),
        sum(r.points for r in rates),
        runs,
    )


def draw(null: Null, runs: int, rng: np.random.Generator) -> Floats:
    """Values of charts on which nothing happens, (runs, points)."""
    shape, sizes = (runs, len(null.base)), np.array(null.sizes, dtype=np.float64)
    if null.kind == "p":
        return np.asarray(rng.binomial(sizes.astype(np.int64), null.level, shape) / sizes)
    if null.kind == "u":
        return np.asarray(rng.poisson(null.level * sizes, shape) / sizes)
    if null.kind == "t":
        return rng.exponential(null.level, shape)
    if null.kind == "g":
        return np.asarray(rng.geometric(1 / (1 + null.level), shape) - 1.0)
    return rng.standard_normal(shape)


def judge(null: Null, values: Floats, rules: signals.Rules) -> Bools:
    """Which of these charts raise an alarm, (runs,)."""
    limits, judged = _limits(null, values), scaled(null.kind, values)
    counted = np.array(null.counted)
    alarms = [signals.found(rule, judged, limits, counted).any(axis=1) for rule in signals.NAMES[rules]]
    return np.asarray(np.logical_or.reduce(alarms))


@lru_cache(maxsize=512)
def _rates(null: Null) -> FalseAlarms:
    points = len(null.base)
    runs = int(np.clip(CELLS // max(points, 1), 500, RUNS))
    values = draw(null, runs, np.random.default_rng((SEED, points)))
    usual, watch = (float(judge(null, values, rules).mean()) for rules in ("usual", "watch"))
    return FalseAlarms(usual, watch, _range_alarms(null, values), points, runs)


def _limits(null: Null, values: Floats) -> Fit:
    limits = fit(_plain(null.kind), values, _spans(null), null.ways)
    if not null.floored:
        return limits
    nothing = np.full(values.shape, -np.inf)
    return Fit(limits.centre, nothing, limits.upper, limits.low_zone, limits.high_zone)


def _plain(kind: Kind) -> Kind:
    """A chart whose spread comes from its moving ranges behaves as an XmR chart."""
    return "xmr" if kind.endswith("'") else kind


def _spans(null: Null) -> Spans:
    points = len(null.base)
    sizes = np.array(null.sizes) if null.sizes else np.ones(points)
    return Spans(np.array(null.base), np.ones(max(points - 1, 0), dtype=bool), sizes, null.exact)


def _range_alarms(null: Null, values: Floats) -> float:
    if null.kind not in {"xmr", "t"}:
        return 0.0
    judged, spans = scaled(null.kind, values), _spans(null)
    top = MEDIAN_RANGE_TOP if null.ways.median else MEAN_RANGE_TOP
    ranges, _ = moving_ranges(judged, spans)
    return float((ranges > top * mean_range(judged, spans, null.ways)).any(axis=1).mean())
