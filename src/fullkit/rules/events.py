"""Everything that can happen, as small values: a kind, its facts, and the one sentence every page uses.

A fact named like a column of the log (see `COLUMNS`) becomes that column; any other fact goes into `details`,
which only people read. Free text that a person typed is never a fact: it is a remark, kept beside the log so
that it can be erased without breaking it. `{actor}`, `{packet}`, `{customer}` and `{person}` are filled by the
page that shows the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

COLUMNS = frozenset(
    {
        "role", "department", "to_department", "customer", "person", "process", "chain", "packet_type", "stage",
        "to_stage", "outcome", "reason", "item", "missing", "handoff", "handoff_kind", "inertia", "family", "zone",
        "step", "category", "counterpart", "minutes", "value", "level", "target", "due_at", "source",
    }
)  # fmt: skip
"""The columns a fact may fill. The log fills `id, packet, kind, at, recorded_at, actor, state, holder, playbook`."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of every kind."""

    kind: ClassVar[str]
    says: ClassVar[str]

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The facts as (columns, details); facts that are None are left out."""
        columns: dict[str, Any] = {}
        details: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                if field.name == "missing":
                    value = ",".join(value)
                (columns if field.name in COLUMNS else details)[field.name] = value
        return columns, details


# --- a packet's life -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Arrived(Event):
    kind = "packet.arrived"
    says = "{packet} arrived by {source} and went to {department}."
    source: str
    inertia: str
    value: Decimal | None = None
    family: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Repeated(Event):
    kind = "packet.repeated"
    says = "The same message came again by {source}; it belongs to {packet}."
    source: str


@dataclass(frozen=True, kw_only=True)
class Classified(Event):
    kind = "packet.classified"
    says = "{actor} said that inertia favours {inertia}: {reason}."
    inertia: str
    reason: str
    department: str | None = None
    to_department: str | None = None


@dataclass(frozen=True, kw_only=True)
class Triaged(Event):
    kind = "packet.triaged"
    says = "{actor} made it a {packet_type}, promised by {due_at}."
    packet_type: str
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Corrected(Event):
    kind = "packet.corrected"
    says = "{actor} corrected {item}."
    item: str


@dataclass(frozen=True, kw_only=True)
class Dealt(Event):
    kind = "packet.dealt"
    says = "{packet} was dealt to {person}: {reason}."
    person: int
    reason: str
    zone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Skipped(Event):
    kind = "packet.skipped"
    says = "{actor} skipped it: {reason}."
    reason: str


@dataclass(frozen=True, kw_only=True)
class PutBack(Event):
    kind = "packet.put_back"
    says = "{actor} put it back: {reason}."
    reason: str


@dataclass(frozen=True, kw_only=True)
class LeaseRanOut(Event):
    kind = "packet.lease_ran_out"
    says = "{person} held it too long without a word, so it came back."
    person: int


@dataclass(frozen=True, kw_only=True)
class Parked(Event):
    kind = "packet.parked"
    says = "{actor} parked it until {due_at}: {reason}."
    due_at: datetime
    reason: str
    step: str | None = None


@dataclass(frozen=True, kw_only=True)
class Woke(Event):
    kind = "packet.woke"
    says = "It came up again: {reason}."
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reddened(Event):
    kind = "promise.reddened"
    says = "Two thirds of its promise is used."
    zone: str


@dataclass(frozen=True, kw_only=True)
class Broken(Event):
    kind = "promise.broken"
    says = "Its promise is broken."
    zone: str


@dataclass(frozen=True, kw_only=True)
class CauseNamed(Event):
    kind = "promise.cause_named"
    says = "{actor} named why it is {zone}: {reason}."
    reason: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Closed(Event):
    kind = "packet.closed"
    says = "{actor} closed it: {outcome}."
    outcome: str
    reason: str | None = None
    value: Decimal | None = None
    zone: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Reopened(Event):
    kind = "packet.reopened"
    says = "{actor} opened it again: {reason}."
    reason: str


# --- selling -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Conversation(Event):
    """A meaningful selling interaction by the operational definition of R46; computed, never typed in."""

    kind = "conversation.held"
    says = "{actor} talked with the {counterpart} for {minutes} minutes: {outcome}."
    outcome: str
    counterpart: str
    minutes: float
    step: str | None = None
    reason: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt(Event):
    kind = "attempt.made"
    says = "{actor} tried and did not get a selling conversation: {reason}."
    reason: str
    minutes: float | None = None
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class Advanced(Event):
    kind = "stage.advanced"
    says = "The customer did it: {evidence_kind}. {stage} is over, {to_stage} begins."
    stage: str
    to_stage: str
    evidence_kind: str
    evidence_at: str


@dataclass(frozen=True, kw_only=True)
class Bought(Event):
    kind = "customer.bought"
    says = "{customer} bought {family}."
    value: Decimal
    family: str
    customer: int | None = None
    source: str | None = None


# --- handoffs ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class HandoffOpened(Event):
    kind = "handoff.opened"
    says = "{actor} began the kit for {to_department}; missing: {missing}."
    handoff: int
    handoff_kind: str
    to_department: str
    missing: list[str]
    """Keys of the items the kit lacked when it was first offered, in the kit's order; empty when it was full."""


@dataclass(frozen=True, kw_only=True)
class KitSupplied(Event):
    kind = "kit.supplied"
    says = "{actor} supplied {item}."
    handoff: int
    handoff_kind: str
    item: str


@dataclass(frozen=True, kw_only=True)
class HandoffAccepted(Event):
    kind = "handoff.accepted"
    says = "The kit was full, so {to_department} took it over."
    handoff: int
    handoff_kind: str
    to_department: str
    person: int | None = None
    due_at: datetime | None = None
    reason: str | None = None
    first_time_full: bool = True


@dataclass(frozen=True, kw_only=True)
class HandoffWithdrawn(Event):
    kind = "handoff.withdrawn"
    says = "{actor} withdrew the handoff before its kit was full: {reason}."
    handoff: int
    handoff_kind: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Disputed(Event):
    kind = "handoff.disputed"
    says = "{actor} says {item} is not what it claims to be."
    handoff: int
    handoff_kind: str
    item: str


@dataclass(frozen=True, kw_only=True)
class DisputeUpheld(Event):
    kind = "dispute.upheld"
    says = "{actor} upheld the dispute about {item}: it goes back to {to_department}."
    handoff: int
    handoff_kind: str
    item: str
    to_department: str
    department: str | None = None


@dataclass(frozen=True, kw_only=True)
class DisputeDismissed(Event):
    kind = "dispute.dismissed"
    says = "{actor} found {item} to be what it claims to be."
    handoff: int
    handoff_kind: str
    item: str


@dataclass(frozen=True, kw_only=True)
class FavourAsked(Event):
    kind = "favour.asked"
    says = "{actor} asked {person} a favour."
    person: int
    item: str | None = None


@dataclass(frozen=True, kw_only=True)
class FavourAnswered(Event):
    kind = "favour.answered"
    says = "{actor} answered the favour."


# --- queues --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class QueueRead(Event):
    kind = "queue.read"
    says = "{person} had {level} ready of {target} before the morning run."
    person: int
    level: float
    target: float
    zone: str
    in_play: int
    department: str | None = None


@dataclass(frozen=True, kw_only=True)
class QueueStarved(Event):
    kind = "queue.starved"
    says = "{person}'s queue stayed {level} short of its target."
    person: int
    level: float
    target: float
    value: Decimal | None = None
    department: str | None = None


@dataclass(frozen=True, kw_only=True)
class TargetOverridden(Event):
    kind = "queue.overridden"
    says = "{actor} released past {person}'s target: {reason}."
    person: int
    level: float
    target: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReturnedToPool(Event):
    kind = "packet.returned_to_pool"
    says = "Nobody had touched it for {days} working days, so it went back to {to_department}."
    to_department: str
    department: str | None = None
    person: int | None
    days: float


@dataclass(frozen=True, kw_only=True)
class LeftBehind(Event):
    """A new version of the playbook took its person out of the department; says where it went, in full."""

    kind = "packet.left_behind"
    says = "{person} no longer works in {department}, so it went to {to_department}."
    person: int
    department: str
    to_department: str


@dataclass(frozen=True, kw_only=True)
class TargetAdvised(Event):
    kind = "queue.target_advised"
    says = "Change {person}'s target from {level} to {target}? {reason}."
    person: int
    level: float
    target: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class TargetChanged(Event):
    kind = "queue.target_changed"
    says = "{actor} changed {person}'s target from {level} to {target}."
    person: int
    level: float
    target: float


@dataclass(frozen=True, kw_only=True)
class GrowthBorrowed(Event):
    kind = "growth.borrowed"
    says = "Business as usual borrowed {person} from growth."
    person: int
    minutes: float | None = None


# --- calendar ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SlotOffered(Event):
    kind = "slot.offered"
    says = "{actor} opened a slot for {person} at {due_at}."
    person: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class SlotBooked(Event):
    kind = "slot.booked"
    says = "{actor} booked {person} at {due_at}."
    person: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class SlotCancelled(Event):
    kind = "slot.cancelled"
    says = "{actor} cancelled {person} at {due_at}: {reason}."
    person: int
    due_at: datetime
    reason: str


# --- people, customers, method -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TimeLogged(Event):
    kind = "time.logged"
    says = "{actor} spent {minutes} minutes on {category}."
    category: str
    minutes: float
    reason: str | None = None
    person: int | None = None


@dataclass(frozen=True, kw_only=True)
class CapabilityGap(Event):
    kind = "capability.gap"
    says = "{actor} had to step in on {reason} because operations could not."
    reason: str
    minutes: float | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerMerged(Event):
    kind = "customer.merged"
    says = "{actor} merged {merged} into {customer}."
    customer: int
    merged: int


@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    kind = "person.erased"
    says = "{actor} erased the personal data of one person."
    person: int | None = None
    contact: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlaybookActivated(Event):
    kind = "playbook.activated"
    says = "{actor} put version {version} of the playbook into force."
    version: int


@dataclass(frozen=True, kw_only=True)
class Commented(Event):
    kind = "packet.commented"
    says = "{actor} wrote a remark."


def kinds() -> dict[str, type[Event]]:
    """Every event kind by its name, in the order of this file."""
    return {cls.kind: cls for cls in Event.__subclasses__()}
