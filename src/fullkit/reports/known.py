"""What was measured about one side of a log, and a finding that may be told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fullkit.flow.evidence import Weighed
from fullkit.flow.forecast import HowMany
from fullkit.flow.people import Comparison
from fullkit.flow.review import Answer
from fullkit.flow.spc import Chart
from fullkit.reports.pictures import number, percent
from fullkit.reports.report import Finding

Theme = Literal[
    "constraint", "open", "time", "flow", "handoffs", "promises", "queue", "data", "people", "forecast"
]
Rows = Sequence[Mapping[str, Any]]
ENOUGH = 30
"""Cases behind any finding."""
GAP = 0.2
"""From this share on a difference is worth a finding: less is sure perhaps, but small."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that was measured about one side of one log. What was not asked, or is not in the data, is absent."""

    noun: str = "opportunities"
    rows: Mapping[str, Rows] = field(default_factory=dict)
    """Answers by the key of their measure."""
    charts: Mapping[str, Chart] = field(default_factory=dict)
    """Control charts by what they count, such as `closed`, which is also their picture: `weekly-closed`."""
    reviewed: Mapping[str, Answer] = field(default_factory=dict)
    weighed: Weighed | None = None
    comparison: Comparison | None = None
    forecast: HowMany | None = None
    pictures: Mapping[str, str] = field(default_factory=dict)
    """The key of the picture that shows a measure, by the measure's; only these are pointed to."""


@dataclass(frozen=True)
class Candidate:
    """A finding that may be told: its theme, how much it calls for action (higher first), and how large it is."""

    theme: Theme
    rank: int
    size: float
    """Between 0 and 1: the share of the work, or of the difference, that it is about."""
    finding: Finding


Maker = Callable[[Known], Iterator[Candidate]]
"""Looks at one thing, and yields what may be told of it."""


def between(low: float | None, high: float | None) -> str:
    """Both ends of a range, as far as they are known."""
    if low is None or high is None:
        return f"from {number(low)} up" if low is not None else "unknown"
    return f"{number(low)} to {number(high)}"


def pair(ends: tuple[float, float]) -> str:
    """Both ends of a range of shares."""
    return f"{percent(ends[0])} to {percent(ends[1])}"


def rarely(chance: float) -> str:
    """How often chance alone would do it."""
    return "less than once in 1,000" if chance < 0.001 else f"{chance * 1000:.0f} times in 1,000"


def lapse(hours: float) -> str:
    """A length of time in the unit in which one thinks of it."""
    if hours < 1:
        return f"{number(hours * 60)} minutes"
    return f"{number(hours)} hours" if hours < 48 else f"{number(hours / 24)} days"
