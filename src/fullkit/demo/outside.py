"""What comes in by itself: mail, calls and forms, on some days more than on others, at times twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fullkit.actions import customers, intake
from fullkit.demo.farming import GAPS
from fullkit.demo.house import House
from fullkit.demo.market import FAMILIES, Client

PER_DAY = 21.8
BY_WEEKDAY = (1.2, 1.05, 1.0, 0.95, 0.8)
KINDS = ("enquiry", "enquiry", "enquiry", "quote", "quote", "quote", "order", "order", "order", "issue")
DOORS = ("mail", "mail", "mail", "mail", "phone", "form")
SUBJECTS = {
    "enquiry": ("A question", "Can you supply this?", "Two things", "Re: our last delivery"),
    "order": ("Our order", "Purchase order attached", "Please deliver", "Repeat of last month"),
    "issue": (
        "Wrong part in the box",
        "Where is our delivery?",
        "Invoice does not match",
        "Two cartons short",
    ),
}


def note_day(house: House, share: float = 1.0) -> None:
    """Note when today's messages come: most in the morning, a few after hours."""
    rng, day = house.rng, house.plant.work.day_of(house.opens)
    mean = PER_DAY * BY_WEEKDAY[min(day.weekday(), 4)] * share
    for _ in range(max(1, round(rng.gauss(mean, mean**0.5)))):
        minute = rng.triangular(-40, 560, 130)
        house.clock.put(house.opens + timedelta(minutes=minute), lambda at: arrives(house, at))
    if rng.random() < 0.4:
        house.clock.put(house.opens + timedelta(minutes=rng.randint(30, 500)), lambda at: _gap(house, at))
    for _ in range(rng.choice((0, 1, 1, 2))):
        house.clock.put(
            house.opens + timedelta(minutes=rng.randint(5, 480)), lambda at: _account_due(house, at)
        )


def arrives(house: House, at: datetime, kind: str = "") -> None:
    """One message of a customer."""
    rng = house.rng
    client, kind, door = rng.choice(house.market.known), kind or rng.choice(KINDS), rng.choice(DOORS)
    family = rng.choice(client.families) if rng.random() < 0.8 else rng.choice(FAMILIES)
    title = house.market.wish(family) if kind == "quote" else rng.choice(SUBJECTS[kind])
    number = house.count_message()
    said: dict[str, Any] = {
        "type": kind,
        "title": title,
        "source": door,
        "by": house.people["sara"] if door == "phone" else None,
        "verdict": "us" if door == "phone" else "",
        "message_id": f"{number}@customers.example" if door == "mail" else "",
        "customer": client.customer,
        "contact": client.contact,
        "family": family,
        "value": house.market.worth(150, 18_000) if kind in ("order", "quote") else None,
        "fields": _facts(house, kind, at),
        "text": "Thank you for a quick answer." if rng.random() < 0.08 else "",
    }
    intake.arrive(at=at, **said)
    house.bell("service", at)
    if door == "mail" and rng.random() < 0.04:
        again = at + timedelta(minutes=rng.randint(1, 30))
        house.clock.put(again, lambda now: intake.arrive(at=now, **said))


def _facts(house: House, kind: str, at: datetime) -> dict[str, str]:
    rng = house.rng
    facts = {}
    if kind in ("order", "quote") and rng.random() < 0.85:
        wanted = house.plant.work.day_of(at) + timedelta(days=rng.randint(10, 45))
        facts = {"deliver_to": house.market.address(), "wanted_by": wanted.isoformat()}
    if kind == "order" and rng.random() < 0.6:
        facts["purchase_order_no"] = f"PO {rng.randrange(1000, 9999)}"
    if kind == "issue" and rng.random() < 0.7:
        wrong = rng.choice(("late", "late", "short", "damaged"))
        facts = {"order_no": f"HV-{rng.randrange(40_000, 60_000)}", "wrong": wrong}
    return facts


def _gap(house: House, at: datetime) -> None:
    client = house.rng.choice(house.market.known[:24])
    gap = house.rng.choice(GAPS)
    intake.arrive(
        type="dealer_gap",
        title=f"{client.customer.name[:120]}: {gap}",
        source="visit",
        by=house.people["dana"],
        at=at,
        verdict="us",
        customer=client.customer,
        contact=client.contact,
        fields={"attribute": gap},
    )
    house.bell("dealers", at)


def _account_due(house: House, at: datetime) -> None:
    client = house.rng.choice(house.market.known)
    intake.arrive(
        type="account_touch",
        title="Yearly review",
        source="calendar",
        by=house.people["amir"],
        at=at,
        verdict="us",
        customer=client.customer,
        contact=client.contact,
        family=house.rng.choice(FAMILIES),
    )
    house.bell("accounts", at)


def old_customers(house: House, at: datetime, number: int) -> None:
    """Those who bought from us before the history begins."""
    for place in range(number):
        client = house.market.new_client(at)
        house.market.known.append(client)
        for _ in range(2):
            customers.bought(
                client.customer, family=house.rng.choice(client.families), value=house.market.worth(300, 9_000),
                at=at + timedelta(seconds=place), source="ledger",
            )  # fmt: skip


def same_firm_again(house: House, at: datetime) -> None:
    """A record made twice, and made one by the supervisor."""
    client: Client = house.rng.choice(house.market.known)
    twin = customers.register(name=f"{client.customer.name} (copy)", at=at)
    customers.merge(twin, into=client.customer, by=house.people["gwen"], at=at)
