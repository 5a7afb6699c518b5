"""The pool: what waits, what it lacks, adding to it, and releasing one to one person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fullkit.actions import customers, intake, playbooks
from fullkit.actions import pool as verbs
from fullkit.actions import queues as releasing
from fullkit.models import Customer, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import HandoffType
from fullkit.reports import pool as questions
from fullkit.reports import queues as levels
from fullkit.rules import pasted, queue
from fullkit.rules.refusal import Invalid
from fullkit.web import words
from fullkit.web.doors import now, page, who
from fullkit.web.forms_pool import LeadForm, ReleaseForm, RowsForm, SupplyForm, lacking_facts

HALF_AN_HOUR = 30.0
SHOWN = 80
"""Rows of one page of the list, oldest first."""


@require_http_methods(["GET", "POST"])
@page("promote")
def pool(request: HttpRequest) -> HttpResponse:
    """The list, oldest first; a POST adds one opportunity."""
    plant = playbooks.current()
    form = LeadForm(plant, request.POST or None)
    if request.method == "POST" and form.is_valid():
        packet = verbs.add(form.lead(), source="promotions", by=who(request), at=now())
        messages.success(request, _where_it_went(packet, plant))
        return redirect("pool")
    shown = _list(request, plant) | {"form": form}
    return render(request, "pool.html", shown, status=422 if form.is_bound else 200)


@require_POST
@page("promote")
def supply(request: HttpRequest, number: str) -> HttpResponse:
    """Supply what an opportunity lacks, where it stands in the list."""
    plant, packet = playbooks.current(), get_object_or_404(Packet.objects.numbered(number))
    release = _release_of(packet, plant)
    one = questions.shelf([packet], release, plant, at=now())[0]
    form = SupplyForm(packet, lacking_facts(one.missing, plant.kit(release.key)), plant, request.POST)
    if not form.is_valid():
        raise Invalid(field=next(iter(form.errors)), problem=_("is not right."), cure=_("Type it again."))
    _supply(packet, form.cleaned_data, who(request))
    return redirect(f"{reverse('pool')}#{packet.number}")


@require_http_methods(["GET", "POST"])
@page("promote")
def rows(request: HttpRequest) -> HttpResponse:
    """Many rows out of a spreadsheet: looked through first, then taken in; what is rejected stays to be mended."""
    plant, at = playbooks.current(), now()
    form = RowsForm(request.POST or None)
    shown: dict[str, Any] = {"form": form, "columns": _columns(plant)}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        paste = pasted.read(text, _names(plant), order=[key for key, _name in _columns(plant)])
        sure = "take_in" in request.POST
        taken = (verbs.add_all if sure else verbs.rehearse)(paste.rows, by=who(request), at=at)
        shown |= _looked_through(taken, plant) | {"done": sure}
        if sure and not shown["rejected"]:
            said = ngettext("%d row is taken in.", "%d rows are taken in.", len(taken)) % len(taken)
            messages.success(request, said)
            return redirect("pool")
        if sure:
            shown["form"] = RowsForm(initial={"text": _left(paste, taken)})
    return render(request, "pool_rows.html", shown)


@require_POST
@page("promote")
def release(request: HttpRequest, number: str) -> HttpResponse:
    """Release one to one person. Past the target only with a reason, which this page then asks for."""
    packet = get_object_or_404(Packet.objects.numbered(number))
    to = get_object_or_404(Person.objects.filter(is_active=True), pk=_digits(request.POST.get("to", "")))
    override = request.POST.get("override", "")
    try:
        releasing.release(packet, to=to, override=override, by=who(request), at=now())
    except queue.QueueFull as refused:
        refusal = {"message": refused.message, "rule": refused.rule}
        shown = {"packet": packet, "to": to, "form": ReleaseForm(), "refusal": refusal}
        shown["costs"] = _displaced(packet, to)
        return render(request, "pool_release.html", shown, status=409)
    messages.success(
        request, _("%(packet)s is released to %(person)s.") % {"packet": packet.number, "person": to.name}
    )
    return redirect("pool")


def _displaced(packet: Packet, to: Person) -> str:
    """What half an hour more of one person's time costs, before somebody insists (R8)."""
    plant = playbooks.current()
    fed = next(
        (q.department for q in plant.playbook.queues if q.release == _release_of(packet, plant).key), ""
    )
    out = verbs.displaced(to, department=fed, minutes=HALF_AN_HOUR, at=now())
    if not out.ids:
        return ""
    last = Packet.objects.get(pk=out.ids[0])
    told = {
        "person": to.name,
        "packet": last.number,
        "worth": f"{out.throughput:,.0f}",
        "currency": plant.playbook.company.currency,
    }
    return (
        _(
            "Half an hour more for %(person)s pushes %(packet)s out at the end of the queue, and with it "
            "%(worth)s %(currency)s of expected throughput."
        )
        % told
    )


def _list(request: HttpRequest, plant: Plant) -> dict[str, Any]:
    book = plant.playbook
    fed = (
        request.GET.get("for", "") if request.GET.get("for", "") in book.queue else next(iter(book.queue), "")
    )
    if not fed:
        return {"pools": []}
    at, spec = now(), plant.handoff(book.queue[fed].release)
    after = _place(request.GET.get("after", ""))
    part = questions.stretch(spec, plant, at=at, after=after, length=SHOWN)
    full, lacking = part.full, part.lacking
    whole = part.further is None and after is None
    asked = request.GET.get("show", "")
    shown = lacking if asked == "lacking" or (lacking and not full) else full
    people = levels.standing(fed, releasing.people_of(fed, plant), plant, at=at)
    return {
        "pools": [(key, words.department(key, plant), key == fed) for key in book.queue],
        "fed": fed,
        "count": len(part.rows) if whole else questions.waiting(spec).count(),
        "whole": whole,
        "on_page": len(part.rows),
        "full": len(full),
        "lacking": len(lacking),
        "shows_lacking": shown is lacking,
        "after": request.GET.get("after", "") if after else "",
        "further": f"{part.further[0].isoformat()}~{part.further[1]}" if part.further else "",
        "neediest": max(people, key=lambda r: r.target - r.ready).person.pk if people else None,
        "people": [(r.person, r.ready, f"{r.target:g}", r.ready >= r.target) for r in people],
        "rows": [_row(one, spec, plant) for one in shown],
        "program": next((f.name for f in plant.type(spec.packet_type).fields), ""),
    }


def _place(text: str) -> questions.Place | None:
    """A place in the pool as an address names it: when it was queued, and its id. Anything else is the beginning."""
    queued, _sign, number = text.rpartition("~")
    try:
        place = datetime.fromisoformat(queued)
    except ValueError:
        return None
    return (place, int(number)) if place.tzinfo and number.isdecimal() and len(number) < 19 else None


def _row(one: questions.Waiting, spec: HandoffType, plant: Plant) -> dict[str, Any]:
    fields = plant.type(one.packet.type).fields
    facts = lacking_facts(one.missing, plant.kit(spec.key))
    return {
        "packet": one.packet,
        "missing": one.missing,
        "program": one.packet.fields.get(fields[0].key, "") if fields else "",
        "form": SupplyForm(one.packet, facts, plant) if facts else None,
    }


def _release_of(packet: Packet, plant: Plant) -> HandoffType:
    """The handoff that releases this packet from the pool it is in."""
    for fed in plant.playbook.queues:
        spec = plant.handoff(fed.release)
        if (packet.department, packet.type) == (spec.from_, spec.packet_type):
            return spec
    raise Http404


@transaction.atomic
def _supply(packet: Packet, given: dict[str, Any], by: Person) -> None:
    """Facts that are names of records are looked up or made first, then all are corrected at once."""
    at = now()
    facts: dict[str, Any] = {}
    customer: Customer | None = packet.customer
    if given.get("customer"):
        facts["customer"] = customer = customers.register(name=given["customer"], by=by, at=at)
    if given.get("contact") and customer is not None:
        facts["contact"] = customers.add_contact(
            customer, name=given["contact"], phone=given.get("phone", ""), by=by
        )
    facts |= {name: given[name] for name in ("family", "value") if given.get(name)}
    fields = {k.removeprefix("field."): str(v) for k, v in given.items() if k.startswith("field.") and v}
    if fields:
        facts["fields"] = fields
    intake.correct(packet, by=by, at=at, **facts)


def _columns(plant: Plant) -> list[tuple[str, str]]:
    """The columns of a paste in the order expected without a first line."""
    fields = plant.type(plant.playbook.arrivals.yours_to_win).fields
    return [
        ("customer", _("Customer")),
        ("contact", _("Contact")),
        ("phone", _("Phone")),
        ("email", _("Mail")),
        *[(f.key, f.name) for f in fields[:1]],
        ("family", _("Product family")),
        ("value", _("Value")),
        ("title", _("What it is about")),
        ("role", _("Their role")),
        *[(f.key, f.name) for f in fields[1:]],
    ]


SYNONYMS = {
    "customer": ("company", "firm", "account", "organisation", "organization"),
    "contact": ("name", "person", "contact name", "contact person"),
    "role": ("job title", "position", "function"),
    "phone": ("telephone", "tel", "mobile"),
    "email": ("e-mail", "mail address"),
    "title": ("opportunity", "about", "subject"),
    "family": ("product", "product family"),
    "value": ("amount", "worth", "deal value"),
}


def _names(plant: Plant) -> dict[str, tuple[str, ...]]:
    return {key: (name, *SYNONYMS.get(key, ())) for key, name in _columns(plant)}


def _looked_through(taken: list[verbs.Taken], plant: Plant) -> dict[str, Any]:
    pool_type = plant.playbook.arrivals.yours_to_win
    shown = [
        {
            "row": one.row,
            "packet": one.packet,
            "why": one.why,
            "cells": [one.row.cells.get(key, "") for key, _name in _columns(plant)],
            "elsewhere": words.department(one.packet.department, plant)
            if one.packet is not None and one.packet.type != pool_type
            else "",
        }
        for one in taken
    ]
    accepted = sum(one.packet is not None for one in taken)
    return {"taken": shown, "accepted": accepted, "rejected": len(taken) - accepted}


def _left(paste: pasted.Paste, taken: list[verbs.Taken]) -> str:
    """The rows that were rejected, to be mended and sent again."""
    rejected = [one.row.text for one in taken if one.packet is None]
    return "\n".join([paste.header, *rejected] if paste.header else rejected)


def _where_it_went(packet: Packet, plant: Plant) -> str:
    if packet.type == plant.playbook.arrivals.yours_to_win:
        return _("%s is in the pool.") % packet.number
    told = {"packet": packet.number, "department": words.department(packet.department, plant)}
    return (
        _(
            "%(packet)s went to %(department)s: they buy this from us already, so it is not a salesperson's work."
        )
        % told
    )


def _digits(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)
