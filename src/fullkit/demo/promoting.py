"""Promotions: campaigns fill the pool, the morning run empties it into the queues, incidents are answered."""

from __future__ import annotations

from datetime import datetime

from fullkit.actions import intake, journey, queues
from fullkit.demo.house import Desk, House, Worker
from fullkit.demo.market import FAMILIES, PROGRAMS, SUPPLIERS
from fullkit.models import Advice, Packet

COVER = 42
"""How many opportunities Promotions wants in the pool after a day's campaign."""
TOO_FEW = 3
ROUGHLY = (0.6, 1.3)


def minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(10, 40, 20)


def answer(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """A starving queue: fill it from the pool if the pool has anything, and say how it ended."""
    refilled = bool(queues.pool("inside_sales", house.plant))
    if refilled:
        queues.replenish("inside_sales", at=at, by=worker.person)
    if not refilled and house.count("tried", packet) < 3:
        house.park(packet, worker.person, at, days=0.4, reason="waiting_for_campaign")
        return
    cause = "volume" if packet.zone and not packet.cause else ""
    journey.close(packet, outcome="refilled", by=worker.person, at=at, cause=cause)


def campaign(house: House, at: datetime, *, size: int | None = None, cover: int = COVER) -> int:
    """Today's answers to the campaigns, each one business that a competitor has. Returns how many."""
    rng = house.rng
    if size is None:
        size = _answers(house, at, cover)
    for _ in range(size):
        client, family = house.market.prospect(at), rng.choice(FAMILIES)
        intake.arrive(
            type="opportunity",
            title=house.market.wish(family),
            source=rng.choice(("campaign", "campaign", "campaign", "trade show", "web form")),
            by=house.people["carl"],
            at=at,
            verdict="competitor",
            customer=client.customer,
            contact=client.contact,
            family=family,
            value=house.market.worth(),
            fields={"program": rng.choice(PROGRAMS), "current_supplier": rng.choice(SUPPLIERS)},
        )
    return size


def not_quite_enough(house: House, at: datetime) -> None:
    """What came in before the run leaves the queues a few short."""
    states = queues.states("inside_sales", house.plant, at=at)
    gap = sum(max(0, int(s.target) - s.ready) for s in states)
    campaign(house, at, size=max(0, gap - TOO_FEW - len(queues.pool("inside_sales", house.plant))))


def _answers(house: House, at: datetime, cover: int) -> int:
    day = house.plant.work.day_of(at)
    if house.story.campaign_failed(day):
        return 0
    short = cover - len(queues.pool("inside_sales", house.plant))
    return max(0, round(short * house.rng.uniform(*ROUGHLY)))


def tidy_pool(house: House, at: datetime) -> None:
    """What came from colleagues gets the program with which the salesperson opens."""
    carl = house.people["carl"]
    lacking = Packet.objects.waiting().filter(
        department="promotions", type="opportunity", source__in=("handoff", "mail", "form", "phone")
    )
    for packet in lacking.select_related("customer", "contact").order_by("pk"):
        if "program" not in packet.fields:
            intake.correct(packet, fields={"program": house.rng.choice(PROGRAMS)}, by=carl, at=at)


def decide(house: House, at: datetime) -> None:
    """Maya: now and then an advice is taken, now and then one more is released with a reason."""
    rng, maya = house.rng, house.people["maya"]
    if rng.random() < 0.06:
        open_advice = (
            Advice.objects.filter(accepted_at=None, lapsed_at=None).select_related("person").order_by("pk")
        )
        taken = next((a for a in open_advice if 9 <= a.to_target <= 16), None)
        if taken is not None:
            queues.accept_advice(taken, by=maya, at=at)
    if rng.random() < 0.05:
        waiting = queues.pool("inside_sales", house.plant)
        if waiting:
            packet = Packet.objects.select_related("customer", "contact").get(pk=waiting[-1])
            if packet.customer_id and packet.contact_id and "program" in packet.fields:
                to = house.people[rng.choice(("anna", "ben", "chloe"))]
                why = "They asked for an answer today"
                queues.release(packet, to=to, by=maya, at=at, override=why)


DESK = Desk(minutes, answer)
