"""Scheduling and the field: a coordinator books, the visitor goes, and now and then nobody is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fullkit.actions import calendar, conversations, inbox, journey
from fullkit.demo.cast import NOT_SOLD
from fullkit.demo.house import Desk, House, Worker
from fullkit.demo.serving import cause_of
from fullkit.models import Packet, Slot

NO_SHOW = 0.08
CANCELS = 0.07


def scheduling_minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(8, 35, 15)


def schedule(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """Book the next free slot that suits the customer; the farther ones fill up too."""
    if packet.zone and not packet.cause:
        inbox.name_cause(packet, reason=cause_of(house, packet, at), by=worker.person, at=at)
    slot = _free_slot(house, packet, at)
    if slot is None:
        house.park(packet, worker.person, at, days=0.5, reason="no_free_slot")
        return
    calendar.book(slot, packet=packet, by=worker.person, at=at)
    if house.rng.random() < CANCELS:
        when = slot.starts_at - timedelta(hours=house.rng.randint(20, 30))
        if when > at:
            house.memo["cancels", slot.pk] = int(when.timestamp())


def _free_slot(house: House, packet: Packet, at: datetime) -> Slot | None:
    names = (
        ("faye", "finn")
        if packet.fields.get("purpose") in ("survey", "contract")
        else ("tess", "faye", "finn")
    )
    who = [house.people[n] for n in names]
    soonest = house.later(at, days=house.rng.choice((1, 1, 2, 2, 3, 4, 6)))
    free = Slot.objects.filter(person__in=who, packet=None, starts_at__gt=soonest).select_related("person")
    return free.order_by("starts_at", "person_id").first()


def cancellations(house: House, at: datetime) -> None:
    """Customers who called off: the slot is free again at once, and a new request waits for a new one."""
    due = sorted(k for k, when in house.memo.items() if k[0] == "cancels" and when <= at.timestamp())
    for key in due:
        del house.memo[key]
        slot = Slot.objects.select_related("person", "packet").filter(pk=key[1]).exclude(packet=None).first()
        if (
            slot is not None
            and slot.starts_at > at
            and slot.packet is not None
            and slot.packet.state == "parked"
        ):
            calendar.cancel(slot, reason="The customer's plant stands still", by=house.people["cora"], at=at)
            house.bell("scheduling", at)


def visit_minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(35, 100, 55)


def visit(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """Held, with what came of it; or not held."""
    rng, by = house.rng, worker.person
    if packet.zone and not packet.cause:
        inbox.name_cause(packet, reason="volume", by=by, at=at)
    if rng.random() < NO_SHOW:
        journey.close(packet, outcome="not_held", reason="nobody_there", by=by, at=at)
    elif "sell" not in {a for r in by.roles_in(house.plant.playbook) for a in r.may}:
        journey.close(packet, outcome="held", reason="findings", by=by, at=at)
    else:
        met = packet.contact.role if packet.contact else ""
        said: dict[str, Any] = {"counterpart": met or "buyer", "minutes": 50.0, "by": by, "at": at}
        if rng.random() < 0.7:
            step_at = house.later(at, days=2)
            conversations.record(packet, outcome="sold_next_step", step_at=step_at, **said)
        else:
            conversations.record(packet, outcome="not_sold", reason=rng.choice(NOT_SOLD), **said)
    house.bell("inside_sales", at)


SCHEDULING = Desk(scheduling_minutes, schedule)
FIELD = Desk(visit_minutes, visit)


def ring_visits(house: House, at: datetime) -> None:
    """The field hears when a visit begins today."""
    tonight = at + timedelta(hours=11)
    for slot in (
        Slot.objects.filter(starts_at__gte=at, starts_at__lt=tonight).exclude(packet=None).order_by("pk")
    ):
        house.bell("field_sales", slot.starts_at, after=1)
