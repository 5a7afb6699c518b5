"""The pictures of the whole log under a side's weekly answers: computed aside, kept, and shown as they are ready."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fullkit.actions import playbooks
from fullkit.models import Packet
from fullkit.playbook.plant import Plant
from fullkit.reports import flow as questions
from fullkit.reports import living, log
from fullkit.reports.pictures import Bars, Drawing, Picture, Steps, told
from fullkit.reports.report import SHOWN, Section, laid_out
from fullkit.reports.words import BANDS, Words
from fullkit.web.doors import now, page
from fullkit.web.flow import behind_address, side_name

FRESH = timedelta(minutes=5)
"""For so long nobody asks whether the log says more; then the old pictures stand until the new ones are made."""
KEPT_SECONDS = 86_400
FAILED_SECONDS = 60
"""After a failure nobody tries again for so long."""

_log = logging.getLogger(__name__)
_guard = threading.Lock()
_turn = threading.Lock()
_under_way: set[str] = set()


@dataclass(frozen=True)
class Kept:
    """Pictures as they were drawn, and how far the log reached then. `html` is "" when they could not be made."""

    at: datetime
    reach: log.Reach | None
    html: str


@require_safe
@page("manage", "supervise", "method")
def pictures(request: HttpRequest) -> HttpResponse:
    """What stands out on one side and its pictures, once they are there; until then, that they are being made."""
    plant = playbooks.current()
    side = {side_name(one): one for one in questions.sides(plant)}.get(request.GET.get("side", ""))
    if side is None:
        raise Http404
    at = now()
    key = f"pictures:{plant.number}:{side_name(side)}:{plant.work.day_of(at)}:{get_language()}"
    kept: Kept | None = cache.get(key)
    if kept is None or _stale(kept, at):
        _begin(key, plant, side, at)
        kept = cache.get(key)
    if kept is not None and kept.html:
        return HttpResponse(kept.html)
    again = "" if kept else f"{reverse('flow_pictures')}?side={side_name(side)}"
    return render(request, "_flow_waits.html", {"again": again})


def _stale(kept: Kept, at: datetime) -> bool:
    return bool(kept.html) and at - kept.at > FRESH and kept.reach != log.reach()


def _begin(key: str, plant: Plant, side: questions.Side, at: datetime) -> None:
    """Have the pictures made, unless somebody is at it."""
    with _guard:
        if key in _under_way:
            return
        _under_way.add(key)
    language, zone = get_language() or "en", timezone.get_current_timezone()

    def work() -> None:
        try:
            with _turn, translation.override(language), timezone.override(zone):
                cache.set(key, _made(plant, side, at), timeout=KEPT_SECONDS)
        except Exception:
            _log.exception("The pictures of %s could not be made", side.name)
            cache.set(key, Kept(at, None, ""), timeout=FAILED_SECONDS)
        finally:
            with _guard:
                _under_way.discard(key)

    aside(work)


def aside(work: Callable[[], None]) -> None:
    """Do it beside the request, with a connection of its own."""

    def alone() -> None:
        try:
            work()
        finally:
            connections.close_all()

    threading.Thread(target=alone, name="pictures", daemon=True).start()


def _made(plant: Plant, side: questions.Side, at: datetime) -> Kept:
    reach = log.reach()
    said = living.told(plant, side, at=at)
    numbers = _numbers(said.sections)
    shown = {
        "as_of": at,
        "findings": said.findings,
        "cannot": said.cannot,
        "sections": [
            {
                "title": one.title,
                "pictures": [_laid_out(p, said, numbers, plant) for p in one.pictures],
                "alone": len(one.pictures) == 1,
            }
            for one in said.sections
        ],
    }
    return Kept(at, reach, render_to_string("_flow_pictures.html", shown))


def _numbers(sections: Sequence[Section]) -> dict[int, str]:
    """What the packets named in a table are called."""
    named = {
        row[p.columns.index("packet")]
        for section in sections
        for p in section.pictures
        if "packet" in p.columns
        for row in p.rows[:SHOWN]
    }
    return {packet.pk: packet.number for packet in Packet.objects.filter(pk__in=named).only("pk", "prefix")}


def _laid_out(picture: Picture, said: living.Told, numbers: dict[int, str], plant: Plant) -> dict[str, Any]:
    """A picture for the template, each row and bar with the address of what is behind it."""
    shown = laid_out(replace(picture, drawn=[_linked(one, picture, said) for one in picture.drawn]))
    words = Words(plant)
    rows = [
        [_cell(name, cell, picture, row, said, numbers, words) for name, cell in zip(picture.columns, row, strict=True)]
        for row in picture.rows[:SHOWN]
    ]  # fmt: skip
    return shown | {"rows": rows, "wide": any(isinstance(one, Steps) for one in picture.drawn)}


def _cell(
    column: str,
    cell: Any,
    picture: Picture,
    row: Sequence[Any],
    said: living.Told,
    numbers: dict[int, str],
    words: Words,
) -> tuple[str, bool, str]:
    """Its words, whether it is a number, and where it leads: the first column to what the row counts."""
    if column == "packet":
        number = numbers.get(cell, "")
        return number, False, reverse("packet", args=[number]) if number else ""
    text = told(words.said(column, BANDS.get(cell, cell) if column == "band" else cell))
    number_ = isinstance(cell, int | float) and not isinstance(cell, bool)
    return text, number_, _address(picture, row, said) if column == picture.columns[0] else ""


def _address(picture: Picture, row: Sequence[Any], said: living.Told) -> str:
    """Where the packets stand that a row counts; "" where it counts none."""
    values = dict(zip(picture.columns, row, strict=True))
    until, side = said.until, said.side
    if picture.key == "cumulative-flow":
        return behind_address(picture.key, side, values["day"], "")
    if picture.key == "ageing":
        return behind_address(picture.key, side, until, f"{values['packet_type']} {values['band']}")
    if picture.key == "what-comes-of-it":
        return behind_address(picture.key, side, until, values["outcome"])
    if picture.key == "how-long":
        how = (values["outcome"] or "no outcome") if values["is_over"] else "still open"
        return behind_address(picture.key, side, until, f"{values['days']} {how}")
    return ""


def _linked(drawing: Drawing, picture: Picture, said: living.Told) -> Drawing:
    """Bars of what is open lead to it."""
    if picture.key != "ageing" or not isinstance(drawing, Bars):
        return drawing
    bands = {name: band for band, name in BANDS.items()}
    bars = [
        replace(bar, url=behind_address("ageing", said.side, said.until, bands[bar.name]))
        for bar in drawing.bars
    ]
    return replace(drawing, bars=bars)
