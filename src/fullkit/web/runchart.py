"""A run chart's geometry: points and limit lines in, percentages of a plot out.

Positions are percentages, so the drawing is as wide as its place while its words keep their size. A value of
None is a gap in the line ("not in this data"), never zero. No drawing happens here: see parts/_chart.html.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fullkit.reports.pictures import Line, Note, Picture, Point, Series, apart, signals, span

Percent = str
LABEL_GAP = 9.0  # least distance of two labels at the right edge, in percent of the plot's height
INSET = 1.5  # room left and right of the outermost points, in percent of the width


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A drawn point."""

    x: Percent
    y: Percent
    point: Point
    says: str


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """A drawn line with its label, which may sit a little off it."""

    x1: Percent
    x2: Percent
    y1: Percent
    y2: Percent
    name: str = ""
    label: str = ""
    label_y: Percent = ""
    kind: str = ""
    anchor: str = "start"


@dataclass(frozen=True, kw_only=True)
class RunChart:
    """A question, its answer in a sentence, and the points behind it.

    `name` is unique on the page. `unit` stands in the table's header and at the axis. `from_zero` is for
    amounts; times of day and shares that never come near zero set it to False.
    """

    name: str
    question: str
    points: Sequence[Point]
    answer: str = ""
    unit: str = ""
    lines: Sequence[Line] = ()
    notes: Sequence[Note] = ()
    definition: str = ""
    limits: Sequence[tuple[str, Sequence[float | None]]] = ()
    remark: str = ""
    from_zero: bool = True
    digits: int = 0

    @classmethod
    def of(cls, picture: Picture, series: Series, *, name: str) -> RunChart:
        """One series of a picture. Its answer and definition stand beside it once, whatever it is drawn as."""
        return cls(
            name=name,
            question=series.name or picture.title,
            unit=picture.unit,
            points=series.points,
            lines=series.lines,
            limits=series.limits,
            notes=series.notes,
            remark=series.remark,
            from_zero=series.from_zero,
            digits=series.digits,
        )

    def figure(self, value: float | None) -> str:
        return "" if value is None else f"{value:,.{self.digits}f}"

    @property
    def span(self) -> tuple[float, float, float]:
        """Lowest tick, highest tick, step."""
        values = [p.value for p in self.points if p.value is not None] + [line.value for line in self.lines]
        values += [v for _, limit in self.limits for v in limit if v is not None]
        return span(values, from_zero=self.from_zero)

    @property
    def ticks(self) -> list[tuple[Percent, str]]:
        low, high, step = self.span
        digits = max(0, -math.floor(math.log10(step)))
        count = round((high - low) / step)
        return [(self._y(low + i * step), f"{low + i * step:,.{digits}f}") for i in range(count + 1)]

    @property
    def dates(self) -> list[tuple[Percent, str]]:
        """At most five labels below the plot, evenly chosen, the last point always among them."""
        last = len(self.points) - 1
        stride = max(1, math.ceil((last + 1) / 5))
        return [(self._x(i), self.points[i].label) for i in range(last, -1, -stride)][::-1]

    @property
    def marks(self) -> list[Mark]:
        return [
            Mark(x=self._x(i), y=self._y(p.value), point=p, says=self._says(p))
            for i, p in enumerate(self.points)
            if p.value is not None
        ]

    @property
    def signals(self) -> list[str]:
        """Each signal in words, a run of points under one rule once."""
        return signals(self.points)

    @property
    def path(self) -> list[Stroke]:
        """The line through the points, one stroke per pair; a gap where a value is missing."""
        return [
            Stroke(x1=self._x(i), y1=self._y(a.value), x2=self._x(i + 1), y2=self._y(b.value))
            for i, (a, b) in enumerate(pairwise(self.points))
            if a.value is not None and b.value is not None
        ]

    @property
    def strokes(self) -> list[Stroke]:
        """Centre and limit lines; those that reach the right edge carry their value there, kept apart."""
        end = len(self.points) - 1
        ends = [
            Line(name=n, value=row[-1], first=end) for n, row in self.limits if row and row[-1] is not None
        ]
        drawn = sorted([*self.lines, *ends], key=lambda line: -line.value)
        seats = apart([self._height(line.value) for line in drawn if line.last in (None, end)], LABEL_GAP)
        result = []
        for line in drawn:
            to_end = line.last in (None, end)
            y = self._y(line.value)
            result.append(
                Stroke(
                    x1="0%" if line.first == 0 else self._x(line.first - 0.5),
                    x2="100%" if to_end else self._x((line.last or 0) + 0.5),
                    y1=y,
                    y2=y,
                    kind=line.kind,
                    name=line.name,
                    label=f"{line.name} {self.figure(line.value)}" if to_end else "",
                    label_y=_percent(seats.pop(0)) if to_end else "",
                )
            )
        return result

    @property
    def moving(self) -> list[Stroke]:
        """Limits that move with the size of each sample: a level stroke around each point."""
        return [
            Stroke(
                x1=self._x(i - 0.5),
                x2=self._x(i + 0.5),
                y1=self._y(v),
                y2=self._y(v),
                kind="limit",
                name=name,
            )
            for name, limit in self.limits
            for i, v in enumerate(limit)
            if v is not None
        ]

    @property
    def remarks(self) -> list[Stroke]:
        """Notes as upright lines between the point before and the point they begin with."""
        return [
            Stroke(
                x1=self._x(note.at - 0.5),
                x2=self._x(note.at - 0.5),
                y1="0%",
                y2="100%",
                label=note.says,
                anchor="end" if note.at > len(self.points) * 0.6 else "start",
            )
            for note in self.notes
        ]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """The table behind the chart: label, figure ("" when it is not in the data), signal."""
        return [(p.label, self.figure(p.value), p.signal) for p in self.points]

    def _says(self, point: Point) -> str:
        parts = [f"{point.label}: {self.figure(point.value)} {self.unit}".strip(), point.signal, point.detail]
        return ". ".join(part for part in parts if part)

    def _x(self, index: float) -> Percent:
        steps = max(len(self.points) - 1, 1)
        return _percent(INSET + (100 - 2 * INSET) * index / steps)

    def _y(self, value: float | None) -> Percent:
        return _percent(self._height(value or 0.0))

    def _height(self, value: float) -> float:
        low, high, _ = self.span
        return 100 * (high - value) / (high - low)


def _percent(number: float) -> Percent:
    return f"{number:.2f}%"
