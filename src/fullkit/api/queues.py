"""Queues: Promotions fills each salesperson's queue from the pool, pulled by the gap."""

from __future__ import annotations

from datetime import date

from fullkit import models
from fullkit.actions import may, playbooks, queues
from fullkit.api import found
from fullkit.api.caller import Call, sees_revenue
from fullkit.api.door import Noun
from fullkit.api.given import Given, Id, Key, NoRemark
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.shapes import PACKET_COLUMNS, Advice, Packet, Ref, Shape

router = Noun("Queues")


class Queue(Shape):
    """One person's queue as it stands: ready and in play are counted apart."""

    person: Ref
    target: float
    ready: int
    in_play: int
    released_today: int
    zone: str


class Queues(Shape):
    """The queues of a department."""

    department: str
    queues: list[Queue]


class Reading(Shape):
    """A queue's level before the morning run, and what the run released."""

    person: Ref
    day: date
    level: int
    target: float
    in_play: int
    zone: str
    gap: int
    released: int


class Readings(Shape):
    """What the morning run read and did."""

    readings: list[Reading]


class Returned(Shape):
    """How many untouched packets went back to the pool."""

    returned: int


class Target(Shape):
    """A person's target as it now is, and until when it rests."""

    person: int
    target: float
    cool_until: date | None


class Release(Given):
    """To whom; past a full queue only with a reason, which is kept."""

    to: Id
    override: NoRemark = ""


@router.question("/queues/{department}")
def queue_states(request: Call, department: Key) -> Queues:
    """Each person's queue in a department: level, target, zone, in play."""
    states = queues.states(department, playbooks.current(), at=request.at)
    return Queues(
        department=department,
        queues=[
            Queue(
                person=Ref(id=s.person.pk, name=s.person.name),
                target=s.target,
                ready=s.ready,
                in_play=s.in_play,
                released_today=s.released_today,
                zone=s.zone,
            )
            for s in states
        ],
    )


@router.question("/queues/{department}/pool")
def pool(
    request: Call, department: Key, cursor: Cursor | None = None, limit: Limit = DEFAULT
) -> Page[Packet]:
    """What waits in the pool for a department."""
    plant = playbooks.current()
    spec = plant.handoff(queues.policy_of(department, plant).release)
    rows = models.Packet.objects.filter(state="waiting", department=spec.from_, type=spec.packet_type)
    some, following = cut(rows.values(*PACKET_COLUMNS), cursor, limit)
    worth = sees_revenue(request.auth, plant)
    return Page(items=[Packet.of_row(row, worth=worth) for row in some], next=following)


@router.verb("/queues/{department}/replenish", queues.replenish)
def replenish(request: Call, department: Key) -> Readings:
    readings = queues.replenish(department, at=request.at, by=request.auth)
    return Readings(
        readings=[
            Reading(
                person=Ref(id=r.person_id, name=r.person.name),
                day=r.day,
                level=r.level,
                target=r.target,
                in_play=r.in_play,
                zone=r.zone,
                gap=r.gap,
                released=r.released,
            )
            for r in readings
        ]
    )


@router.verb("/packets/{packet}/release", queues.release)
def release(request: Call, packet: Id, body: Release) -> Packet:
    row, to = found.packet(packet), found.given_person(body.to, "to")
    assert to is not None
    return Packet.of(queues.release(row, to=to, override=body.override, by=request.auth, at=request.at))


@router.verb("/return-stale", queues.return_stale)
def return_stale(request: Call) -> Returned:
    may.be_able(request.auth, "promote", playbooks.current())
    return Returned(returned=queues.return_stale(at=request.at))


@router.question("/advice")
def advice(request: Call, cursor: Cursor | None = None, limit: Limit = DEFAULT) -> Page[Advice]:
    """Recommended changes of targets that nobody has accepted yet."""
    rows, following = cut(models.Advice.objects.filter(accepted_at=None, lapsed_at=None), cursor, limit)
    return Page(items=[Advice.of(row) for row in rows], next=following)


@router.verb("/advice/{advice}/accept", queues.accept_advice)
def accept_advice(request: Call, advice: Id) -> Target:
    row = found.one(models.Advice.objects.select_related("person"), advice, "advice")
    changed = queues.accept_advice(row, by=request.auth, at=request.at)
    return Target(person=changed.person_id, target=changed.target, cool_until=changed.cool_until)
