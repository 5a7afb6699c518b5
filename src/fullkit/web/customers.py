"""Customers: known once, served by a team, owned by nobody (R43)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fullkit.actions import customers as verbs
from fullkit.actions import playbooks
from fullkit.actions.may import NotYours
from fullkit.models import Contact, Customer, Event, Packet
from fullkit.models.customers import plain
from fullkit.playbook.plant import Plant
from fullkit.reports import customers as questions
from fullkit.reports import personal
from fullkit.rules.refusal import Invalid
from fullkit.web import desk, words
from fullkit.web.doors import now, page, who

SHOWN = 50
HISTORY = 40


class ContactForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    role = forms.CharField(label=gettext_lazy("Role"), max_length=80, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("Mail"), max_length=254, required=False)


@page()
@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """Found by name, contact, phone or mail; without a question, those something happened with lately."""
    words_ = request.GET.get("q", "").strip()[:80]
    found = Customer.objects.matching(words_) if words_ else Customer.objects.current()
    page_of = list(found.order_by("plain_name", "pk")[: SHOWN + 1])
    known = questions.at_a_glance([c.pk for c in page_of[:SHOWN]])
    rows = [(c, known.get(c.pk)) for c in page_of[:SHOWN]]
    shown = {"rows": rows, "query": words_, "more": len(page_of) > SHOWN, "any": bool(rows) or bool(words_)}
    return render(request, "customers.html", shown)


@page()
@require_GET
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: who works with it, what is open, whom we know there, what happened."""
    plant, person, at = playbooks.current(), who(request), now()
    found = get_object_or_404(Customer.objects.select_related("merged_into"), pk=pk)
    if found.merged_into_id:
        return redirect("customer", found.merged_into_id)
    open_packets = list(
        found.packet_set.open().select_related("person", "contact").order_by("-arrived_at")[: SHOWN + 1]
    )
    events = list(Event.objects.filter(customer=found).select_related("remark").order_by("-id")[:HISTORY])
    worth = desk.sees_worth(person, plant)
    context: dict[str, Any] = {
        "customer": found,
        "team": [(p, words.department(p.department, plant), when) for p, when in questions.team_of(found)],
        "rows": [_row(p, plant, at) for p in open_packets[:SHOWN]],
        "more": len(open_packets) > SHOWN,
        "contacts": list(found.contacts.filter(erased_at=None).order_by("name")[:SHOWN]),
        "history": desk.told(events, plant, person),
        "bought": questions.bought(found),
        "worth": worth,
        "currency": plant.playbook.company.currency,
        "may_erase": person.may("manage", plant.playbook),
        "may_merge": person.may("manage", plant.playbook) or person.may("supervise", plant.playbook),
        "contact_form": ContactForm(),
    }  # fmt: skip
    return render(request, "customer.html", context)


def _row(packet: Packet, plant: Plant, at: datetime) -> tuple[Packet, str, str, str | None]:
    """An open packet, its type, where it is, and its colour if something is promised."""
    zone = desk.promise(packet, plant, at)[1] if packet.due_at else None
    return packet, words.type_name(packet.type, plant), words.department(packet.department, plant), zone


@page()
@require_POST
def contacts(request: HttpRequest, pk: int) -> HttpResponse:
    """One more person at a customer; the same name or mail there is the same person."""
    found = get_object_or_404(Customer.objects.current(), pk=pk)
    form = ContactForm(request.POST)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        raise Invalid(field=_("Contact"), problem=str(problem), cure=_("Give at least a name."))
    verbs.add_contact(found, by=who(request), **form.cleaned_data)
    return redirect("customer", found.pk)


@page("supervise", "manage")
@require_POST
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """This record is a duplicate of another: everything follows, and nothing of the history is lost."""
    duplicate = get_object_or_404(Customer.objects.select_related("merged_into"), pk=pk)
    into = _by_name(request.POST.get("into", ""), duplicate)
    verbs.merge(duplicate, into=into, by=who(request), at=now())
    messages.success(
        request,
        _("%(one)s and %(other)s are one customer now.") % {"one": duplicate.name, "other": into.name},
    )
    return redirect("customer", into.pk)


def _by_name(said: str, duplicate: Customer) -> Customer:
    """The record to keep, by its number or its whole name."""
    others = Customer.objects.current().exclude(pk=duplicate.pk)
    number = said.strip().lstrip("#")
    found = others.filter(
        Q(plain_name=plain(said))
        | (Q(pk=int(number)) if number.isdecimal() and len(number) < 18 else Q(pk=None))
    )
    kept = found.order_by("pk").first()
    if kept is None:
        raise Invalid(
            field=_("Customer to keep"),
            problem=_("no other customer is called “%(name)s”.") % {"name": said[:60]},
            cure=_("Give its name as it stands on its page."),
        )
    return kept


@page("manage")
@require_GET
def contact_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything stored about one person, as a file to hand over to them."""
    contact = get_object_or_404(Contact.objects.select_related("customer"), pk=pk)
    answer = JsonResponse(
        personal.of_contact(contact), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    answer["Content-Disposition"] = f'attachment; filename="contact-{contact.pk}.json"'
    return answer


@page()
@require_POST
def contact_erasure(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase what we know of one person; the log keeps that something happened, and no longer with whom."""
    contact = get_object_or_404(Contact.objects.filter(erased_at=None), pk=pk)
    if not who(request).may("manage", playbooks.current().playbook):
        raise NotYours(_("Only a manager erases personal data."))
    verbs.erase_contact(contact, by=who(request), at=now())
    messages.success(request, _("The contact is erased."))
    return redirect("customer", contact.customer_id)
