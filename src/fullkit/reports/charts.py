"""A picture's drawing as a Vega-Lite specification, by Altair.

One colour for what is within its limits, black for what is not, told apart by shape as well: it prints. Colours are
names of style properties, so that the page's theme decides and paper gets black. Data stands inside; nothing is
fetched. No pies, no dials, no second axis, no smoothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import altair as alt

from fullkit.reports.pictures import (
    Areas,
    Bars,
    Cloud,
    Curves,
    Drawing,
    Series,
    Steps,
    apart,
    number,
    percent,
    span,
)

INK, QUIET, RULE, DOT, THREAD = (
    "var(--ink)", "var(--quiet)", "var(--rule)", "var(--dot)", "var(--thread)",
)  # fmt: skip
LAYERS = [f"var(--layer-{n})" for n in range(1, 7)]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3]]
HEIGHT = 190
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
MOST = 2_000
"""Dots of a cloud; beyond it the eye counts nothing and the file grows."""

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]
_rows: ContextVar[dict[str, Rows]] = ContextVar("rows")
Chart = Any
"""What Altair layers; its own types promise more than a layer needs."""


def spec(drawing: Drawing, *, unit: str = "", validate: bool = False) -> Spec:
    """The specification of one drawing. Its title, answer and table stand beside it on the page, not in it.

    `validate` holds it against the schema of Vega-Lite, which takes longer than all the rest.
    """
    rows: dict[str, Rows] = {}
    token = _rows.set(rows)
    try:
        chart: Chart = _DRAWN[type(drawing)](drawing, unit)
        found: Spec = chart.properties(width="container").to_dict(validate=validate)
    finally:
        _rows.reset(token)
    found.pop("$schema", None)
    return found | {
        "datasets": rows,
        "config": _config(),
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def _data(rows: Rows) -> alt.NamedData:
    """Rows under a name of their own: Altair copies what it holds many times over, and these need not be."""
    known = _rows.get()
    name = f"d{len(known)}"
    known[name] = rows
    return alt.NamedData(name)


def _said(name: str) -> str:
    """A name on one line: Vega makes expressions of names, and a line separator would end their text."""
    return " ".join(name.split())


def _config() -> Spec:
    words = {"labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 12, "titleFontSize": 12}
    return {
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": None},
        "aria": False,
        "axis": words | {
            "titleFontWeight": "normal", "gridColor": RULE, "domainColor": RULE, "tickColor": RULE,
            "labelPadding": 6, "titlePadding": 8,
        },
        "legend": words | {"orient": "top", "title": None, "symbolStrokeWidth": 2, "labelLimit": 220},
        "text": {"color": QUIET, "fontSize": 12, "font": FONT},
    }  # fmt: skip


# --- series --------------------------------------------------------------------------------------------------


def _series(series: Series, unit: str) -> Chart:
    rows = [
        {"x": i, "at": p.label, "y": p.value, "rule": p.signal, "says": ". ".join(filter(None, (
            f"{p.label}: {p.value:,.{series.digits}f} {unit}".strip(), p.signal, p.detail)))}
        for i, p in enumerate(series.points)
        if p.value is not None
    ]  # fmt: skip
    last = max(len(series.points) - 1, 1)
    names = [p.label for p in series.points]
    stride = max(1, -(-len(names) // 8))
    axis = alt.Axis(
        title=None, grid=False, values=list(range(len(names) - 1, -1, -stride)), labelOverlap=True,
        labelExpr=f"{json.dumps(names)}[datum.value]" if names else "''",
    )  # fmt: skip
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(domain=[-0.5, last + 0.5], nice=False))
    values = [p.value for p in series.points if p.value is not None] + [line.value for line in series.lines]
    values += [v for _, limit in series.limits for v in limit if v is not None]
    low, high, step = span(values, from_zero=series.from_zero)
    y = alt.Y(
        "y:Q", title=unit or None, axis=alt.Axis(values=_ticks(low, high, step), format=_format(step)),
        scale=alt.Scale(domain=[low, high], nice=False),
    )  # fmt: skip
    base = alt.Chart(_data(rows)).encode(x=x, y=y)
    layers: list[Any] = [
        *_level(series, last, (low, high)),
        *_moving(series),
        *_remarks(series),
        base.transform_window(run="row_number()").transform_calculate(part="datum.x - datum.run")
        .mark_line(strokeWidth=1.2, color=THREAD).encode(detail="part:N"),
        base.mark_point(filled=True, size=34, opacity=1, color=DOT).encode(tooltip=alt.Tooltip("says:N")),
    ]  # fmt: skip
    ringed = [row for row in rows if row["rule"]]
    if ringed:
        ring = alt.Chart(_data(ringed)).encode(x=x, y=y)
        layers += [
            ring.mark_point(filled=False, size=190, strokeWidth=1.8, color=INK, opacity=1).encode(
                tooltip=alt.Tooltip("says:N")
            ),
            alt.Chart(_data(_firsts(ringed)))
            .mark_text(dy=-15, color=INK, fontSize=11)
            .encode(x=x, y=y, text="rule:N"),
        ]
    return alt.layer(*layers).properties(height=HEIGHT)


def _firsts(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of neighbours under the same rule: one name for a run, not one for each of its points."""
    return [
        row
        for i, row in enumerate(rows)
        if i == 0 or rows[i - 1]["rule"] != row["rule"] or row["x"] - rows[i - 1]["x"] > 1
    ]


def _level(series: Series, last: float, domain: tuple[float, float]) -> list[Any]:
    found: list[Any] = []
    for line in series.lines:
        end = last if line.last is None else line.last
        row = {"x": line.first - 0.5, "x2": end + 0.5, "y": line.value}
        dashes = [1, 0] if line.kind == "centre" else [5, 4]
        chart = alt.Chart(_data([row]))
        found.append(
            chart.mark_rule(strokeWidth=1, strokeDash=dashes, color=QUIET).encode(x="x:Q", x2="x2:Q", y="y:Q")
        )
    ends = [(line.name, line.value) for line in series.lines if line.last is None or line.last >= last]
    ends += [(name, row[-1]) for name, row in series.limits if row and row[-1] is not None]
    said = [(value, f"{name} {value:,.{series.digits}f}") for name, value in ends]
    return found + _labels(said, last + 0.5, domain)


def _labels(said: Sequence[tuple[float, str]], x: float, domain: tuple[float, float]) -> list[Any]:
    """Words at the right edge, at their heights or as near to them as leaves each readable."""
    if not said:
        return []
    low, high = domain
    drawn = sorted(said, key=lambda pair: -pair[0])
    seats = apart([100 * (high - value) / (high - low) for value, _ in drawn], 100 * 13 / HEIGHT)
    rows = [
        {"x": x, "y": high - seat / 100 * (high - low), "says": words}
        for seat, (_, words) in zip(seats, drawn, strict=True)
    ]
    chart = alt.Chart(_data(rows)).mark_text(align="left", dx=5, clip=False, fontSize=11)
    return [chart.encode(x="x:Q", y="y:Q", text="says:N")]


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [low + i * step for i in range(round((high - low) / step) + 1)]


def _format(step: float) -> str:
    """Thousands with commas, as many decimals as the ticks need, never an exponent."""
    return f",.{max(0, -math.floor(math.log10(step)))}f"


def _moving(series: Series) -> list[Any]:
    return [
        alt.Chart(_data([{"x": i - 0.5, "x2": i + 0.5, "y": v}
                                   for i, v in enumerate(limit) if v is not None]))
        .mark_rule(strokeWidth=1, strokeDash=[4, 3], color=QUIET)
        .encode(x="x:Q", x2="x2:Q", y="y:Q")
        for _, limit in series.limits
    ]  # fmt: skip


def _remarks(series: Series) -> list[Any]:
    if not series.notes:
        return []
    rows = [{"x": note.at - 0.5, "says": note.says} for note in series.notes]
    chart = alt.Chart(_data(rows)).encode(x="x:Q")
    return [
        chart.mark_rule(strokeWidth=1, strokeDash=[1, 3], color=QUIET),
        chart.mark_text(align="left", dx=4, baseline="top", color=INK, fontSize=11).encode(
            y=alt.value(0), text="says:N"
        ),
    ]


# --- the others ----------------------------------------------------------------------------------------------


def _curves(curves: Curves, unit: str) -> Chart:
    def unknown(xs: Sequence[float]) -> Sequence[float | None]:
        return [None] * len(xs)

    names = [_said(path.name) for path in curves.paths]
    rows = [
        {"x": x, "y": y, "path": _said(path.name), "low": low, "high": high}
        for path in curves.paths
        for x, y, low, high in zip(
            path.xs,
            path.ys,
            path.lows or unknown(path.xs),
            path.highs or unknown(path.xs),
            strict=True,
        )
    ]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "x:Q", title=curves.x_title, scale=alt.Scale(zero=True, nice=False), axis=alt.Axis(grid=False)
        )
    )
    y = alt.Y(
        "y:Q", title=curves.y_title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)
    )
    colour = alt.Color("path:N", scale=alt.Scale(domain=names, range=LAYERS[: len(names)]), legend=None)
    dash = alt.StrokeDash("path:N", scale=alt.Scale(domain=names, range=DASHES[: len(names)]), legend=None)
    layers: list[Any] = []
    if any(path.lows for path in curves.paths):
        layers.append(
            base.transform_filter("datum.low != null")
            .mark_area(interpolate="step-after", opacity=0.22)
            .encode(y="low:Q", y2="high:Q", color=colour)
        )
    layers.append(
        base.mark_line(interpolate="step-after", strokeWidth=2).encode(y=y, color=colour, strokeDash=dash)
    )
    right = max((path.xs[-1] for path in curves.paths if path.xs), default=1.0)
    if len(names) > 1:
        layers += _labels([(p.ys[-1], p.name) for p in curves.paths if p.ys], right, (0, 1))
    if curves.marks:
        marks = alt.Chart(_data([{"x": x, "says": f"{name} {number(x)}"} for name, x in curves.marks]))
        layers += [
            marks.mark_rule(strokeWidth=1, strokeDash=[5, 4], color=QUIET).encode(x="x:Q"),
            marks.mark_text(align="left", dx=4, baseline="top", fontSize=11).encode(
                x="x:Q", y=alt.value(0), text="says:N"
            ),
        ]
    return alt.layer(*layers).properties(height=HEIGHT + 30)


def _cloud(cloud: Cloud, unit: str) -> Chart:
    dots = list(cloud.dots)
    if len(dots) > MOST:
        dots = [d for d in dots if d.out][:MOST] + dots[:: -(-len(dots) // MOST)]
    rows = [{"x": d.x, "y": d.y, "says": d.says, "out": d.out} for d in dots]
    kept = [row for row in rows if not row["out"]]
    out = [row for row in rows if row["out"]]
    left = 0.9 * min((d.x for d in dots), default=0.0) if cloud.funnel else 0.0
    right = max((d.x for d in dots), default=1.0) * 1.03 or 1.0
    x = alt.X(
        "x:Q", title=cloud.x_title, axis=alt.Axis(grid=False, format=",d" if right > 8 else ",.1f", tickCount=8),
        scale=alt.Scale(domain=[left, right], nice=False),
    )  # fmt: skip
    heights = [d.y for d in dots] + [line.value for line in cloud.lines]
    heights += [v for _, limit in cloud.funnel for _, a, b in limit for v in (a, b)]
    low, high, step = span(heights, from_zero=not cloud.funnel)
    y = alt.Y(
        "y:Q", title=cloud.y_title, scale=alt.Scale(domain=[low, high], nice=False),
        axis=alt.Axis(format=".0%" if cloud.percent else _format(step), values=_ticks(low, high, step)),
    )  # fmt: skip
    layers: list[Any] = []
    said: list[tuple[float, str]] = []
    for n, (name, limit) in enumerate(cloud.funnel):
        data = _data([{"x": a, "low": b, "high": c} for a, b, c in limit])
        for side in ("low", "high"):
            layers.append(
                alt.Chart(data).mark_line(strokeWidth=1, strokeDash=DASHES[(n + 1) % 3], color=QUIET, clip=True)
                .encode(x=x, y=alt.Y(f"{side}:Q", title=cloud.y_title, scale=alt.Scale(domain=[low, high], nice=False)))
            )  # fmt: skip
        if limit:
            said.append((limit[-1][2], name))
    for line in cloud.lines:
        said.append(
            (line.value, f"{line.name} {percent(line.value) if cloud.percent else number(line.value)}")
        )
        dashes = [1, 0] if line.kind == "centre" else [5, 4]
        layers.append(
            alt.Chart(_data([{"y": line.value}]))
            .mark_rule(strokeWidth=1, strokeDash=dashes, color=QUIET).encode(y="y:Q")
        )  # fmt: skip
    layers += _labels(said, right, (low, high))
    cases = alt.Chart(_data(kept)).encode(x=x, y=y, tooltip=alt.Tooltip("says:N"))
    layers.append(cases.mark_point(filled=True, size=22, opacity=0.55, color=DOT))
    if out:
        far = alt.Chart(_data(out)).encode(x=x, y=y, tooltip=alt.Tooltip("says:N"))
        layers.append(far.mark_point(filled=True, shape="diamond", size=44, opacity=0.9, color=INK))
    return alt.layer(*layers).properties(height=HEIGHT + 40)


def _areas(areas: Areas, unit: str) -> Chart:
    """The upper edge of each layer is what had come so far; the height between two is what stands there."""
    names = [name for name, _ in areas.layers]
    stride = max(1, -(-len(areas.days) // 400))
    keep = sorted({*range(0, len(areas.days), stride), len(areas.days) - 1}) if areas.days else []
    rows = [
        {"day": areas.days[i].isoformat(), "total": float(levels[i]), "layer": name}
        for name, levels in areas.layers
        for i in keep
    ]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "day:T", title=None, axis=alt.Axis(grid=False, format="%b %Y", tickCount=6, labelOverlap=True)
        ),
        y=alt.Y("total:Q", title=areas.y_title, stack=None, scale=alt.Scale(zero=True)),
    )
    colour = alt.Color(
        "layer:N", scale=alt.Scale(domain=names, range=LAYERS[: len(names)]), legend=alt.Legend()
    )
    layers = [
        base.transform_filter(alt.datum.layer == name).mark_area(opacity=0.85, line={"color": INK, "strokeWidth": 1})
        .encode(color=colour)
        for name in names
    ]  # fmt: skip
    return alt.layer(*layers).properties(height=HEIGHT + 60)


LONG = 36
"""Letters of a name beyond which bars need the room of a whole page."""


def broad(drawing: Drawing) -> bool:
    """Whether it needs more room than a telephone has, and is to be moved sideways there."""
    if isinstance(drawing, Bars):
        return any(len(bar.name) > LONG for bar in drawing.bars)
    return isinstance(drawing, Steps)


def _bars(bars: Bars, unit: str) -> Chart:
    order = [_said(bar.name) for bar in bars.bars]
    words = percent if bars.percent else number
    rows = [
        {"name": _said(bar.name), "value": bar.value, "low": bar.low, "high": bar.high,
         "says": f"{words(bar.value)}{' ' * bool(bar.says)}{bar.says}"} | ({"url": bar.url} if bar.url else {})
        for bar in bars.bars
    ]  # fmt: skip
    longest = max((bar.value for bar in bars.bars), default=0.0)
    axis = alt.Axis(
        format=".0%" if bars.percent else ",d" if longest >= 10 else ",.2~f",
        tickCount=5,
        labelOverlap=True,
        labelSeparation=8,
    )
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y(
            "name:N",
            sort=order,
            title=None,
            axis=alt.Axis(labelLimit=420 if broad(bars) else 230, grid=False, ticks=False, domain=False),
        )
    )
    x = alt.X("value:Q", title=bars.x_title, axis=axis, scale=alt.Scale(zero=not bars.points))
    layers: list[Any] = []
    if bars.points:
        layers.append(base.mark_point(filled=True, size=60, color=DOT, opacity=1).encode(x=x))
    else:
        drawn = base.mark_bar(height={"band": 0.62}, color=THREAD).encode(x=x)
        layers.append(drawn.encode(href="url:N") if any(bar.url for bar in bars.bars) else drawn)
    intervals = any(bar.low is not None for bar in bars.bars)
    if intervals:
        layers.append(
            base.mark_rule(strokeWidth=1.5, color=INK).encode(x=alt.X("low:Q", axis=axis), x2="high:Q")
        )
    place = "datum.high != null ? max(datum.high, datum.value) : datum.value" if intervals else "datum.value"
    layers.append(
        base.transform_calculate(end=place).mark_text(align="left", dx=6, color=INK, fontSize=11)
        .encode(x=alt.X("end:Q", axis=axis, title=bars.x_title), text="says:N")
    )  # fmt: skip
    if bars.line:
        line = alt.Chart(_data([{"value": bars.line[1]}]))
        layers.append(line.mark_rule(strokeWidth=1, strokeDash=[5, 4], color=QUIET).encode(x="value:Q"))
    return alt.layer(*layers).properties(height=max(60, 26 * len(order)))


def _steps(steps: Steps, unit: str) -> Chart:
    order = [_said(name) for name in steps.order][:14]
    rows = [
        {"from": a, "to": b, "n": n, "says": f"{a} to {b}: {n:,}"
         + ("" if days is None else f", a median of {number(days)} days between")}
        for a, b, n, days in ((_said(a), _said(b), n, days) for a, b, n, days in steps.edges)
        if a in order and b in order
    ]  # fmt: skip
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "to:N", sort=order, title="followed by",
            axis=alt.Axis(orient="top", labelAngle=-40, labelLimit=150, ticks=False, domain=False),
            scale=alt.Scale(domain=order),
        ),
        y=alt.Y(
            "from:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, ticks=False, domain=False),
            scale=alt.Scale(domain=order),
        ),
        tooltip=alt.Tooltip("says:N"),
    )  # fmt: skip
    return alt.layer(
        base.mark_rect(color=THREAD, stroke=RULE).encode(
            opacity=alt.Opacity("n:Q", scale=alt.Scale(type="sqrt", range=[0.08, 0.75]), legend=None)
        ),
        base.mark_text(color=INK, fontSize=11).encode(text=alt.Text("n:Q", format=",")),
    ).properties(height=max(80, 26 * len(order)))


_DRAWN: dict[type, Callable[[Any, str], Any]] = {
    Series: _series,
    Curves: _curves,
    Cloud: _cloud,
    Areas: _areas,
    Bars: _bars,
    Steps: _steps,
}
