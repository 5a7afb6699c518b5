"""Flow: the manager's questions about one side of the company, each with its answer and the points behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fullkit.actions import playbooks
from fullkit.models import PlaybookVersion
from fullkit.playbook.plant import Plant
from fullkit.reports import flow as questions
from fullkit.reports import judged
from fullkit.reports.behind import WHERE, WHOLE, NothingBehind
from fullkit.reports.behind import behind as packets_behind
from fullkit.reports.pictures import Line, Note, Picture, Point, Series
from fullkit.reports.programs import Program, by_program
from fullkit.reports.queues import start_of
from fullkit.reports.scripts import SCRIPTS
from fullkit.web.doors import now, page
from fullkit.web.runchart import RunChart

SHOWN = 6
"""Lines of one measure that get a chart of their own: those with the most cases."""
KEPT_SECONDS = 60
"""How long answers stand: weeks do not change within a minute, and drawing them takes a good part of a second."""
FULL_WEEKS = 3
"""Whole weeks without which a median says nothing."""


@require_safe
@page("manage", "supervise", "method")
def flow(request: HttpRequest) -> HttpResponse:
    """One side at a time: no number here mixes hunting with farming, or growth with business as usual (R59, R99)."""
    plant = playbooks.current()
    sides = questions.sides(plant)
    names = {side_name(side): side for side in sides}
    asked = request.GET.get("side", next(iter(names)))
    if asked not in names:
        raise Http404
    side, at = names[asked], now()
    kept = f"flow:{plant.number}:{asked}:{plant.work.day_of(at)}:{get_language()}"
    told = cache.get(kept)
    if told is None:
        told = (at, _answers(side, at))
        cache.set(kept, told, timeout=KEPT_SECONDS)
    shown = {
        "tabs": [(key, one.name, key == asked) for key, one in names.items()],
        "name": side.name,
        "as_of": told[0],
        "weeks": questions.WEEKS,
        "answers": told[1],
        "asked": asked,
        "scripts": SCRIPTS,
    }
    return render(request, "flow.html", shown)


@require_safe
@page("manage", "supervise", "method")
def behind(request: HttpRequest) -> HttpResponse:
    """The packets behind one point of one chart."""
    sides = {side_name(side): side for side in questions.sides(playbooks.current())}
    side, key = sides.get(request.GET.get("side", "")), request.GET.get("measure", "")
    try:
        week = date.fromisoformat(request.GET.get("week", ""))
        if side is None:
            raise Http404
        found = packets_behind(
            key, chain=side.chain, process=side.process, week=week, line=request.GET.get("line", ""), at=now()
        )
    except (ValueError, NothingBehind):
        raise Http404 from None
    shown = {"found": found, "side": side, "back": f"{reverse('flow')}?side={side_name(side)}#m-{key}"}
    return render(request, "flow_behind.html", shown)


def _answers(side: questions.Side, at: datetime) -> str:
    """The part of the page that takes time: every question of a side, answered and drawn."""
    board = questions.dashboard(chain=side.chain, process=side.process, at=at)
    changes = _changes(board.since)
    shown = {
        "answered": [_shown(tile, changes, side) for tile in board.tiles if tile.n],
        "silent": [tile for tile in board.tiles if not tile.n],
        "past": [one for one in board.watch if one.fires],
        "within": [one for one in board.watch if not one.fires],
        "programs": _programs(playbooks.current(), board, at),
    }
    return render_to_string("_flow.html", shown)


def _programs(plant: Plant, board: questions.Dashboard, at: datetime) -> list[Program]:
    """What came of each program, on the side that sells them (R34); nothing while nobody named one."""
    if plant.playbook.arrivals.yours_to_win not in board.side.types:
        return []
    rows = by_program(plant, since=start_of(board.since, plant), until=at)
    return rows if any(row.name for row in rows) else []


def _changes(since: date) -> list[tuple[date, int]]:
    """When the method changed: the weeks whose points are told beside it."""
    found = PlaybookVersion.objects.filter(activated_at__date__gte=since, number__gt=1).order_by(
        "activated_at"
    )
    return [(at.date(), number) for at, number in found.values_list("activated_at", "number") if at]


def _shown(tile: questions.Tile, changes: Sequence[tuple[date, int]], side: questions.Side) -> dict[str, Any]:
    series = sorted(tile.series, key=lambda s: -sum(point.n for point in s.points))[:SHOWN]
    charts = [
        _chart(tile, one, changes, side) for one in series if any(p.value is not None for p in one.points)
    ]
    return {
        "tile": tile,
        "charts": charts,
        "several": len(charts) > 1,
        "unit": _unit(tile.unit) if len(charts) == 1 else "",
        "cases": ngettext("%d case", "%d cases", tile.n) % tile.n,
        "columns": [column.replace("_", " ") for column in tile.measure.columns],
        "rows": [_cells(tile, side, raw, row) for raw, row in zip(tile.rows, tile.table, strict=True)],
    }


def _cells(
    tile: questions.Tile, side: questions.Side, raw: dict[str, Any], row: Sequence[Any]
) -> list[tuple[str, bool, str]]:
    """A row of the table: words, whether it is a number, and the address of the packets behind its week."""
    chart = questions.ORDER[tile.key]
    line = str(raw[chart.by]) if chart and chart.by else ""
    return [
        (_told(value), _number(value), behind_address(tile.key, side, value, line) if name == "week" else "")
        for name, value in zip(tile.measure.columns, row, strict=True)
    ]


def behind_address(key: str, side: questions.Side, week: date, line: str) -> str:
    """The address of the packets behind a point; none behind hours and readings."""
    if key not in {*WHERE, *WHOLE}:
        return ""
    asked = {"side": side_name(side), "measure": key, "week": week.isoformat()} | (
        {"line": line} if line else {}
    )
    return f"{reverse('flow_behind')}?{urlencode(asked)}"


def side_name(side: questions.Side) -> str:
    return f"{side.chain}-{side.process or 'rest'}"


def _chart(
    tile: questions.Tile,
    series: questions.Series,
    changes: Sequence[tuple[date, int]],
    side: questions.Side,
) -> RunChart:
    """Whole weeks only: a week that still runs would look like a fall."""
    points = [p for p in series.points if p.whole] or list(series.points)
    scale = 100 if tile.unit == "%" else 1
    details = [ngettext("%d case", "%d cases", p.n) % p.n for p in points]
    urls = [behind_address(tile.key, side, p.week, series.key) for p in points]
    notes = _notes(points, changes)
    picture = Picture(
        key=tile.key, title=tile.measure.title, says=tile.says, definition=tile.measure.definition,
        columns=(), rows=(), unit=_unit(tile.unit),
    )  # fmt: skip
    if series.chart is not None:
        told = judged.drawn(
            series.chart, say=_week, details=details, urls=urls, notes=notes, name=series.name, scale=scale
        )
    else:
        values = [p.value * scale for p in points if p.value is not None]
        middle = [Line(name=_("median"), value=median(values), kind="centre")]
        told = Series(
            points=[
                Point(
                    label=_week(p.week),
                    detail=detail,
                    url=url,
                    value=None if p.value is None else p.value * scale,
                )
                for p, detail, url in zip(points, details, urls, strict=True)
            ],
            name=series.name,
            lines=middle if len(values) >= FULL_WEEKS else [],
            notes=notes,
            digits=0 if all(v == int(v) or abs(v) >= 10 for v in values) else 1,
        )
    return RunChart.of(picture, told, name=f"{tile.key}-{series.key or 'all'}")


def _week(week: date | str | int) -> str:
    return date_format(week, "j M") if isinstance(week, date) else str(week)


def _unit(unit: str) -> str:
    return {"%": "%", "h": _("working hours"), "a day": _("a working day")}.get(unit, "")


def _notes(points: Sequence[questions.Point], changes: Sequence[tuple[date, int]]) -> list[Note]:
    """Changes of the method at the first week they could show; several in a week are told as one."""
    found: dict[int, list[int]] = {}
    for day, number in changes:
        place = next((n for n, p in enumerate(points) if p.week >= day), None)
        if place:
            found.setdefault(place, []).append(number)
    return [Note(at=at, says=_("version %s") % ", ".join(map(str, numbers))) for at, numbers in found.items()]


def _number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


def _told(value: Any) -> str:
    if value is None:
        return _("not in this data")
    if isinstance(value, date):
        return date_format(value, "j M Y")
    if isinstance(value, float | Decimal):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)
