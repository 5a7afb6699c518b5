"""Handoffs: departments touch only here. A kit that is full changes hands; nobody can accept less or refuse."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from fullkit import models
from fullkit.actions import disputes, favours, handoffs, playbooks
from fullkit.api import found
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.given import Choice, Given, Id, Key, NoRemark, Remark, Text, Value
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.shapes import Dispute, Favour, Shape

router = Noun("Handoffs")


class Stub(Shape):
    """A handoff without its kit."""

    id: int
    packet: int
    kind: str
    from_department: str
    to_department: str
    opened_at: datetime
    full_at: datetime | None
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    reversed_at: datetime | None
    first_time_full: bool
    playbook: int

    @classmethod
    def of(cls, row: models.Handoff, **more: Any) -> Self:
        facts = {name: getattr(row, name) for name in Stub.model_fields if name not in ("id", "packet")}
        return cls(id=row.pk, packet=row.packet_id, **facts, **more)


class Item(Shape):
    """One item of a kit. `problem` is the sentence that says what is missing; null when the item is met."""

    key: str
    name: str
    asks_for: str
    value: Any
    file: int | None
    evidence: str
    problem: str | None


class Handoff(Stub):
    """A handoff with its kit."""

    kit: list[Item]

    @classmethod
    def with_kit(cls, row: models.Handoff, *, at: datetime) -> Self:
        """The kit as the version of the playbook asks for it under which the handoff was opened."""
        plant = playbooks.version(row.playbook)
        given = {supply.item: supply for supply in row.supplies.all()}
        over = row.accepted_at or row.withdrawn_at
        problems = {} if over else {m.key: m.problem for m in handoffs.missing(row, at=at)}
        return cls.of(
            row,
            kit=[
                Item(
                    key=item.key,
                    name=item.name,
                    asks_for=item.kind,
                    value=given[item.key].value if item.key in given else None,
                    file=given[item.key].file_id if item.key in given else None,
                    evidence=given[item.key].evidence if item.key in given else "",
                    problem=problems.get(item.key),
                )
                for item in plant.kit(row.kind)
            ],
        )


class Prepared(Shape):
    """The handoff whose kit is being prepared; null when there is none."""

    handoff: Handoff | None


class Supply(Given):
    """What is given for one item: a value, the id of an uploaded file, or a tick with where to check it."""

    value: Value = None
    file: Id | None = None
    evidence: Annotated[str, Text(500, required=False)] = ""


Items = Annotated[dict[Key, Supply], Field(max_length=50)]


class Opening(Given):
    """Which handoff, and what is at hand for its kit."""

    kind: Choice
    title: Annotated[str, Text(200, required=False)] = ""
    items: Items = {}


class Supplies(Given):
    """What is given, by the item's key."""

    items: Annotated[dict[Key, Supply], Field(min_length=1, max_length=50)]


def _given(items: dict[str, Supply], by: models.Person) -> dict[str, handoffs.Given]:
    files = found.given_files({s.file for s in items.values() if s.file is not None}, by)
    return {
        key: handoffs.Given(s.value, files[s.file] if s.file is not None else None, s.evidence)
        for key, s in items.items()
    }


@router.verb("/packets/{packet}/handoffs", handoffs.open)
def open_handoff(request: Call, packet: Id, body: Opening) -> Handoff:
    row = found.packet(packet)
    opened = handoffs.open(
        row,
        kind=body.kind,
        title=body.title,
        items=_given(body.items, request.auth),
        by=request.auth,
        at=request.at,
    )
    return Handoff.with_kit(opened, at=request.at)


@router.question("/packets/{packet}/handoffs")
def handoffs_of(
    request: Call, packet: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT
) -> Page[Stub]:
    """Every handoff of a packet, oldest first."""
    rows, following = cut(found.packet(packet).handoffs.all(), cursor, limit)
    return Page(items=[Stub.of(row) for row in rows], next=following)


@router.question("/packets/{packet}/kit")
def kit(request: Call, packet: Id) -> Prepared:
    """The kit that is being prepared for a packet, item by item, and what it still lacks."""
    preparing = found.packet(packet).handoffs.being_prepared()
    row = preparing.select_related("packet__customer", "packet__contact").first()
    return Prepared(handoff=Handoff.with_kit(row, at=request.at) if row else None)


@router.question("/handoffs/{handoff}")
def handoff(request: Call, handoff: Id) -> Handoff:
    """One handoff and its kit."""
    return Handoff.with_kit(found.handoff(handoff), at=request.at)


@router.verb("/handoffs/{handoff}/supply", handoffs.supply_all)
def supply(request: Call, handoff: Id, body: Supplies) -> Handoff:
    row = handoffs.supply_all(
        found.handoff(handoff), items=_given(body.items, request.auth), by=request.auth, at=request.at
    )
    return Handoff.with_kit(row, at=request.at)


class Because(Given):
    """Why, in a sentence."""

    reason: Remark


@router.verb("/handoffs/{handoff}/withdraw", handoffs.withdraw)
def withdraw(request: Call, handoff: Id, body: Because) -> Handoff:
    handoffs.withdraw(found.handoff(handoff), reason=body.reason, by=request.auth, at=request.at)
    return Handoff.with_kit(found.handoff(handoff), at=request.at)


class Claim(Given):
    """Which item is not what it claims to be, and why."""

    item: Choice
    reason: Remark


@router.verb("/handoffs/{handoff}/dispute", disputes.dispute)
def dispute(request: Call, handoff: Id, body: Claim) -> Dispute:
    row = found.handoff(handoff)
    return Dispute.of(
        disputes.dispute(row, item=body.item, reason=body.reason, by=request.auth, at=request.at)
    )


@router.question("/disputes")
def open_disputes(request: Call, cursor: Cursor | None = None, limit: Limit = DEFAULT) -> Page[Dispute]:
    """Disputes that wait for a supervisor, oldest first."""
    rows, following = cut(models.Dispute.objects.filter(decided_at=None), cursor, limit)
    return Page(items=[Dispute.of(row) for row in rows], next=following)


class Decision(Given):
    """Upheld: the item is not what it claims to be, and the sender has the packet again."""

    upheld: bool
    remark: NoRemark = ""


@router.verb("/disputes/{dispute}/decide", disputes.decide)
def decide(request: Call, dispute: Id, body: Decision) -> Dispute:
    row = found.one(models.Dispute.objects.all(), dispute, "dispute")
    return Dispute.of(
        disputes.decide(row, upheld=body.upheld, remark=body.remark, by=request.auth, at=request.at)
    )


class Asking(Given):
    """Whom you ask what; `item` is the kit item it is really about, if any."""

    of: Id
    question: Remark
    item: Annotated[str, Text(40, required=False)] = ""


@router.verb("/packets/{packet}/favours", favours.ask)
def ask_favour(request: Call, packet: Id, body: Asking) -> Favour:
    row, of = found.packet(packet), found.given_person(body.of, "of")
    assert of is not None
    asked = favours.ask(row, of=of, question=body.question, item=body.item, by=request.auth, at=request.at)
    return Favour.of(asked)


@router.question("/favours")
def favours_owed(request: Call, cursor: Cursor | None = None, limit: Limit = DEFAULT) -> Page[Favour]:
    """Favours that were asked of you and wait for your answer, oldest first."""
    rows, following = cut(request.auth.favours_owed.filter(answered_at=None), cursor, limit)
    return Page(items=[Favour.of(row) for row in rows], next=following)


class Answer(Given):
    """Your answer."""

    text: Remark


@router.verb("/favours/{favour}/answer", favours.answer)
def answer_favour(request: Call, favour: Id, body: Answer) -> Favour:
    row = found.one(models.Favour.objects.all(), favour, "favour")
    return Favour.of(favours.answer(row, text=body.text, by=request.auth, at=request.at))
