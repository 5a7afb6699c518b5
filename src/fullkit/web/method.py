"""The method as pages: departments and promises, kits, processes, queues, reasons, people, versions, definitions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fullkit.actions import playbooks
from fullkit.models import Person, PlaybookVersion
from fullkit.playbook.diff import diff
from fullkit.playbook.lint import lint
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import HandoffType, KitItem, Playbook, Process, Queue
from fullkit.rules.queue import in_play_target, ready_target
from fullkit.web.doors import page, who
from fullkit.web.forms_method import REASON_KINDS

SECTIONS = ("playbook", "kits", "processes", "method_queues", "reasons", "people", "versions")


def _page(request: HttpRequest, template: str, here: str, **shown: Any) -> HttpResponse:
    plant = playbooks.current()
    names = [
        _("Departments and promises"), _("Kits"), _("Processes"), _("Queues and slots"),
        _("Reasons"), _("People"), _("Versions"),
    ]  # fmt: skip
    base = {
        "sections": [(key, name, key == here) for key, name in zip(SECTIONS, names, strict=True)],
        "version": plant.number,
        "company": plant.playbook.company,
        "changes": who(request).may("method", plant.playbook),
    }
    return render(request, template, base | shown)


@require_safe
@page()
def playbook(request: HttpRequest) -> HttpResponse:
    """Departments, what they work and what is promised; and what the rulebook says to the whole."""
    plant = playbooks.current()
    book = plant.playbook
    shown = {
        "findings": lint(book),
        "unknown": plant.unknown,
        "departments": [
            (d, ", ".join(book.packet_type[t].name for t in d.works if t in book.packet_type))
            for d in book.departments
        ],
        "types": [
            (
                t,
                book.department[t.home].name,
                [key.replace("_", " ") for key in t.outcomes],
                book.chain_of(t.key),
            )
            for t in book.packet_types
        ],
        "extra": sorted(book.calendar.holidays.extra.items()),
        "hours": [
            (day, [f"{a:%H:%M}–{b:%H:%M}" for a, b in spans]) for day, spans in book.calendar.hours.items()
        ],
        "country": book.calendar.holidays.country,
    }
    return _page(request, "method/playbook.html", "playbook", **shown)


@require_safe
@page()
def kits(request: HttpRequest) -> HttpResponse:
    """What each department asks for before it takes something over."""
    book = playbooks.current().playbook
    return _page(request, "method/kits.html", "kits", handoffs=[_handoff(h, book) for h in book.handoffs])


@require_safe
@page()
def processes(request: HttpRequest) -> HttpResponse:
    """Hunting and farming: charter and stages, each ended by what the customer does."""
    book = playbooks.current().playbook
    return _page(
        request, "method/processes.html", "processes", processes=[_process(p, book) for p in book.processes]
    )


@require_safe
@page()
def method_queues(request: HttpRequest) -> HttpResponse:
    """How big queues are, and which slots the field has."""
    plant = playbooks.current()
    book = plant.playbook
    slots = [
        (s, book.role[s.role].name, ", ".join(f"{t:%H:%M}" for t in s.times), book.handoff[s.handoff].name)
        for s in book.slots
    ]
    queues = [_queue(q, plant) for q in book.queues]
    return _page(request, "method/queues.html", "method_queues", queues=queues, slots=slots)


@require_safe
@page()
def reasons(request: HttpRequest) -> HttpResponse:
    """The lists people choose a reason from."""
    book = playbooks.current().playbook
    lists = [
        (kind, REASON_KINDS[kind], getattr(book.reasons, kind)) for kind in type(book.reasons).model_fields
    ]
    return _page(request, "method/reasons.html", "reasons", lists=lists)


@require_safe
@page()
def people(request: HttpRequest) -> HttpResponse:
    """Who works as what, by department."""
    book = playbooks.current().playbook
    accounts = {p.sign_in: p for p in Person.objects.filter(is_active=True)}
    groups = [
        (
            d,
            [
                (entry, [book.role[r].name for r in entry.roles], accounts.get(entry.sign_in))
                for entry in book.people
                if book.role[entry.roles[0]].department == d.key
            ],
        )
        for d in book.departments
    ]
    roles = [(role, book.department[role.department].name) for role in book.roles]
    return _page(request, "method/people.html", "people", groups=groups, count=len(book.people), roles=roles)


@require_safe
@page()
def versions(request: HttpRequest) -> HttpResponse:
    """Every version: who changed the method, when and why."""
    found = PlaybookVersion.objects.select_related("author").defer("text").order_by("-number")
    return _page(request, "method/versions.html", "versions", versions=found)


@require_safe
@page()
def version(request: HttpRequest, number: int) -> HttpResponse:
    """What one version changed, in sentences."""
    found = PlaybookVersion.objects.select_related("author").filter(number=number).first()
    if found is None:
        raise Http404
    plant = playbooks.version(number)
    this = plant.playbook
    before = PlaybookVersion.objects.filter(number__lt=number).order_by("-number").first()
    changes = diff(playbooks.version(before.number).playbook, this) if before else []
    shown = {
        "found": found,
        "before": before,
        "list": changes,
        "findings": lint(this),
        "unknown": plant.unknown,
    }
    return _page(request, "method/version.html", "versions", **shown)


@require_safe
@page()
def text(request: HttpRequest) -> HttpResponse:
    """The playbook as a file; `?version=3` for an older one."""
    asked = request.GET.get("version", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 10 else playbooks.current().number
    found = PlaybookVersion.objects.filter(number=number).first()
    if found is None:
        raise Http404
    answer = HttpResponse(found.text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="playbook-{number}.yaml"'
    return answer


@require_safe
@page()
def definitions(request: HttpRequest) -> HttpResponse:
    """The register: each counted word with criterion, test and decision (R79)."""
    plant = playbooks.current()
    in_force = PlaybookVersion.objects.filter(number=plant.number).defer("text").first()
    terms = [
        (t, plant.playbook.role[t.owner].name if t.owner in plant.playbook.role else t.owner)
        for t in plant.playbook.terms
    ]
    shown = {"terms": terms, "in_force": in_force, "changes": who(request).may("method", plant.playbook)}
    return render(request, "definitions.html", shown)


def _handoff(spec: HandoffType, book: Playbook) -> dict[str, Any]:
    kind = book.packet_type[spec.packet_type]
    return {
        "spec": spec,
        "sender": book.department[spec.from_].name,
        "receiver": book.department[spec.to].name,
        "says": _("hands over the %s") % kind.name
        if spec.moves
        else _("makes a %s; the sender keeps what it serves") % kind.name,
        "automatic": spec.automatic_on,
        "items": [(item, _check(item), _fact(item, book, spec)) for item in spec.kit],
    }


def _check(item: KitItem) -> str:
    """What is checked, in words."""
    what = item.is_
    match what.kind:
        case "one_of":
            return _("one of: %s") % ", ".join(what.one_of or ())
        case "between":
            low, high = what.between or (0, 0)
            return _("a number from %(low)s to %(high)s") % {"low": f"{low:f}", "high": f"{high:f}"}
        case "future_date":
            return _("a date that lies ahead")
        case "file_of":
            return _("a file: %s") % ", ".join(what.file_of or ())
        case "ticked":
            return _("ticked, with evidence")
    return _("given")


def _fact(item: KitItem, book: Playbook, spec: HandoffType) -> str:
    if not item.fact:
        return ""
    fields = {f"field.{f.key}": f.name for f in book.packet_type[spec.packet_type].fields}
    return fields.get(item.fact, item.fact)


def _process(process: Process, book: Playbook) -> dict[str, Any]:
    charter = process.charter
    owner = book.role[charter.owner].name if charter and charter.owner in book.role else ""
    return {
        "process": process,
        "charter": charter,
        "owner": owner,
        "types": [t.name for t in book.packet_types if t.process == process.key],
    }


def _queue(queue: Queue, plant: Plant) -> dict[str, Any]:
    book = plant.playbook
    return {
        "queue": queue,
        "name": book.department[queue.department].name,
        "pool": book.department[book.handoff[queue.release].from_].name,
        "target": ready_target(queue.consumption, queue.cover_days),
        "in_play": in_play_target(queue.consumption, queue.active_life_days),
        "own": [(p.name, p.consumption) for p in book.people if p.consumption],
    }
