"""Questions about customers: who works with one, and a list at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Sum

from fullkit.models import Customer, Event, Packet, Person

LATELY = 400
"""A team is read from the newest rows of a customer's log: enough for a year, and the same cost for a busy one."""


def team_of(customer: Customer) -> list[tuple[Person, datetime]]:
    """Who acted for this customer lately, the latest first, with when: a team, never an owner (R43)."""
    rows = (
        Event.objects.filter(customer=customer, actor__isnull=False)
        .order_by("-id")
        .values_list("actor", "at")[:LATELY]
    )
    last: dict[int, datetime] = {}
    for actor, at in rows:
        last.setdefault(actor, at)
    people = Person.objects.in_bulk(list(last))
    return [(people[actor], at) for actor, at in last.items() if people[actor].is_active]


@dataclass(frozen=True)
class Glance:
    """What a list says about a customer."""

    open: int
    last: datetime | None


def at_a_glance(customers: Sequence[int]) -> dict[int, Glance]:
    """Open packets and the last arrival of each customer, in one question."""
    rows = (
        Packet.objects.filter(customer__in=customers)
        .exclude(state="closed")
        .values("customer")
        .annotate(n=Count("pk"), last=Max("arrived_at"))
    )
    return {row["customer"]: Glance(row["n"], row["last"]) for row in rows}


def bought(customer: Customer) -> list[dict[str, Any]]:
    """Per product family: how many purchases, the last one, and their sum; the latest family first."""
    families = customer.purchases.values("family")
    rows: Any = families.annotate(times=Count("pk"), last=Max("at"), value=Sum("value")).order_by("-last")
    return list(rows[:20])
