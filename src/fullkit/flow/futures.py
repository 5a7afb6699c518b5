"""What the past says about the steps to come, and futures drawn from it.

Each future draws its weeks from the past ones: arrivals as they came, and for what is open the share that ends at its
age (competing ends, open packets counted as open), times how lively that week was for packets of such ages. Weeks are
drawn in stretches that followed each other; where the calendar makes a wave, from weeks at the same place of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fullkit.flow import rhythm, spc
from fullkit.flow.limits import Floats
from fullkit.flow.lives import Ints, Steps
from fullkit.flow.spc import Series

LEAST, MOST = 12, 26
"""Steps of history: fewer are too little, and what lies further back is another time. The longer the history, the more
stable ones are refused by a false alarm."""
FEWEST = 20
"""Packets done as wanted; fewer are too little."""
STRETCH = 4
"""Steps that are drawn together, as they followed each other."""
SEEN = 20
"""An age is told apart from older ones while so many packet-steps were seen at it or beyond."""


@dataclass(frozen=True)
class Flow:
    """What is known as of an origin. Ages are the last axis; `past` is the number of steps looked back upon."""

    open_now: Ints
    """(ages,): what is open, by age in steps; the last age holds all older."""
    arrivals: Floats
    """(past,)"""
    hazards: Floats
    """(2, ages): the share of packets at this age that end as wanted, and otherwise, within a step."""
    lively: Floats
    """(2, past): ends over those expected from the ages of what was open, with the part of chance taken out."""
    unsure: Floats
    """(3,): relative standard errors of the level of both ends and of arrivals."""
    places: Ints
    """(past,): the place of each step in the wave of the calendar; zeros when there is none."""
    wave: str
    """Its name; empty when there is none."""


def too_little(steps: Steps, origin: int) -> str:
    """Why the history before step `origin` is too short for anything; empty when it is not."""
    past, done = origin - _since(steps, origin), int(steps.done[0][_since(steps, origin) : origin].sum())
    if past < LEAST:
        return f"There are only {past} steps of history; {LEAST} are the least."
    if done < FEWEST:
        return f"Only {done} were done in the {past} steps of history; {FEWEST} are the least."
    return ""


def unstable(steps: Steps, origin: int) -> str:
    """The signal that makes this history no ground for a forecast, in a sentence; empty when it is stable.

    Arrivals, and what ends as wanted for what was open at its age, are judged by the usual rules, each place of a wave
    against its own level. So a pipeline that is still filling up is no signal by itself. Counts are charted as roots
    (Freeman and Tukey), which vary alike at any level.
    """
    start = _since(steps, origin)
    labels = [steps.day(i) for i in range(start, origin)]
    _, _, expected, places, _ = _past(steps, start, origin)
    came = steps.arrivals[start:origin].astype(np.float64)
    series = {
        "arrivals": (came, np.full(len(came), max(came.mean(), 1e-9))),
        "what is done, for what was open at which age (1 is as usual),": (
            steps.done[0][start:origin],
            expected[0],
        ),
    }
    for name, (values, usual) in series.items():
        level = np.array([values[places == p].sum() / max(usual[places == p].sum(), 1e-9) for p in places])
        even = np.sqrt(values) + np.sqrt(values + 1) - np.sqrt(4 * level * usual + 1)
        if found := spc.first_signal(Series("amount", even.tolist(), labels=labels, baseline=len(even))):
            return f"The history is not stable: of {name} {found}"
    return ""


def _past(steps: Steps, start: int, origin: int) -> tuple[Floats, Floats, Floats, Ints, str]:
    """Hazards (2, ages), ends over expected and expected (2, past), places in the wave (past,), and its name."""
    ends = np.stack([d[start:origin] for d in steps.done]).astype(np.float64)
    wave, places = _wave([*ends, steps.arrivals[start:origin].astype(np.float64)], steps, start, origin)
    ages = _ages(steps, start, origin)
    exposed = steps.by_age(steps.surviving, start, origin, ages)
    ended = np.stack([steps.by_age(t, start, origin, ages).sum(axis=0) for t in (steps.wanted, steps.other)])
    hazards = ended / np.maximum(exposed.sum(axis=0), 1)
    expected = np.stack([exposed @ h for h in hazards])
    return (
        hazards,
        np.divide(ends, expected, out=np.ones_like(ends), where=expected > 0),
        expected,
        places,
        wave,
    )


def flow(steps: Steps, origin: int) -> Flow:
    """What is known when step `origin` begins; len(steps) is now. The history is not too little."""
    start = _since(steps, origin)
    hazards, ratio, expected, places, wave = _past(steps, start, origin)
    came = steps.arrivals[start:origin].astype(np.float64)
    lively, error = zip(
        *(_without_chance(r, e, places) for r, e in zip(ratio, expected, strict=True)), strict=True
    )
    relative = came / max(float(came.mean()), 1e-9)
    unsure = np.array([*error, _error(relative, places)])
    return Flow(
        steps.open_at(origin, hazards.shape[1]), came, hazards, np.stack(lively), unsure, places, wave
    )


@dataclass(frozen=True)
class Futures:
    """Both (runs, steps): ended as wanted, and at all, from now to the end of each step."""

    wanted: Ints
    ended: Ints


def draw(
    now: Flow, ahead: float, coming: Ints, rng: np.random.Generator, *, runs: int, arriving: bool
) -> Futures:
    """Futures of `ahead` steps (the last may be a part). `coming` are their places in the wave."""
    last = len(coming)
    picked = _picks(now, coming, rng, runs)
    level = np.exp(rng.normal(size=(3, runs)) * now.unsure[:, None] - now.unsure[:, None] ** 2 / 2)
    state = np.tile(now.open_now, (runs, 1))
    wanted, ended = np.zeros((runs, last), dtype=np.int64), np.zeros((runs, last), dtype=np.int64)
    for i in range(last):
        part = min(1.0, ahead - i)
        k = picked[:, i]
        came = now.arrivals[k] * level[2] * part * arriving
        state[:, 0] = np.floor(came + rng.random(runs))
        rates = now.hazards[:, None, :] * (now.lively[:, k] * level[:2])[:, :, None] * part
        total = rates.sum(axis=0)
        ends = rng.binomial(state, np.minimum(total, 0.99))
        share = np.divide(rates[0], total, out=np.zeros_like(total), where=total > 0)
        wanted[:, i] = rng.binomial(ends, share).sum(axis=1)
        ended[:, i] = ends.sum(axis=1)
        left = state - ends
        state[:, 1:] = left[:, :-1]
        state[:, -1] += left[:, -1]
    return Futures(wanted.cumsum(axis=1), ended.cumsum(axis=1))


def coming(now: Flow, steps: Steps, origin: int, ahead: int) -> Ints:
    """The places in the wave of the steps to come. (ahead,)"""
    if not now.wave:
        return np.zeros(ahead, dtype=np.int64)
    labels = [steps.day(i) for i in range(_since(steps, origin), origin + ahead)]
    return np.array(rhythm.place(now.wave, labels)[-ahead:], dtype=np.int64)


def _since(steps: Steps, origin: int) -> int:
    """The step from which on the past is looked at: the last half year, not before anything ever ended."""
    ended = np.flatnonzero(steps.done[0] + steps.done[1])
    first = int(ended[0]) if len(ended) else origin
    return min(max(origin - MOST, first), origin)


def _ages(steps: Steps, start: int, origin: int) -> int:
    """How many ages are told apart."""
    exposed = steps.by_age(steps.surviving, start, origin, origin + 2).sum(axis=0)
    beyond = np.cumsum(exposed[::-1])[::-1]
    return max(int((beyond >= SEEN).sum()), 3)


def _wave(series: list[Floats], steps: Steps, start: int, origin: int) -> tuple[str, Ints]:
    labels = [steps.day(i) for i in range(start, origin)]
    found = [w for w in (rhythm.wave(s, labels) for s in series) if w]
    if not found:
        return "", np.zeros(origin - start, dtype=np.int64)
    strongest = min(found, key=lambda w: w.chance)
    return strongest.name, np.array(strongest.positions, dtype=np.int64)


def _without_chance(ratio: Floats, expected: Floats, places: Ints) -> tuple[Floats, float]:
    """The ratio with the scatter that small counts alone make taken out, and the relative error of its level."""
    level = np.array([ratio[places == p].mean() for p in places])
    groups = len(np.unique(places))
    spread = float(((ratio - level) ** 2).sum()) / max(len(ratio) - groups, 1)
    chance = float((1 / np.maximum(expected, 1e-9)).mean())
    kept = np.sqrt(max(0.0, 1 - chance / spread)) if spread > 0 else 0.0
    return np.maximum(level + (ratio - level) * kept, 0), _error(ratio, places)


def _error(relative: Floats, places: Ints) -> float:
    """The standard error of a level, from the scatter within places; wider where neighbours resemble each other."""
    rest = relative - np.array([relative[places == p].mean() for p in places])
    groups = len(np.unique(places))
    spread = np.sqrt(float((rest**2).sum()) / max(len(rest) - groups, 1))
    alike = min(max(rhythm.neighbours(rest), 0.0), 0.8) if spread > 0 else 0.0
    return float(spread * np.sqrt(groups / len(rest) * (1 + alike) / (1 - alike)))


def _picks(now: Flow, places: Ints, rng: np.random.Generator, runs: int) -> Ints:
    """Which past step each step to come is like. (runs, steps)"""
    past, ahead = len(now.arrivals), len(places)
    if now.wave:
        picked = np.empty((runs, ahead), dtype=np.int64)
        for i, place in enumerate(places):
            alike = np.flatnonzero(now.places == place)
            picked[:, i] = rng.choice(alike if len(alike) else np.arange(past), runs)
        return picked
    stretches = -(-ahead // STRETCH)
    start = rng.integers(0, past, (runs, stretches, 1)) + np.arange(STRETCH)
    return np.asarray(start.reshape(runs, -1)[:, :ahead] % past, dtype=np.int64)
