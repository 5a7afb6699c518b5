"""Next: one packet on one screen; a person says how it went and has the next one (R18, R104)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from fullkit.actions import inbox, playbooks
from fullkit.models import Event, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.rules.refusal import Refusal
from fullkit.web import desk, words
from fullkit.web.doors import now, page, who
from fullkit.web.forms_outcome import CaseForm, ConversationForm
from fullkit.web.forms_packet import FavourForm, StageForm

HISTORY = 3


@page("work")
@require_http_methods(["GET", "POST"])
def next_packet(request: HttpRequest) -> HttpResponse:
    """GET shows what is in hand; POST asks for the next one."""
    person, at = who(request), now()
    if request.method == "POST":
        inbox.deal(person, at=at)
        return go_to(request, reverse("next"))
    held = inbox.in_hand(person)
    if held is None or (held.lease_until is not None and held.lease_until <= at):
        return render(request, "next_empty.html", _nothing(person, playbooks.current(), at, held))
    return show(request, held)


def go_on(request: HttpRequest) -> HttpResponse:
    """Something was just recorded: the next packet is there at once."""
    inbox.deal(who(request), at=now())
    return go_to(request, reverse("next"))


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """After a POST: the page at this address, also when htmx asked."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return redirect(address)


def show(
    request: HttpRequest,
    packet: Packet,
    *,
    form: ConversationForm | CaseForm | None = None,
    refused: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole screen; with `form` as it was typed, and the sentence that refused it."""
    plant, person, at = playbooks.current(), who(request), now()
    context = _context(packet, person, plant, at, form)
    context["refusal"] = {"message": refused.message, "rule": refused.rule} if refused else None
    return render(request, "next.html", context, status=status)


def _context(
    packet: Packet, person: Person, plant: Plant, at: datetime, form: ConversationForm | CaseForm | None
) -> dict[str, Any]:
    came = desk.dealt(packet, person)
    stage = desk.stage_of(packet, plant)
    sells = sold_by_talking(packet, plant)
    if form is None:
        form = ConversationForm(packet, plant, person, at) if sells else CaseForm(packet, plant)
    keys = [s.key for s in desk.stages(packet, plant)]
    return {
        "packet": packet,
        "head": desk.head(packet, plant, at=at, why=words.why_now(packet, (came.reason or "") if came else "")),
        "stage": stage,
        "steps": desk.steps(packet, plant),
        "facts": desk.facts(packet, plant, person),
        "stage_form": StageForm(packet, stage, at, last=keys[-1:] == [stage.key]) if stage else None,
        "outcome": outcome(packet, form),
        "kits": [desk.kit_brief(h, packet, plant, at=at) for h in desk.preparing(packet)],
        "handoffs": desk.possible(packet, plant),
        "history": desk.told(desk.last_events(packet, most=HISTORY), plant, person),
        "tally": tally(person, plant, at),
        "favour_form": FavourForm(person, plant),
        "skip_reasons": plant.playbook.reasons.skip,
        "put_back_reasons": plant.playbook.reasons.put_back,
        "park_times": None if sells else desk.quick_times(plant, at),
        "triage_types": _triage_types(packet, plant),
        "outcomes": _other_ends(packet, plant) if stage else [],
    }  # fmt: skip


def sold_by_talking(packet: Packet, plant: Plant) -> bool:
    """Whether its work is conversations: an opportunity with stages, or a visit to a customer."""
    meetings = {plant.handoff(s.handoff).packet_type for s in plant.playbook.slots}
    visited = packet.type in meetings and packet.department != plant.type(packet.type).home
    return bool(packet.stage) or visited


def _other_ends(packet: Packet, plant: Plant) -> list[tuple[str, str]]:
    """How a packet with stages ends when its end is not a loss, as in farming: by its own outcomes."""
    outcomes = plant.type(packet.type).outcomes
    return [] if "lost" in outcomes else [(o, words.named(o)) for o in outcomes]


def outcome(packet: Packet, form: ConversationForm | CaseForm) -> dict[str, Any]:
    """For parts/_outcome.html, with the address that takes it."""
    if isinstance(form, ConversationForm):
        url = reverse("conversation", args=[packet.number])
        return form.shown(url=url, title=_("How did it go?"), submit=_("Record and next"))
    url = reverse("outcome", args=[packet.number])
    return form.shown(url=url, title=_("How did it end?"), submit=_("Complete and next"))


def _triage_types(packet: Packet, plant: Plant) -> list[tuple[str, str]]:
    """What it may be made into where it is; nothing once it is in a process."""
    if packet.stage or packet.department not in plant.playbook.department:
        return []
    works = plant.department(packet.department).works
    inbound = [t for t in works if t != packet.type and plant.type(t).inbound and not plant.type(t).process]
    return [(t, plant.type(t).name) for t in inbound] if plant.type(packet.type).inbound else []


def tally(person: Person, plant: Plant, at: datetime) -> dict[str, Any] | None:
    """Meaningful interactions today against the role's target (R42, R46); None for who does not sell."""
    role = next((r for r in person.roles_in(plant.playbook) if r.selling and r.target_per_day), None)
    if role is None:
        return None
    start = plant.work.start_of_day(plant.work.day_of(at)) or at
    held = Event.objects.filter(kind="conversation.held", actor=person, at__gte=min(start, at)).count()
    return {"done": held, "target": role.target_per_day}


def _nothing(person: Person, plant: Plant, at: datetime, late: Packet | None) -> dict[str, Any]:
    """What an empty screen says: what would fill it, and when something comes up again."""
    own = Packet.objects.filter(person=person).exclude(state="closed")
    mine = own.aggregate(
        parked=Count("pk", filter=Q(state="parked")),
        waiting=Count("pk", filter=Q(state="waiting")),
        comes=Min("not_before", filter=Q(state="parked")),
    )
    departments = inbox.working_departments(person, plant)
    personal = bool(departments) and plant.department(departments[0]).inbox == "personal"
    waiting = bool(mine["waiting"]) or any(
        Packet.objects.waiting().filter(department=d, person=None).exclude(type__in=plant.pooled(d)).exists()
        for d in departments
        if plant.department(d).inbox == "shared"
    )
    return {
        "mine": mine,
        "waiting": waiting,
        "personal": personal,
        "late": late,
        "tally": tally(person, plant, at),
        "pool": _pool_name(departments, plant),
    }


def _pool_name(departments: list[str], plant: Plant) -> str:
    for department in departments:
        queue = plant.queue(department)
        if queue is not None:
            return words.department(plant.handoff(queue.release).from_, plant)
    return ""
