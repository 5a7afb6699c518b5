"""What is answered: the nouns as JSON. Times are UTC, money is text, a person or customer is an id with a name."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from fullkit import models


class Shape(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(extra="forbid")


class Ref(Shape):
    """Something else, by its id and name."""

    id: int
    name: str

    @classmethod
    def to(cls, row: Any) -> Ref | None:
        """A reference to a person, customer or contact; None to nobody."""
        return None if row is None else cls(id=row.pk, name=row.name)


class Done(Shape):
    """It was done; there is nothing more to say."""

    done: bool = True


_SAME = (
    "type", "title", "department", "state", "process", "stage", "chain", "inertia", "value", "family",
    "fields", "source", "arrived_at", "queued_at", "due_at", "zone", "cause", "not_before", "step", "step_due_at",
    "lease_until", "attempts", "touched_at", "released_at", "playbook", "closed_at", "outcome", "reason",
)  # fmt: skip


PACKET_COLUMNS = (
    *_SAME, "pk", "prefix", "parent_id", "customer_id", "customer__name", "contact_id", "contact__name",
    "person_id", "person__name",
)  # fmt: skip
"""What a list of packets reads: the columns it shows and none of the rest."""


class Packet(Shape):
    """A packet as it stands. `department` never lacks; `person` is null while it lies in the shared inbox."""

    id: int
    number: str
    type: str
    title: str
    customer: Ref | None
    contact: Ref | None
    department: str
    person: Ref | None
    state: str
    process: str
    stage: str
    chain: str
    inertia: str
    value: Decimal | None
    family: str
    fields: dict[str, Any]
    source: str
    arrived_at: datetime
    queued_at: datetime
    due_at: datetime | None
    zone: str
    cause: str
    not_before: datetime | None
    step: str
    step_due_at: datetime | None
    lease_until: datetime | None
    attempts: int
    touched_at: datetime | None
    released_at: datetime | None
    parent: int | None
    playbook: int
    closed_at: datetime | None
    outcome: str
    reason: str

    @classmethod
    def of(cls, row: models.Packet) -> Self:
        """One packet, with what it is worth."""
        return cls(
            id=row.pk,
            customer=Ref.to(row.customer),
            contact=Ref.to(row.contact),
            person=Ref.to(row.person),
            parent=row.parent_id,
            number=row.number,
            **{name: getattr(row, name) for name in _SAME},
        )

    @classmethod
    def of_row(cls, row: dict[str, Any], *, worth: bool) -> Self:
        """One of many, from the columns PACKET_COLUMNS; `worth` False leaves out what it is worth."""
        facts = {name: row[name] for name in _SAME}
        if not worth:
            facts["value"] = None
        for other in ("customer", "contact", "person"):
            id = row[f"{other}_id"]
            facts[other] = None if id is None else Ref(id=id, name=row[f"{other}__name"])
        return cls(id=row["pk"], number=f"{row['prefix']}-{row['pk']}", parent=row["parent_id"], **facts)


class Upload(Shape):
    """A stored file: its name, what it really is, its size in bytes and its SHA-256."""

    id: int
    name: str
    kind: str
    size: int
    digest: str
    at: datetime

    @classmethod
    def of(cls, row: models.Upload) -> Self:
        return cls(id=row.pk, name=row.name, kind=row.kind, size=row.size, digest=row.digest, at=row.at)


class Dispute(Shape):
    """A claim that one named item of an accepted kit is untrue; `upheld` is null until it is decided."""

    id: int
    handoff: int
    item: str
    reason: str
    raised_by: int
    raised_at: datetime
    decided_at: datetime | None
    upheld: bool | None

    @classmethod
    def of(cls, row: models.Dispute) -> Self:
        return cls(
            id=row.pk,
            handoff=row.handoff_id,
            item=row.item,
            reason=row.reason,
            raised_by=row.raised_by_id,
            raised_at=row.raised_at,
            decided_at=row.decided_at,
            upheld=row.upheld,
        )


class Favour(Shape):
    """Help asked of someone; `answered_at` is null until it is given."""

    id: int
    packet: int
    item: str
    asked_by: int
    asked_of: int
    question: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None

    @classmethod
    def of(cls, row: models.Favour) -> Self:
        return cls(
            id=row.pk,
            packet=row.packet_id,
            item=row.item,
            asked_by=row.asked_by_id,
            asked_of=row.asked_of_id,
            question=row.question,
            asked_at=row.asked_at,
            answer=row.answer,
            answered_at=row.answered_at,
        )


class Slot(Shape):
    """A time at which a field person can be booked; `packet` is null while it is free."""

    id: int
    person: int
    starts_at: datetime
    ends_at: datetime
    packet: int | None

    @classmethod
    def of(cls, row: models.Slot) -> Self:
        return cls(
            id=row.pk,
            person=row.person_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            packet=row.packet_id,
        )


class Customer(Shape):
    """A firm that buys or may buy. `merged_into` is the record that is kept, when this one was a duplicate."""

    id: int
    name: str
    place: str
    incumbent: bool
    merged_into: int | None
    since: datetime

    @classmethod
    def of(cls, row: models.Customer) -> Self:
        return cls(
            id=row.pk,
            name=row.name,
            place=row.place,
            incumbent=row.incumbent,
            merged_into=row.merged_into_id,
            since=row.since,
        )


class Contact(Shape):
    """A person at a customer."""

    id: int
    customer: int
    name: str
    role: str
    email: str
    phone: str

    @classmethod
    def of(cls, row: models.Contact) -> Self:
        return cls(
            id=row.pk,
            customer=row.customer_id,
            name=row.name,
            role=row.role,
            email=row.email,
            phone=row.phone,
        )


class Purchase(Shape):
    """That a customer bought from a family; `value` is null for those from whom revenue is hidden."""

    id: int
    family: str
    value: Decimal | None
    at: datetime

    @classmethod
    def of(cls, row: models.Purchase, *, worth: bool) -> Self:
        return cls(id=row.pk, family=row.family, value=row.value if worth else None, at=row.at)


class Person(Shape):
    """Someone who works here: name, department and roles, nothing else."""

    id: int
    sign_in: str
    name: str
    department: str
    roles: list[str]

    @classmethod
    def of(cls, row: models.Person) -> Self:
        return cls(
            id=row.pk, sign_in=row.sign_in, name=row.name, department=row.department, roles=list(row.roles)
        )


class TimeEntry(Shape):
    """Minutes of one person in one category."""

    id: int
    person: int
    category: str
    minutes: float
    cause: str
    packet: int | None
    at: datetime

    @classmethod
    def of(cls, row: models.TimeEntry) -> Self:
        return cls(
            id=row.pk,
            person=row.person_id,
            category=row.category,
            minutes=row.minutes,
            cause=row.cause,
            packet=row.packet_id,
            at=row.at,
        )


class Advice(Shape):
    """A recommended change of a queue's target; nothing changes until someone accepts it."""

    id: int
    person: int
    day: date
    from_target: float
    to_target: float
    reason: str

    @classmethod
    def of(cls, row: models.Advice) -> Self:
        return cls(
            id=row.pk,
            person=row.person_id,
            day=row.day,
            from_target=row.from_target,
            to_target=row.to_target,
            reason=row.reason,
        )
