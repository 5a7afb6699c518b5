"""A picture: one question, its answer in a sentence, and what is drawn, before anyone has decided how to draw it.

The report and the live pages are made from the same pictures, so the same data is the same chart in both. Nothing
here knows a drawing library. A value of None is "not in this data", a gap and never zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

Cell = Any
"""A number, a text, a date, a truth or None, as DuckDB answers it."""
ABSENT = "not in this data"


@dataclass(frozen=True, kw_only=True)
class Point:
    """One value of a series. `detail` is told on hover; `signal` names the rule that marks it."""

    label: str
    value: float | None
    detail: str = ""
    url: str = ""
    signal: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A horizontal line from point `first` to point `last` (to the end when None)."""

    name: str
    value: float
    kind: Literal["centre", "limit"] = "limit"
    first: int = 0
    last: int | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something that happened at point `at`: a change of method, a holiday."""

    at: int
    says: str


@dataclass(frozen=True, kw_only=True)
class Series:
    """Points in the order of time, the lines they are held against, and what happened meanwhile.

    `limits` are pairs of curves where the limits move with the size of each point's sample (p and u charts): a
    name and one value per point. `from_zero` is for amounts; times of day and shares far from zero set it to False.
    """

    points: Sequence[Point]
    name: str = ""
    lines: Sequence[Line] = ()
    limits: Sequence[tuple[str, Sequence[float | None]]] = ()
    notes: Sequence[Note] = ()
    from_zero: bool = True
    digits: int = 0
    remark: str = ""
    """Which chart it is, from when its limits are, and how often it alarms falsely."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A curve by steps: `ys[i]` holds from `xs[i]` on. `lows` and `highs` are its interval, empty when unknown."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Shares by elapsed time: what is still open, or what has ended how. Shares are between 0 and 1."""

    paths: Sequence[Curve]
    x_title: str
    y_title: str
    marks: Sequence[tuple[str, float]] = ()
    """Upright lines: a name and where, such as the median."""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One case of a cloud."""

    x: float
    y: float
    says: str
    out: bool = False


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """Cases by two amounts, held against level lines or against curves that depend on x (a funnel)."""

    dots: Sequence[Dot]
    x_title: str
    y_title: str
    lines: Sequence[Line] = ()
    funnel: Sequence[tuple[str, Sequence[tuple[float, float, float]]]] = ()
    """Limits: a name, and (x, low, high) from left to right."""
    percent: bool = False
    """Whether y is a share between 0 and 1."""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Areas:
    """Cumulative flow: how many had come so far in each state by the end of each day, the latest state lowest."""

    days: Sequence[date]
    layers: Sequence[tuple[str, Sequence[float]]]
    """A name, and the cumulative number by day; the first layer is what arrived."""
    y_title: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One amount of a list, with its interval where there is one."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    says: str = ""
    url: str = ""
    """Where a page shows what is behind it; "" in a file."""


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Amounts by name, the longest first or in their own order; `line` is what they are held against."""

    bars: Sequence[Bar]
    x_title: str
    line: tuple[str, float] | None = None
    percent: bool = False
    """Whether the amounts are shares between 0 and 1."""
    points: bool = False
    """Points with intervals: for amounts whose distance from zero says nothing."""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What follows what: (from, to, how often, median days between). Drawn as a square of numbers."""

    edges: Sequence[tuple[str, str, int, float | None]]
    order: Sequence[str]
    """The activities in the order in which they mostly happen."""
    name: str = ""


Drawing = Series | Curves | Cloud | Areas | Bars | Steps


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A question, its answer, its definition and the table behind it; `drawn` is empty where the table says it best.

    `key` is unique on the page. `says` carries the uncertainty. `sql` is the statement
    that found it, "" where none did.
    """

    key: str
    title: str
    says: str
    definition: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    unit: str = ""
    sql: str = ""
    n: int = 0
    """Cases behind the answer."""
    drawn: Sequence[Drawing] = ()
    source: str = ""
    """Where the definition or the formula is from."""


def span(values: Sequence[float], *, from_zero: bool) -> tuple[float, float, float]:
    """Lowest tick, highest tick, step: a 1, 2 or 5 times a power of ten that gives three to six ticks."""
    if not values:
        return 0.0, 1.0, 1.0
    low, high = (min(0.0, *values) if from_zero else min(values)), max(values)
    if high == low:
        high = low + 1
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(nice * power for nice in (1, 2, 5, 10) if nice * power >= raw * 0.999)
    return math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step, step


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Label heights (ascending, 0 to 100) pushed down until they do not overlap, then back up from the bottom edge."""
    seats: list[float] = []
    for height in heights:
        seats.append(max(height, seats[-1] + gap) if seats else height)
    for i in range(len(seats) - 1, -1, -1):
        limit = 100.0 if i == len(seats) - 1 else seats[i + 1] - gap
        seats[i] = min(seats[i], limit)
    return seats


def signals(points: Sequence[Point]) -> list[str]:
    """Each signal once: neighbours under one rule are told from the first to the last of them."""
    found: list[str] = []
    for rule, run in groupby(points, key=lambda point: point.signal):
        if rule:
            first, *rest = run
            found.append(f"{first.label}{f' to {rest[-1].label}' if rest else ''}: {rule}")
    return found


def told(value: Cell) -> str:
    """A cell as it is read: dates as dates, numbers with as many digits as help, None as what it is."""
    if value is None or (isinstance(value, float) and value != value):
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return number(float(value))
    if isinstance(value, list | tuple):
        return ", ".join(told(one) for one in value)
    return str(value)


def number(value: float) -> str:
    """Three or four significant digits, never an exponent: 1,234  45.5  0.632."""
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """`63.2 %`; whole numbers where a tenth says nothing."""
    shown = 100 * share
    return f"{shown:.0f} %" if shown == round(shown) or shown >= 99.95 else f"{shown:.1f} %"


def is_number(value: Cell) -> bool:
    """Whether a cell is set to the right."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
