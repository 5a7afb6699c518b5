"""Promotions refills each salesperson's queue, pulled by the gap (R23 to R29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, QuerySet

from fullkit.actions import handoffs, log, may, packets, playbooks
from fullkit.models import Advice, Event, Handoff, Packet, Person, QueueReading, QueueTarget
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Queue
from fullkit.rules import events, queue
from fullkit.rules.refusal import Refusal


class NoQueue(Refusal):
    says = "{department} has no queue that Promotions fills."


class DoesNotSell(Refusal):
    says = "{person} does not sell in {department}, so nothing is released to them. Choose a salesperson."


class NotInPool(Refusal):
    says = "{packet} is not free in the pool."


class KitNotFull(Refusal):
    says = "{packet} cannot be released: {missing} missing. Supply what is missing; it stays in the pool meanwhile."
    rule = "R1"


class NoLongerOpen(Refusal):
    says = "This advice was already {what}."


@dataclass(frozen=True)
class State:
    """One person's queue as it stands."""

    person: Person
    target: float
    ready: int
    in_play: int
    released_today: int

    @property
    def zone(self) -> str:
        return queue.zone(self.ready, self.target)


def policy_of(department: str, plant: Plant) -> Queue:
    """The queue that feeds a department."""
    policy = plant.queue(department)
    if policy is None:
        raise NoQueue(department=department)
    return policy


def people_of(department: str, plant: Plant) -> list[Person]:
    """Those whose queue is filled: active, selling in this department."""
    return [p for p in Person.objects.filter(is_active=True).order_by("pk") if _sells(p, department, plant)]


def _sells(person: Person, department: str, plant: Plant) -> bool:
    return any(r.department == department and "sell" in r.may for r in person.roles_in(plant.playbook))


def target_of(person: Person, policy: Queue, plant: Plant) -> float:
    """The person's target: changed by advice, else consumption a day times cover days (R26)."""
    return _targets([person], policy, plant)[person.pk]


def _targets(people: list[Person], policy: Queue, plant: Plant) -> dict[int, float]:
    changed = dict(QueueTarget.objects.filter(person__in=people).values_list("person", "target"))
    return {
        p.pk: changed[p.pk] if p.pk in changed else plant.ready_target(policy.department, p.sign_in)
        for p in people
    }


def state_of(person: Person, department: str, plant: Plant, *, at: datetime) -> State:
    """Ready and in play are counted apart (R26); items past the freshness limit are no stock (4.2)."""
    return _states([person], department, plant, at=at)[0]


def states(department: str, plant: Plant, *, at: datetime) -> list[State]:
    """The queue of everyone in a department, in as many queries as for one."""
    return _states(people_of(department, plant), department, plant, at=at)


def _states(people: list[Person], department: str, plant: Plant, *, at: datetime) -> list[State]:
    policy = policy_of(department, plant)
    kind = plant.handoff(policy.release).packet_type
    own = Packet.objects.filter(person__in=people, department=department, type=kind)
    fresh = at - timedelta(days=policy.fresh_days)
    start = plant.work.start_of_day(plant.work.day_of(at)) or at
    today = own.filter(released_at__gte=start - timedelta(hours=12), released_at__lte=at)
    targets = _targets(people, policy, plant)
    ready = _per_person(own.ready().filter(released_at__gte=fresh))
    in_play = _per_person(own.in_play())
    released = _per_person(today.filter(released_at__date=at.date()))
    return [
        State(
            person=p,
            target=targets[p.pk],
            ready=ready.get(p.pk, 0),
            in_play=in_play.get(p.pk, 0),
            released_today=released.get(p.pk, 0),
        )
        for p in people
    ]


def _per_person(packets: QuerySet[Packet]) -> dict[int | None, int]:
    return dict(packets.values_list("person").annotate(n=Count("pk")))


def pool(department: str, plant: Plant) -> list[int]:
    """Ids of what waits in the pool for a department, oldest first."""
    spec = plant.handoff(policy_of(department, plant).release)
    return list(
        Packet.objects.waiting()
        .filter(department=spec.from_, type=spec.packet_type)
        .order_by("queued_at", "pk")
        .values_list("pk", flat=True)
    )


def replenish(department: str, *, at: datetime, by: Person | None = None) -> list[QueueReading]:
    """The morning run: read each level *before* releasing, then release the gap.

    Again that day: the level is not read again, and only what is still short comes out of the pool, if it has it now.
    """
    plant = playbooks.current()
    may.be_able(by, "promote", plant)
    day = plant.work.day_of(at)
    people = people_of(department, plant)
    for person in people:
        _read(person, department, day, plant, at)
    waiting = pool(department, plant)
    today = QueueReading.objects.filter(department=department, day=day, person__in=people)
    short = list(today.filter(released__lt=F("gap")).select_related("person"))
    # In turns, neediest first, so that a short pool is shared and not eaten by whoever comes first.
    wanting = sorted(short, key=lambda r: (r.level / max(r.target, 1), r.person_id))
    while waiting and wanting:
        for reading in list(wanting):
            if not _release_one(waiting, reading, department, plant, by, at):
                wanting.remove(reading)
    for reading in short:
        _finish(reading.pk, department, plant, at)
    return list(
        QueueReading.objects.filter(department=department, day=day)
        .select_related("person")
        .order_by("person_id")
    )


def _read(person: Person, department: str, day: date, plant: Plant, at: datetime) -> None:
    """Today's reading, unless there is one already."""
    if QueueReading.objects.filter(person=person, day=day).exists():
        return
    policy, state = policy_of(department, plant), state_of(person, department, plant, at=at)
    gap = queue.gap(
        target=state.target,
        ready=state.ready,
        released_today=0,
        in_play=state.in_play,
        in_play_limit=policy.in_play[1],
    )
    try:
        with transaction.atomic():
            QueueReading.objects.create(
                person=person,
                department=department,
                day=day,
                level=state.ready,
                target=state.target,
                in_play=state.in_play,
                zone=state.zone,
                gap=gap,
                at=at,
            )
            said = events.QueueRead(
                person=person.pk,
                level=state.ready,
                target=state.target,
                zone=state.zone,
                in_play=state.in_play,
                department=department,
            )
            log.record(plant, said, at=at)
    except IntegrityError:
        return  # another run read it in this moment


def _release_one(
    waiting: list[int], reading: QueueReading, department: str, plant: Plant, by: Person | None, at: datetime
) -> bool:
    """Release the oldest packet of the pool whose kit is full; those that lack something stay and are passed over."""
    wanting = QueueReading.objects.filter(pk=reading.pk, released__lt=F("gap"))
    while waiting:
        packet = Packet.objects.whole(waiting.pop(0))
        try:
            with transaction.atomic():
                # Counted first: of two runs at once, one is the last that still finds it short.
                if not wanting.update(released=F("released") + 1):
                    waiting.insert(0, packet.pk)
                    return False
                _alone(reading.person)
                ready, target = _ready_of(reading.person, department, plant, at)
                if ready >= target:
                    raise queue.QueueFull(person=reading.person.name, level=ready, target=target)
                _hand_over(packet, reading.person, department, plant, by=by, at=at)
        except queue.QueueFull:
            # Somebody released by hand since the level was read (R24).
            waiting.insert(0, packet.pk)
            return False
        except (Refusal, may.NotYours):
            continue
        return True
    return False


def _alone_with(person: Person, department: str, plant: Plant, at: datetime) -> State:
    """A queue's state that nobody else changes before this transaction ends."""
    _alone(person)
    return state_of(person, department, plant, at=at)


def _alone(person: Person) -> None:
    """Releases to one person take turns. On SQLite a transaction that writes is alone anyway."""
    if connection.features.has_select_for_update:
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _ready_of(person: Person, department: str, plant: Plant, at: datetime) -> tuple[int, float]:
    """Ready and target, as in `state_of` and without the rest."""
    policy = policy_of(department, plant)
    ready = Packet.objects.count_ready(
        person,
        department=department,
        type=plant.handoff(policy.release).packet_type,
        since=at - timedelta(days=policy.fresh_days),
    )
    return ready, target_of(person, policy, plant)


def _hand_over(
    packet: Packet, to: Person, department: str, plant: Plant, *, by: Person | None, at: datetime
) -> None:
    spec = plant.handoff(policy_of(department, plant).release)
    if packet.state != "waiting" or packet.department != spec.from_ or packet.type != spec.packet_type:
        raise NotInPool(packet=packet.number)
    begun = next((h for h in Handoff.objects.prepared_for(packet) if h.kind == spec.key), None)
    if begun is None:
        begun = handoffs.open(packet, kind=spec.key, by=by, at=at, to_person=to, pulled=True)
    else:
        begun.to_person = to
        begun.save(update_fields=["to_person"])
        handoffs.recheck(packet, at=at, pulled=True)
        begun = Handoff.objects.select_related("packet").get(pk=begun.pk)
        packet.refresh_from_db()
    if begun.accepted_at is None:
        lacking = ", ".join(m.name for m in handoffs.missing(begun, at=at)) or "nothing but its grace is"
        raise KitNotFull(packet=packet.number, missing=lacking)


def _finish(pk: int, department: str, plant: Plant, at: datetime) -> None:
    """Still short after the run: the constraint will starve. Say so once, and open an incident in the pool (R28)."""
    policy = policy_of(department, plant)
    with transaction.atomic():
        reading = QueueReading.objects.select_for_update(of=("self",)).select_related("person").get(pk=pk)
        short = reading.gap - reading.released
        said_before = Event.objects.filter(kind=events.QueueStarved.kind, person=reading.person_id)
        if short <= 0 or said_before.filter(at__gte=reading.at, department=department).exists():
            return
        lost = lost_throughput(short, policy, plant)
        said = events.QueueStarved(
            person=reading.person_id,
            level=reading.level + reading.released,
            target=reading.target,
            value=lost,
            department=department,
        )
        log.record(plant, said, at=at)
        source = plant.handoff(policy.release).from_
        if policy.incident and not _incident(policy.incident, reading.person, source):
            packets.make(
                plant,
                type=policy.incident,
                title=f"{reading.person.name}'s queue is {short} short",
                department=source,
                at=at,
                by=None,
                source="replenishment",
                inertia="undecided",
                value=lost,
                thread=f"starving:{reading.person_id}",
            )


def _incident(type: str, person: Person, department: str) -> bool:
    return (
        Packet.objects.open()
        .filter(department=department, type=type, thread=f"starving:{person.pk}")
        .exists()
    )


def lost_throughput(short: int, policy: Queue, plant: Plant) -> Decimal:
    """Throughput lost today for want of opportunities: short x chance at the first stage x mean worth (R28)."""
    kind = plant.handoff(policy.release).packet_type
    stages = plant.playbook.stages_of(kind)
    recent = (
        Packet.objects.filter(type=kind, value__isnull=False)
        .order_by("-pk")
        .values_list("value", flat=True)[:200]
    )
    values = [v for v in recent if v is not None]
    mean = sum(values, Decimal(0)) / len(values) if values else Decimal(0)
    chance = Decimal(str(stages[0].chance)) if stages else Decimal(0)
    return queue.lost_throughput(short, chance=chance, worth=mean * plant.playbook.company.margin)


@transaction.atomic
def release(packet: Packet, *, to: Person, by: Person | None, at: datetime, override: str = "") -> Packet:
    """Release one packet to one person. At or above target only with a reason, which is kept (R24)."""
    plant = playbooks.current()
    may.be_able(by, "promote", plant)
    department = to.department
    policy = policy_of(department, plant)
    if not to.is_active or not _sells(to, department, plant):
        raise DoesNotSell(person=to.name, department=plant.department(department).name)
    state = _alone_with(to, department, plant, at)
    full = state.ready + 1 > state.target or state.in_play > policy.in_play[1]
    queue.may_release(
        person=to.name,
        level=state.ready,
        target=state.target,
        in_play=state.in_play,
        in_play_limit=policy.in_play[1],
        override=override,
    )
    _hand_over(packet, to, department, plant, by=by, at=at)
    if full:
        said = events.TargetOverridden(
            person=to.pk, level=state.ready, target=state.target, reason="override"
        )
        log.record(plant, said, at=at, by=by, packet=packet, remark=override)
    return packet


def return_stale(*, at: datetime) -> int:
    """Untouched opportunities that lay too long go back to the pool, with their history (R27)."""
    plant, returned = playbooks.current(), 0
    for department, policy in plant.playbook.queue.items():
        spec = plant.handoff(policy.release)
        before = at - timedelta(days=policy.stale_days)
        old = (
            Packet.objects.waiting()
            .ready()
            .filter(department=department, type=spec.packet_type, released_at__lt=before)
        )
        for packet in old:
            days = plant.work_of(department).working_days_between(packet.released_at or at, at)
            if not queue.stale(touched=packet.touched, age_days=days, limit=policy.stale_days):
                continue
            with transaction.atomic():
                said = events.ReturnedToPool(
                    department=packet.department,
                    to_department=spec.from_,
                    person=packet.person_id,
                    days=round(days, 1),
                )
                packets.move(packet, department=spec.from_, person_id=None, queued_at=at, released_at=None)
                log.record(plant, said, at=at, packet=packet)
                returned += 1
    return returned


def advise(*, at: datetime) -> list[Advice]:
    """Dynamic buffer management: recommend a target from the levels read before the runs (R29). Changes nothing."""
    plant, given = playbooks.current(), []
    day = plant.work.day_of(at)
    for department, policy in plant.playbook.queue.items():
        for person in people_of(department, plant):
            if (advice := _advise(person, policy, plant, day, at)) is not None:
                given.append(advice)
    return given


def _advise(person: Person, policy: Queue, plant: Plant, day: date, at: datetime) -> Advice | None:
    changed = QueueTarget.objects.filter(person=person).first()
    target = target_of(person, policy, plant)
    span = int(max(2 * policy.replenishment_days, policy.replenishment_days)) + 1
    readings = person.readings.filter(day__lte=day).order_by("-day")[: max(span, 2)]
    found = queue.advise(
        [queue.Reading(day=r.day, level=r.level, target=r.target) for r in reversed(readings)],
        target=target,
        replenishment_days=policy.replenishment_days,
        cool_until=changed.cool_until if changed else None,
        day=day,
        min_target=policy.consumption,
        max_target=policy.consumption * 10,
    )
    given = Advice.objects.filter(person=person, accepted_at=None, lapsed_at=None)
    if found is not None and given.filter(from_target=target, to_target=found.target).exists():
        return None
    with transaction.atomic():
        given.update(lapsed_at=at)  # what the levels no longer say is no longer advised
        if found is None:
            return None
        said = events.TargetAdvised(person=person.pk, level=target, target=found.target, reason=found.reason)
        log.record(plant, said, at=at)
        return Advice.objects.create(
            person=person, at=at, day=day, from_target=target, to_target=found.target, reason=found.reason
        )


@transaction.atomic
def accept_advice(advice: Advice, *, by: Person, at: datetime) -> QueueTarget:
    """One click: the target changes, and rests for one replenishment time (R29)."""
    plant = playbooks.current()
    may.be_able(by, "promote", plant)
    taken = Advice.objects.filter(pk=advice.pk, accepted_at=None, lapsed_at=None).update(
        accepted_at=at, accepted_by=by
    )
    if not taken:
        raise NoLongerOpen(what="lapsed" if advice.lapsed_at else "accepted")
    policy = policy_of(advice.person.department, plant)
    cool = plant.work.day_of(at) + timedelta(days=max(1, round(policy.replenishment_days)))
    changed, _ = QueueTarget.objects.update_or_create(
        person=advice.person, defaults={"target": advice.to_target, "cool_until": cool}
    )
    said = events.TargetChanged(person=advice.person_id, level=advice.from_target, target=advice.to_target)
    log.record(plant, said, at=at, by=by)
    return changed
