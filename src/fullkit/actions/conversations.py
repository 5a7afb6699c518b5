"""A conversation sells the next step (R36); what is not one, by definition, is an attempt (R46)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fullkit.actions import handoffs, inbox, journey, log, may, packets, playbooks
from fullkit.models import Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Stage
from fullkit.rules import events, stages
from fullkit.rules.refusal import Invalid

MAX_MINUTES = 480.0
_RETRY_WITHOUT_QUEUE = "2d"


@transaction.atomic
def record(
    packet: Packet,
    *,
    outcome: str,
    counterpart: str,
    minutes: float,
    by: Person,
    at: datetime,
    step_at: datetime | None = None,
    step_by: str = "",
    reason: str = "",
    remark: str = "",
) -> Packet:
    """Record what came of a live conversation with a person who can act on the offer.

    `outcome` is exactly one of `sold_next_step` (with `step_at`, when it was promised, or `step_by`, the handoff
    that brings it about, such as a meeting), `not_sold` (with a reason) and `ended` (with a reason: it is lost).
    """
    plant = playbooks.current()
    may.have_in_hand(packet, by, at)
    stages.one_outcome(outcome, step_at=step_at, step_by=step_by, reason=reason, at=at)
    _plausible(minutes, "minutes")
    if outcome != "sold_next_step":
        inbox.a_reason(plant, "lost" if outcome == "ended" else "not_sold", reason, outcome.replace("_", " "))
    stage = _stage(packet, plant)
    step = stage.sells if stage and outcome == "sold_next_step" else ""
    meaningful = stages.is_meaningful(
        connected=True, counterpart=counterpart.strip(), outcome=outcome, inertia=packet.inertia
    )
    happened: events.Event
    if meaningful:
        happened = events.Conversation(
            outcome=outcome,
            counterpart=counterpart.strip(),
            minutes=minutes,
            step=step or None,
            reason=reason or None,
            due_at=step_at,
        )
    else:
        happened = events.Attempt(reason="not_meaningful", minutes=minutes, outcome=outcome)
    if packet.touched or remark.strip():
        _touch(packet, at)
        log.record(plant, happened, at=at, by=by, packet=packet, remark=remark)
    else:
        packets.move_telling(
            packet, lambda: [log.row(plant, happened, at=at, by=by, packet=packet)], touched_at=at
        )
    _follow_up(
        packet,
        plant,
        outcome=outcome,
        step=step,
        step_at=step_at,
        step_by=step_by,
        reason=reason,
        by=by,
        at=at,
    )
    return packet


def _follow_up(
    packet: Packet,
    plant: Plant,
    *,
    outcome: str,
    step: str,
    step_at: datetime | None,
    step_by: str,
    reason: str,
    by: Person,
    at: datetime,
) -> None:
    if not packet.stage:
        # A visit is a discrete task: it is over when it was held, and what it served wakes with its result.
        journey.close(packet, outcome=plant.type(packet.type).outcomes[0], reason=outcome, by=by, at=at)
    elif outcome == "ended":
        journey.close(packet, outcome="lost", reason=reason, by=by, at=at)
    elif outcome == "not_sold":
        inbox._park(packet, plant, until=_retry_at(packet, plant, at), reason="not_sold", by=by, at=at)
    elif step_at is not None:
        inbox._park(
            packet, plant, until=step_at, reason="step_sold", by=by, at=at, step=step or "agreed step"
        )
    else:
        handoffs.open(packet, kind=step_by, by=by, at=at)
        inbox._park(
            packet,
            plant,
            until=plant.work.add(at, plant.minutes("5d")),
            reason="step_by_others",
            by=by,
            at=at,
        )


@transaction.atomic
def attempt(
    packet: Packet,
    *,
    reason: str,
    by: Person,
    at: datetime,
    minutes: float | None = None,
    retry_at: datetime | None = None,
) -> Packet:
    """A call that reached nobody who can act. After the queue's number of attempts the opportunity ends undecided."""
    plant = playbooks.current()
    may.have_in_hand(packet, by, at)
    inbox.a_reason(plant, "attempt", reason, "record an attempt")
    if minutes is not None:
        _plausible(minutes, "minutes")
    _touch(packet, at)
    packets.move(packet, attempts=packet.attempts + 1)
    log.record(plant, events.Attempt(reason=reason, minutes=minutes), at=at, by=by, packet=packet)
    queue = plant.queue(packet.department)
    if queue and packet.attempts >= queue.attempts and queue.gives_up_as in plant.type(packet.type).outcomes:
        journey.close(packet, outcome=queue.gives_up_as, reason=reason, by=by, at=at)
    else:
        inbox._park(
            packet, plant, until=retry_at or _retry_at(packet, plant, at), reason="try_again", by=by, at=at
        )
    return packet


def _touch(packet: Packet, at: datetime) -> None:
    """From the first contact on it is in play (R26)."""
    if packet.touched_at is None:
        packets.move(packet, touched_at=at)


def _stage(packet: Packet, plant: Plant) -> Stage | None:
    return next((s for s in plant.playbook.stages_of(packet.type) if s.key == packet.stage), None)


def _retry_at(packet: Packet, plant: Plant, at: datetime) -> datetime:
    queue = plant.queue(packet.department)
    return plant.work.add(at, plant.minutes(queue.retry_after if queue else _RETRY_WITHOUT_QUEUE))


def _plausible(minutes: float, field: str) -> None:
    if not 0 <= minutes <= MAX_MINUTES:
        raise Invalid(
            field=field, problem=f"{minutes:g} is not a length of one conversation.", cure="Give 0 to 480."
        )
