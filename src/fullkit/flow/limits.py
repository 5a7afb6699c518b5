"""Where the centre and the limits of a chart come from, for each kind of chart.

Arrays are (charts, points), so that one chart and ten thousand simulated ones go through the same lines. Formulas:
Wheeler, "Understanding Variation" (XmR); Montgomery, "Introduction to Statistical Quality Control" (p, u, t); Laney
2002 (p', u'); Benneyan 2001 (g); rulebook 4.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fullkit.flow.chance import binomial_quantile, poisson_quantile

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Kind = Literal["xmr", "p", "u", "p'", "u'", "t", "g"]

MEAN_RANGE, MEDIAN_RANGE = 2.66, 3.145
"""Limits are this many mean, or median, moving ranges from the centre: three sigma for neighbours alike."""
MEAN_RANGE_TOP, MEDIAN_RANGE_TOP = 3.268, 3.865
"""The upper limit of the moving ranges themselves, in mean or median moving ranges."""
D2 = 1.128
"""The mean range of two normal values, in sigma."""
NELSON = 1 / 3.6
"""Waiting times to this power are nearly symmetric (Nelson 1994)."""
TAIL, ZONE = 0.00135, 0.02275
"""What lies beyond three, and beyond two, sigma of a normal value on one side."""


@dataclass(frozen=True)
class Spans:
    """What limits are computed from: shapes (points,) and (points - 1,)."""

    base: Bools
    """The points of the baseline."""
    adjacent: Bools
    """Whether point i + 1 directly follows point i, with nothing missing between."""
    sizes: Floats
    """How many (p), or how much (u), each point is out of; ones otherwise."""
    exact: bool = False
    """For p and u with few events to a point: limits at the tails of the binomial or Poisson itself, and the median as
    the centre. Three sigma would raise three times the false alarms there."""


@dataclass(frozen=True)
class Fit:
    """Centre and limits of charts, all (charts, points), in the units of `scaled` values."""

    centre: Floats
    lower: Floats
    """-inf where nothing can be too low."""
    upper: Floats
    low_zone: Floats
    """Two thirds of the way to the limit."""
    high_zone: Floats


@dataclass(frozen=True)
class Ways:
    """How an XmR chart takes its middle and its spread."""

    median: bool = False
    """The median of the values and of the moving ranges, for dirty data."""
    screened: bool = False
    """Moving ranges above their own upper limit are left out, once, before their mean is taken."""


PLAIN = Ways()


def scaled(kind: Kind, values: Floats) -> Floats:
    """Values as they are judged: waiting times to Nelson's power, everything else as it is."""
    return values**NELSON if kind == "t" else values


def shown(kind: Kind, judged: Floats) -> Floats:
    """Judged values back in the units of the measure."""
    return np.maximum(judged, 0) ** (1 / NELSON) if kind == "t" else judged


def fit(kind: Kind, values: Floats, spans: Spans, ways: Ways = PLAIN) -> Fit:
    """Centre and limits for `values` (charts, points): shares for p, rates for u, gaps for t and g."""
    if not spans.base.any():
        nothing = np.full(values.shape, np.nan)
        return Fit(nothing, nothing, nothing, nothing, nothing)
    if kind == "g":
        return _geometric(values, spans)
    if kind in {"xmr", "t"}:
        return _individuals(scaled(kind, values), spans, ways)
    return _attributes(kind, values, spans)


def moving_ranges(values: Floats, spans: Spans) -> tuple[Floats, Bools]:
    """|difference| of neighbours (charts, points - 1), and which of them lie in the baseline."""
    return np.abs(np.diff(values, axis=-1)), spans.base[1:] & spans.base[:-1] & spans.adjacent


def mean_range(values: Floats, spans: Spans, ways: Ways = PLAIN) -> Floats:
    """The typical moving range of the baseline, (charts, 1): a mean, or a median."""
    ranges, inside = moving_ranges(values, spans)
    used = ranges[:, inside]
    if used.shape[1] == 0:
        return np.full((len(values), 1), np.nan)
    if ways.median:
        return np.asarray(np.median(used, axis=1, keepdims=True))
    mean: Floats = used.mean(axis=1, keepdims=True)
    if not ways.screened:
        return mean
    kept = used <= MEAN_RANGE_TOP * mean
    return np.asarray((used * kept).sum(axis=1, keepdims=True) / kept.sum(axis=1, keepdims=True))


def _individuals(values: Floats, spans: Spans, ways: Ways) -> Fit:
    base = values[:, spans.base]
    centre = np.median(base, axis=1, keepdims=True) if ways.median else base.mean(axis=1, keepdims=True)
    reach = (MEDIAN_RANGE if ways.median else MEAN_RANGE) * mean_range(values, spans, ways)
    return _symmetric(values, centre, reach / 3)


def _attributes(kind: Kind, values: Floats, spans: Spans) -> Fit:
    centre, sigma = expected(kind, values, spans)
    if spans.exact:
        return _exact(kind, values, spans, centre)
    if kind.endswith("'"):
        sigma = sigma * overdispersion(kind, values, spans)
    return _symmetric(values, centre, sigma)


def _exact(kind: Kind, values: Floats, spans: Spans, mean: Floats) -> Fit:
    sizes, which = np.unique(spans.sizes, return_inverse=True)

    def at(share: float) -> Floats:
        if kind == "p":
            return (binomial_quantile(share, sizes, mean) / sizes)[:, which]
        return (poisson_quantile(share, mean * sizes) / sizes)[:, which]

    centre = np.median(values[:, spans.base], axis=1, keepdims=True)
    return Fit(np.broadcast_to(centre, values.shape), at(TAIL), at(1 - TAIL), at(ZONE), at(1 - ZONE))


def expected(kind: Kind, values: Floats, spans: Spans) -> tuple[Floats, Floats]:
    """Centre (charts, 1) and each point's sigma (charts, points) if chance alone, binomial or Poisson, is at work."""
    weights = spans.sizes[spans.base] / spans.sizes[spans.base].sum()
    centre = (values[:, spans.base] * weights).sum(axis=1, keepdims=True)
    spread = centre * (1 - centre) if kind.startswith("p") else centre
    return centre, np.sqrt(np.maximum(spread, 0) / spans.sizes)


def overdispersion(kind: Kind, values: Floats, spans: Spans) -> Floats:
    """Laney's sigma z, (charts, 1): how much wider neighbours differ than chance makes them; never below 1."""
    centre, sigma = expected(kind, values, spans)
    z = np.divide(values - centre, sigma, out=np.zeros_like(values), where=sigma > 0)
    return np.maximum(mean_range(z, spans) / D2, 1.0)


def _geometric(values: Floats, spans: Spans) -> Fit:
    """Probability limits of the geometric distribution: three sigma would raise seven times the false alarms.

    The centre is the median of the baseline, as half of the gaps should lie on each side of it.
    """
    base = values[:, spans.base]
    stays = base.mean(axis=1, keepdims=True) / (1 + base.mean(axis=1, keepdims=True))
    with np.errstate(divide="ignore"):
        log = np.log(stays)
    centre = np.median(base, axis=1, keepdims=True)

    def beyond(share: float) -> Floats:  # the largest gap that at most this share exceeds
        return np.where(stays > 0, np.ceil(np.log(share) / log) - 1, 0.0)

    def below(share: float) -> Floats:  # at most this share lies below; none when even 0 is likelier
        found = np.floor(np.log1p(-share) / log)
        return np.where((stays > 0) & (found >= 1), found, -np.inf)

    shape = values.shape
    return Fit(
        centre=np.broadcast_to(centre, shape),
        lower=np.broadcast_to(below(TAIL), shape),
        upper=np.broadcast_to(beyond(TAIL), shape),
        low_zone=np.broadcast_to(below(ZONE), shape),
        high_zone=np.broadcast_to(beyond(ZONE), shape),
    )


def _symmetric(values: Floats, centre: Floats, sigma: Floats) -> Fit:
    shape = values.shape
    return Fit(
        centre=np.broadcast_to(centre, shape),
        lower=np.broadcast_to(centre - 3 * sigma, shape),
        upper=np.broadcast_to(centre + 3 * sigma, shape),
        low_zone=np.broadcast_to(centre - 2 * sigma, shape),
        high_zone=np.broadcast_to(centre + 2 * sigma, shape),
    )
