"""The customer is on the phone: find the packet, the customer, or take the call down (R43, R52)."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fullkit.actions import customers, intake, playbooks
from fullkit.models import Customer, Packet
from fullkit.playbook.plant import Plant
from fullkit.web import words
from fullkit.web.doors import now, page, who
from fullkit.web.forms_packet import CallForm

FOUND = 6
_NUMBER = re.compile(r"^[A-Za-z]{0,4}-?\d{1,18}$")
Result = tuple[str, str, str, str | None]


@page()
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """For the palette: packets by number, customers by name, contact, mail or phone, and taking it down."""
    plant, query = playbooks.current(), request.GET.get("q", "").strip()[:80]
    results: list[Result] = []
    if query:
        results = [*_packets(query, plant), *_customers(query, plant)]
        results.append(
            (
                _("Take down a call: %(words)s") % {"words": query},
                _("new"),
                f"{reverse('call')}?{urlencode({'q': query})}",
                None,
            )
        )
    return render(request, "parts/_search_results.html", {"results": results, "query": query})


def _packets(query: str, plant: Plant) -> list[Result]:
    if not _NUMBER.match(query):
        return []
    number = query if "-" in query else re.sub(r"^([A-Za-z]*)(\d+)$", r"\1-\2", query)
    found = Packet.objects.numbered(number).select_related("customer")[:FOUND]
    return [_packet(p, plant) for p in found]


def _packet(packet: Packet, plant: Plant) -> Result:
    firm = packet.customer.name if packet.customer else words.type_name(packet.type, plant)
    zone = packet.zone if packet.open and packet.due_at else None
    return f"{packet.number} {packet.title}", firm, reverse("packet", args=[packet.number]), zone


def _customers(query: str, plant: Plant) -> list[Result]:
    """Customers, and under each its newest open packets: what a caller most likely calls about."""
    found = list(Customer.objects.matching(query).order_by("plain_name", "pk")[:FOUND])
    packets = (
        Packet.objects.open()
        .filter(customer__in=found[:2])
        .select_related("customer")
        .order_by("-pk")[:FOUND]
    )
    rows: list[Result] = [
        (c.name, c.place or _("customer"), reverse("customer", args=[c.pk]), None) for c in found
    ]
    return rows + [_packet(p, plant) for p in packets]


@page()
@require_http_methods(["GET", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """Take a call down in three fields: who, what, and of which kind. It is in the right inbox at once."""
    plant, person = playbooks.current(), who(request)
    if request.method == "GET":
        return render(request, "call.html", {"form": CallForm(plant, initial=_from(request))})
    form = CallForm(plant, request.POST)
    if not form.is_valid():
        return render(request, "call.html", {"form": form}, status=422)
    given, at = form.cleaned_data, now()
    with transaction.atomic():
        customer = customers.register(name=given["customer"], by=person, at=at)
        contact = _contact(customer, given["phone"])
        # Whoever calls us with a question has us in mind (R9); what is ours to win the rule decides.
        verdict = "" if given["type"] == plant.playbook.arrivals.yours_to_win else "us"
        packet = intake.arrive(
            type=given["type"], title=given["title"], source="phone", at=at, by=person,
            customer=customer, contact=contact, verdict=verdict,
            text=_("Called from %(phone)s.") % {"phone": given["phone"]} if given["phone"] and contact is None else "",
        ).packet  # fmt: skip
    messages.success(
        request,
        _("%(packet)s is with %(to)s.")
        % {"packet": packet.number, "to": words.department(packet.department, plant)},
    )
    return redirect("packet", packet.number)


def _from(request: HttpRequest) -> dict[str, Any]:
    """What the search or the customer's page already knows."""
    query = request.GET.get("q", "").strip()[:200]
    pk = request.GET.get("customer", "")
    if pk.isdecimal() and len(pk) < 18:
        known = Customer.objects.current().filter(pk=int(pk)).first()
        return {"customer": known.name if known else ""}
    digits = sum(c.isdigit() for c in query)
    if digits >= 4 and digits * 2 > len(query):
        known = Customer.objects.matching(query).first()
        return {"phone": query[:40], "customer": known.name if known else ""}
    return {"customer": query}


def _contact(customer: Customer, phone: str) -> Any:
    """The person at the customer with this number, if it is known."""
    digits = "".join(c for c in phone if c.isdigit())
    return (
        customer.contacts.filter(erased_at=None, digits__endswith=digits[-8:]).first()
        if len(digits) >= 4
        else None
    )
