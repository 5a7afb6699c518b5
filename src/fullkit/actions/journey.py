"""A packet's way: a stage ends on what the customer did (R76); it closes, and may be opened again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from fullkit.actions import customers, handoffs, inbox, log, may, packets, playbooks
from fullkit.models import Handoff, Packet, Person, StageExit, Upload
from fullkit.models.prepared import insert
from fullkit.playbook.plant import Plant
from fullkit.rules import events, stages
from fullkit.rules.refusal import Refusal


class NoStages(Refusal):
    says = "{packet} is of a type that has no stages, so it cannot advance; close it instead."


class UnknownOutcome(Refusal):
    says = "{type} cannot end as {outcome!r}. It can end as: {choices}."


class CauseMissing(Refusal):
    says = (
        "{packet} turned {zone}. Name the cause first, so that the weekly count is whole. One of: {choices}."
    )
    rule = "R54"


class NotClosed(Refusal):
    says = "{packet} is not closed, so there is nothing to open again."


@transaction.atomic
def advance(
    packet: Packet,
    *,
    evidence: str,
    evidence_at: datetime,
    by: Person,
    at: datetime,
    to_stage: str | None = None,
    value: Decimal | None = None,
    file: Upload | None = None,
) -> Packet:
    """The customer did what ends the stage: store the evidence and go on; past the last stage it is won.

    `to_stage` only says what the caller believes comes next; a stage of another process, or one that is not the
    next, is refused.
    """
    plant = playbooks.current()
    may.have_in_hand(packet, by, at)
    steps = plant.playbook.stages_of(packet.type)
    if not steps:
        raise NoStages(packet=packet.number)
    keys = [s.key for s in steps]
    following = stages.next_stage(keys, packet.stage)
    stages.may_advance(to_stage, following, keys)
    stage = steps[keys.index(packet.stage)]
    stages.check_evidence(stage.evidence.kind, evidence, evidence_at=evidence_at, at=at)
    left = StageExit(
        packet=packet,
        stage=stage.key,
        evidence_kind=stage.evidence.kind,
        evidence=evidence.strip(),
        file=file,
        evidence_at=evidence_at,
        by=by,
        at=at,
        playbook=plant.number,
    )
    advanced = events.Advanced(
        stage=stage.key,
        to_stage=following or "won",
        evidence_kind=stage.evidence.kind,
        evidence_at=evidence_at.isoformat(),
    )
    told = log.row(plant, advanced, at=at, by=by, packet=packet)
    if following is None:
        insert(left)
        log.record_all([told])
        won = "won" if "won" in plant.type(packet.type).outcomes else plant.type(packet.type).outcomes[0]
        return close(packet, outcome=won, by=by, at=at, value=value)
    worth: dict[str, Any] = {} if value is None else {"value": value}
    packets.move_telling(packet, lambda: [left, told], stage=following, **worth)
    return packet


@transaction.atomic
def close(
    packet: Packet,
    *,
    outcome: str,
    by: Person | None,
    at: datetime,
    reason: str = "",
    cause: str = "",
    value: Decimal | None = None,
) -> Packet:
    """End it with an outcome of its type. What it served wakes; what must follow opens by itself (R92)."""
    plant = playbooks.current()
    may.be_open(packet)
    if by is not None and not by.may("supervise", plant.playbook):
        may.have_in_hand(packet, by, at)
    choices = plant.type(packet.type).outcomes
    if outcome not in choices:
        raise UnknownOutcome(type=plant.type(packet.type).name, outcome=outcome, choices=", ".join(choices))
    if cause and by is not None:
        inbox.name_cause(packet, reason=cause, by=by, at=at)
    if packet.zone and not packet.cause and by is not None:
        known = ", ".join(r.key for r in plant.playbook.reasons.red)
        raise CauseMissing(packet=packet.number, zone=packet.zone, choices=known)
    for handoff in Handoff.objects.prepared_for(packet):
        handoff.packet = packet
        handoffs.drop(handoff, plant, reason="closed", by=by, at=at)
    packets.end(packet, plant, outcome=outcome, reason=reason, value=value, by=by, at=at)
    if outcome in ("won", "ordered") and packet.customer and packet.family and packet.value:
        customers.bought(
            packet.customer, family=packet.family, value=packet.value, at=at, by=by, packet=packet
        )
    _wake_parent(packet, plant, at)
    for kind in plant.automatic(packet.type, outcome):
        handoffs.open(packet, kind=kind.key, by=by, at=at)
    return packet


def _wake_parent(packet: Packet, plant: Plant, at: datetime) -> None:
    """What it served comes up again for whoever pursues it.

    R11: nothing else follows a quote. One that serves no opportunity is ours to lose, and confirming it is no
    salesperson's task.
    """
    parent = Packet.objects.whole(packet.parent_id) if packet.parent_id else None
    if parent is None or parent.state != "parked":
        return
    try:
        packets.move(
            parent, state="waiting", not_before=None, step_due_at=at, step=f"{packet.number} is ready"
        )
    except packets.SomeoneWasFaster:
        return
    log.record(plant, events.Woke(reason="answer_ready"), at=at, packet=parent)


@transaction.atomic
def reopen(packet: Packet, *, reason: str, by: Person, at: datetime) -> Packet:
    """Open a closed packet again: same department, a new promise, its history kept."""
    plant = playbooks.current()
    may.be_of_its_department(packet, by, plant)
    if packet.state != "closed":
        raise NotClosed(packet=packet.number)
    if not reason.strip():
        raise playbooks.ReasonMissing(what=f"{packet.number} is open again")
    shared = plant.department(packet.department).inbox == "shared"
    packets.move(
        packet,
        state="waiting",
        closed_at=None,
        outcome="",
        reason="",
        cause="",
        queued_at=at,
        not_before=None,
        person=None if shared else handoffs.sender(packet.department, packet.person or by, plant),
        **packets.promise(plant, packet.type, packet.department, at),
    )
    log.record(plant, events.Reopened(reason="reopened"), at=at, by=by, packet=packet, remark=reason)
    return packet
