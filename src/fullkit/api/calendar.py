"""The calendar of field people: only coordinators write it."""

from __future__ import annotations

from fullkit import models
from fullkit.actions import calendar
from fullkit.api import found
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.given import Day, Given, Id, Instant, Remark
from fullkit.api.handoffs import Handoff
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.shapes import Packet, Shape, Slot

router = Noun("Calendar")


class Opened(Shape):
    """The slots of that day; none on a day on which nobody works."""

    slots: list[Slot]


class OnDay(Given):
    """Which day."""

    day: Day


@router.verb("/people/{person}/slots", calendar.open_slots)
def open_slots(request: Call, person: Id, body: OnDay) -> Opened:
    slots = calendar.open_slots(found.person(person), day=body.day, by=request.auth, at=request.at)
    return Opened(slots=[Slot.of(slot) for slot in slots])


@router.question("/slots")
def slots(
    request: Call,
    person: Id | None = None,
    since: Instant | None = None,
    until: Instant | None = None,
    free: bool | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT,
) -> Page[Slot]:
    """Slots that begin in a span of time; `free` true or false: only those that are free, or booked."""
    rows = models.Slot.objects.all()
    if person is not None:
        rows = rows.filter(person=person)
    if since is not None:
        rows = rows.filter(starts_at__gte=since)
    if until is not None:
        rows = rows.filter(starts_at__lt=until)
    if free is not None:
        rows = rows.filter(packet__isnull=free)
    some, following = cut(rows, cursor, limit)
    return Page(items=[Slot.of(row) for row in some], next=following)


class Booking(Given):
    """Which meeting."""

    packet: Id


@router.verb("/slots/{slot}/book", calendar.book)
def book(request: Call, slot: Id, body: Booking) -> Handoff:
    row = found.slot(slot)
    packet = found.given(found.packets(), body.packet, "packet")
    assert packet is not None
    return Handoff.with_kit(calendar.book(row, packet=packet, by=request.auth, at=request.at), at=request.at)


class Cancelling(Given):
    """Why it does not take place."""

    reason: Remark


class Cancelled(Shape):
    """The request that scheduling has now; null when what it served is over."""

    packet: Packet | None


@router.verb("/slots/{slot}/cancel", calendar.cancel)
def cancel(request: Call, slot: Id, body: Cancelling) -> Cancelled:
    again = calendar.cancel(found.slot(slot), reason=body.reason, by=request.auth, at=request.at)
    return Cancelled(packet=Packet.of(again) if again else None)
