"""Packets: take one in, look, say what it is, correct it, comment on it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from fullkit.actions import intake
from fullkit.api import found
from fullkit.api.caller import Call, shown_revenue
from fullkit.api.door import Noun
from fullkit.api.given import Choice, Given, Id, Key, Line, Money, NoRemark, Remark, Text, Value
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.shapes import PACKET_COLUMNS, Done, Packet, Shape
from fullkit.models import Packet as Packets
from fullkit.rules.inertia import Inertia

router = Noun("Packets")

Fields = Annotated[dict[Key, Value], Field(max_length=50)]
State = Literal["waiting", "held", "parked", "closed"]
Number = Annotated[str, Field(pattern=r"^([A-Za-z]{1,4}-)?[0-9]{1,18}$", examples=["O-1042"])]


class Arriving(Given):
    """What arrived. `type`, `title` and `source` are enough; `message_id` makes it arrive once."""

    type: Choice
    title: Line
    source: Key
    from_outside: bool = True
    """A customer sent it. False: one of us found it, for instance by a campaign."""
    message_id: Annotated[str, Text(250, required=False)] = ""
    thread: Annotated[str, Text(200, required=False)] = ""
    customer: Id | None = None
    contact: Id | None = None
    fields: Fields = {}
    value: Money | None = None
    family: Annotated[str, Text(80, required=False)] = ""
    verdict: Inertia | None = None
    text: NoRemark = ""


class Arrival(Shape):
    """The packet, and whether it is new: the same message twice ends in one packet."""

    packet: Packet
    new: bool


@router.verb("/packets", intake.arrive)
def arrive(request: Call, body: Arriving) -> Arrival:
    customer = found.given_customer(body.customer)
    arrived = intake.arrive(
        type=body.type,
        title=body.title,
        source=body.source,
        at=request.at,
        by=None if body.from_outside else request.auth,
        message_id=body.message_id,
        thread=body.thread,
        customer=customer,
        contact=found.given_contact(body.contact, customer),
        fields=body.fields,
        value=body.value,
        family=body.family,
        verdict=body.verdict or "",
        text=body.text,
    )
    return Arrival(packet=Packet.of(arrived.packet), new=arrived.new)


@router.question("/packets")
def packets(
    request: Call,
    number: Number | None = None,
    department: Key | None = None,
    type: Key | None = None,
    state: State | None = None,
    customer: Id | None = None,
    person: Id | None = None,
    parent: Id | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT,
) -> Page[Packet]:
    """Packets, newest first, of which everything that is asked for is true."""
    rows = Packets.objects.all()
    if number is not None:
        rows = rows.numbered(number)
    wanted: dict[str, Any] = {
        "department": department, "type": type, "state": state, "customer": customer, "person": person,
        "parent": parent,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    worth = shown_revenue(request)
    some, following = cut(rows.values(*PACKET_COLUMNS), cursor, limit, newest_first=True)
    return Page(items=[Packet.of_row(row, worth=worth) for row in some], next=following)


@router.question("/packets/{packet}")
def packet(request: Call, packet: Id) -> Packet:
    """One packet as it stands."""
    return Packet.of(found.packet(packet))


class Verdict(Given):
    """Whom inertia favours, and why you say so."""

    verdict: Inertia
    reason: Remark


@router.verb("/packets/{packet}/classify", intake.classify)
def classify(request: Call, packet: Id, body: Verdict) -> Packet:
    row = found.packet(packet)
    return Packet.of(
        intake.classify(row, verdict=body.verdict, reason=body.reason, by=request.auth, at=request.at)
    )


class Kind(Given):
    """What kind of work it is."""

    type: Choice


@router.verb("/packets/{packet}/triage", intake.triage)
def triage(request: Call, packet: Id, body: Kind) -> Packet:
    return Packet.of(intake.triage(found.packet(packet), type=body.type, by=request.auth, at=request.at))


class Correction(Given):
    """What is different from what stands there; what is left out stays as it is."""

    title: Line | None = None
    customer: Id | None = None
    contact: Id | None = None
    value: Money | None = None
    family: Annotated[str, Text(80, required=False)] | None = None
    fields: Fields | None = None


@router.verb("/packets/{packet}/correct", intake.correct)
def correct(request: Call, packet: Id, body: Correction) -> Packet:
    row = found.packet(packet)
    facts = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    if "customer" in facts:
        facts["customer"] = found.given_customer(body.customer)
    if "contact" in facts:
        facts["contact"] = found.given_contact(body.contact, facts.get("customer", row.customer))
    return Packet.of(intake.correct(row, by=request.auth, at=request.at, **facts))


class Comment(Given):
    """A remark for the history."""

    text: Remark


@router.verb("/packets/{packet}/comment", intake.comment)
def comment(request: Call, packet: Id, body: Comment) -> Done:
    intake.comment(found.packet(packet), text=body.text, by=request.auth, at=request.at)
    return Done()
