"""The queues: who is short, the morning run, advice, and starvation incidents (R24 to R29)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from fullkit.actions import inbox, journey, playbooks
from fullkit.actions import queues as verbs
from fullkit.models import Advice, Packet, QueueReading
from fullkit.playbook.plant import Plant
from fullkit.reports import queues as questions
from fullkit.web.doors import now, page, who
from fullkit.web.templatetags.fullkit import money


@require_safe
@page("promote", "supervise", "manage")
def queues(request: HttpRequest) -> HttpResponse:
    """A row for each salesperson, read before this morning's run."""
    plant, at = playbooks.current(), now()
    boards = [
        _shown(questions.board(d, verbs.people_of(d, plant), plant, at=at), plant, mine=_mine(request, plant))
        for d in plant.playbook.queue
    ]
    return render(request, "queues.html", {"boards": boards, "day": plant.work.day_of(at)})


@require_POST
@page("promote")
def run(request: HttpRequest, department: str) -> HttpResponse:
    """Replenish: release the gaps from the pool, and say what was done."""
    plant, at = playbooks.current(), now()
    day = plant.work.day_of(at)
    before = sum(
        QueueReading.objects.filter(department=department, day=day).values_list("released", flat=True)
    )
    readings = verbs.replenish(department, at=at, by=who(request))
    released = sum(r.released for r in readings) - before
    short = sum(max(0, r.gap - r.released) for r in readings)
    messages.add_message(
        request, messages.WARNING if short else messages.SUCCESS, _what_it_did(released, short)
    )
    return redirect("queues")


@require_POST
@page("promote")
def advice_acceptance(request: HttpRequest, advice: int) -> HttpResponse:
    """One click: the recommended target is the target."""
    given = get_object_or_404(Advice.objects.select_related("person"), pk=advice)
    changed = verbs.accept_advice(given, by=who(request), at=now())
    said = _("%(person)s's target is now %(target)g; it rests until %(day)s.")
    messages.success(
        request, said % {"person": given.person.name, "target": changed.target, "day": changed.cool_until}
    )
    return redirect("queues")


@require_POST
@page("promote")
def incident_completion(request: HttpRequest, number: str) -> HttpResponse:
    """A starving queue was dealt with: taken in hand, its cause named when late, closed."""
    packet, at = get_object_or_404(Packet.objects.numbered(number)), now()
    with transaction.atomic():
        if packet.state != "held" or packet.person_id != who(request).pk:
            packet = inbox.pick_up(packet, by=who(request), at=at)
        outcome, cause = request.POST.get("outcome", ""), request.POST.get("cause", "")
        journey.close(packet, outcome=outcome, cause=cause, by=who(request), at=at)
    messages.success(request, _("%(packet)s is completed.") % {"packet": packet.number})
    return redirect("queues")


def _mine(request: HttpRequest, plant: Plant) -> bool:
    return who(request).may("promote", plant.playbook)


def _what_it_did(released: int, short: int) -> str:
    if not released and not short:
        return _("Nothing to release: every queue is at its target.")
    said = _("%d released") % released
    if not short:
        return _("%s; every queue is at its target.") % said
    return _(
        "%(released)s, %(short)d short; the pool has no more with a full kit. In this order: reserve list, next "
        "campaign brought forward, reactivation list, wider criteria."
    ) % {"released": said, "short": short}


WORDS = {"green": "enough", "yellow": "low", "red": "starving"}


def _shown(board: questions.Board, plant: Plant, *, mine: bool) -> dict[str, Any]:
    """The board with what only a page needs: names, tiles, choices."""
    spec = plant.playbook.packet_type.get(board.policy.incident or "")
    book, low, high = plant.playbook, *board.policy.in_play
    return {
        "key": board.department,
        "name": book.department[board.department].name,
        "pool_name": book.department[plant.handoff(board.policy.release).from_].name,
        "board": board,
        "low": low,
        "high": high,
        "mine": mine,
        "rows": [{"row": row, "word": _(WORDS[row.zone]) if row.zone in WORDS else ""} for row in board.rows],
        "tiles": _tiles(board, plant),
        "outcomes": [(key, key.replace("_", " ")) for key in spec.outcomes] if spec else [],
        "causes": [(r.key, r.name) for r in book.reasons.red],
        "low_pool": board.cover_days is not None and board.cover_days < board.policy.cover_days,
    }


def _tiles(board: questions.Board, plant: Plant) -> list[dict[str, Any]]:
    lacking = board.in_pool - board.full_in_pool
    note = ngettext("%d lacks something", "%d lack something", lacking) % lacking if lacking else ""
    cover = "–" if board.cover_days is None else f"{board.cover_days:.1f}"
    ready = str(board.full_in_pool)
    if board.deep:
        # A pool that deep is not looked through to its end for every page.
        ready, note = f"{ready}+", _("of %d in the pool, by the oldest of them") % board.in_pool
        cover = cover if board.cover_days is None else f"{cover}+"
    tiles: list[dict[str, Any]] = [
        {
            "label": _("Pool, ready to release"),
            "value": ready,
            "unit": _("opportunities"),
            "note": note,
            "url": reverse("pool"),
        },
        {
            "label": _("Pool lasts"),
            "value": cover,
            "unit": _("days"),
            "note": _("at the pace of the playbook"),
        },
        {"label": _("Short today"), "value": board.gap, "note": _("%d released today") % board.released},
        {
            "label": _("Lost by starving"),
            "value": money(round(board.lost), plant.playbook.company.currency),
            "note": _("throughput, last 4 weeks"),
        },
    ]
    if board.mornings:
        tiles.append(
            {
                "label": _("Filled before the first call"),
                "value": _("%(n)d of %(all)d") % {"n": board.on_time, "all": board.mornings},
                "note": _("mornings, last 4 weeks"),
            }
        )
    return tiles
