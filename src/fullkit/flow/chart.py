"""What a control chart is made from, and what it comes to: values in, values out, for a page, a report or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np

from fullkit.flow.alarms import FalseAlarms
from fullkit.flow.limits import PLAIN, Floats, Kind, Ways
from fullkit.flow.rhythm import Label, Wave
from fullkit.flow.signals import Rule, Rules

What = Literal["amount", "time", "count", "share", "rate", "days between", "items between"]
"""What the numbers of a measure are; it follows from the measure's definition and decides the chart:
amount, time: XmR. count (in spans alike): XmR, or u where they are few. share (of `sizes`): p. rate (per `sizes`): u.
days between (rare events): t. items between (rare events): g."""


@dataclass(frozen=True)
class Change:
    """From this point on the process is another one, and why; the only thing that changes limits."""

    at: int
    """The index of its first point."""
    reason: str
    """What was changed, in words."""
    by: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Series:
    """What is to be charted. Sequences are as long as `values`."""

    what: What
    values: Sequence[float | None]
    """In time order. None is "not in this data". For a share or a rate: how many, with `sizes` of how many."""
    labels: Sequence[Label] = ()
    """Dates where possible: only then the calendar's waves are recognised."""
    sizes: Sequence[float] = ()
    changes: Sequence[Change] = ()
    left_out: Mapping[int, str] = field(default_factory=dict)
    """Points that the limits do not rest on, each with a recorded reason. They are judged all the same."""
    baseline: int | None = None
    """Points of each phase that its limits rest on; the first 24 unless said otherwise."""
    ways: Ways = PLAIN
    widened: bool = True
    """Whether p and u become Laney's p' and u' where points differ more than chance makes them. Off: the textbook's."""


@dataclass(frozen=True)
class Phase:
    """A stretch with one set of limits: points `start` to before `end`, limits from those before `base_end`."""

    start: int
    end: int
    base_end: int
    reason: str
    """Why its limits differ from those before; empty for the first."""
    centre: float
    provisional: bool
    """Too few points to claim anything from."""


@dataclass(frozen=True)
class Signal:
    """Something that chance alone does not explain: by which rule, where, and in which direction."""

    rule: Rule
    points: tuple[int, ...]
    """Indexes, ascending; one for `outside`, all of a run for the others."""
    high: bool | None
    """Above the centre, or rising; None for few crossings."""


@dataclass(frozen=True)
class Ranges:
    """The moving ranges of an XmR chart. One rule only: above the upper limit."""

    values: Floats
    """(points,); NaN at the first point, and next to one that is missing."""
    mean: Floats
    upper: Floats
    outside: tuple[int, ...]


@dataclass(frozen=True)
class Chart:
    """A chart ready to be drawn. Arrays are (points,), in the units of the measure; NaN: not in this data."""

    kind: Kind
    name: str
    """The name of the chart, such as `XmR` or `p`."""
    labels: tuple[Label, ...]
    values: Floats
    """What to draw: the values; shares for p, rates for u."""
    sizes: Floats
    centre: Floats
    lower: Floats
    """The natural bound, 0, where the limit would lie beyond it: then nothing can be too low."""
    upper: Floats
    """The natural bound, 1, for shares that cannot be too high."""
    phases: tuple[Phase, ...]
    rules: Rules
    signals: tuple[Signal, ...]
    """Empty when none were found, and when none may be claimed: then `withheld` says why."""
    withheld: str
    """Why no signal is claimed whatever the points do; empty when signals are."""
    wave: Wave | None
    notes: tuple[str, ...]
    """What a reader has to know about the limits, a sentence each."""
    false_alarms: FalseAlarms
    ranges: Ranges | None
    says: str
    """The answer in one sentence or two."""

    @property
    def provisional(self) -> bool:
        """Whether the last phase rests on too few points."""
        return self.phases[-1].provisional

    @property
    def marks(self) -> tuple[tuple[Rule, ...], ...]:
        """For each point the rules by which it is a signal, or part of one. Few crossings mark no single point."""
        told = [s for s in self.signals if s.rule != "few crossings"]
        return tuple(
            tuple(dict.fromkeys(s.rule for s in told if i in s.points)) for i in range(len(self.values))
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row per point: label, value, centre, lower, upper, signals (names of rules), phase, in_baseline."""
        phase = [next(k for k, p in enumerate(self.phases) if i < p.end) for i in range(len(self.values))]
        return [
            {
                "label": self.labels[i],
                "value": _known(self.values[i]),
                "centre": _known(self.centre[i]),
                "lower": _known(self.lower[i]),
                "upper": _known(self.upper[i]),
                "signals": list(marks),
                "phase": phase[i],
                "in_baseline": i < self.phases[phase[i]].base_end,
            }
            for i, marks in enumerate(self.marks)
        ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
