"""A packet's page for everyone, and the verbs on it for who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fullkit.actions import conversations, customers, favours, inbox, intake, journey, playbooks, uploads
from fullkit.models import Event, Handoff, Packet, Upload
from fullkit.playbook.plant import Plant
from fullkit.rules import inertia
from fullkit.rules.refusal import Invalid, Refusal
from fullkit.web import desk, words
from fullkit.web.doors import now, page, who
from fullkit.web.forms_outcome import CaseForm, ConversationForm
from fullkit.web.forms_packet import FactsForm, FavourForm, StageForm
from fullkit.web.next import go_on, go_to, outcome, show

HISTORY = 50


# --- the page ------------------------------------------------------------------------------------------------


@page()
@require_GET
def packet(request: HttpRequest, number: str) -> HttpResponse:
    """What it is, where it is, and all that happened to it."""
    return render(request, "packet.html", _context(request, desk.find(number)))


def _context(request: HttpRequest, found: Packet, facts_form: FactsForm | None = None) -> dict[str, Any]:
    plant, person, at = playbooks.current(), who(request), now()
    can = desk.allowed(found, person, plant)
    events = desk.last_events(found, most=HISTORY + 1)
    return {
        "packet": found,
        "head": desk.head(found, plant, at=at),
        "state": words.STATES[found.state],
        "can": can,
        "steps": desk.steps(found, plant),
        "facts": desk.facts(found, plant, person),
        "facts_form": facts_form or (FactsForm(found, plant) if can.of_department and found.open else None),
        "kits": [desk.kit_brief(h, found, plant, at=at) for h in desk.preparing(found)],
        "accepted": _accepted(found, plant, can.of_department),
        "handoffs": desk.possible(found, plant) if can.of_department and found.open else [],
        "children": list(found.children.select_related("person").order_by("-pk")[:20]),
        "asked": list(found.favours.select_related("asked_by", "asked_of").order_by("-pk")[:10]),
        "history": desk.told(events[:HISTORY], plant, person),
        "more": _earlier(found, events),
        "favour_form": FavourForm(person, plant) if can.of_department else None,
        "cause_reasons": plant.playbook.reasons.red if found.zone and not found.cause and can.of_department else [],
        "closing": CaseForm(found, plant) if can.supervise and found.open else None,
        "verdicts": inertia.VERDICTS,
    }  # fmt: skip


def _accepted(found: Packet, plant: Plant, may_dispute: bool) -> list[dict[str, Any]]:
    """What was handed over with it: every kit that was accepted, item by item."""
    done = found.handoffs.accepted().prefetch_related("supplies__file", "disputes").order_by("-accepted_at")
    return [_kit(handoff, plant, may_dispute) for handoff in done]


def _kit(handoff: Handoff, plant: Plant, may_dispute: bool) -> dict[str, Any]:
    spec = plant.playbook.handoff.get(handoff.kind)
    names = {i.key: i.name for i in spec.kit} if spec else {}
    disputed = {d.item for d in handoff.disputes.all() if d.decided_at is None}
    return {
        "handoff": handoff,
        "name": spec.name if spec else words.named(handoff.kind),
        "to": words.department(handoff.to_department, plant),
        "may_dispute": may_dispute and handoff.reversed_at is None,
        "items": [
            {
                "key": s.item,
                "name": names.get(s.item, words.named(s.item)),
                "value": _said(s.value),
                "file": s.file,
                "evidence": s.evidence,
                "disputed": s.item in disputed,
            }
            for s in handoff.supplies.all()
        ],
    }


def _said(value: Any) -> str:
    if value is True:
        return _("Yes")
    return "" if value is None else str(value)


@page()
@require_GET
def history(request: HttpRequest, number: str) -> HttpResponse:
    """Earlier entries, as a fragment that takes the place of the link that asked for it."""
    found, plant = desk.find(number), playbooks.current()
    before = request.GET.get("before", "")
    if not before.isdecimal() or len(before) > 18:
        raise Http404
    rows = Event.objects.filter(packet=found, pk__lt=int(before)).select_related("remark").order_by("-id")
    events = list(rows[: HISTORY + 1])
    told = desk.told(events[:HISTORY], plant, who(request))
    return render(request, "parts/_history.html", {"history": told, "more": _earlier(found, events)})


@page()
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A stored file, as an attachment: what came from outside is never shown inside our own pages."""
    upload = get_object_or_404(Upload, pk=pk)
    try:
        content = uploads.opened(upload, by=who(request))
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        content, as_attachment=True, filename=upload.name, content_type="application/octet-stream"
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _earlier(found: Packet, events: list[Event]) -> str:
    """Where the entries before these are; nothing when these are all."""
    if len(events) <= HISTORY:
        return ""
    return f"{reverse('history', args=[found.number])}?before={events[HISTORY - 1].pk}"


# --- verbs of who has it in hand, each ends with the next packet ---------------------------------------------

Verb = Callable[[HttpRequest, Packet, datetime], str | None]


def _verb(do: Verb) -> Callable[..., HttpResponseBase]:
    """A POST that does one thing to a packet and goes back to its page (or where `do` says)."""

    def view(request: HttpRequest, number: str) -> HttpResponse:
        found = desk.find(number)
        return go_to(request, do(request, found, now()) or reverse("packet", args=[found.number]))

    view.__doc__ = do.__doc__
    return page()(require_POST(view))


def _and_next(
    do: Callable[[HttpRequest, Packet, datetime], None],
) -> Callable[..., HttpResponseBase]:
    """A POST that lets go of the packet in hand; the next one is dealt in the same request."""

    def view(request: HttpRequest, number: str) -> HttpResponse:
        do(request, desk.find(number), now())
        return go_on(request)

    view.__doc__ = do.__doc__
    return page("work")(require_POST(view))


@page("work")
@require_POST
def conversation(request: HttpRequest, number: str) -> HttpResponse:
    """What the customer did in a conversation, or that nobody was reached; then the next packet."""
    found, plant, person, at = desk.find(number), playbooks.current(), who(request), now()
    form = ConversationForm(found, plant, person, at, request.POST)
    if not form.is_valid():
        return _again(request, found, form)
    try:
        begun = record(found, form, person=person, at=at)
    except Refusal as refused:
        return _refused(request, found, form, refused)
    if begun is not None:
        return go_to(request, desk.kit_address(begun, found))
    return go_on(request)


def record(found: Packet, form: ConversationForm, *, person: Any, at: datetime) -> Handoff | None:
    """Record it by the verb it is; the handoff that was begun for the next step, if one was."""
    if form.is_attempt:
        reason = form.cleaned_data["why_missed"]
        conversations.attempt(found, reason=reason, minutes=form.length, by=person, at=at)
        return None
    given = form.conversation()
    conversations.record(found, by=person, at=at, **given)
    if not given["step_by"]:
        return None
    return next((h for h in desk.preparing(found) if h.kind == given["step_by"]), None)


@page("work")
@require_POST
def complete(request: HttpRequest, number: str) -> HttpResponse:
    """How a case ended; then the next packet."""
    found, plant, person, at = desk.find(number), playbooks.current(), who(request), now()
    form = CaseForm(found, plant, request.POST)
    if not form.is_valid():
        return _again(request, found, form)
    given = form.cleaned_data
    try:
        with transaction.atomic():
            if given["remark"]:
                intake.comment(found, text=given["remark"], by=person, at=at)
            journey.close(found, outcome=given["outcome"], cause=given.get("cause", ""), by=person, at=at)
    except Refusal as refused:
        return _refused(request, found, form, refused)
    if "stay" in request.POST:
        return go_to(request, reverse("packet", args=[found.number]))
    return go_on(request)


def _again(request: HttpRequest, found: Packet, form: ConversationForm | CaseForm) -> HttpResponse:
    """The form with its errors; for htmx it alone."""
    if request.headers.get("HX-Request"):
        return render(request, "parts/_outcome.html", {"outcome": outcome(found, form)}, status=422)
    return show(request, found, form=form, status=422)


def _refused(
    request: HttpRequest, found: Packet, form: ConversationForm | CaseForm, refused: Refusal
) -> HttpResponse:
    """A refusal beside the form as it was typed: for htmx the page still has it, otherwise it is shown again."""
    fresh = Packet.objects.get(pk=found.pk)
    if request.headers.get("HX-Request") or not fresh.open:
        raise refused
    return show(
        request,
        desk.find(fresh.number),
        form=form,
        refused=refused,
        status=422 if isinstance(refused, Invalid) else 409,
    )


def _skip(request: HttpRequest, found: Packet, at: datetime) -> None:
    """Pass it over, with a reason; then the next packet."""
    inbox.skip(found, reason=request.POST.get("reason", ""), by=who(request), at=at)
    messages.success(
        request,
        _("Skipped %(packet)s.") % {"packet": found.number},
        extra_tags=f"undo:{reverse('undo_skip')}",
    )


def _put_back(request: HttpRequest, found: Packet, at: datetime) -> None:
    inbox.put_back(found, reason=request.POST.get("reason", ""), by=who(request), at=at)


def _park(request: HttpRequest, found: Packet, at: datetime) -> None:
    """Lay it aside until a time; then the next packet."""
    times = {key: moment for key, _words, moment in desk.quick_times(playbooks.current(), at)}
    until = times.get(request.POST.get("until", ""), at + timedelta(days=1))
    inbox.park(found, until=until, reason="waiting_on_customer", by=who(request), at=at)


@page("work")
@require_POST
def put_back(request: HttpRequest, number: str) -> HttpResponse:
    """Give it back as it was. Nothing is dealt: whoever puts back is called away."""
    _put_back(request, desk.find(number), now())
    return go_to(request, reverse("next"))


@page("work")
@require_POST
def undo_skip(request: HttpRequest) -> HttpResponse:
    """The packet skipped last comes back into the hands."""
    inbox.undo_skip(by=who(request), at=now())
    return go_to(request, reverse("next"))


skip = _and_next(_skip)
park = _and_next(_park)


@page("work")
@require_POST
def lease(request: HttpRequest, number: str) -> HttpResponse:
    """The open page says that the packet is still being worked on."""
    inbox.renew(desk.find(number), by=who(request), at=now())
    return HttpResponse(status=204)


@page("work")
@require_POST
def stage(request: HttpRequest, number: str) -> HttpResponse:
    """The customer did what ends the stage."""
    found, plant, person, at = desk.find(number), playbooks.current(), who(request), now()
    here = desk.stage_of(found, plant)
    if here is None:
        raise journey.NoStages(packet=found.number)
    last = desk.stages(found, plant)[-1].key == here.key
    form = StageForm(found, here, at, last=last, data=request.POST, files=request.FILES)
    if not form.is_valid():
        return _stage_again(request, found, form)
    given, sent, kept = form.cleaned_data, form.cleaned_data.get("evidence_file"), None
    with transaction.atomic():
        evidence = given["evidence"]
        if sent is not None:
            kept = uploads.store(sent, name=sent.name, by=person, at=at)
            evidence = f"{reverse('file', args=[kept.pk])} {kept.name}"
        journey.advance(
            found,
            evidence=evidence,
            evidence_at=given["evidence_at"],
            by=person,
            at=at,
            value=given.get("value"),
            file=kept,
        )
    if not found.open:
        messages.success(request, _("%(packet)s is won.") % {"packet": found.number})
        begun = next(iter(desk.preparing(found)), None)
        return go_to(request, desk.kit_address(begun, found)) if begun else go_on(request)
    return go_to(request, reverse("next"))


def _stage_again(request: HttpRequest, found: Packet, form: StageForm) -> HttpResponse:
    plant = playbooks.current()
    context = {"packet": found, "stage": desk.stage_of(found, plant), "stage_form": form, "stage_open": True}
    return render(request, "desk/_stage.html", context, status=422)


# --- verbs of the department --------------------------------------------------------------------------------


def _pick_up(request: HttpRequest, found: Packet, at: datetime) -> str:
    """Take it out of turn: the customer is on the phone."""
    inbox.pick_up(found, by=who(request), at=at)
    return reverse("next")


def _remark(request: HttpRequest, found: Packet, at: datetime) -> str:
    """A remark in its history."""
    intake.comment(found, text=request.POST.get("text", ""), by=who(request), at=at)
    return back(request, found)


def back(request: HttpRequest, found: Packet) -> str:
    """To Next when that is where the person works on it, else to its page."""
    held = found.state == "held" and found.person_id == who(request).pk
    return reverse("next") if held else reverse("packet", args=[found.number])


def _cause(request: HttpRequest, found: Packet, at: datetime) -> None:
    """Why it turned red or black."""
    inbox.name_cause(found, reason=request.POST.get("reason", ""), by=who(request), at=at)


def _triage(request: HttpRequest, found: Packet, at: datetime) -> str:
    """What kind of work it is."""
    intake.triage(found, type=request.POST.get("type", ""), by=who(request), at=at)
    return back(request, found)


def _classification(request: HttpRequest, found: Packet, at: datetime) -> None:
    """Whom inertia favours, against the rule, with a reason."""
    given = request.POST
    intake.classify(
        found, verdict=given.get("verdict", ""), reason=given.get("reason", ""), by=who(request), at=at
    )


def _reopen(request: HttpRequest, found: Packet, at: datetime) -> None:
    """Open it again, with a reason."""
    journey.reopen(found, reason=request.POST.get("reason", ""), by=who(request), at=at)


def _take_back(request: HttpRequest, found: Packet, at: datetime) -> None:
    """Return it from somebody who is away; supervisors only."""
    inbox.take_back(found, by=who(request), at=at)


def _favour(request: HttpRequest, found: Packet, at: datetime) -> str:
    """Ask somebody for help; the packet stays where it is."""
    form = FavourForm(who(request), playbooks.current(), request.POST)
    if not form.is_valid():
        raise Invalid(field=_("Favour"), problem=_("it needs a person and a question."), cure=_("Give both."))
    asked = favours.ask(
        found, of=form.cleaned_data["of"], question=form.cleaned_data["question"], by=who(request), at=at
    )
    messages.success(
        request, _("%(person)s is asked. The packet stays where it is.") % {"person": asked.asked_of.name}
    )
    return back(request, found)


pick_up, remark, cause = _verb(_pick_up), _verb(_remark), _verb(_cause)
triage, classification, reopen = _verb(_triage), _verb(_classification), _verb(_reopen)
take_back, favour = _verb(_take_back), _verb(_favour)


@page()
@require_POST
def correction(request: HttpRequest, number: str) -> HttpResponse:
    """What is known of it, corrected."""
    found, plant, person, at = desk.find(number), playbooks.current(), who(request), now()
    form = FactsForm(found, plant, request.POST)
    if not form.is_valid():
        return render(request, "packet.html", _context(request, found, form), status=422)
    facts = form.facts()
    with transaction.atomic():
        if name := form.cleaned_data.get("customer", ""):
            facts["customer"] = customers.register(name=name, by=person, at=at)
        intake.correct(found, by=person, at=at, **facts)
    return go_to(request, back(request, found))
