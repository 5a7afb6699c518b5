"""Is it signal or noise? A chart whose limits follow from what is measured (rulebook 4.6).

`chart(Series(...))` picks the chart by what the numbers are, draws limits from a baseline, judges every point, and
says the answer in a sentence with the rate of false alarms. Nothing is claimed from a provisional baseline, from a
series without variation, or from one that follows a wave of the calendar.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fullkit.flow import alarms, limits, rhythm, signals, verdict
from fullkit.flow.alarms import Null
from fullkit.flow.chart import Change, Chart, Phase, Ranges, Series, Signal, What
from fullkit.flow.limits import Bools, Fit, Floats, Kind, Spans, Ways
from fullkit.flow.rhythm import Wave
from fullkit.flow.signals import Rules

__all__ = [
    "Change",
    "Chart",
    "Phase",
    "Ranges",
    "Series",
    "Signal",
    "Ways",
    "What",
    "chart",
    "first_signal",
    "tampering",
]

BASELINE, ENOUGH, FEW = 24, 12, 4.0
"""Points a baseline takes unless told otherwise; fewer than ENOUGH are provisional (rulebook 4.6); with fewer than FEW
events expected at a point, limits come from the tails of the distribution itself."""
BEYOND_CHANCE = 2.33
"""Sigma z is more than chance beyond this many of its standard errors, 0.91 / sqrt(n - 1): 1 % of stable charts."""

KINDS: dict[What, Kind] = {"share": "p", "rate": "u", "days between": "t", "items between": "g"}


@dataclass(frozen=True)
class _Stretch:
    """A phase being computed: the indexes of its points that are in the data, and what its limits rest on."""

    change: Change | None
    start: int
    end: int
    base_end: int
    index: np.ndarray[tuple[int], np.dtype[np.int64]]
    spans: Spans
    counted: Bools

    @property
    def provisional(self) -> bool:
        return int(self.spans.base.sum()) < ENOUGH


@dataclass(frozen=True)
class _Computed:
    """A chart before it is drawn."""

    kind: Kind
    values: Floats
    sizes: Floats
    stretches: list[_Stretch]
    fits: list[Fit]
    wave: Wave | None
    withheld: str


def chart(series: Series, rules: Rules = "usual") -> Chart:
    """The chart of a series, judged by the usual rules, or by those for a single chart under watch.

    Raises ValueError with a sentence when the series contradicts itself or a change of limits has no reason.
    """
    c = _compute(series)
    nulls = [_null(c, s, f, series.ways) for s, f in zip(c.stretches, c.fits, strict=True) if _counts(s, c)]
    centre = _spread(c, [f.centre for f in c.fits])
    return verdict.said(
        Chart(
            kind=c.kind,
            name=verdict.NAMES[c.kind],
            labels=_labels(series),
            values=c.values,
            sizes=c.sizes,
            centre=centre,
            lower=_spread(c, [f.lower for f in c.fits]),
            upper=_spread(c, [f.upper for f in c.fits]),
            phases=tuple(_phase(s, centre) for s in c.stretches),
            rules=rules,
            signals=_signals(c, rules),
            withheld=c.withheld,
            wave=c.wave,
            notes=tuple(_notes(series, c)),
            false_alarms=alarms.of_phases(nulls),
            ranges=_ranges(c, series.ways),
            says="",
        )
    )


def first_signal(series: Series, rules: Rules = "usual") -> str:
    """The first signal of a series in a sentence; empty when there is none, or none may be claimed.

    For whoever needs a stable history and no chart: several times as fast, as no rates are simulated.
    """
    found = _signals(_compute(series), rules)
    return f"{verdict.told(found[0], _labels(series))}." if found else ""


def tampering(drawn: Chart, point: int) -> str | None:
    """A warning when somebody wants to change the process because of this point; None when it is a signal (R87)."""
    return verdict.tampering(drawn, point)


def _compute(series: Series) -> _Computed:
    _check(series)
    values, sizes = _numbers(series)
    stretches = _stretches(series, values, sizes)
    kind = _kind(series, values, stretches)
    stretches = [_exactly(kind, values, s) for s in stretches]
    fits = [limits.fit(kind, values[s.index][None, :], s.spans, series.ways) for s in stretches]
    fits = [_within_nature(series.what, kind, f) for f in fits]
    wave = _wave(kind, series, values, stretches, fits)
    withheld = verdict.withheld(kind, [s.provisional for s in stretches], fits, wave)
    return _Computed(kind, values, sizes, stretches, fits, wave, withheld)


def _labels(series: Series) -> tuple[rhythm.Label, ...]:
    return tuple(series.labels) or tuple(range(1, len(series.values) + 1))


def _counts(stretch: _Stretch, c: _Computed) -> bool:
    """Whether a phase takes part in the rates: it is judged, or nothing is."""
    return bool(len(stretch.index)) and (not stretch.provisional or all(s.provisional for s in c.stretches))


def _check(series: Series) -> None:
    n = len(series.values)
    for name, given in (("labels", series.labels), ("sizes", series.sizes)):
        if given and len(given) != n:
            raise ValueError(f"There are {n} values and {len(given)} {name}.")
    if series.what in {"share", "rate"} and not series.sizes:
        raise ValueError(f"A {series.what} needs to know of how many: give sizes.")
    if any(not c.reason.strip() for c in series.changes) or any(
        not r.strip() for r in series.left_out.values()
    ):
        raise ValueError("Limits change, and points are left out, only with a recorded reason.")
    if any(not 0 < c.at < n for c in series.changes):
        raise ValueError(f"A change must begin at one of the points 1 to {n - 1}, counted from 0.")
    known = [v for v in series.values if v is not None]
    if series.what != "amount" and any(v < 0 for v in known):
        raise ValueError(f"A {series.what} cannot be negative.")
    sizes = series.sizes or [np.inf] * n
    if series.what == "share" and any(
        v > s for v, s in zip(series.values, sizes, strict=True) if v is not None
    ):
        raise ValueError("A share counts some out of all: no value may exceed its size.")


def _numbers(series: Series) -> tuple[Floats, Floats]:
    values = np.array([np.nan if v is None else float(v) for v in series.values])
    sizes = np.array(series.sizes, dtype=np.float64) if series.sizes else np.ones(len(values))
    if series.what in {"share", "rate"}:
        values = np.divide(values, sizes, out=np.full(len(values), np.nan), where=sizes > 0)
    return values, sizes


def _stretches(series: Series, values: Floats, sizes: Floats) -> list[_Stretch]:
    changes = sorted(series.changes, key=lambda c: c.at)
    starts = [0, *(c.at for c in changes)]
    ends = [*starts[1:], len(values)]
    found = []
    for change, start, end in zip([None, *changes], starts, ends, strict=True):
        index = np.flatnonzero(np.isfinite(values[start:end])) + start
        kept = np.array([i not in series.left_out for i in index], dtype=bool)
        base = kept & (np.cumsum(kept) <= (series.baseline or BASELINE))
        base_end = int(index[base][-1]) + 1 if base.any() else start
        spans = Spans(base, np.diff(index) == 1, sizes[index])
        found.append(_Stretch(change, start, end, base_end, index, spans, kept))
    return found


def _kind(series: Series, values: Floats, stretches: list[_Stretch]) -> Kind:
    first = next((s for s in stretches if not s.provisional), stretches[0])
    seen = values[first.index][None, :]
    if series.what == "count":
        base = seen[:, first.spans.base]
        return "u" if base.size and base.mean() < FEW else "xmr"
    kind = KINDS.get(series.what, "xmr")
    if kind in {"p", "u"} and series.widened and not first.provisional:
        points = int(first.spans.base.sum())
        if limits.overdispersion(kind, seen, first.spans)[0, 0] > 1 + BEYOND_CHANCE * 0.91 / np.sqrt(
            points - 1
        ):
            return "p'" if kind == "p" else "u'"
    return kind


def _exactly(kind: Kind, values: Floats, stretch: _Stretch) -> _Stretch:
    """With limits from the tails of the distribution where few events are expected at a point."""
    if kind not in {"p", "u"} or not stretch.spans.base.any():
        return stretch
    level = limits.expected(kind, values[stretch.index][None, :], stretch.spans)[0][0, 0]
    if float(np.median(stretch.spans.sizes) * level) >= FEW:
        return stretch
    return replace(stretch, spans=replace(stretch.spans, exact=True))


def _within_nature(what: What, kind: Kind, fit: Fit) -> Fit:
    """A limit beyond what is possible is no limit: it stands at the bound, which nothing passes."""
    if what == "amount":
        return fit
    top = 1.0 if what == "share" else np.inf
    low = np.maximum(fit.lower, 0)
    return replace(fit, lower=low, upper=np.minimum(fit.upper, top))


def _wave(
    kind: Kind, series: Series, values: Floats, stretches: list[_Stretch], fits: list[Fit]
) -> Wave | None:
    """The wave of what is left after each phase's own centre, so that a step is not taken for one."""
    if not len(values):
        return None
    rest = np.full(len(values), np.nan)
    for stretch, fit in zip(stretches, fits, strict=True):
        if len(stretch.index):
            rest[stretch.index] = limits.scaled(kind, values[stretch.index]) - fit.centre[0]
    seen = [int(i) for i in np.flatnonzero(np.isfinite(rest))]
    return rhythm.wave(rest[seen], [series.labels[i] for i in seen] if series.labels else seen)


def _signals(c: _Computed, rules: Rules) -> tuple[Signal, ...]:
    found: list[Signal] = []
    for stretch, fit in zip(c.stretches, c.fits, strict=True):
        if stretch.provisional or c.withheld:
            continue
        judged = limits.scaled(c.kind, c.values[stretch.index])[None, :]
        for rule in signals.NAMES[rules]:
            marked = signals.found(rule, judged, fit, stretch.counted)[0]
            side = np.sign(judged - fit.centre)[0]
            found += [
                Signal(rule, tuple(int(i) for i in stretch.index[run]), high)
                for run, high in signals.pieces(rule, marked, side, judged[0])
            ]
    return tuple(found)


def _null(c: _Computed, stretch: _Stretch, fit: Fit, ways: Ways) -> Null:
    kind, seen = c.kind, c.values[stretch.index]
    base = stretch.spans.base
    if kind in {"p", "u"}:
        level = float(limits.expected(kind, seen[None, :], stretch.spans)[0][0, 0]) if base.any() else 0.0
    else:
        level = float(seen[base].mean()) if kind in {"t", "g"} and base.any() else 0.0
    own_spread = kind == "xmr" or kind.endswith("'")
    return Null(
        kind=kind,
        base=tuple(base.tolist()),
        counted=tuple(stretch.counted.tolist()),
        sizes=() if own_spread or kind in {"t", "g"} else tuple(stretch.spans.sizes.tolist()),
        level=round(level, 6),
        exact=stretch.spans.exact,
        floored=own_spread and bool((fit.lower <= 0).all()),
        ways=ways,
    )


def _spread(c: _Computed, each: list[Floats]) -> Floats:
    """Limits of all phases in one row, in the measure's units; also where a value is missing, if they are level."""
    row = np.full(len(c.values), np.nan)
    for stretch, found in zip(c.stretches, each, strict=True):
        if not len(stretch.index):
            continue
        shown = limits.shown(c.kind, found[0])
        if np.ptp(shown) == 0:
            row[stretch.start : stretch.end] = shown[0]
        else:
            row[stretch.index] = shown
    return row


def _phase(stretch: _Stretch, centre: Floats) -> Phase:
    known = centre[stretch.start : stretch.end]
    known = known[np.isfinite(known)]
    reason = stretch.change.reason if stretch.change else ""
    middle = float(known[0]) if len(known) else float("nan")
    return Phase(stretch.start, stretch.end, stretch.base_end, reason, middle, stretch.provisional)


def _ranges(c: _Computed, ways: Ways) -> Ranges | None:
    if c.kind != "xmr":
        return None
    top = limits.MEDIAN_RANGE_TOP if ways.median else limits.MEAN_RANGE_TOP
    moving, mean = np.full(len(c.values), np.nan), np.full(len(c.values), np.nan)
    for stretch in c.stretches:
        if len(stretch.index) < 2:
            continue
        seen = c.values[stretch.index][None, :]
        ranges, _ = limits.moving_ranges(seen, stretch.spans)
        moving[stretch.index[1:]] = np.where(stretch.spans.adjacent, ranges[0], np.nan)
        mean[stretch.start : stretch.end] = limits.mean_range(seen, stretch.spans, ways)
    outside = np.flatnonzero(np.nan_to_num(moving) > np.nan_to_num(top * mean, nan=np.inf))
    settled = [i for i in outside if not c.withheld]
    return Ranges(moving, mean, top * mean, tuple(int(i) for i in settled))


def _notes(series: Series, c: _Computed) -> list[str]:
    first = next((s for s in c.stretches if not s.provisional), c.stretches[0])
    seen, points = c.values[first.index], max(int(first.spans.base.sum()), 1)
    alike = 0.0 if first.provisional or c.wave else rhythm.neighbours(seen[first.spans.base])
    widened = c.kind.endswith("'")
    return verdict.notes(
        series,
        c.kind,
        exact=any(s.spans.exact for s in c.stretches),
        sigma_z=float(limits.overdispersion(c.kind, seen[None, :], first.spans)[0, 0]) if widened else 1.0,
        alike=alike if alike > BEYOND_CHANCE / np.sqrt(points) else 0.0,
        missing=int((~np.isfinite(c.values)).sum()),
    )
