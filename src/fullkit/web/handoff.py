"""Handing over: the whole kit in one form; when it is full the receiver has it before the answer is there (R1, R2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fullkit.actions import disputes, handoffs, inbox, may, playbooks
from fullkit.models import Handoff, Packet
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import HandoffType
from fullkit.rules.refusal import Invalid
from fullkit.web import desk, words
from fullkit.web.doors import now, page, who
from fullkit.web.forms_kit import KitForm
from fullkit.web.next import go_on, go_to


@page()
@require_http_methods(["GET", "POST"])
def handoff(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """The kit of one kind of handoff from this packet: begun, or to be begun by what is supplied."""
    origin, now_in_force, person, at = desk.find(number), playbooks.current(), who(request), now()
    begun = next((h for h in desk.preparing(origin) if h.kind == kind), None)
    plant = playbooks.version(begun.playbook) if begun else now_in_force
    spec = plant.playbook.handoff.get(kind)
    if spec is None or (begun is None and spec not in desk.possible(origin, plant)):
        return _nothing_to_prepare(request, origin, kind, plant)
    may.be_of_its_department(begun.packet if begun else origin, person, plant)
    sent = request.POST if request.method == "POST" else None
    form = KitForm(
        spec,
        plant,
        origin,
        begun,
        today=plant.work.day_of(at),
        person=person,
        data=sent,
        files=request.FILES if sent is not None else None,
    )
    if sent is None:
        return _show(request, origin, spec, plant, form, begun)
    if not form.is_valid():
        form.keep_files(by=person, at=at)
        return _show(request, origin, spec, plant, form, begun, status=422)
    try:
        with transaction.atomic():
            given = form.given(by=person, at=at)
            if begun is None:
                done = handoffs.open(
                    origin, kind=kind, by=person, at=at, items=given, title=sent.get("title", "").strip()
                )
            else:
                done = handoffs.supply_all(begun, items=given, by=person, at=at)
    except Invalid as wrong:
        return _wrong(request, origin, spec, plant, form, begun, wrong)
    return _after(request, origin, done, plant)


def _wrong(
    request: HttpRequest,
    origin: Packet,
    spec: HandoffType,
    plant: Plant,
    form: KitForm,
    begun: Handoff | None,
    wrong: Invalid,
) -> HttpResponse:
    """A file that is not what it claims to be: said at its item."""
    name = str(wrong.facts.get("field", ""))
    sent = [key for key in form.fields if key in request.FILES]
    key = name if name in form.fields else next(iter(sent), None)
    form.add_error(key, f"{wrong.facts.get('problem', '')} {wrong.facts.get('cure', '')}")
    form.keep_files(by=who(request), at=now())
    return _show(request, origin, spec, plant, form, begun, status=422)


def _after(request: HttpRequest, origin: Packet, done: Handoff, plant: Plant) -> HttpResponse:
    """Handed over: say who has it and by when. Not yet: the same page with what is missing."""
    if done.accepted_at is None:
        lacking = handoffs.missing(done, at=now())
        messages.warning(request, _still_missing([m.name for m in lacking]))
        return go_to(request, desk.kit_address(done, origin) + "#missing")
    moved = Packet.objects.select_related("person").get(pk=done.packet_id)
    messages.success(request, _who_has_it(moved, plant))
    held = inbox.in_hand(who(request))
    if held is not None:
        return go_to(request, reverse("next"))
    if origin.state == "closed" or moved.pk == origin.pk or origin.state == "parked":
        return (
            go_on(request)
            if who(request).may("work", plant.playbook)
            else go_to(request, reverse("packet", args=[moved.number]))
        )
    return go_to(request, reverse("packet", args=[origin.number]))


def _still_missing(names: list[str]) -> str:
    count = len(names)
    return ngettext(
        "Kept. %(n)d item is missing: %(names)s.", "Kept. %(n)d items are missing: %(names)s.", count
    ) % {
        "n": count,
        "names": ", ".join(names),
    }


def _who_has_it(moved: Packet, plant: Plant) -> str:
    said = {
        "to": words.department(moved.department, plant),
        "packet": moved.number,
        "person": str(moved.person or ""),
    }
    if moved.person is not None:
        return _("%(person)s in %(to)s has %(packet)s.") % said
    if moved.due_at is None:
        return _("%(to)s has %(packet)s.") % said
    said["due"] = date_format(timezone.localtime(moved.due_at), "D j M, H:i")
    return _("%(to)s has %(packet)s, promised by %(due)s.") % said


def _show(
    request: HttpRequest,
    origin: Packet,
    spec: HandoffType,
    plant: Plant,
    form: KitForm,
    begun: Handoff | None,
    *,
    status: int = 200,
) -> HttpResponse:
    lines = form.lines()
    shown: dict[str, Any] = {
        "origin": origin,
        "spec": spec,
        "to": words.department(spec.to, plant),
        "form": form,
        "lines": lines,
        "lacking": [line for line in lines if not line.met],
        "begun": begun,
        "title": begun.packet.title if begun else origin.title,
        "moves": spec.moves is not None,
        "form_wrong": status == 422,
    }
    template = "handoff_form.html" if request.headers.get("HX-Request") else "handoff.html"
    return render(request, template, shown, status=status)


def _nothing_to_prepare(request: HttpRequest, origin: Packet, kind: str, plant: Plant) -> HttpResponse:
    """The address of a kit that is done, or of none: where it is now."""
    if kind not in plant.playbook.handoff:
        raise Http404
    done = Handoff.objects.accepted().filter(kind=kind, packet__parent=origin).order_by("-pk").first()
    if done is not None and request.method == "GET":
        return go_to(request, reverse("packet", args=[done.packet.number]))
    choices = ", ".join(h.name for h in desk.possible(origin, plant)) or _("none")
    raise handoffs.UnknownHandoff(
        kind=kind, packet=origin.number, department=origin.department, choices=choices
    )


@page()
@require_POST
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a handoff whose kit is not full."""
    begun = get_object_or_404(Handoff.objects.select_related("packet", "packet__parent"), pk=pk)
    handoffs.withdraw(begun, reason=request.POST.get("reason", ""), by=who(request), at=now())
    origin = begun.packet.parent or begun.packet
    messages.success(request, _("The handoff is withdrawn."))
    held = inbox.in_hand(who(request))
    return go_to(
        request, reverse("next") if held and held.pk == origin.pk else reverse("packet", args=[origin.number])
    )


@page()
@require_POST
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """One named item is not what it claims to be; a supervisor decides (R2)."""
    done = get_object_or_404(Handoff.objects.select_related("packet"), pk=pk)
    given = request.POST
    disputes.dispute(
        done, item=given.get("item", ""), reason=given.get("reason", ""), by=who(request), at=now()
    )
    messages.success(request, _("A supervisor decides. Until then you keep it, and its clock runs on."))
    return go_to(request, reverse("packet", args=[done.packet.number]))
