"""Customer service: everything that comes in by itself, triaged, answered, or handed on with a kit."""

from __future__ import annotations

from datetime import datetime

from fullkit.actions import customers, inbox, intake, journey
from fullkit.demo.house import Desk, House, Worker
from fullkit.models import Handoff, Packet

MINUTES = {"enquiry": (5, 18), "quote": (15, 52), "order": (10, 34), "issue": (12, 45)}
TRIAGED = ("quote", "quote", "order", "order", "issue")


def minutes(house: House, worker: Worker, packet: Packet) -> float:
    least, most = MINUTES.get(packet.type, (5, 15))
    return house.rng.triangular(least, most, least * 1.6)


def finish(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    rng = house.rng
    odd = packet.type not in MINUTES or _prepares(packet)
    if odd and house.gather(worker, packet, at, chance=0.8):
        return
    if _cannot(house, worker, packet, at):
        return
    if packet.type == "enquiry":
        packet = _triage(house, worker, packet, at)
        if packet.state != "held" or packet.type == "enquiry":
            return
    if packet.type == "quote":
        _quote(house, worker, packet, at)
    elif packet.type == "order":
        _order(house, worker, packet, at)
    elif packet.type == "issue":
        _issue(house, worker, packet, at)
    else:
        close(house, worker, packet, at, house.plant.type(packet.type).outcomes[-1])
    if rng.random() < 0.01 and packet.state == "closed":
        later = house.later(at, minutes=rng.randint(60, 400))
        house.clock.put(later, lambda now: _again(house, packet, now))


def _prepares(packet: Packet) -> bool:
    return packet.person_id is not None and bool(Handoff.objects.prepared_for(packet))


def _cannot(house: House, worker: Worker, packet: Packet, at: datetime) -> bool:
    """Now and then it is not for them: another language, or an approval."""
    draw = house.rng.random()
    foreign = packet.contact is not None and not packet.contact.name.isascii()
    if draw < (0.12 if foreign else 0.006) and packet.skipped_by_id is None:
        inbox.skip(packet, reason="no_language" if foreign else "no_authority", by=worker.person, at=at)
        house.bell("service", at)
        return True
    return False


def _triage(house: House, worker: Worker, packet: Packet, at: datetime) -> Packet:
    rng, by = house.rng, worker.person
    draw = rng.random()
    if draw < 0.62:
        return intake.triage(packet, type=rng.choice(TRIAGED), by=by, at=at)
    if draw < 0.70:
        intake.classify(
            packet, verdict="competitor", reason="They buy it elsewhere and compare", by=by, at=at
        )
        return packet
    if draw < 0.76 and packet.family:
        house.hand(packet, "hint", by, at, title=packet.title)
    close(house, worker, packet, at, "answered" if draw < 0.97 else "cancelled")
    return packet


def _quote(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    rng = house.rng
    if ("designed", packet.pk) in house.memo:
        if Packet.objects.open().filter(parent=packet, type="design").exists():
            house.park(packet, worker.person, at, days=0.5, reason="waiting_for_design")
            return
    elif packet.source not in ("handoff",) and rng.random() < 0.11:
        house.count("designed", packet)
        house.hand(packet, "design_for_quote", worker.person, at, title=packet.title)
        house.park(packet, worker.person, at, days=2, reason="waiting_for_design")
        return
    outcome = "sent" if rng.random() < 0.93 else rng.choice(("not_quoted", "cancelled"))
    close(house, worker, packet, at, outcome)


def _order(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    rng = house.rng
    if ("placed", packet.pk) not in house.memo:
        house.count("placed", packet)
        engineered = rng.random() < 0.03
        begun = house.hand(packet, "project_scope" if engineered else "place_order", worker.person, at)
        if begun.accepted_at is None:
            house.park(packet, worker.person, at, days=0.16, reason="waiting_for_papers")
            return
    elif Packet.objects.open().filter(parent=packet, department="service").exists():
        house.park(packet, worker.person, at, days=0.16, reason="waiting_for_papers")
        return
    close(house, worker, packet, at, "entered")
    if packet.customer and packet.family:
        value = packet.value or house.market.worth()
        customers.bought(
            packet.customer,
            family=packet.family,
            value=value,
            at=at,
            by=worker.person,
            packet=packet,
            source="order",
        )


def _issue(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    if ("repairing", packet.pk) not in house.memo and house.rng.random() < 0.6:
        house.count("repairing", packet)
        house.hand(packet, "repair", worker.person, at)
        house.park(packet, worker.person, at, days=0.6, reason="waiting_for_repair")
        return
    close(house, worker, packet, at, "resolved" if house.rng.random() < 0.96 else "cancelled")


def close(house: House, worker: Worker, packet: Packet, at: datetime, outcome: str) -> None:
    """Close it; what turned red or black first gets its cause."""
    cause = cause_of(house, packet, at) if packet.zone and not packet.cause else ""
    journey.close(packet, outcome=outcome, by=worker.person, at=at, cause=cause)


def cause_of(house: House, packet: Packet, at: datetime) -> str:
    """Why it is late, as those who did it would say."""
    if house.story.ill(house.plant.work.day_of(at)):
        return house.rng.choice(("absence", "absence", "absence", "volume"))
    if ("designed", packet.pk) in house.memo:
        return "engineering_wait"
    if ("placed", packet.pk) in house.memo:
        return house.rng.choice(("customer_silent", "customer_silent", "kit_incomplete"))
    if ("repairing", packet.pk) in house.memo:
        return "supplier_silent"
    return house.rng.choice(("volume", "volume", "price_approval", "supplier_silent", "system_down"))


def _again(house: House, packet: Packet, at: datetime) -> None:
    packet = house.fresh(packet)
    if packet.state == "closed":
        journey.reopen(
            packet, reason="The customer wrote that a line was wrong", by=house.people["gwen"], at=at
        )
        house.bell("service", at)


DESK = Desk(minutes, finish)
