"""The rules by which a point, or a row of points, is a signal. Arrays are (charts, points).

The usual rules: a point outside the limits, and Anhoej's two (an unusually long run on one side of the centre,
unusually few crossings of it; Anhoej and Olesen 2014). The rules for one chart under watch are the four of the NHS
("Making Data Count"): outside, seven on one side, seven rising or falling, two of three in the outer third of one side.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fullkit.flow.chance import binomial_quantile
from fullkit.flow.limits import Bools, Fit, Floats

Ints = NDArray[np.int64]
Rule = Literal["outside", "long run", "few crossings", "seven on one side", "seven one way", "two of three"]
Rules = Literal["usual", "watch"]

NAMES: dict[Rules, tuple[Rule, ...]] = {
    "usual": ("outside", "long run", "few crossings"),
    "watch": ("outside", "seven on one side", "seven one way", "two of three"),
}
SEVEN = 7


def longest_expected(useful: Ints) -> Ints:
    """The longest run that chance makes likely among so many points off the centre: round(log2 n + 3)."""
    return np.asarray(np.rint(np.log2(np.maximum(useful, 1)) + 3), dtype=np.int64)


def fewest_expected(useful: Ints) -> Ints:
    """The fewest crossings that chance makes likely: the 5 % quantile of a fair coin thrown n - 1 times."""
    return np.asarray(binomial_quantile(0.05, np.maximum(useful - 1, 0), 0.5), dtype=np.int64)


def sides(values: Floats, fit: Fit, counted: Bools) -> Ints:
    """1 above the centre, -1 below; 0 for what lies on it or is not counted, which neither breaks nor extends a run."""
    return np.where(counted, np.sign(values - fit.centre), 0).astype(np.int64)


def run_lengths(side: Ints) -> tuple[Ints, Ints]:
    """For each point how long the run is that it stands in so far (charts, points), and the crossings (charts,)."""
    length = np.zeros(side.shape, dtype=np.int64)
    run, last = np.zeros(len(side), dtype=np.int64), np.zeros(len(side), dtype=np.int64)
    crossings = np.zeros(len(side), dtype=np.int64)
    for i in range(side.shape[1]):
        now = side[:, i]
        off, same = now != 0, now == last
        crossings += off & ~same & (last != 0)
        run = np.where(off, np.where(same, run + 1, 1), run)
        last = np.where(off, now, last)
        length[:, i] = np.where(off, run, 0)
    return length, crossings


def one_way(values: Floats, counted: Bools) -> Ints:
    """For each point how many points in a row, it included, rise (positive) or fall (negative); 1 or -1: none."""
    streak = np.ones(values.shape, dtype=np.int64)
    for i in range(1, values.shape[1]):
        if not (counted[i] and counted[i - 1]):
            continue
        step = np.sign(values[:, i] - values[:, i - 1]).astype(np.int64)
        before = streak[:, i - 1]
        goes_on = (np.sign(before) == step) | (np.abs(before) == 1)
        streak[:, i] = np.where(step == 0, 1, np.where(goes_on, step * (np.abs(before) + 1), step * 2))
    return streak


def two_of_three(values: Floats, fit: Fit) -> Bools:
    """Whether a point is one of two, of three in a row, in the outer third on the same side. (charts, points)"""
    found = np.zeros(values.shape, dtype=bool)
    for beyond in (values > fit.high_zone, values < fit.low_zone):
        near = np.zeros(values.shape, dtype=bool)
        for gap in (1, 2):
            pair = beyond[:, gap:] & beyond[:, :-gap]
            near[:, gap:] |= pair
            near[:, :-gap] |= pair
        found |= near
    return found


def outside(values: Floats, fit: Fit) -> Bools:
    """Points beyond a limit; a point on the limit is within."""
    return (values > fit.upper) | (values < fit.lower)


def found(rule: Rule, values: Floats, fit: Fit, counted: Bools) -> Bools:
    """The points of a signal by this rule, (charts, points). Few crossings are a signal of all of them.

    `counted` (points,) tells which points take part in runs; a point left out with a reason does not.
    """
    if rule == "outside":
        return outside(values, fit)
    if rule == "two of three":
        return two_of_three(values, fit)
    if rule == "seven one way":
        return _spread(np.abs(one_way(values, counted)), SEVEN, counted)
    side = sides(values, fit, counted)
    lengths, crossings = run_lengths(side)
    if rule == "seven on one side":
        return _spread(lengths, SEVEN, side != 0)
    useful = (side != 0).sum(axis=1)
    if rule == "long run":
        return _spread(lengths, longest_expected(useful)[:, None] + 1, side != 0)
    few: Bools = crossings < fewest_expected(useful)
    return np.asarray(few[:, None] & (side != 0), dtype=np.bool_)


def pieces(rule: Rule, marked: Bools, side: Floats, values: Floats) -> list[tuple[list[int], bool | None]]:
    """The signals of one chart: the points of each, as indexes, and whether it is high (or rising). All (points,)."""
    points = [int(i) for i in np.flatnonzero(marked)]
    if not points:
        return []
    if rule == "few crossings":
        return [(points, None)]
    if rule == "outside":
        return [([i], bool(side[i] > 0)) for i in points]
    if rule == "seven one way":
        return _ways(points, values)
    runs: list[tuple[list[int], bool | None]] = []
    for i in points:
        high, last = bool(side[i] > 0), runs[-1] if runs else None
        between = marked[last[0][-1] + 1 : i] | (side[last[0][-1] + 1 : i] != 0) if last else marked[:0]
        near = rule != "two of three" or (last is not None and i - last[0][-1] <= 2)
        if last is not None and last[1] == high and near and (rule == "two of three" or not between.any()):
            last[0].append(i)
        else:
            runs.append(([i], high))
    return runs


def _ways(points: list[int], values: Floats) -> list[tuple[list[int], bool | None]]:
    runs: list[tuple[list[int], bool | None]] = []
    for before, i in pairwise(points):
        rising = bool(values[i] > values[before])
        if runs and runs[-1][1] == rising and runs[-1][0][-1] == before:
            runs[-1][0].append(i)
        elif i == before + 1:
            runs.append(([before, i], rising))
    return [run for run in runs if len(run[0]) >= SEVEN]


def _spread(lengths: Ints, least: int | Ints, counted: Bools) -> Bools:
    """From where a run became long enough, back over the whole of it, to every point it holds."""
    marked = np.zeros(lengths.shape, dtype=bool)
    reach = np.where(lengths >= least, lengths, 0)
    if not reach.any():
        return marked
    here = np.broadcast_to(counted, lengths.shape)
    left = np.zeros(len(lengths), dtype=np.int64)
    for i in reversed(range(lengths.shape[1])):
        left = np.maximum(left, reach[:, i])
        marked[:, i] = (left > 0) & here[:, i]
        left -= here[:, i]
    return marked
