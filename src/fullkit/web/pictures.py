"""The pictures of the whole log under a side's weekly answers: computed aside, kept, and shown as they are ready."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from django.core.cache import cache
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fullkit.actions import playbooks
from fullkit.playbook.plant import Plant
from fullkit.reports import flow as questions
from fullkit.reports import log
from fullkit.web.doors import now, page
from fullkit.web.flow import side_name

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
                drawn = import_module("fullkit.web.drawn")  # what draws takes seconds to load
                reach = log.reach()
                cache.set(key, Kept(at, reach, drawn.made(plant, side, at)), timeout=KEPT_SECONDS)
        except Exception:  # a thread has nobody to answer with a 500: logged whole, and said on the page
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
