"""Inboxes: the next packet is dealt, and laid aside, given back or passed over with a reason."""

from __future__ import annotations

from typing import Annotated

from django.db.models import QuerySet

from fullkit import models
from fullkit.actions import inbox, playbooks
from fullkit.api import found
from fullkit.api.caller import Call, sees_revenue
from fullkit.api.door import Noun
from fullkit.api.given import Choice, Given, Id, Instant, Key, Text
from fullkit.api.pages import DEFAULT, Limit
from fullkit.api.refusals import NoSuch
from fullkit.api.shapes import PACKET_COLUMNS, Packet, Shape

router = Noun("Inbox")

COUNTED = 1000


class Next(Shape):
    """What is in your hands; null when nothing waits."""

    packet: Packet | None


class Board(Shape):
    """A department's inbox as a buffer board. Counts stop at 1000; `next` is the order in which it is dealt."""

    department: str
    waiting: int
    red: int
    black: int
    held: int
    parked: int
    next: list[Packet]


class Why(Given):
    """One of the playbook's reasons."""

    reason: Choice


class Until(Given):
    """When it shall come up again, why, and the step the customer was promised for then, if any."""

    until: Instant
    reason: Annotated[str, Text(80)]
    step: Annotated[str, Text(200, required=False)] = ""


@router.verb("/next", inbox.deal)
def deal(request: Call) -> Next:
    packet = inbox.deal(request.auth, at=request.at)
    return Next(packet=Packet.of(packet) if packet else None)


@router.question("/next")
def in_hand(request: Call) -> Next:
    """What you hold now; null when your hands are empty."""
    packet = inbox.in_hand(request.auth)
    return Next(packet=Packet.of(packet) if packet else None)


@router.question("/inbox/{department}")
def board(request: Call, department: Key, limit: Limit = DEFAULT) -> Board:
    """A department's inbox: how many wait, are red, are in hand, and which come next."""
    plant = playbooks.current()
    if department not in plant.playbook.department:
        known = ", ".join(plant.playbook.department)
        raise NoSuch(f"There is no department {department}. There are: {known}.")
    rows = models.Packet.objects.in_department(department)
    waiting = rows.waiting().filter(person=None).order_by("-urgent", "queued_at", "pk")
    worth = sees_revenue(request.auth, plant)
    return Board(
        department=department,
        waiting=_count(rows.waiting()),
        red=_count(rows.open().filter(zone="red")),
        black=_count(rows.open().filter(zone="black")),
        held=_count(rows.filter(state="held")),
        parked=_count(rows.filter(state="parked")),
        next=[Packet.of_row(row, worth=worth) for row in waiting.values(*PACKET_COLUMNS)[:limit]],
    )


def _count(rows: QuerySet[models.Packet]) -> int:
    return rows[:COUNTED].count()


@router.verb("/packets/{packet}/pick-up", inbox.pick_up)
def pick_up(request: Call, packet: Id) -> Packet:
    return Packet.of(inbox.pick_up(found.packet(packet), by=request.auth, at=request.at))


@router.verb("/packets/{packet}/renew", inbox.renew)
def renew(request: Call, packet: Id) -> Packet:
    row = found.packet(packet)
    inbox.renew(row, by=request.auth, at=request.at)
    return Packet.of(row)


@router.verb("/packets/{packet}/skip", inbox.skip)
def skip(request: Call, packet: Id, body: Why) -> Packet:
    row = found.packet(packet)
    inbox.skip(row, reason=body.reason, by=request.auth, at=request.at)
    return Packet.of(row)


@router.verb("/skip/undo", inbox.undo_skip)
def undo_skip(request: Call) -> Packet:
    return Packet.of(inbox.undo_skip(by=request.auth, at=request.at))


@router.verb("/packets/{packet}/put-back", inbox.put_back)
def put_back(request: Call, packet: Id, body: Why) -> Packet:
    row = found.packet(packet)
    inbox.put_back(row, reason=body.reason, by=request.auth, at=request.at)
    return Packet.of(row)


@router.verb("/packets/{packet}/take-back", inbox.take_back)
def take_back(request: Call, packet: Id) -> Packet:
    row = found.packet(packet)
    inbox.take_back(row, by=request.auth, at=request.at)
    return Packet.of(row)


@router.verb("/packets/{packet}/park", inbox.park)
def park(request: Call, packet: Id, body: Until) -> Packet:
    row = found.packet(packet)
    inbox.park(row, until=body.until, reason=body.reason, step=body.step, by=request.auth, at=request.at)
    return Packet.of(row)


@router.verb("/packets/{packet}/name-cause", inbox.name_cause)
def name_cause(request: Call, packet: Id, body: Why) -> Packet:
    row = found.packet(packet)
    inbox.name_cause(row, reason=body.reason, by=request.auth, at=request.at)
    return Packet.of(row)
