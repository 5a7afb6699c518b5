"""What lies open when someone signs in for the first time: a day in the middle of its work."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fullkit.actions import disputes, favours, inbox
from fullkit.demo.house import House
from fullkit.demo.promoting import COVER
from fullkit.models import Dispute, Favour, Handoff, Packet

SHORT_POOL = {5: 24, 4: 18, 3: 12, 2: 6, 1: 0}
"""What the pool is filled up to so many working days before the end: the last morning's run comes out a few short."""


EARLY = ("otto", "cora")
"""Who stops a while before the history ends, so that something waits for them."""


def _days_left(house: House, day: date) -> int:
    """Working days after this one, up to the end."""
    work, end = house.plant.work, house.plant.work.day_of(house.end)
    return sum(work.start_of_day(day + timedelta(n)) is not None for n in range(1, (end - day).days + 1))


def cover(house: House, day: date) -> int:
    """What Promotions fills the pool up to."""
    return SHORT_POOL.get(_days_left(house, day), COVER)


def away(house: House, day: date) -> set[str]:
    """On the last day a few are elsewhere, so that their work lies open."""
    left = _days_left(house, day)
    if left == 0:
        return {"maya", "ed", "ella", "petra", "dana", "sid", "stan", "gwen"}
    return {"sid"} if left == 1 else set()


def rush(house: House, day: date) -> float:
    """How much more than usual comes in at the very end, so that the inbox shows every colour."""
    return {0: 1.4, 1: 1.1}.get(_days_left(house, day), 1.0)


def note(house: House) -> None:
    """Ella takes the first design there is and is not heard of again; or Petra a project, or Dana a gap."""
    early = max(house.opens + timedelta(minutes=18), house.end - timedelta(hours=6))
    for later in range(0, 360, 30):
        house.clock.put(early + timedelta(minutes=later), lambda at: _take(house, at))


def _take(house: House, at: datetime) -> None:
    missing = [house.people[name] for name in ("ella", "petra", "dana")]
    if not any(inbox.in_hand(person) for person in missing):
        next((packet for person in missing if (packet := inbox.deal(person, at=at))), None)


def leave(house: House, end: datetime) -> None:
    """An open dispute and open favours, if the last days did not leave any."""
    if not Dispute.objects.filter(decided_at=None).exists():
        _dispute(house, end)
    if not Favour.objects.filter(answered_at=None).exists():
        _ask(house, end)


def _dispute(house: House, at: datetime) -> None:
    here = Handoff.objects.accepted().filter(
        kind="place_order", packet__department="operations", reversed_at=None
    )
    found = here.exclude(packet__state="closed").select_related("packet").order_by("-pk").first()
    if found is not None:
        reason = "The order number on it belongs to another firm"
        disputes.dispute(found, item="purchase_order", reason=reason, by=house.people["otto"], at=at)


def _ask(house: House, at: datetime) -> None:
    asked = (
        Packet.objects.open()
        .filter(department="service", type="quote", source="handoff")
        .order_by("-pk")
        .first()
    )
    asked = asked or Packet.objects.open().filter(department="service").order_by("-pk").first()
    if asked is not None:
        question = "Do they want it in one delivery or by the month?"
        favours.ask(asked, of=house.people["anna"], question=question, by=house.people["sara"], at=at)
