"""Work is dealt, not picked: deal, skip, put back, park, and what happens by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction

from fullkit.actions import log, may, packets, playbooks
from fullkit.models import Event, Handoff, Packet, Person
from fullkit.models.packet import BATCH, Waiting
from fullkit.playbook.plant import Plant
from fullkit.rules import events, queue
from fullkit.rules.capacity import borrows_growth
from fullkit.rules.inbox import what_is_due
from fullkit.rules.refusal import Refusal

UNDO_WITHIN = timedelta(minutes=5)
"""For how long the last skip can be undone."""
SKIP_PAUSE = 60.0
"""Working minutes after which something skipped comes up again in a personal queue."""


class UnknownReason(Refusal):
    says = "{reason!r} is not one of the reasons to {what}. Choose one of: {choices}."


class NotFree(Refusal):
    says = "{packet} cannot be picked up: {why}."


class FinishFirst(Refusal):
    says = "You have {packet} in your hands. Finish it, park it or put it back; then take {other}."


class NothingToUndo(Refusal):
    says = "There is no skip to undo: {why}."


class InThePast(Refusal):
    says = "{what} must lie in the future; {given} has passed. Choose a later time."


def a_reason(plant: Plant, kind: str, key: str, what: str) -> str:
    """One of the playbook's reasons of a kind, or a refusal that names them."""
    choices = {r.key: r.name for r in getattr(plant.playbook.reasons, kind)}
    if key not in choices:
        raise UnknownReason(reason=key, what=what, choices=", ".join(choices))
    return key


def deal(person: Person, *, at: datetime) -> Packet | None:
    """Give a person the next packet, or the one already in their hands; None when nothing waits (R18, R53)."""
    plant = playbooks.current()
    may.be_able(person, "work", plant)
    departments = working_departments(person, plant)
    for department in departments:
        sweep(at=at, department=department)
    held = in_hand(person)
    if held is not None:
        return held
    for department in departments:
        packet = _deal_from(department, person, plant, at)
        if packet is not None:
            return packet
    return in_hand(person)  # what they were dealt in another window meanwhile


def in_hand(person: Person) -> Packet | None:
    """What a person holds now."""
    held = Packet.objects.held_by(person)
    return None if held is None else _whole(held, person)


def _whole(packet: int, holder: Person) -> Packet:
    """A packet just taken in hand, with what its page shows."""
    found = Packet.objects.whole(packet)
    if found.person_id == holder.pk:
        found.person = holder
    return found


def working_departments(person: Person, plant: Plant) -> list[str]:
    """The departments whose packets this person is dealt, home first."""
    roles = [r for r in person.roles_in(plant.playbook) if "work" in r.may]
    return list(dict.fromkeys(r.department for r in roles))


@dataclass(frozen=True)
class _Turn:
    plant: Plant
    person: Person
    at: datetime
    lease_until: datetime


def _deal_from(department: str, person: Person, plant: Plant, at: datetime) -> Packet | None:
    until = at + timedelta(minutes=plant.lease(department))
    turn = _Turn(plant, person, at, until)
    try:
        with transaction.atomic():
            packet, reason = _claim_own(turn, department) or _claim_shared(turn, department) or (None, "")
            if packet is not None:
                _record_dealt(turn, packet, reason)
            return packet
    except IntegrityError:
        # The same person asked twice at once; the database let one of the two through. Both get that one.
        return in_hand(person)


def _claim_own(turn: _Turn, department: str) -> tuple[Packet, str] | None:
    """From the packets that are this person's already, in the order of rules/queue.py."""
    while own := Packet.objects.own_first(turn.person, department):
        for choice in _order(turn, department, own):
            if Packet.objects.claim(choice.id, person=turn.person, lease_until=turn.lease_until):
                return _whole(choice.id, turn.person), choice.reason
    return None  # what was there was taken meanwhile


def _order(turn: _Turn, department: str, waiting: Iterable[Waiting]) -> list[queue.Choice]:
    return queue.sales_order(
        candidates(turn.plant, waiting),
        at=turn.at,
        waited_too_long_before=waited_too_long_before(turn.plant, department, turn.at),
    )


def waited_too_long_before(plant: Plant, department: str, at: datetime) -> datetime:
    """What waits since before this instant comes first, whatever it is worth."""
    policy = plant.queue(department)
    return plant_days_ago(plant, policy.age_guard_days if policy else 5.0, at)


def candidates(plant: Plant, waiting: Iterable[Waiting]) -> list[queue.Candidate]:
    """What waits for one person, as rules/queue.py weighs it."""
    margin, found = plant.playbook.company.margin, []
    for pk, type, stage_key, touched_at, step_due_at, queued_at, value in waiting:
        stage = plant.stage(type, stage_key)
        found.append(
            queue.Candidate(
                id=pk,
                touched=touched_at is not None,
                step_due_at=step_due_at,
                queued_at=queued_at,
                chance=stage.chance if stage else 1.0,
                value=(value or Decimal(0)) * margin,
                hours_left=stage.hours_left if stage else 1.0,
            )
        )
    return found


def plant_days_ago(plant: Plant, days: float, at: datetime) -> datetime:
    """The instant that many calendar weeks-and-days of working days ago; five working days are one week."""
    return at - timedelta(
        days=days * 7.0 / max(1, sum(1 for s in plant.playbook.calendar.hours.values() if s))
    )


def _claim_shared(turn: _Turn, department: str) -> tuple[Packet, str] | None:
    if turn.plant.department(department).inbox != "shared":
        return None
    claim = partial(
        Packet.objects.claim_next,
        department=department,
        person=turn.person,
        lease_until=turn.lease_until,
        never=turn.plant.pooled(department),
    )
    # Nothing is said to wait while a claim is under way that may come to nothing, such as this person's own, twice.
    found = (
        claim()
        or claim(passing_over_skipped=False)
        or claim(passing_over_skipped=False, waiting_for_others=True)
    )
    if found is None:
        return None
    packet = _whole(found, turn.person)
    return packet, packet.zone or "oldest"


def _record_dealt(turn: _Turn, packet: Packet, reason: str) -> None:
    happened: list[events.Event] = [
        events.Dealt(person=turn.person.pk, reason=reason, zone=packet.zone or None)
    ]
    if borrows_growth(packet.chain, turn.plant.department(turn.person.department).chain):
        happened.append(events.GrowthBorrowed(person=turn.person.pk))
    log.record_all([log.row(turn.plant, e, at=turn.at, by=turn.person, packet=packet) for e in happened])


@transaction.atomic
def pick_up(packet: Packet, *, by: Person, at: datetime, reason: str = "out_of_turn") -> Packet:
    """Take one packet out of turn: the customer is on the phone, or a visit is due. Logged as out of turn."""
    plant = playbooks.current()
    may.be_able(by, "work", plant)
    if not by.works_in(packet.department, plant.playbook):
        raise may.NotYours(f"{packet.number} is work of another department.")
    may.be_open(packet)
    held = in_hand(by)
    if held is not None and held.pk == packet.pk:
        return held
    if held is not None:
        raise FinishFirst(packet=held.number, other=packet.number)
    if packet.state == "held":
        raise NotFree(packet=packet.number, why=f"{packet.person} has it in hand")
    if packet.person_id not in (None, by.pk):
        raise NotFree(packet=packet.number, why=f"it is released to {packet.person}")
    until = at + timedelta(minutes=plant.lease(packet.department))
    try:
        with transaction.atomic():
            packets.move(packet, state="held", person_id=by.pk, lease_until=until, not_before=None)
    except IntegrityError:
        # The same person took another one in this moment.
        held = in_hand(by)
        raise FinishFirst(packet=held.number if held else "something", other=packet.number) from None
    log.record(
        plant,
        events.Dealt(person=by.pk, reason=reason, zone=packet.zone or None),
        at=at,
        by=by,
        packet=packet,
    )
    return packet


@transaction.atomic
def renew(packet: Packet, *, by: Person, at: datetime) -> None:
    """Lengthen the lease of a packet that is being worked on; an open page does this by itself."""
    plant = playbooks.current()
    may.have_in_hand(packet, by, at)
    packets.move(packet, lease_until=at + timedelta(minutes=plant.lease(packet.department)))


@transaction.atomic
def skip(packet: Packet, *, reason: str, by: Person, at: datetime) -> None:
    """Pass it over, with a reason that is counted (R18). A colleague may be dealt it; you later."""
    plant = playbooks.current()
    may.have_in_hand(packet, by, at)
    a_reason(plant, "skip", reason, "skip")
    _let_go(packet, plant, at, pause=True, skipped_by_id=by.pk)
    log.record(plant, events.Skipped(reason=reason), at=at, by=by, packet=packet)


@transaction.atomic
def undo_skip(*, by: Person, at: datetime) -> Packet:
    """Take back up what this person skipped last, within five minutes; what was dealt since is let go untouched."""
    plant = playbooks.current()
    may.be_able(by, "work", plant)
    dealing = [events.Dealt.kind, events.GrowthBorrowed.kind]
    mine = Event.objects.filter(actor=by, at__lte=at).exclude(kind__in=dealing).order_by("-pk").first()
    if mine is None or mine.kind != events.Skipped.kind or mine.packet_id is None:
        raise NothingToUndo(why="it is not the last thing you did")
    if at - mine.at > UNDO_WITHIN:
        raise NothingToUndo(why="it is more than five minutes ago")
    skipped, held = Packet.objects.whole(mine.packet_id), in_hand(by)
    if skipped.skipped_by_id != by.pk or skipped.state not in ("waiting", "parked"):
        raise NotFree(packet=skipped.number, why="a colleague has it by now")
    if held is not None:
        _let_go(held, plant, at)
        log.record(plant, events.PutBack(reason="undone"), at=at, by=by, packet=held)
    pick_up(skipped, by=by, at=at, reason="undone")
    packets.move(skipped, skipped_by_id=None)
    return skipped


@transaction.atomic
def put_back(packet: Packet, *, reason: str, by: Person, at: datetime) -> None:
    """Give it back as it was, for instance at the end of a shift."""
    plant = playbooks.current()
    may.have_in_hand(packet, by, at)
    a_reason(plant, "put_back", reason, "put it back")
    _let_go(packet, plant, at)
    log.record(plant, events.PutBack(reason=reason), at=at, by=by, packet=packet)


@transaction.atomic
def take_back(packet: Packet, *, by: Person, at: datetime) -> None:
    """A supervisor returns a packet whose holder is absent."""
    plant = playbooks.current()
    may.be_able(by, "supervise", plant)
    may.be_open(packet)
    if packet.state != "held":
        raise NotFree(packet=packet.number, why="nobody has it in hand")
    _let_go(packet, plant, at)
    log.record(plant, events.PutBack(reason="taken_back"), at=at, by=by, packet=packet)


def _let_go(packet: Packet, plant: Plant, at: datetime, *, pause: bool = False, **changes: object) -> None:
    """Out of the hands: into the shared inbox at its old place, or back into the person's own queue."""
    shared = plant.department(packet.department).inbox == "shared"
    if shared:
        packets.move(packet, state="waiting", person_id=None, lease_until=None, **changes)
    elif pause:
        later = plant.work.add(at, SKIP_PAUSE)
        packets.move(packet, state="parked", not_before=later, lease_until=None, **changes)
    else:
        packets.move(packet, state="waiting", lease_until=None, **changes)


@transaction.atomic
def park(packet: Packet, *, until: datetime, reason: str, by: Person, at: datetime, step: str = "") -> None:
    """Lay it aside until a time; its promise clock runs on (R54). With a step: what the customer was promised."""
    plant = playbooks.current()
    may.have_in_hand(packet, by, at)
    _park(packet, plant, until=until, reason=reason, by=by, at=at, step=step)


def _park(
    packet: Packet,
    plant: Plant,
    *,
    until: datetime,
    reason: str,
    by: Person | None,
    at: datetime,
    step: str = "",
) -> None:
    if until <= at:
        raise InThePast(what="The time it comes up again", given=f"{until:%Y-%m-%d %H:%M} UTC")
    parked = events.Parked(due_at=until, reason=reason, step=step or None)
    packets.move_telling(
        packet,
        lambda: [log.row(plant, parked, at=at, by=by, packet=packet)],
        state="parked",
        not_before=until,
        lease_until=None,
        step=step,
        step_due_at=until if step else None,
    )


@transaction.atomic
def name_cause(packet: Packet, *, reason: str, by: Person, at: datetime) -> None:
    """Say why it turned red or black (R54); the weekly Pareto reads this (R55)."""
    plant = playbooks.current()
    may.be_of_its_department(packet, by, plant)
    a_reason(plant, "red", reason, "be red")
    packets.move(packet, cause=reason)
    log.record(
        plant, events.CauseNamed(reason=reason, zone=packet.zone or "green"), at=at, by=by, packet=packet
    )


def sweep(*, at: datetime, department: str | None = None) -> int:
    """Let happen what happens by itself: leases run out, steps come due, promises turn red and black.

    Called by the clock, and before every deal, so that nothing waits for a timer. Returns how many packets changed.
    """
    plant = playbooks.current()
    departments = [department] if department else list(plant.playbook.department)
    changed = 0
    for key in departments:
        while Packet.objects.anything_due(key, at) and (due := Packet.objects.due_now(key, at)):
            moved = sum(let_happen(packet, plant, at) for packet in due)
            changed += moved
            if moved < len(due) or len(due) < BATCH:
                break
    return changed


@transaction.atomic
def let_happen(packet: Packet, plant: Plant, at: datetime) -> bool:
    """Let happen to one packet what is due by now; False when nothing is, or someone was faster."""
    due = what_is_due(
        packet.state,
        zone=packet.zone,
        red_at=packet.red_at,
        due_at=packet.due_at,
        not_before=packet.not_before,
        lease_until=packet.lease_until,
        at=at,
    )
    shared = plant.department(packet.department).inbox == "shared"
    told: list[events.Event] = []
    changes: dict[str, object] = {}
    for what in due:
        happened: events.Event
        if what == "lease_ran_out":
            assert packet.person_id is not None
            changes |= {"state": "waiting", "lease_until": None} | ({"person_id": None} if shared else {})
            happened = events.LeaseRanOut(person=packet.person_id)
        elif what == "woke":
            changes |= {"state": "waiting", "not_before": None}
            if shared and not _being_prepared(packet):
                changes["person_id"] = None
            happened = events.Woke(reason="promised_step" if packet.step_due_at else "time")
        elif what == "reddened":
            changes["zone"] = "red"
            happened = events.Reddened(zone="red")
        else:
            changes["zone"] = "black"
            happened = events.Broken(zone="black")
        told.append(happened)
    if not changes:
        return False
    try:
        packets.move(packet, **changes)
    except packets.SomeoneWasFaster:
        return False
    log.record_all([log.row(plant, each, at=at, packet=packet) for each in told])
    return True


def _being_prepared(packet: Packet) -> bool:
    return bool(Handoff.objects.prepared_for(packet))
