"""Is there a wave in it? Quarter ends, weekdays and seasons look like signals to a chart that knows of none.

A series with a wave is neither stable nor unstable: neighbours differ because the calendar says so. Each way in which
the calendar may divide it is tested by an analysis of variance, at 1 % for all of them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from fullkit.flow.chance import f_above
from fullkit.flow.limits import Floats

Label = date | str | int

ERROR = 0.01
"""The chance of finding a wave in a series that has none."""
CYCLES, EACH = 2, 3
"""A wave must have been seen so often, and each of its positions so many times, to be called one."""


@dataclass(frozen=True)
class Wave:
    """A pattern that repeats with the calendar."""

    name: str
    """Such as `the month of the quarter`."""
    share: float
    """Of the variation between points, the share that lies between the positions of the wave."""
    positions: tuple[int, ...]
    """Where in the wave each point stands."""
    chance: float
    """The chance of a pattern as strong without any wave, already multiplied by the number of waves tried."""


def wave(values: Floats, labels: Sequence[Label]) -> Wave | None:
    """The strongest wave of values (points,), or none that chance does not explain. Only dates have a calendar."""
    tried = [(name, p) for name, p in _positions(labels) if _seen_enough(p)]
    found = [
        Wave(name, share, tuple(int(x) for x in positions), min(1.0, chance * len(tried)))
        for name, positions in tried
        for share, chance in [_between(values, positions)]
    ]
    found = [w for w in found if w.chance < ERROR]
    return min(found, key=lambda w: (w.chance, len(set(w.positions)))) if found else None


def place(name: str, labels: Sequence[Label]) -> tuple[int, ...]:
    """Where in the wave of this name each label stands. Raises KeyError when labels so far apart have no such wave."""
    return tuple(int(p) for p in dict(_positions(labels))[name])


def neighbours(values: Floats) -> float:
    """The correlation of each point with the one before, -1 to 1; 0 for a series that does not vary."""
    centred = values - values.mean()
    total = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / total if total > 0 else 0.0


def _positions(labels: Sequence[Label]) -> list[tuple[str, np.ndarray[tuple[int], np.dtype[np.int64]]]]:
    days = [x for x in labels if isinstance(x, date)]
    if len(days) < len(labels) or len(labels) < 2:
        return []
    step = float(np.median([(b - a).days for a, b in pairwise(days)]))
    months = np.array([d.month - 1 for d in days])
    seasons = [("the month of the quarter", months % 3), ("the month of the year", months)]
    if step >= 80:
        return [("the quarter of the year", months // 3)]
    if step >= 27:
        return seasons
    within = [("the week of the month", np.array([(d.day - 1) // 7 for d in days])), *seasons]
    if step >= 6:
        return within
    return [("the day of the week", np.array([d.weekday() for d in days])), *within]


def _seen_enough(positions: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bool:
    """At least two positions, each seen often enough, over more than one turn of the wave."""
    found, counts = np.unique(positions, return_counts=True)
    turns = int((np.diff(positions) < 0).sum())
    return bool(len(found) > 1 and counts.min() >= EACH and turns >= CYCLES)


def _between(values: Floats, positions: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[float, float]:
    """The share of the variation that lies between positions, and the chance of as much without a wave."""
    groups = [values[positions == p] for p in np.unique(positions)]
    total = float(((values - values.mean()) ** 2).sum())
    within = float(sum(((g - g.mean()) ** 2).sum() for g in groups))
    if total <= 0:
        return 0.0, 1.0
    free = len(values) - len(groups)
    if within <= 1e-12 * total:
        return 1.0, 0.0
    ratio = ((total - within) / (len(groups) - 1)) / (within / free)
    return 1 - within / total, float(f_above(ratio, len(groups) - 1, free))
