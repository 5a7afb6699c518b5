"""What missing facts cost, and whether dates and values heap: counts in, a difference with its interval out.

Cost: Mantel and Haenszel's common risk difference over the sources, with the variance of Sato (1989), and the mean
difference of log cycle times within sources (a regression with one level per source), Welch's variance. Heaping: the
share observed against that expected, with months as the sample, because the days of one month are not independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from fullkit.flow.chance import Floats, normal_below, normal_quantile, share_interval, t_quantile

SMALLEST = 20
"""Packets on each side of a comparison; fewer are too few to say what anything costs."""
FEWEST_MONTHS = 6
LEVEL = 0.95


@dataclass(frozen=True)
class Difference:
    """A difference with its 95 % interval. For times it is a ratio, and 1 means none."""

    value: float
    low: float
    high: float
    neutral: float = 0.0

    @property
    def told_apart(self) -> bool:
        """Whether the interval leaves no difference out."""
        return not self.low <= self.neutral <= self.high


@dataclass(frozen=True)
class ByCount:
    """What became of packets that lacked so many facts."""

    defects: int
    closed: int
    won: int
    low: float
    high: float
    """The exact 95 % interval of the win rate."""
    days: float | None
    """The geometric mean of the cycle time."""


@dataclass(frozen=True)
class Cost:
    """Packets with more than `split` facts missing against the others."""

    by_count: tuple[ByCount, ...]
    split: int
    win_rate: Difference | None
    """Share of wins lost (negative: lower where facts are missing). None: too few to say."""
    cycle_time: Difference | None
    """Times as long. None: too few to say."""
    adjusted: bool
    """Whether sources were compared within themselves."""
    trend: float | None
    """The chance of a trend over the counts like this when there is none (Mantel's extension), two-sided."""
    says: str


@dataclass(frozen=True)
class _Cell:
    source: str | None
    defects: int
    closed: int
    won: int
    timed: int
    mean: float
    spread: float


def cost(rows: Iterable[Mapping[str, Any]]) -> Cost:
    """From rows of the measure `defect_cost`."""
    cells = [
        _Cell(
            r["source"],
            int(r["defects"]),
            int(r["closed"]),
            int(r["won"]),
            int(r["timed"]),
            float(r["mean_log_days"] or 0),
            float(r["spread"] or 0),
        )
        for r in rows
    ]
    by_count = tuple(_by_count(cells))
    split = _split(by_count)
    if split is None:
        return Cost(by_count, 0, None, None, False, None, _too_alike(by_count))
    strata = _strata(cells, split)
    more, less = (_sum([c for c in cells if (c.defects > split) == side]) for side in (True, False))
    adjusted = len(strata) > 1 and _covered(strata) >= 0.5 * sum(c.closed for c in cells)
    used: dict[str | None, tuple[_Cell, _Cell]] = strata if adjusted else {None: (more, less)}
    found = Cost(by_count, split, _risk(used), _ratio(used), adjusted, _trend(_scored(cells, adjusted)), "")
    return Cost(**{**vars(found), "says": _says(found)})


# --- win rate ------------------------------------------------------------------------------------------------


def _risk(strata: Mapping[str | None, tuple[_Cell, _Cell]]) -> Difference:
    """Mantel and Haenszel's risk difference, with Sato's variance."""
    a, n1, b, n0 = (
        np.array(v, dtype=np.float64)
        for v in zip(
            *((more.won, more.closed, less.won, less.closed) for more, less in strata.values()), strict=True
        )
    )
    n = n1 + n0
    weight = (n1 * n0 / n).sum()
    value = float(((a * n0 - b * n1) / n).sum() / weight)
    p = (n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
    q = (a * (n0 - b) + b * (n1 - a)) / (2 * n)
    error = float(np.sqrt(max(value * p.sum() + q.sum(), 0.0)) / weight)
    reach = float(normal_quantile((1 + LEVEL) / 2)) * error
    return Difference(value, max(-1.0, value - reach), min(1.0, value + reach))


def trend(counts: Iterable[tuple[float, int, int]]) -> float | None:
    """The chance of a trend of wins over scores like this when there is none, two-sided (Cochran and Armitage).

    counts: (score, how many, how many won). None when all scores, or all ends, are alike.
    """
    return _trend([[*counts]])


def _trend(strata: Iterable[Sequence[tuple[float, int, int]]]) -> float | None:
    """Mantel's extension: the same within strata."""
    excess, variance = 0.0, 0.0
    for own in strata:
        score, n, won = (np.array([c[i] for c in own], dtype=np.float64) for i in range(3))
        total, wins = float(n.sum()), float(won.sum())
        if total < 2:
            continue
        mean = float((n * score).sum() / total)
        excess += float((won * (score - mean)).sum())
        variance += wins * (total - wins) / (total * (total - 1)) * float((n * (score - mean) ** 2).sum())
    if variance <= 0:
        return None
    return float(2 * normal_below(-abs(excess) / np.sqrt(variance)))


# --- cycle time ----------------------------------------------------------------------------------------------


def _ratio(strata: Mapping[str | None, tuple[_Cell, _Cell]]) -> Difference | None:
    """How many times as long, from the mean difference of logarithms within sources."""
    usable = [(more, less) for more, less in strata.values() if more.timed >= 2 and less.timed >= 2]
    if sum(m.timed for m, _ in usable) < SMALLEST or sum(s.timed for _, s in usable) < SMALLEST:
        return None
    n1, n0 = (np.array([pair[i].timed for pair in usable], dtype=np.float64) for i in (0, 1))
    difference = np.array([more.mean - less.mean for more, less in usable])
    variance = (
        np.array([more.spread for more, _ in usable]) / n1 + np.array([s.spread for _, s in usable]) / n0
    )
    weight = n1 * n0 / (n1 + n0)
    value = float((weight * difference).sum() / weight.sum())
    error = float(np.sqrt((weight**2 * variance).sum()) / weight.sum())
    freedom = float(n1.sum() + n0.sum() - 2 * len(usable))
    reach = float(t_quantile((1 + LEVEL) / 2, freedom)) * error
    low, middle, high = np.exp([value - reach, value, value + reach])
    return Difference(float(middle), float(low), float(high), neutral=1.0)


# --- heaping -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heap:
    """How many dates, or values, lie where they would not by themselves."""

    found: int
    of: int
    share: float
    expected: float
    """The share to be expected without heaping."""
    times: Difference | None
    """How many times as many as expected; None: too little to say."""


def heaped(days: Sequence[tuple[date, int]], *, quarters: bool = False, last: int = 3) -> Heap | None:
    """Whether dates heap on the last days of a month, or of a quarter; None without dates.

    Expected is what the mean of each weekday over the whole span would bring on those days. Whole months, or quarters,
    are the sample: the interval is that of a ratio over them (linearised, t); fewer than six give none.
    """
    if not days:
        return None
    counts = dict(days)
    first, end = _whole(min(counts), max(counts))
    span = [first + timedelta(days=i) for i in range((end - first).days)]
    if not span:
        return None
    per_weekday = np.zeros((2, 7))
    for day in span:
        per_weekday[:, day.weekday()] += (counts.get(day, 0), 1)
    usual = per_weekday[0] / np.maximum(per_weekday[1], 1)
    periods: dict[tuple[int, int], Floats] = {}
    for day in span:
        part = periods.setdefault(_period(day, quarters), np.zeros(2))
        if _period(day + timedelta(days=last), quarters) != _period(day, quarters):
            part += (counts.get(day, 0), usual[day.weekday()])
    found = np.array(list(periods.values()))
    total = sum(counts.get(day, 0) for day in span)
    if total == 0 or found[:, 1].sum() == 0:
        return None
    hits, expected = found.sum(axis=0)
    return Heap(int(hits), total, float(hits / total), float(expected / total), _times(found))


def rounded(row: Mapping[str, Any]) -> Heap | None:
    """Whether values are round too often, from the row of the measure `round_values`; None without values.

    Exact interval of the share over the share by chance, which takes the values as independent.
    """
    of, found, chance = int(row["amounts"]), int(row["round"]), row["share_by_chance"]
    if not of or not chance:
        return None
    low, high = share_interval(found, of)
    times = (
        Difference(found / of / chance, low / chance, high / chance, neutral=1.0) if of >= SMALLEST else None
    )
    return Heap(found, of, found / of, float(chance), times)


def _times(found: Floats) -> Difference | None:
    """The ratio of both columns with months as the sample; the interval on the scale of logarithms."""
    n = len(found)
    hits, expected = found.sum(axis=0)
    if n < FEWEST_MONTHS or hits == 0:
        return None
    ratio = hits / expected
    off = found[:, 0] - ratio * found[:, 1]
    error = float(np.sqrt(n / (n - 1) * (off**2).sum()) / hits)
    reach = float(t_quantile((1 + LEVEL) / 2, n - 1)) * error
    return Difference(float(ratio), float(ratio * np.exp(-reach)), float(ratio * np.exp(reach)), neutral=1.0)


def _whole(first: date, last: date) -> tuple[date, date]:
    """The whole months within, as a first day and the day after the last."""
    start = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    after = last + timedelta(days=1)
    return start, after.replace(day=1)


def _period(day: date, quarters: bool) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 if quarters else day.month


# --- strokes -------------------------------------------------------------------------------------------------


def _by_count(cells: Sequence[_Cell]) -> Iterable[ByCount]:
    for count in sorted({c.defects for c in cells}):
        one = _sum([c for c in cells if c.defects == count])
        low, high = share_interval(one.won, one.closed)
        yield ByCount(count, one.closed, one.won, low, high, float(np.exp(one.mean)) if one.timed else None)


def _sum(cells: Sequence[_Cell]) -> _Cell:
    """Cells as one, with the mean and the variance of all together."""
    timed = sum(c.timed for c in cells)
    mean = sum(c.timed * c.mean for c in cells) / timed if timed else 0.0
    squares = sum(max(c.timed - 1, 0) * c.spread + c.timed * (c.mean - mean) ** 2 for c in cells)
    return _Cell(
        None,
        0,
        sum(c.closed for c in cells),
        sum(c.won for c in cells),
        timed,
        mean,
        squares / max(timed - 1, 1),
    )


def _split(by_count: Sequence[ByCount]) -> int | None:
    """Complete against the rest; where too few are complete, the first count that leaves enough on both sides."""
    total, so_far = sum(b.closed for b in by_count), 0
    for one in by_count:
        so_far += one.closed
        if so_far >= SMALLEST and total - so_far >= SMALLEST:
            return one.defects
    return None


def _strata(cells: Sequence[_Cell], split: int) -> dict[str | None, tuple[_Cell, _Cell]]:
    """By source, those with more missing and those without; sources with only one of both say nothing."""
    found = {}
    for source in dict.fromkeys(c.source for c in cells):
        own = [c for c in cells if c.source == source]
        more, less = (_sum([c for c in own if (c.defects > split) == side]) for side in (True, False))
        if more.closed and less.closed:
            found[source] = (more, less)
    return found


def _scored(cells: Sequence[_Cell], adjusted: bool) -> list[list[tuple[float, int, int]]]:
    sources = dict.fromkeys(c.source for c in cells) if adjusted else {None: None}
    return [
        [(c.defects, c.closed, c.won) for c in cells if not adjusted or c.source == source]
        for source in sources
    ]


def _covered(strata: Mapping[str | None, tuple[_Cell, _Cell]]) -> int:
    return sum(more.closed + less.closed for more, less in strata.values())


def _too_alike(by_count: Sequence[ByCount]) -> str:
    total = sum(b.closed for b in by_count)
    if not total:
        return "Nothing has ended, so what missing facts cost cannot be said."
    return (
        f"What missing facts cost cannot be said: of {total:,} that ended, fewer than {SMALLEST} lack more facts, or "
        f"fewer, than the others."
    )


def _says(found: Cost) -> str:
    who = "with facts missing" if found.split == 0 else f"with more than {found.split} facts missing"
    how = "compared within sources" if found.adjusted else "not adjusted for source"
    said = []
    win, time = found.win_rate, found.cycle_time
    if win and win.told_apart:
        way = "less" if win.value < 0 else "more"
        low, high = sorted((abs(win.low), abs(win.high)))
        said.append(
            f"Those {who} are won {abs(win.value) * 100:.0f} points {way} often ({low * 100:.0f} to {high * 100:.0f})"
        )
    if time and time.told_apart:
        said.append(
            f"those {who} take {time.value:.2f} times as long until they end ({time.low:.2f} to {time.high:.2f})"
        )
    if said:
        return f"{'; '.join(said)}; {how}. This is an association, not a cause."
    reach = f" (win rate {win.low * 100:+.0f} to {win.high * 100:+.0f} points)" if win else ""
    return f"No evidence of a cost: those {who} end like the others{reach}; {how}."
