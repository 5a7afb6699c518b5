"""A department's inbox as a buffer board: what is late, what will be; nothing is picked (R53)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from fullkit.actions import inbox as verbs
from fullkit.actions import playbooks
from fullkit.actions.may import NotYours
from fullkit.models import Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.reports import board as questions
from fullkit.web import desk, words
from fullkit.web.doors import now, page, who


@page()
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox of one's own department."""
    seen = _seen(who(request), playbooks.current())
    if not seen:
        raise NotYours("Your role works in no department's inbox.")
    return redirect("department_inbox", seen[0])


@page()
@require_GET
def department_inbox(request: HttpRequest, department: str) -> HttpResponse:
    """Four columns by promise used; for a department whose work is released to people, figures only (R18)."""
    plant, person, at = playbooks.current(), who(request), now()
    if department not in plant.playbook.department:
        raise Http404
    seen = _seen(person, plant)
    if department not in seen:
        raise NotYours("This is another department's inbox.")
    shown: dict[str, Any] = {
        "department": plant.department(department),
        "others": [(d, words.department(d, plant), d == department) for d in seen],
    }
    if plant.department(department).inbox == "personal":
        return render(request, "inbox_personal.html", shown | {"own": _own(person, department)})
    board = questions.board(department, plant, at=at)
    for column in board.columns:
        for packet in column.packets:
            packet.share, packet.colour = desk.promise(packet, plant, at)  # type: ignore[attr-defined]
            packet.left = desk.working_left(packet, plant, at)  # type: ignore[attr-defined]
    types = {t: words.type_name(t, plant) for t in plant.department(department).works}
    shown |= {"board": board, "types": types, "fills": _fills(department, plant)}
    return render(request, "inbox.html", shown)


def _seen(person: Person, plant: Plant) -> list[str]:
    """The inboxes a person may look into: where they work; a supervisor's own and, when they manage, all."""
    seen = verbs.working_departments(person, plant)
    if person.may("supervise", plant.playbook):
        seen += [person.department]
    if person.may("manage", plant.playbook):
        seen += list(plant.playbook.department)
    return [d for d in dict.fromkeys(seen) if plant.department(d).works]


def _own(person: Person, department: str) -> dict[str, int]:
    """How much is in front of one person, without what."""
    own = Packet.objects.filter(person=person, department=department).exclude(state="closed")
    return own.aggregate(
        ready=Count("pk", filter=Q(touched_at=None)),
        in_play=Count("pk", filter=Q(touched_at__isnull=False)),
        parked=Count("pk", filter=Q(state="parked")),
    )


def _fills(department: str, plant: Plant) -> str:
    """From where this inbox fills."""
    senders = [words.department(h.from_, plant) for h in plant.playbook.handoffs if h.to == department]
    return ", ".join(dict.fromkeys(senders))
