"""What a chart says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fullkit.flow.chart import Chart, Series, Signal
from fullkit.flow.limits import Fit, Kind
from fullkit.flow.rhythm import Label, Wave

NAMES: dict[Kind, str] = {
    "xmr": "XmR",
    "p": "p",
    "u": "u",
    "p'": "p′ (Laney)",
    "u'": "u′ (Laney)",
    "t": "t",
    "g": "g",
}
SHOWN = 3
"""More signals than these are counted and not told one by one."""


def number(value: float) -> str:
    """A number as people write it: four digits that count."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def withheld(kind: Kind, provisional: Sequence[bool], fits: Sequence[Fit], wave: Wave | None) -> str:
    """Why no signal may be claimed; empty when it may."""
    calendar = _calendar(wave) if wave else ""
    if all(provisional):
        early = "No signal is claimed: the limits are provisional, as fewer than 12 points stand behind them."
        return f"{early} {calendar}".strip()
    settled = [f for f, early in zip(fits, provisional, strict=True) if not early]
    if all(bool((f.upper <= f.centre).all()) for f in settled):
        if kind in {"p", "u", "p'", "u'"}:
            return "No signal is claimed: the points of the baseline are all alike. Chart what lies between the events."
        return "No signal is claimed: the points of the baseline are all alike, so nothing tells noise from signal."
    return f"No signal is claimed: the series follows the calendar. {calendar}" if calendar else ""


def _calendar(wave: Wave) -> str:
    name = wave.name[0].upper() + wave.name[1:]
    return f"{name} explains {wave.share:.0%} of the variation; compare a point with the same one a turn earlier."


def notes(
    series: Series, kind: Kind, *, exact: bool, sigma_z: float, alike: float, missing: int
) -> list[str]:
    """What a reader has to know about the limits."""
    said = []
    if sigma_z != 1:
        said.append(
            f"Points differ {sigma_z:.2g} times as much as chance alone would make them, so the limits are widened "
            f"by that factor (Laney)."
        )
    if exact:
        said.append(
            "Few events to a point: the limits are tails of the distribution, the centre is the median."
        )
    if kind == "g":
        said.append("The limits are tails of the geometric distribution, the centre is the median.")
    if kind == "t":
        said.append(
            "Limits are computed on the 3.6th root of the times, which is nearly symmetric, and turned back."
        )
    if series.ways.median:
        said.append("Centre and limits rest on medians.")
    if series.ways.screened:
        said.append("Moving ranges above their own limit are left out of the limits.")
    if alike > 0:
        said.append(
            f"Neighbouring points resemble each other (correlation {alike:.2f}), so false alarms are more frequent "
            f"than stated."
        )
    if missing:
        said.append(f"{missing} of {len(series.values)} points are not in this data.")
    return said + _recorded(series)


def _recorded(series: Series) -> list[str]:
    """The reasons on record for what the limits do."""
    said = []
    for change in sorted(series.changes, key=lambda c: c.at):
        who = f" ({change.by})" if change.by else ""
        at = series.labels[change.at] if series.labels else change.at + 1
        said.append(f"New limits from {at} on: {change.reason}{who}.")
    for point, reason in sorted(series.left_out.items()):
        at = series.labels[point] if series.labels else point + 1
        said.append(f"The limits do not rest on {at}: {reason}.")
    return said


def said(chart: Chart) -> Chart:
    """The chart with its answer in a sentence."""
    rate = chart.false_alarms.of(chart.rules)
    if not np.isfinite(chart.values).any():
        answer = "Not in this data: there is no point to chart."
    elif chart.withheld:
        answer = chart.withheld
    elif not chart.signals:
        answer = f"No signal: {_settled(chart)} behave as chance alone would have them."
    else:
        told_first = "; ".join(told(s, chart.labels) for s in chart.signals[:SHOWN])
        more = len(chart.signals) - SHOWN
        answer = f"Signal: {told_first}{f'; and {more} more' if more > 0 else ''}."
    if not chart.withheld and chart.false_alarms.points:
        answer += f" A chart like this raises a false alarm {_often(rate)}."
    return replace(chart, says=answer)


def tampering(drawn: Chart, point: int) -> str | None:
    """A warning when the process is to be changed because of a point that is no signal."""
    if not np.isfinite(drawn.values[point]):
        return f"{drawn.labels[point]} is not in this data; it is no reason to change anything."
    if drawn.marks[point]:
        return None
    if any(point in s.points for s in drawn.signals):
        return (
            f"{drawn.labels[point]} itself is within the limits; the signal is that the level moves over many points. "
            f"Look for what moved it, not for what happened at {drawn.labels[point]}."
        )
    if drawn.withheld:
        return f"{drawn.withheld} A change because of {drawn.labels[point]} answers what may be noise."
    return (
        f"{drawn.labels[point]} ({number(drawn.values[point])}) is within the limits "
        f"{number(drawn.lower[point])} to {number(drawn.upper[point])}: nothing special happened there. Changing "
        f"the process because of it adds variation. To shift the whole, change the method, and test it."
    )


def _settled(chart: Chart) -> str:
    points = sum(
        int(np.isfinite(chart.values[p.start : p.end]).sum()) for p in chart.phases if not p.provisional
    )
    last = chart.phases[-1]
    return f"all {points} points, around {number(last.centre)},"


def _often(rate: float) -> str:
    return f"in {max(rate * 100, 1):.0f} of 100 cases where nothing has happened"


def told(signal: Signal, labels: Sequence[Label]) -> str:
    """A signal in words, without a full stop."""
    first, last, many = labels[signal.points[0]], labels[signal.points[-1]], len(signal.points)
    if signal.rule == "outside":
        return f"{first} is {'above the upper' if signal.high else 'below the lower'} limit"
    if signal.rule == "few crossings":
        return (
            f"the points from {first} to {last} cross the centre too seldom; the level drifts or has shifted"
        )
    if signal.rule == "seven one way":
        return f"{many} points {'rise' if signal.high else 'fall'} in a row from {first} to {last}"
    side = "above" if signal.high else "below"
    if signal.rule == "two of three":
        return f"{many} points close together from {first} to {last} are far {side} the centre"
    return f"{many} points in a row are {side} the centre from {first} to {last}"
