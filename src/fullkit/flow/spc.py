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

__all__ = ["Change", "Chart", "Phase", "Ranges", "Series", "Signal", "Ways", "What", "chart", "tampering"]

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


def chart(series: Series, rules: Rules = "usual") -> Chart:
    """The chart of a series, judged by the usual rules, or by those for a single chart under watch.

    Raises ValueError with a sentence when the series contradicts itself or a change of limits has no reason.
    """
    _check(series)
    values, sizes = _numbers(series)
    stretches = _stretches(series, values, sizes)
    kind = _kind(series, values, stretches)
    stretches = [_exactly(kind, values, s) for s in stretches]
    fits = [limits.fit(kind, values[s.index][None, :], s.spans, series.ways) for s in stretches]
    fits = [_within_nature(series.what, kind, f) for f in fits]
    wave = _wave(kind, series, values, stretches, fits)
    withheld = verdict.withheld(kind, [s.provisional for s in stretches], fits, wave)
    found = [] if withheld else _signals(kind, values, stretches, fits, rules)

    def judged(stretch: _Stretch) -> bool:
        return bool(len(stretch.index)) and (not stretch.provisional or all(s.provisional for s in stretches))

    nulls = [
        _null(kind, values, s, f, series.ways) for s, f in zip(stretches, fits, strict=True) if judged(s)
    ]
    centre = _spread(kind, len(values), stretches, [f.centre for f in fits])
    lower = _spread(kind, len(values), stretches, [f.lower for f in fits])
    upper = _spread(kind, len(values), stretches, [f.upper for f in fits])
    return verdict.said(
        Chart(
            kind=kind,
            name=verdict.NAMES[kind],
            labels=tuple(series.labels) or tuple(range(1, len(values) + 1)),
            values=values,
            sizes=sizes,
            centre=centre,
            lower=lower,
            upper=upper,
            phases=tuple(_phase(s, centre) for s in stretches),
            rules=rules,
            signals=tuple(found),
            withheld=withheld,
            wave=wave,
            notes=tuple(_notes(series, kind, values, stretches, wave)),
            false_alarms=alarms.of_phases(nulls),
            ranges=_ranges(kind, values, stretches, series.ways),
            says="",
        )
    )


def tampering(drawn: Chart, point: int) -> str | None:
    """A warning when somebody wants to change the process because of this point; None when it is a signal (R87)."""
    return verdict.tampering(drawn, point)


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


def _signals(
    kind: Kind, values: Floats, stretches: list[_Stretch], fits: list[Fit], rules: Rules
) -> list[Signal]:
    found: list[Signal] = []
    for stretch, fit in zip(stretches, fits, strict=True):
        if stretch.provisional:
            continue
        judged = limits.scaled(kind, values[stretch.index])[None, :]
        for rule in signals.NAMES[rules]:
            marked = signals.found(rule, judged, fit, stretch.counted)[0]
            side = np.sign(judged - fit.centre)[0]
            found += [
                Signal(rule, tuple(int(i) for i in stretch.index[run]), high)
                for run, high in signals.pieces(rule, marked, side, judged[0])
            ]
    return found


def _null(kind: Kind, values: Floats, stretch: _Stretch, fit: Fit, ways: Ways) -> Null:
    seen = values[stretch.index]
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


def _spread(kind: Kind, points: int, stretches: list[_Stretch], each: list[Floats]) -> Floats:
    """Limits of all phases in one row, in the measure's units; also where a value is missing, if they are level."""
    row = np.full(points, np.nan)
    for stretch, found in zip(stretches, each, strict=True):
        if not len(stretch.index):
            continue
        shown = limits.shown(kind, found[0])
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


def _ranges(kind: Kind, values: Floats, stretches: list[_Stretch], ways: Ways) -> Ranges | None:
    if kind != "xmr":
        return None
    top = limits.MEDIAN_RANGE_TOP if ways.median else limits.MEAN_RANGE_TOP
    moving, mean = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for stretch in stretches:
        if len(stretch.index) < 2:
            continue
        ranges, _ = limits.moving_ranges(values[stretch.index][None, :], stretch.spans)
        moving[stretch.index[1:]] = np.where(stretch.spans.adjacent, ranges[0], np.nan)
        mean[stretch.start : stretch.end] = limits.mean_range(
            values[stretch.index][None, :], stretch.spans, ways
        )
    with np.errstate(invalid="ignore"):
        outside = np.flatnonzero(moving > top * mean)
    return Ranges(moving, mean, top * mean, tuple(int(i) for i in outside))


def _notes(
    series: Series, kind: Kind, values: Floats, stretches: list[_Stretch], wave: Wave | None
) -> list[str]:
    first = next((s for s in stretches if not s.provisional), stretches[0])
    seen = values[first.index]
    alike = rhythm.neighbours(seen[first.spans.base]) if not (first.provisional or wave) else 0.0
    sigma_z = 1.0
    if kind.endswith("'"):
        sigma_z = float(limits.overdispersion(kind, seen[None, :], first.spans)[0, 0])
    return verdict.notes(
        series,
        kind,
        exact=any(s.spans.exact for s in stretches),
        sigma_z=sigma_z,
        alike=alike if alike > BEYOND_CHANCE / np.sqrt(first.spans.base.sum() or 1) else 0.0,
        missing=int((~np.isfinite(values)).sum()),
    )
