"""A packet's way: conversations and attempts, stages that the customer ends, closing and opening again."""

from __future__ import annotations

from typing import Annotated

from fullkit.actions import conversations, journey
from fullkit.api import found
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.given import Choice, Given, Id, Instant, Minutes, Money, NoRemark, Remark, Text
from fullkit.api.shapes import Packet
from fullkit.rules.stages import Outcome

router = Noun("Journey")

Optional = Annotated[str, Text(80, required=False)]


class Conversation(Given):
    """What came of it. A sold next step has `step_at`, or `step_by`, the handoff that finds the time."""

    outcome: Outcome
    counterpart: Annotated[str, Text(40)]
    minutes: Minutes
    step_at: Instant | None = None
    step_by: Optional = ""
    reason: Optional = ""
    remark: NoRemark = ""


@router.verb("/packets/{packet}/conversation", conversations.record)
def conversation(request: Call, packet: Id, body: Conversation) -> Packet:
    row = conversations.record(found.packet(packet), by=request.auth, at=request.at, **dict(body))
    return Packet.of(row)


class Attempt(Given):
    """Why nobody who can act was reached; `retry_at` is when to try again, by default the queue's time."""

    reason: Choice
    minutes: Minutes | None = None
    retry_at: Instant | None = None


@router.verb("/packets/{packet}/attempt", conversations.attempt)
def attempt(request: Call, packet: Id, body: Attempt) -> Packet:
    row = conversations.attempt(found.packet(packet), by=request.auth, at=request.at, **dict(body))
    return Packet.of(row)


class Advance(Given):
    """What the customer did, where that can be seen, and when it was done."""

    evidence: Annotated[str, Text(500)]
    evidence_at: Instant
    to_stage: Choice | None = None
    value: Money | None = None


@router.verb("/packets/{packet}/advance", journey.advance)
def advance(request: Call, packet: Id, body: Advance) -> Packet:
    return Packet.of(journey.advance(found.packet(packet), by=request.auth, at=request.at, **dict(body)))


class Ending(Given):
    """How it ended. `cause` says why it turned red or black, when it did."""

    outcome: Choice
    reason: Annotated[str, Text(40, required=False)] = ""
    cause: Annotated[str, Text(40, required=False)] = ""
    value: Money | None = None


@router.verb("/packets/{packet}/close", journey.close)
def close(request: Call, packet: Id, body: Ending) -> Packet:
    return Packet.of(journey.close(found.packet(packet), by=request.auth, at=request.at, **dict(body)))


class Again(Given):
    """Why it is opened again."""

    reason: Remark


@router.verb("/packets/{packet}/reopen", journey.reopen)
def reopen(request: Call, packet: Id, body: Again) -> Packet:
    return Packet.of(journey.reopen(found.packet(packet), reason=body.reason, by=request.auth, at=request.at))
