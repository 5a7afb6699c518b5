"""Minutes by category: what displaces selling becomes visible (R16, R57, R59, R102)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fullkit.actions import inbox, log, may, playbooks
from fullkit.models import Packet, Person, TimeEntry
from fullkit.models.prepared import insert
from fullkit.rules import events
from fullkit.rules.capacity import CATEGORIES, borrows_growth
from fullkit.rules.refusal import Invalid

CAPABILITY_GAPS = ("price", "availability", "service")
"""What a salesperson has to step in for only while operations cannot (R57)."""


@transaction.atomic
def log_time(
    *,
    person: Person,
    category: str,
    minutes: float,
    by: Person,
    at: datetime,
    cause: str = "",
    packet: Packet | None = None,
) -> TimeEntry:
    """Log minutes. Repair needs its cause (R102); BAU work of growth people is borrowed time (R59)."""
    plant = playbooks.current()
    if person.pk != by.pk:
        may.be_able(by, "supervise", plant)
    if category not in CATEGORIES:
        raise Invalid(
            field="category", problem=f"{category!r} is unknown.", cure=f"One of {', '.join(CATEGORIES)}."
        )
    if not 0 < minutes <= 1440:
        raise Invalid(field="minutes", problem=f"{minutes:g} does not fit in a day.", cure="Give 1 to 1440.")
    if category == "repair":
        inbox.a_reason(plant, "repair", cause, "log repair time")
    entry = TimeEntry(person=person, category=category, minutes=minutes, cause=cause, packet=packet, at=at)
    insert(entry)
    said = events.TimeLogged(category=category, minutes=minutes, reason=cause or None, person=person.pk)
    log.record(plant, said, at=at, by=by, packet=packet)
    served = "bau" if category in ("transactional", "repair") else "growth"
    if borrows_growth(served, plant.department(person.department).chain):
        log.record(
            plant, events.GrowthBorrowed(person=person.pk, minutes=minutes), at=at, by=by, packet=packet
        )
    if category == "transactional" and cause in CAPABILITY_GAPS:
        log.record(plant, events.CapabilityGap(reason=cause, minutes=minutes), at=at, by=by, packet=packet)
    return entry
