"""The calendar of the field: the week, the requests that wait, booking and cancelling (R40, R41)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fullkit.actions import calendar as verbs
from fullkit.actions import handoffs, playbooks
from fullkit.models import Packet, Slot
from fullkit.playbook.plant import Plant
from fullkit.reports import calendar as questions
from fullkit.rules.refusal import Invalid
from fullkit.web import desk
from fullkit.web.doors import now, page, who
from fullkit.web.templatetags.fullkit import money

WEEKS_SHOWN = 4
"""Weeks that have a tab, from the one before this."""


class NothingChosen(Invalid):
    says = "{field}: {problem} {cure}"


class CancelForm(forms.Form):
    """Why a meeting is cancelled; the customer's words, kept as a remark."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is cancelled"),
        max_length=300,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


@require_safe
@page()
def calendar(request: HttpRequest) -> HttpResponse:
    """The week, and beside it what waits for a slot."""
    plant, at = playbooks.current(), now()
    today = plant.work.day_of(at)
    monday = _monday(request.GET.get("week", ""), today)
    board = questions.week(monday, plant, at=at)
    offered = request.GET.get("offer", "")
    shown = {
        "week": board,
        "tabs": _tabs(monday, today),
        "before": monday - questions.WEEK,
        "after": monday + questions.WEEK,
        "requests": [_request(p, plant, at) for p in verbs.standby(plant)],
        "writes": who(request).may("schedule", plant.playbook),
        "offered": int(offered) if offered.isdecimal() and len(offered) < 18 else 0,
        "tiles": _tiles(board, plant),
        "unopened": board.unopened(today),
        "today": today,
        "chosen": request.GET.get("request", ""),
    }
    return render(request, "calendar.html", shown)


@require_POST
@page("schedule")
def bookings(request: HttpRequest) -> HttpResponse:
    """Book the chosen request into the chosen slot."""
    packet = Packet.objects.numbered(request.POST.get("request", "")).first()
    if packet is None:
        raise NothingChosen(
            field=_("Request"), problem=_("none is chosen."), cure=_("Choose one, then a slot.")
        )
    slot = _slot(request.POST.get("slot", ""))
    at = now()
    done = verbs.book(slot, packet=packet, by=who(request), at=at)
    told = {"packet": packet.number, "person": slot.person.name, "when": _when(slot)}
    said = _("%(packet)s is booked: %(person)s, %(when)s.") % told
    lacking = ", ".join(m.name for m in handoffs.missing(done, at=at)) if done.accepted_at is None else ""
    if lacking:
        said += " " + _("It still lacks: %s.") % lacking
    messages.add_message(request, messages.WARNING if lacking else messages.SUCCESS, said)
    return redirect(_week_of(slot))


@require_http_methods(["GET", "POST"])
@page()
def slot(request: HttpRequest, pk: int) -> HttpResponse:
    """One slot: what is booked, and cancelling it; a cancelled slot is offered to who waits, at once."""
    found, plant = _slot(str(pk)), playbooks.current()
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            again = verbs.cancel(found, reason=form.cleaned_data["reason"], by=who(request), at=now())
        told = {"person": found.person.name, "when": _when(found)}
        said = _("%(person)s, %(when)s is free again.") % told
        if again is not None:
            said += " " + _("%s waits for a new slot.") % again.number
        messages.success(request, said)
        return redirect(f"{_week_of(found)}&offer={found.pk}")
    writes = who(request).may("schedule", plant.playbook)
    shown = {
        "slot": found,
        "form": form if writes else None,
        "back": _week_of(found),
        "over": found.starts_at <= now(),
    }
    return render(request, "calendar_slot.html", shown, status=422 if form.is_bound else 200)


@require_POST
@page("schedule")
def slots(request: HttpRequest, monday: str) -> HttpResponse:
    """Open what the playbook's template has for this week and is not open yet."""
    plant, at = playbooks.current(), now()
    today, first = plant.work.day_of(at), _monday(monday, plant.work.day_of(at))
    before = Slot.objects.count()
    for person in questions.people_of(plant):
        for day in (first + timedelta(days=n) for n in range(7)):
            if day >= today:
                verbs.open_slots(person, day=day, by=who(request), at=at)
    opened = Slot.objects.count() - before
    said = ngettext("%d slot is opened.", "%d slots are opened.", opened) % opened
    messages.success(request, said if opened else _("Every slot of this week was open already."))
    return redirect(f"{reverse('calendar')}?week={first.isoformat()}")


def _monday(text: str, today: date) -> date:
    """The Monday of the week asked for; without one, of the week that can still be worked in."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        asked = today + timedelta(days=2 if today.weekday() >= 5 else 0)
    near = timedelta(days=3660)
    return questions.monday_of(min(max(asked, today - near), today + near))


def _tabs(monday: date, today: date) -> list[tuple[str, str, bool]]:
    first = questions.monday_of(today) - questions.WEEK
    mondays = [first + n * questions.WEEK for n in range(WEEKS_SHOWN)]
    if monday not in mondays:
        mondays.append(monday)
    names = {0: _("Last week"), 1: _("This week"), 2: _("Next week")}
    return [
        (names.get((m - first).days // 7) or date_format(m, "j M"), m.isoformat(), m == monday)
        for m in sorted(mondays)
    ]


def _request(packet: Packet, plant: Plant, at: Any) -> dict[str, Any]:
    used, zone = desk.promise(packet, plant, at)
    names = [plant.playbook.packet_type[packet.type].fields, packet.fields]
    told = [str(names[1][f.key]) for f in plant.type(packet.type).fields if names[1].get(f.key)]
    return {"packet": packet, "used": used, "zone": zone, "facts": " · ".join(told)}


def _tiles(board: questions.Week, plant: Plant) -> list[dict[str, Any]]:
    currency = plant.playbook.company.currency
    ahead = sum(line.ahead for line in board.lines) / len(board.lines) if board.lines else 0.0
    reach = sum(line.reach for line in board.lines) / len(board.lines) if board.lines else 0.0
    fill = "–" if board.fill is None else f"{board.fill:.0%}"
    worth = _("a slot is worth about %s") % money(round(board.worth), currency) if board.worth else ""
    return [
        {
            "label": _("Filled this week"),
            "value": fill,
            "note": _("%(booked)d of %(slots)d slots") % {"booked": board.booked, "slots": board.slots},
        },
        {
            "label": _("Booked ahead"),
            "value": f"{ahead:.1f}",
            "unit": _("days"),
            "note": _("of %.0f days with open slots, on average") % reach,
        },
        {
            "label": _("Stayed empty"),
            "value": board.lost,
            "unit": money(round(board.lost_cost), currency) if board.lost else "",
            "note": _("lost throughput this week") if board.lost else "",
        },
        {
            "label": _("Still free"),
            "value": board.free,
            "unit": money(round(board.free_cost), currency) if board.free else "",
            "note": worth,
        },
    ]


def _slot(text: str) -> Slot:
    found = Slot.objects.select_related("person", "packet__customer", "packet__contact", "booked_by")
    return get_object_or_404(found, pk=int(text) if text.isdecimal() and len(text) < 18 else 0)


def _when(slot: Slot) -> str:
    return date_format(timezone.localtime(slot.starts_at), "D j M H:i")


def _week_of(slot: Slot) -> str:
    monday = questions.monday_of(timezone.localtime(slot.starts_at).date())
    return f"{reverse('calendar')}?week={monday.isoformat()}"
