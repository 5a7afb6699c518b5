"""Two periods, or two companies, side by side: the same measures, and whether they differ by more than chance.

Medians are compared by the log-rank test of the whole curves, shares by the difference of two proportions with its
interval (Newcombe 1998). How many measures are looked at is said beside it, as one in twenty differs by luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from fullkit.flow.chance import chi2_above
from fullkit.reports.pictures import Bar, Bars, Picture, number, percent
from fullkit.reports.report import Report, Section

Z = 1.959964


@dataclass(frozen=True)
class Share:
    """So many out of so many."""

    title: str
    held: int
    tries: int

    @property
    def value(self) -> float:
        return self.held / self.tries

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 95 %."""
        n, p = self.tries, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        reach = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return middle - reach, middle + reach


@dataclass(frozen=True)
class Durations:
    """How long packets lasted: (days, whether over then, how many)."""

    title: str
    rows: Sequence[tuple[float, bool, int]]
    median: float | None
    low: float | None
    high: float | None


def beside(one: Report, other: Report) -> Report:
    """The first report, opened by a table of both. What only one of them has is not in the other data."""
    rows = []
    both = [key for key in one.measured if key in other.measured]
    for key in both:
        a, b = one.measured[key], other.measured[key]
        if isinstance(a, Share) and isinstance(b, Share) and a.tries and b.tries:
            rows.append(_shares(a, b))
        elif isinstance(a, Durations) and isinstance(b, Durations):
            rows.append(_durations(a, b))
    differ = [row for row in rows if row[-1] == "beyond chance"]
    says = (
        f"{len(differ)} of {len(rows)} measures differ by more than chance: "
        f"{', '.join(str(r[0]) for r in differ)}."
        if differ
        else f"None of {len(rows)} measures differs by more than chance."
    )
    says += f" {len(rows)} were looked at, so {number(0.05 * len(rows))} would seem to differ by luck alone."
    picture = Picture(
        key="side-by-side",
        title="What is different?",
        says=says,
        definition=(
            "The same measures over both, with 95 % intervals. Shares: the interval of their difference "
            "(Newcombe). "
            "Times: the log-rank test of the whole curves, with what is open counted as censored. `beyond "
            "chance` means "
            "that the interval leaves out nothing, or that the test is below 5 %."
        ),
        columns=("measure", one.title, other.title, "difference", "verdict"),
        rows=rows,
        n=len(rows),
        drawn=_drawn(one, other, both),
    )
    gone = [
        f"{key.replace('_', ' ')} is in one of the two only." for key in {*one.measured} ^ {*other.measured}
    ]
    return replace(
        one,
        title=f"{one.title} beside {other.title.removeprefix('Where the flow waits: ')}",
        sections=[Section("Side by side", [picture]), *one.sections],
        cannot=[*one.cannot, *gone],
        account=[*one.account, *other.account],
        figures={**one.figures, "other": dict(other.figures)},
    )


def _shares(a: Share, b: Share) -> tuple[str, str, str, str, str]:
    gap = b.value - a.value
    (la, ua), (lb, ub) = a.interval, b.interval
    low = gap - sqrt((b.value - lb) ** 2 + (ua - a.value) ** 2)
    high = gap + sqrt((ub - b.value) ** 2 + (a.value - la) ** 2)
    beyond = low > 0 or high < 0
    words = f"{100 * gap:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
    said = [
        f"{percent(s.value)} of {s.tries:,} ({percent(s.interval[0])} to {percent(s.interval[1])})"
        for s in (a, b)
    ]
    return a.title, said[0], said[1], words, "beyond chance" if beyond else "within chance"


def _durations(a: Durations, b: Durations) -> tuple[str, str, str, str, str]:
    chance = log_rank(a.rows, b.rows)
    gap = (
        f"{b.median - a.median:+,.1f} days"
        if a.median is not None and b.median is not None
        else "a median is missing"
    )
    words = f"{gap}, log-rank p = {chance:.3f}" if chance is not None else gap
    verdict = "beyond chance" if chance is not None and chance < 0.05 else "within chance"
    return a.title, _median(a), _median(b), words, verdict


def _median(one: Durations) -> str:
    if one.median is None:
        return "fewer than half are over"
    between = (
        f" ({number(one.low)} to {number(one.high)})" if one.low is not None and one.high is not None else ""
    )
    return f"{number(one.median)} days{between}"


def log_rank(a: Sequence[tuple[float, bool, int]], b: Sequence[tuple[float, bool, int]]) -> float | None:
    """The chance of curves as far apart when there is no difference (Mantel); None when nothing has ended."""
    times = sorted({days for days, over, _ in (*a, *b) if over})
    if not times:
        return None
    at = np.array(times)
    risk, ended = [], []
    for rows in (a, b):
        days = np.array([r[0] for r in rows], dtype=np.float64)
        many = np.array([r[2] for r in rows], dtype=np.float64)
        over = np.array([r[1] for r in rows], dtype=bool)
        risk.append(np.array([many[days >= t].sum() for t in at]))
        ended.append(np.array([many[(days == t) & over].sum() for t in at]))
    n, d = risk[0] + risk[1], ended[0] + ended[1]
    expected = d * risk[0] / n
    spread = np.divide(
        d * risk[0] * risk[1] * (n - d), n * n * (n - 1), out=np.zeros_like(n), where=n > 1
    ).sum()
    if spread <= 0:
        return None
    return float(chi2_above((ended[0].sum() - expected.sum()) ** 2 / spread, 1))


def _drawn(one: Report, other: Report, both: Sequence[str]) -> list[Bars]:
    found = []
    for key in both:
        pair = [report.measured[key] for report in (one, other)]
        if all(isinstance(p, Share) and p.tries for p in pair):
            bars = [
                Bar(name=name, value=p.value, low=p.interval[0], high=p.interval[1], says=f"of {p.tries:,}")
                for name, p in zip((one.short, other.short), pair, strict=True)
                if isinstance(p, Share)
            ]
            found.append(Bars(bars=bars, x_title="share", percent=True, points=True, name=pair[0].title))
    return found
