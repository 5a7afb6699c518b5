"""A control chart as a drawing: limits as lines, signals as rings that are named by their rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from fullkit.flow import spc
from fullkit.flow.limits import Floats
from fullkit.flow.signals import Rule
from fullkit.reports.pictures import Line, Note, Point, Series

NAMES: dict[Rule, str] = {
    "outside": "outside the limits",
    "long run": "a long run on one side",
    "few crossings": "few crossings of the centre",
    "seven on one side": "seven on one side",
    "seven one way": "seven one way",
    "two of three": "two of three near a limit",
}
WHOLE: frozenset[Rule] = frozenset({"few crossings"})
"""Rules about the chart as a whole: a ring around every point would say nothing, so the sentence says it."""

MANY = 1 / 3
"""A share of signals beyond which they are not rings on a chart but the chart."""


def day(value: date | str | int) -> str:
    """`6 Mar 17`."""
    return f"{value.day} {value:%b %y}" if isinstance(value, date) else str(value)


def drawn(
    chart: spc.Chart,
    *,
    say: Callable[[date | str | int], str] = day,
    details: Sequence[str] = (),
    urls: Sequence[str] = (),
    notes: Sequence[Note] = (),
    name: str = "",
    scale: float = 1.0,
    digits: int | None = None,
    remark: str | None = None,
) -> Series:
    """The chart as a series; `scale` turns shares into percent. The remark is what the chart says of itself.

    Where no signal may be claimed from limits that are not yet settled, only the centre is drawn.
    """
    marks = chart.marks
    values = [None if math.isnan(v) else float(v) * scale for v in chart.values]
    points = [
        Point(
            label=say(chart.labels[i]),
            value=value,
            detail=details[i] if details else "",
            url=urls[i] if urls else "",
            signal=", ".join(NAMES[rule] for rule in marks[i] if rule not in WHOLE),
        )
        for i, value in enumerate(values)
    ]
    lines, limits = _limits(chart, scale)
    if restless(chart):
        points = [replace(point, signal="") for point in points]
    known = [abs(v) for v in values if v is not None]
    fine = 0 if known and (max(known) >= 100 or all(v == int(v) for v in known)) else 1
    return Series(
        points=points,
        name=name,
        lines=lines,
        limits=limits,
        notes=notes,
        from_zero=not known or min(v for v in values if v is not None) < 0.6 * max(known),
        digits=fine if digits is None else digits,
        remark=about(chart) if remark is None else remark,
    )


def restless(chart: spc.Chart) -> bool:
    """Whether signals are the rule and not the exception: then there is no one process that limits could "
    "describe."""
    seen = [rules for rules, value in zip(chart.marks, chart.values, strict=True) if not math.isnan(value)]
    return sum(bool(set(rules) - WHOLE) for rules in seen) > MANY * max(1, len(seen))


def verdict(chart: spc.Chart) -> str:
    """What the chart says, in a sentence or two."""
    if restless(chart):
        seen = [v for v in chart.values if not math.isnan(v)]
        out = sum(bool(set(rules) - WHOLE) for rules in chart.marks)
        return (
            f"Not one stable process: {out} of {len(seen)} points are signals against the first "
            f"{chart.phases[0].base_end - chart.phases[0].start}, so the level has moved, and no limit "
            "describes all of it."
        )
    return chart.says


def about(chart: spc.Chart) -> str:
    """Which chart it is, what its limits rest on, and what a reader has to know about them."""
    base = chart.phases[-1].base_end - chart.phases[-1].start
    kind = "" if chart.provisional else f"{chart.name} chart, limits from {base} points."
    return " ".join(filter(None, (kind, *chart.notes)))


def _limits(chart: spc.Chart, scale: float) -> tuple[list[Line], list[tuple[str, Sequence[float | None]]]]:
    """Level lines phase by phase; curves where they move with the sample."""
    lines: list[Line] = []
    moving: dict[str, list[float | None]] = {}
    for phase in chart.phases:
        here = slice(phase.start, phase.end)
        last = None if phase.end == len(chart.values) else phase.end - 1
        sides = (("mean", chart.centre), ("upper", chart.upper), ("lower", chart.lower))
        for name, row in sides[:1] if phase.provisional else sides:
            known = [float(v) for v in row[here] if math.isfinite(v)]
            if not known or _natural(name, known, chart, here):
                continue
            if max(known) - min(known) <= 1e-9 * max(1.0, abs(known[0])):
                kind: Literal["centre", "limit"] = "centre" if name == "mean" else "limit"
                lines.append(Line(name=name, value=known[0] * scale, kind=kind, first=phase.start, last=last))
            else:
                curve = moving.setdefault(name, [None] * len(chart.values))
                curve[here] = [float(v) * scale if math.isfinite(v) else None for v in row[here]]
    return lines, list(moving.items())


def _natural(name: str, known: Sequence[float], chart: spc.Chart, here: slice) -> bool:
    """Whether a limit is only the bound of what is possible, which nothing can pass."""
    bound = {"lower": 0.0, "upper": 1.0 if chart.kind.startswith("p") else math.inf}.get(name)
    return bound is not None and all(v == bound for v in known) and not _beyond(chart.values[here], bound)


def _beyond(values: Floats, bound: float) -> bool:
    return bool(((values < bound) if bound == 0 else (values > bound)).any())
