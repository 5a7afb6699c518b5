"""Team today: what a supervisor goes through in a ten-minute stand-up (R54, R55, R85, R105)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fullkit.actions import disputes as deciding
from fullkit.actions import inbox, playbooks
from fullkit.models import Dispute, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.reports import team as questions
from fullkit.web import desk, words
from fullkit.web.doors import now, page, who


@require_safe
@page("supervise", "manage")
def team(request: HttpRequest) -> HttpResponse:
    """One department today; the others a tab away."""
    plant, at = playbooks.current(), now()
    open_to = _departments(plant)
    department = request.GET.get("department", "")
    if department not in open_to:
        department = _own(who(request), open_to, plant)
    late, count = questions.late(department)
    members = questions.members(department, plant, at=at)
    shown = {
        "department": department,
        "name": words.department(department, plant),
        "tabs": _tabs(open_to, department, plant),
        "members": members,
        "queue": any(m.queue for m in members),
        "sells": any(m.done is not None for m in members),
        "late": [_case(p, plant, at) for p in late],
        "late_more": count - len(late),
        "causes": [(r.key, r.name) for r in plant.playbook.reasons.red],
        "skips": [(words.reason("skip", s.reason, plant), s) for s in questions.skips(department, at=at)],
        "stale": questions.stale(department, plant, at=at),
        "disputes": [_dispute(c, plant) for c in questions.disputes(department, plant)],
        "decides": who(request).may("supervise", plant.playbook),
        "day": plant.work.day_of(at),
        "back": f"{reverse('team')}?department={department}",
    }
    return render(request, "team.html", shown)


@require_POST
@page("supervise")
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide a dispute: upheld gives the packet back to its sender, dismissed leaves it where it is."""
    raised = get_object_or_404(Dispute.objects.select_related("handoff__packet"), pk=pk)
    upheld = "upheld" in request.POST
    done = deciding.decide(
        raised, upheld=upheld, by=who(request), at=now(), remark=request.POST.get("remark", "")[:2000]
    )
    packet = done.handoff.packet.number
    said = (
        _("%s goes back to its sender, whose kit now lacks this item.")
        if upheld
        else _("%s stays where it is.")
    )
    messages.success(request, said % packet)
    return redirect(_back(request))


@require_POST
@page("supervise")
def taken_back(request: HttpRequest, number: str) -> HttpResponse:
    """Take a packet out of absent hands."""
    packet = get_object_or_404(Packet.objects.select_related("person").numbered(number))
    holder = packet.person.name if packet.person else ""
    inbox.take_back(packet, by=who(request), at=now())
    messages.success(
        request, _("%(packet)s is no longer with %(person)s.") % {"packet": packet.number, "person": holder}
    )
    return redirect(_back(request))


@require_POST
@page("supervise")
def named_cause(request: HttpRequest, number: str) -> HttpResponse:
    """Name why a case is red or black; the weekly Pareto counts it (R55)."""
    packet = get_object_or_404(Packet.objects.numbered(number))
    inbox.name_cause(packet, reason=request.POST.get("cause", ""), by=who(request), at=now())
    messages.success(request, _("The cause of %s is named.") % packet.number)
    return redirect(_back(request))


def _departments(plant: Plant) -> list[str]:
    """Departments that work something, in the playbook's order."""
    return [d.key for d in plant.playbook.departments if d.works]


def _own(person: Person, open_to: list[str], plant: Plant) -> str:
    own = [d for d in person.departments_in(plant.playbook) if d in open_to]
    return next(iter([*own, *open_to]))


def _tabs(open_to: list[str], here: str, plant: Plant) -> list[tuple[str, str, bool, int]]:
    late = questions.counts(open_to)
    return [(d, words.department(d, plant), d == here, late.get(d, 0)) for d in open_to]


def _case(packet: Packet, plant: Plant, at: Any) -> dict[str, Any]:
    used, zone = desk.promise(packet, plant, at)
    cause = words.reason("red", packet.cause, plant) if packet.cause else ""
    return {
        "packet": packet,
        "type": words.type_name(packet.type, plant),
        "used": used,
        "zone": zone,
        "cause": cause,
    }


def _dispute(case: questions.Case, plant: Plant) -> dict[str, Any]:
    handoff, supply = case.dispute.handoff, case.supply
    value = supply.value if supply and supply.value not in (None, "") else case.fact
    return {
        "dispute": case.dispute,
        "packet": handoff.packet,
        "item": case.item,
        "sender": words.department(handoff.from_department, plant),
        "receiver": words.department(handoff.to_department, plant),
        "supply": supply,
        "value": _("ticked") if value is True else value,
    }


def _back(request: HttpRequest) -> str:
    department = request.POST.get("department", "")
    known = department in playbooks.current().playbook.department
    return f"{reverse('team')}?department={department}" if known else reverse("team")
