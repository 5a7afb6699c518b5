"""A dispute claims that one named item of an accepted kit is untrue; a supervisor decides (R2, R3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from fullkit.actions import handoffs, log, may, packets, playbooks
from fullkit.models import Dispute, Handoff, Person
from fullkit.models.prepared import insert
from fullkit.playbook.plant import Plant
from fullkit.rules import events
from fullkit.rules.refusal import Refusal


class NotAccepted(Refusal):
    says = "{packet} has not been handed over yet, so there is nothing to dispute. Its kit shows what is missing."


class AlreadyDisputed(Refusal):
    says = "{item} of {packet} is already disputed; a supervisor decides."


class AlreadyDecided(Refusal):
    says = "This dispute was decided on {when}."


class MovedOn(Refusal):
    says = "{packet} has gone on since, so it cannot go back. Dismiss this dispute, or dispute the later handoff."


@transaction.atomic
def dispute(handoff: Handoff, *, item: str, reason: str, by: Person, at: datetime) -> Dispute:
    """Claim that one named item is untrue. Until a supervisor decides, owner and clock stay as they are (R2)."""
    plant = playbooks.version(handoff.playbook)
    may.be_of_its_department(handoff.packet, by, plant)
    if handoff.accepted_at is None or handoff.reversed_at is not None:
        raise NotAccepted(packet=handoff.packet.number)
    keys = [i.key for i in plant.kit(handoff.kind)]
    if item not in keys:
        raise handoffs.NoSuchItem(
            item=item, to=plant.department(handoff.to_department).name, kit=", ".join(keys)
        )
    if not reason.strip():
        raise playbooks.ReasonMissing(what=f"{item} is not what it claims to be")
    if handoff.disputes.filter(item=item, decided_at=None).exists():
        raise AlreadyDisputed(item=item, packet=handoff.packet.number)
    try:
        with transaction.atomic():
            raised = Dispute(handoff=handoff, item=item, reason=reason.strip(), raised_by=by, raised_at=at)
            insert(raised)
    except IntegrityError:
        # Somebody else raised it in this moment.
        raise AlreadyDisputed(item=item, packet=handoff.packet.number) from None
    said = events.Disputed(handoff=handoff.pk, handoff_kind=handoff.kind, item=item)
    log.record(plant, said, at=at, by=by, packet=handoff.packet, remark=reason)
    return raised


@transaction.atomic
def decide(raised: Dispute, *, upheld: bool, by: Person, at: datetime, remark: str = "") -> Dispute:
    """A supervisor decides. Upheld: the sender has it again, with a new handoff that lacks just that item."""
    plant = playbooks.current()
    may.be_able(by, "supervise", plant)
    raised = Dispute.objects.select_for_update().select_related("handoff__packet").get(pk=raised.pk)
    if raised.decided_at is not None:
        raise AlreadyDecided(when=f"{raised.decided_at:%Y-%m-%d}")
    raised.decided_by, raised.decided_at, raised.upheld = by, at, upheld
    raised.save(update_fields=["decided_by", "decided_at", "upheld"])
    handoff = raised.handoff
    about: dict[str, Any] = {"handoff": handoff.pk, "handoff_kind": handoff.kind, "item": raised.item}
    if not upheld:
        log.record(
            plant, events.DisputeDismissed(**about), at=at, by=by, packet=handoff.packet, remark=remark
        )
        return raised
    may.be_open(handoff.packet)
    if handoff.reversed_at is not None or handoff.packet.department != handoff.to_department:
        raise MovedOn(packet=handoff.packet.number)
    back = events.DisputeUpheld(
        **about, department=handoff.packet.department, to_department=handoff.from_department
    )
    _give_back(handoff, plant, without=raised.item, by=by, at=at)
    log.record(plant, back, at=at, by=by, packet=handoff.packet, remark=remark)
    _prepare_again(handoff, plant, without=raised.item, at=at)
    return raised


def _give_back(handoff: Handoff, plant: Plant, *, without: str, by: Person, at: datetime) -> None:
    """Back to the sender; what was untrue is no longer known, neither as supplied nor as a fact of the packet."""
    for begun in handoff.packet.handoffs.being_prepared():
        handoffs.drop(begun, plant, reason="disputed", by=by, at=at)
    items = {i.key: i for i in playbooks.version(handoff.playbook).kit(handoff.kind)}
    fact = items[without].fact
    handoff.reversed_at = at
    handoff.save(update_fields=["reversed_at"])
    sender = handoffs.sender(handoff.from_department, handoff.opened_by, plant)
    packets.move(
        handoff.packet,
        department=handoff.from_department,
        person_id=sender.pk if sender else None,
        state="waiting",
        lease_until=None,
        not_before=None,
        queued_at=at,
        **(handoffs.without_fact(handoff.packet, fact) if fact else {}),
        **packets.promise(plant, handoff.packet.type, handoff.from_department, at),
    )


def _prepare_again(handoff: Handoff, plant: Plant, *, without: str, at: datetime) -> None:
    if handoff.kind not in plant.playbook.handoff:
        return
    again = Handoff.objects.create(
        packet=handoff.packet,
        kind=handoff.kind,
        from_department=handoff.from_department,
        to_department=plant.handoff(handoff.kind).to,
        opened_by=handoff.opened_by,
        opened_at=at,
        playbook=plant.number,
    )
    asked = {i.key for i in plant.kit(handoff.kind)} - {without}
    kept = [s for s in handoff.supplies.all() if s.item in asked]
    for stored in kept:
        stored.pk, stored.handoff = None, again
        stored.save(force_insert=True)
    lacking = [m.key for m in handoffs.missing(again, at=at)]
    opened = events.HandoffOpened(
        handoff=again.pk, handoff_kind=again.kind, to_department=again.to_department, missing=lacking
    )
    log.record(plant, opened, at=at, packet=handoff.packet)
    handoffs.recheck(handoff.packet, at=at)
