"""The log: every transition as a row, in the order in which it was written, for people and for machines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from django.db.models import Q
from pydantic import Field

from fullkit import models
from fullkit.actions import playbooks
from fullkit.api import found
from fullkit.api.caller import Call, sees_revenue
from fullkit.api.door import Noun
from fullkit.api.given import MOST, Id
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.shapes import Shape
from fullkit.playbook.plant import Plant
from fullkit.reports import history as sentences
from fullkit.rules import events as kinds
from fullkit.rules.refusal import Invalid

router = Noun("Events")

ABOUT_TIME = (kinds.TimeLogged.kind, kinds.CapabilityGap.kind, kinds.GrowthBorrowed.kind)
"""What says how someone's minutes went: shown to that person and to those who supervise or manage."""
_SAME = (
    "kind", "at", "recorded_at", "role", "department", "to_department", "process", "chain", "packet_type", "stage",
    "to_stage", "outcome", "reason", "item", "handoff", "handoff_kind", "inertia", "family", "zone", "step",
    "category", "counterpart", "minutes", "value", "level", "target", "due_at", "source", "playbook", "details",
)  # fmt: skip

Kind = Annotated[str, Field(pattern=r"^[a-z_]{1,20}\.[a-z_]{1,30}$", examples=["handoff.accepted"])]


class Event(Shape):
    """One thing that happened. People and customers are ids; what a kind does not say is null."""

    id: int
    packet: int | None
    kind: str
    at: datetime
    recorded_at: datetime
    actor: int | None
    role: str | None
    department: str | None
    to_department: str | None
    customer: int | None
    person: int | None
    process: str | None
    chain: str | None
    packet_type: str | None
    stage: str | None
    to_stage: str | None
    outcome: str | None
    reason: str | None
    item: str | None
    handoff: int | None
    handoff_kind: str | None
    inertia: str | None
    family: str | None
    zone: str | None
    step: str | None
    category: str | None
    counterpart: str | None
    minutes: float | None
    value: Decimal | None
    level: float | None
    target: float | None
    due_at: datetime | None
    source: str | None
    playbook: int | None
    details: dict[str, Any]

    @classmethod
    def of(cls, row: models.Event, *, worth: bool) -> Self:
        facts = {name: getattr(row, name) for name in _SAME}
        if not worth:
            facts["value"] = None
        return cls(
            id=row.pk,
            packet=row.packet_id,
            actor=row.actor_id,
            customer=row.customer_id,
            person=row.person_id,
            **facts,
        )


class Entry(Shape):
    """One thing that happened, as a sentence; `remark` is what somebody typed about it."""

    id: int
    at: datetime
    kind: str
    says: str
    remark: str


@router.question("/events")
def events(
    request: Call,
    after: Annotated[int, Field(ge=0, le=MOST)] = 0,
    kind: Kind | None = None,
    packet: Id | None = None,
    limit: Limit = DEFAULT,
) -> Page[Event]:
    """The log from an id onwards, oldest first. Ask again with the last id you saw to follow it.

    `next` is the `after` of the page that follows; at the end of the log it is null.
    """
    plant = playbooks.current()
    rows = models.Event.objects.filter(pk__gt=after)
    if kind is not None:
        if kind not in kinds.kinds():
            known = ", ".join(kinds.kinds())
            raise Invalid(field="kind", problem=f"{kind} is unknown.", cure=f"One of {known}.")
        rows = rows.filter(kind=kind)
    if packet is not None:
        rows = rows.filter(packet=packet)
    found_ = list(rows.filter(_visible(request, plant)).order_by("pk")[: limit + 1])
    worth = sees_revenue(request.auth, plant)
    shown = [Event.of(row, worth=worth) for row in found_[:limit]]
    return Page(items=shown, next=str(shown[-1].id) if len(found_) > limit else None)


@router.question("/packets/{packet}/history")
def history(request: Call, packet: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT) -> Page[Entry]:
    """What happened to a packet, in sentences, oldest first."""
    about, plant = found.packet(packet), playbooks.current()
    rows = models.Event.objects.filter(packet=about).filter(_visible(request, plant))
    some, following = cut(rows.select_related("remark"), cursor, limit)
    told = sentences.sentences(some, plant, worth=sees_revenue(request.auth, plant))
    return Page(
        items=[
            Entry(id=row.pk, at=row.at, kind=row.kind, says=says, remark=_remark(row))
            for row, says in zip(some, told, strict=True)
        ],
        next=following,
    )


def _visible(request: Call, plant: Plant) -> Q:
    """Other people's minutes are theirs."""
    if any(request.auth.may(ability, plant.playbook) for ability in ("supervise", "manage")):
        return Q()
    return ~Q(kind__in=ABOUT_TIME) | Q(actor=request.auth) | Q(person=request.auth)


def _remark(row: models.Event) -> str:
    remark = getattr(row, "remark", None)
    return remark.text if remark else ""
