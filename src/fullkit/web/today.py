"""Today: a field person's next visit, then the day. Recorded by thumb; the calendar is the coordinator's (R40)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fullkit.actions import inbox, playbooks
from fullkit.models import Packet, Person, Slot
from fullkit.playbook.plant import Plant
from fullkit.web import desk
from fullkit.web import next as next_page
from fullkit.web.doors import now, page, who
from fullkit.web.forms_outcome import ConversationForm
from fullkit.web.packet import record


@page()
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The next visit large, then the others of the day, then the days ahead."""
    return _show(request)


def _show(request: HttpRequest, form: ConversationForm | None = None, status: int = 200) -> HttpResponse:
    plant, person, at = playbooks.current(), who(request), now()
    slots = visits(person, plant, at)
    due = [
        s
        for s in slots
        if s.packet is not None and s.packet.open and s.packet.department == person.department
    ]
    first = next((s for s in due if s.packet is not None), None)
    day_end = _midnight(plant, at) + timedelta(days=1)
    shown: dict[str, Any] = {
        "first": first,
        "rest": [s for s in slots if s is not first and s.starts_at < day_end],
        "ahead": [s for s in slots if s is not first and s.starts_at >= day_end],
        "tally": next_page.tally(person, plant, at),
    }
    if first is not None and first.packet is not None:
        form = form or ConversationForm(first.packet, plant, person, at)
        url = reverse("visit", args=[first.packet.number])
        shown |= {
            "facts": desk.facts(first.packet, plant, person),
            "outcome": form.shown(url=url, title=_("How did the visit go?"), submit=_("Record it")),
        }
    return render(request, "today.html", shown, status=status)


def visits(person: Person, plant: Plant, at: datetime) -> list[Slot]:
    """The person's booked slots from this morning on for two weeks, in order, unrecorded earlier ones first."""
    start = _midnight(plant, at)
    booked = Slot.objects.filter(
        person=person, packet__isnull=False, starts_at__lt=start + timedelta(days=15)
    )
    booked = booked.select_related("packet", "packet__customer", "packet__contact", "packet__parent")
    open_before = booked.filter(starts_at__lt=start, starts_at__gte=start - timedelta(days=30)).exclude(
        packet__state="closed"
    )
    return [
        *open_before.order_by("starts_at")[:10],
        *booked.filter(starts_at__gte=start).order_by("starts_at")[:60],
    ]


def _midnight(plant: Plant, at: datetime) -> datetime:
    local = at.astimezone(ZoneInfo(plant.playbook.company.zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


@page("work")
@require_POST
def visit(request: HttpRequest, number: str) -> HttpResponse:
    """What came of a visit: it is taken in hand and recorded in one go."""
    found, plant, person, at = desk.find(number), playbooks.current(), who(request), now()
    form = ConversationForm(found, plant, person, at, request.POST)
    if not form.is_valid():
        if request.headers.get("HX-Request"):
            url = reverse("visit", args=[found.number])
            outcome = form.shown(url=url, title=_("How did the visit go?"), submit=_("Record it"))
            return render(request, "parts/_outcome.html", {"outcome": outcome}, status=422)
        return _show(request, form, status=422)
    with transaction.atomic():
        _take(found, person, at)
        record(found, form, person=person, at=at)
    return next_page.go_to(request, reverse("today"))


def _take(found: Packet, person: Person, at: datetime) -> None:
    if found.state == "held" and found.person_id == person.pk:
        return
    inbox.pick_up(found, by=person, at=at)
