"""What lies open when someone signs in for the first time: a day in the middle of its work."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fullkit.actions import disputes, favours, inbox
from fullkit.demo.house import House
from fullkit.demo.promoting import COVER
from fullkit.models import Dispute, Favour, Handoff, Packet

SHORT_POOL = 16
"""What the pool holds on the evening before, so that the last morning's run comes out a little short."""


def _days_left(house: House, day: date) -> int:
    """Working days after this one, up to the end."""
    work, end = house.plant.work, house.plant.work.day_of(house.end)
    return sum(work.start_of_day(day + timedelta(n)) is not None for n in range(1, (end - day).days + 1))


def cover(house: House, day: date) -> int:
    """What Promotions fills the pool up to."""
    return SHORT_POOL if _days_left(house, day) in (1, 2) else COVER


def away(house: House, day: date) -> set[str]:
    """On the last day a few are elsewhere, so that their work lies open."""
    left = _days_left(house, day)
    if left == 0:
        return {"maya", "ella", "sid", "stan", "gwen"}
    return {"sid", "gwen"} if left == 1 else set()


def note(house: House) -> None:
    """Ella took a design this morning and has not been heard of since."""
    early = max(house.opens + timedelta(minutes=18), house.end - timedelta(hours=6))
    house.clock.put(min(early, house.end), lambda at: inbox.deal(house.people["ella"], at=at))


def leave(house: House, end: datetime) -> None:
    """An open dispute and open favours, if the last days did not leave any."""
    at = end - timedelta(minutes=1)
    if not Dispute.objects.filter(decided_at=None).exists():
        _dispute(house, at)
    if not Favour.objects.filter(answered_at=None).exists():
        _ask(house, at)


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
