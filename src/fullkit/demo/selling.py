"""Inside sales: one packet after the other. A sold step is kept, a stage ends on what the customer did."""

from __future__ import annotations

from datetime import datetime
from math import exp
from typing import Any

from fullkit.actions import conversations, journey
from fullkit.demo.cast import COUNTERPARTS, LOST, MISSED, NOT_SOLD, REMARKS, SALES, Style
from fullkit.demo.house import Desk, House, Worker
from fullkit.models import Packet

SOLD = {"attention": 0.5, "briefing": 0.76, "information": 0.88, "trial": 0.95, "offer": 1.0, "decision": 1.0}
"""Chance that a conversation in this stage sells the next step, while the opportunity is fresh."""
ENDED = {
    "attention": 0.47,
    "briefing": 0.2,
    "information": 0.1,
    "trial": 0.06,
    "offer": 0.05,
    "decision": 0.05,
}
KEPT = 0.95
"""Chance that the customer does what the sold step promised."""
FADES = 30.0
"""Working days in which the chance to sell falls to a third (R17)."""


def minutes(house: House, worker: Worker, packet: Packet) -> float:
    """A call with its preparation and its notes; who is borrowed gets to fewer of them."""
    style = SALES.get(worker.name, Style())
    today = house.plant.work.day_of(house.opens)
    slow = 1.7 if house.story.borrowed(today) == worker.name else 1.0
    return min(55.0, house.rng.triangular(14, 54, 33) * style.pace * slow)


def finish(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    if packet.type != "opportunity":
        _not_selling(house, worker, packet, at)
    elif packet.step and _waits_for_others(house, packet):
        house.park(packet, worker.person, at, days=1, reason="step_by_others", step=packet.step)
    elif house.rng.random() < (0.87 if packet.step else SALES.get(worker.name, Style()).reach):
        _talk(house, worker, packet, at)
    else:
        _miss(house, worker, packet, at)


def _not_selling(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """A kit that lacks something, which the sender alone can complete."""
    if not house.gather(worker, packet, at):
        outcomes = house.plant.type(packet.type).outcomes
        journey.close(packet, outcome=outcomes[-1], by=worker.person, at=at, cause="kit_incomplete")


def _waits_for_others(house: House, packet: Packet) -> bool:
    """The step is a colleague's, and not done yet."""
    if ("helped", packet.pk) not in house.memo:
        return False
    return Packet.objects.open().filter(parent=packet).exists()


def _miss(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    retry = house.later(at, days=house.rng.choice((1, 2, 2, 3)))
    reason = house.rng.choice(MISSED)
    conversations.attempt(packet, reason=reason, by=worker.person, at=at, minutes=2, retry_at=retry)
    house.bell("inside_sales", retry)


def _talk(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """Somebody who can act is on the line. First what they did since, then the next step."""
    if packet.step and house.rng.random() < KEPT * _fresh(packet, at):
        _advance(house, worker, packet, at)
        if packet.state == "closed":
            return
    rng, style, fresh = house.rng, SALES.get(worker.name, Style()), _fresh(packet, at)
    drawn, sold = rng.random(), SOLD[packet.stage] * fresh * style.sells
    said: dict[str, Any] = {
        "counterpart": packet.contact.role if packet.contact else rng.choice(COUNTERPARTS),
        "minutes": float(rng.choice((3, 5, 6, 8, 8, 9, 12, 18))),
        "by": worker.person,
        "at": at,
    }
    if drawn < sold:
        _sell(house, worker, packet, at, said)
    elif drawn < sold + ENDED[packet.stage] + 0.35 * (1 - fresh):
        conversations.record(packet, outcome="ended", reason=rng.choice(LOST), **said)
    elif house.count("no", packet) >= 2:
        journey.close(packet, outcome="no_decision", reason="timing", by=worker.person, at=at)
    else:
        conversations.record(packet, outcome="not_sold", reason=rng.choice(NOT_SOLD), **said)


def _sell(house: House, worker: Worker, packet: Packet, at: datetime, said: dict[str, Any]) -> None:
    """The next step is sold: a time for it, and where a colleague brings it about, their kit."""
    rng, kind, days = house.rng, None, _days(house)
    if packet.stage == "information" and rng.random() < 0.8:
        kind, days = "book_meeting", 6.0
    elif packet.stage == "trial":
        kind, days = ("request_design", 5.0) if rng.random() < 0.3 else ("request_quote", 2.0)
    elif packet.stage == "decision" and rng.random() < 0.1:
        kind = "pass_order"
    elif rng.random() < 0.006:
        kind = "pass_issue"
    if kind is not None:
        house.count("helped", packet)
        house.hand(packet, kind, worker.person, at, title=packet.title)
    step_at = house.later(at, days=days, minutes=rng.randint(0, 200))
    remark = rng.choice(REMARKS) if rng.random() < 0.12 else ""
    conversations.record(packet, outcome="sold_next_step", step_at=step_at, remark=remark, **said)
    house.bell("inside_sales", step_at)


def _days(house: House) -> float:
    return house.rng.choice((0.3, 0.6, 1, 1, 2, 3))


def _advance(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """The customer did it; past the last stage they have bought."""
    who = packet.contact.name if packet.contact else "The buyer"
    stage = house.plant.stage(packet.type, packet.stage)
    assert stage is not None
    evidence = {
        "contact_and_date": f"{who}, {house.plant.work.day_of(at)}",
        "file": f"{packet.stage}-{packet.pk}.pdf",
        "link": f"https://mail.harbourvale.example/{packet.pk}",
    }[stage.evidence.kind]
    last = packet.stage == "decision"
    value = house.market.worth(2_000, 60_000) if last else None
    journey.advance(packet, evidence=evidence, evidence_at=at, by=worker.person, at=at, value=value)
    if last:
        house.bell("inside_sales", at, after=61)


def _fresh(packet: Packet, at: datetime) -> float:
    """1 when it was just released, a third after FADES working days."""
    days = (at - (packet.released_at or at)).total_seconds() / 86_400 * 5 / 7
    return exp(-days / FADES)


DESK = Desk(minutes, finish)
