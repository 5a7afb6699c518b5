"""What open packets still need of the method: a version that drops it waits until they are done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Count, Q

from fullkit.actions.leaving import MOST_NAMED, named
from fullkit.models import Dispute, Handoff, Packet
from fullkit.playbook.schema import Playbook
from fullkit.rules.refusal import Refusal


class StillInUse(Refusal):
    says = "This version cannot come into force yet. {uses}"


Gone = Callable[[dict[str, Any]], str | None]


def still_in_use(old: Playbook, new: Playbook) -> list[str]:
    """What `new` drops although open packets need it: a sentence each that names them and the cure; empty if none."""
    return [*_of_packets(old, new), *_of_handoffs(old, new), *_of_disputes(old, new)]


def _of_packets(old: Playbook, new: Playbook) -> Iterator[str]:
    columns = ("department", "type", "stage", "cause")
    rows = list(Packet.objects.open().order_by().values(*columns).annotate(n=Count("pk")))
    departments = {k: d.name for k, d in old.department.items() if k not in new.department}
    types = {k: t.name for k, t in old.packet_type.items() if k not in new.packet_type}
    causes = _dropped_causes(old, new)
    for key, name in departments.items():
        if n := sum(r["n"] for r in rows if r["department"] == key):
            yield _says(f"the department '{name}'", Q(department=key), n, "hand them over or close them")
    for key, name in types.items():
        if n := sum(r["n"] for r in rows if r["type"] == key):
            yield _says(f"the packet type '{name}'", Q(type=key), n, "close them or make them another type")
    for (kind, key), name in _dropped_stages(old, new).items():
        if n := sum(r["n"] for r in rows if (r["type"], r["stage"]) == (kind, key)):
            yield _says(f"the stage '{name}'", Q(type=kind, stage=key), n, "advance or close them")
    for key, name in causes.items():
        if n := sum(r["n"] for r in rows if r["cause"] == key):
            yield _says(f"the reason '{name}'", Q(cause=key), n, "close them or name another cause")


def _dropped_causes(old: Playbook, new: Playbook) -> dict[str, str]:
    kept = {r.key for r in new.reasons.red}
    return {r.key: r.name for r in old.reasons.red if r.key not in kept}


def _dropped_stages(old: Playbook, new: Playbook) -> dict[tuple[str, str], str]:
    """By type and stage; of a type that is gone itself nothing more is said."""
    dropped: dict[tuple[str, str], str] = {}
    for kind in old.packet_type:
        if kind in new.packet_type:
            kept = {s.key for s in new.stages_of(kind)}
            dropped |= {(kind, s.key): s.name for s in old.stages_of(kind) if s.key not in kept}
    return dropped


def _says(what: str, which: Q, count: int, cure: str) -> str:
    first = list(Packet.objects.open().filter(which).order_by("pk")[:MOST_NAMED])
    return f"{named(first, count)} still need {what}: {cure} first, or keep it."


def _of_handoffs(old: Playbook, new: Playbook) -> Iterator[str]:
    for key, spec in old.handoff.items():
        dropped = key not in new.handoff or spec.to not in new.department
        begun = Handoff.objects.being_prepared().filter(kind=key)
        if dropped and (count := begun.count()):
            first = [h.packet for h in begun.select_related("packet").order_by("pk")[:MOST_NAMED]]
            yield (
                f"{named(first, count)} are being prepared for the handoff '{spec.name}':"
                " complete or withdraw them first, or keep it."
            )


def _of_disputes(old: Playbook, new: Playbook) -> Iterator[str]:
    """An upheld dispute sends the packet back to a department that has to be there."""
    for key, department in old.department.items():
        waiting = Dispute.objects.filter(decided_at=None, handoff__from_department=key)
        if key not in new.department and (count := waiting.count()):
            found = waiting.select_related("handoff__packet").order_by("pk")[:MOST_NAMED]
            first = [d.handoff.packet for d in found]
            yield (
                f"{named(first, count)} may go back to the department '{department.name}' by a dispute:"
                " let it be decided first, or keep the department."
            )
