"""Engineering, operations and projects: they make what was promised."""

from __future__ import annotations

from datetime import datetime

from fullkit.actions import disputes, favours, journey, playbooks
from fullkit.demo.house import Desk, House, Worker
from fullkit.demo.serving import cause_of
from fullkit.demo.story import CONDITIONS
from fullkit.models import Handoff, Packet
from fullkit.rules.kit import Item

ASKS = 0.5
"""Share of designs whose engineer has to ask for the conditions of service while the kit does not hold them."""


def design_minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(60, 230, 110)


def operations_minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(14, 60, 24)


def project_minutes(house: House, worker: Worker, packet: Packet) -> float:
    return house.rng.triangular(60, 240, 120)


def design(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """Make it, unless what it depends on has to be asked for first; then hand it to be quoted."""
    rng = house.rng
    if packet.type != "design":
        house.gather(worker, packet, at, chance=0.9)
        return
    accepted = packet.handoffs.accepted().order_by("-pk").first()
    told = accepted is None or any(i.key == CONDITIONS for i in _kit(accepted))
    if accepted is not None and not told and ("asked_conditions", packet.pk) not in house.memo:
        house.count("asked_conditions", packet)
        if rng.random() < ASKS:
            _ask(house, worker, packet, accepted, at)
            house.park(packet, worker.person, at, days=1.2, reason="waiting_for_answer")
            return
    if accepted is not None and rng.random() < 0.06 and house.count("disputed", packet) == 1:
        _dispute(house, worker, accepted, "drawing", "No dimension can be read on it", at)
        house.park(packet, worker.person, at, days=0.5, reason="waiting_for_decision")
        return
    outcome = "delivered" if rng.random() < 0.94 else "not_feasible"
    parent = packet.parent
    if outcome == "delivered" and (parent is None or parent.type == "opportunity"):
        house.hand(packet, "quote_ready", worker.person, at, title=packet.title)
    _close(house, worker, packet, at, outcome)
    if parent is not None:
        house.bell(parent.department, at)


def _kit(accepted: Handoff) -> tuple[Item, ...]:
    return playbooks.version(accepted.playbook).kit(accepted.kind)


def _ask(house: House, worker: Worker, packet: Packet, accepted: Handoff, at: datetime) -> None:
    of = accepted.opened_by
    if of is None or of.pk == worker.person.pk:
        return
    question = "At what temperature and pressure does it run, and in which medium?"
    asked = favours.ask(packet, of=of, question=question, item=CONDITIONS, by=worker.person, at=at)
    answered = house.later(at, minutes=house.rng.randint(90, 480))
    house.clock.put(
        answered,
        lambda now: favours.answer(asked, text="60 °C, 8 bar, wash water", by=of, at=now) and None,
    )


def _dispute(house: House, worker: Worker, handoff: Handoff, item: str, reason: str, at: datetime) -> None:
    raised = disputes.dispute(handoff, item=item, reason=reason, by=worker.person, at=at)
    judge = house.people["sam" if handoff.from_department == "inside_sales" else "gwen"]
    upheld = house.rng.random() < 0.25
    decided = house.later(at, minutes=house.rng.randint(60, 300))

    def decide(now: datetime) -> None:
        disputes.decide(raised, upheld=upheld, by=judge, at=now)
        house.bell(handoff.from_department if upheld else handoff.to_department, now)

    house.clock.put(decided, decide)


def operate(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """Deliver, or repair a delivery."""
    rng = house.rng
    accepted = packet.handoffs.accepted().order_by("-pk").first() if rng.random() < 0.03 else None
    if accepted is not None and packet.type == "delivery" and house.count("disputed", packet) == 1:
        _dispute(house, worker, accepted, "purchase_order", "The prices on it are not ours", at)
        house.park(packet, worker.person, at, days=0.5, reason="waiting_for_decision")
        return
    if packet.type == "delivery" and rng.random() < 0.12 and house.count("waited", packet) == 1:
        house.park(packet, worker.person, at, days=0.8, reason="waiting_for_stock")
        return
    ends = {"delivery_repair": "repaired" if rng.random() < 0.8 else "credited"}
    _close(house, worker, packet, at, ends.get(packet.type, "delivered"))
    house.bell("service", at)


def build(house: House, worker: Worker, packet: Packet, at: datetime) -> None:
    """A project takes a few sittings with days between."""
    if house.count("sat", packet) < 4:
        house.park(packet, worker.person, at, days=2.5, reason="waiting_on_site")
    else:
        _close(house, worker, packet, at, "delivered")


def _close(house: House, worker: Worker, packet: Packet, at: datetime, outcome: str) -> None:
    cause = cause_of(house, packet, at) if packet.zone and not packet.cause else ""
    journey.close(packet, outcome=outcome, by=worker.person, at=at, cause=cause)


ENGINEERING = Desk(design_minutes, design)
OPERATIONS = Desk(operations_minutes, operate)
PROJECTS = Desk(project_minutes, build)
