"""Account management and dealer development: customers who stay, and what they still buy elsewhere."""

from __future__ import annotations

from datetime import datetime

from fullkit.actions import intake, journey
from fullkit.demo.house import Desk, House, Worker
from fullkit.demo.serving import cause_of
from fullkit.models import Packet

GAPS = (
    "trained staff", "display", "core range in stock", "price file current", "web listing", "service capability",
    "demonstration unit", "shared sales figures",
)  # fmt: skip


def account_minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(20, 90, 40)


def dealer_minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(45, 180, 80)


def account(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """Onboard a new customer, or take an account one stage on."""
    if packet.type == "onboarding":
        _onboard(house, worker, packet, at)
    elif packet.type == "account_touch":
        _review(house, worker, packet, at)
    elif not house.gather(worker, packet, at, chance=0.8):
        journey.close(packet, outcome="cancelled", by=worker.person, at=at, cause="kit_incomplete")


def _onboard(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    if house.count("sat", packet) < 3:
        house.park(packet, worker.person, at, days=1.2, reason="waiting_for_delivery")
        return
    cause = cause_of(house, packet, at) if packet.zone and not packet.cause else ""
    journey.close(packet, outcome="first_delivery_made", by=worker.person, at=at, cause=cause)


def _review(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    rng, by = house.rng, worker.person
    if rng.random() < 0.22:
        house.park(packet, by, at, days=2, reason="not_reached")
        return
    if rng.random() < 0.12:
        cause = cause_of(house, packet, at) if packet.zone and not packet.cause else ""
        journey.close(packet, outcome="no_change", by=by, at=at, cause=cause)
        return
    if packet.stage == "gaps" and rng.random() < 0.7:
        house.hand(packet, "white_space", by, at, title="Buys elsewhere: " + (packet.family or "spares"))
    elif packet.stage == "agreement" and rng.random() < 0.3:
        house.hand(packet, "account_quote", by, at, title="Prices for the coming year")
    if packet.stage == "renewal" and packet.zone and not packet.cause:
        journey.close(packet, outcome="renewed", by=by, at=at, cause=cause_of(house, packet, at))
        return
    _next_stage(house, worker, packet, at)
    if packet.open:
        house.park(
            packet, by, at, days=rng.choice((1, 2, 3)), reason="step_sold", step="Next stage of the review"
        )


def _next_stage(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    stage = house.plant.stage(packet.type, packet.stage)
    assert stage is not None
    who = packet.contact.name if packet.contact else "The buyer"
    evidence = {
        "contact_and_date": f"{who}, {house.plant.work.day_of(at)}",
        "file": f"{packet.stage}-{packet.pk}.pdf",
        "link": f"https://mail.harbourvale.example/{packet.pk}",
    }[stage.evidence.kind]
    journey.advance(packet, evidence=evidence, evidence_at=at, by=worker.person, at=at)


def dealer(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """Close one gap of one dealer after the other, with evidence."""
    rng, by = house.rng, worker.person
    if packet.type != "dealer_gap":
        house.gather(worker, packet, at, chance=0.8)
        return
    if house.count("sat", packet) < 3:
        house.park(packet, by, at, days=rng.choice((2, 3, 4)), reason="waiting_for_dealer")
        return
    done = rng.random() < 0.8
    if done:
        link = f"https://dealers.harbourvale.example/{packet.pk}"
        packet = intake.correct(packet, fields={"evidence_link": link}, by=by, at=at)
        if rng.random() < 0.4:
            house.hand(packet, "dealer_order", by, at, title="Opening stock")
    cause = cause_of(house, packet, at) if packet.zone and not packet.cause else ""
    outcome = "closed_with_evidence" if done else "abandoned"
    journey.close(packet, outcome=outcome, by=by, at=at, cause=cause)


ACCOUNTS = Desk(account_minutes, account)
DEALERS = Desk(dealer_minutes, dealer)
