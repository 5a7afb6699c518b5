"""A company to measure on: the demo's playbook with a crowd of clerks and salespeople, and as many packets as asked.

Packets are written in bulk, straight into the table: a bench measures verbs on a full house, it does not fill it so.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

CLERKS, SELLERS = 64, 8
READER, PASSWORD = "clerk0", "measured and not secret"


@dataclasses.dataclass(frozen=True)
class Company:
    """Keys of the crowd."""

    clerks: list[str]
    sellers: list[str]
    evidence: dict[str, str]


def found(at: datetime) -> Company:
    """Set the company up in an empty, migrated database."""
    from fullkit.actions import playbooks
    from fullkit.models import Person, Token
    from fullkit.playbook import presets
    from fullkit.playbook.dump import dump
    from fullkit.playbook.load import load
    from fullkit.playbook.schema import PersonEntry

    book = load(presets.read("demo"))
    crowd = [
        *(
            PersonEntry(sign_in=f"clerk{n}", name=f"Clerk {n}", roles=("service_clerk",))
            for n in range(CLERKS)
        ),
        *(
            PersonEntry(sign_in=f"seller{n}", name=f"Seller {n}", roles=("inside_salesperson",))
            for n in range(SELLERS)
        ),
    ]
    book = book.model_copy(update={"people": (*book.people, *crowd)})
    playbooks.activate(playbooks.save(dump(book), author=None, reason="The bench", at=at), by=None, at=at)
    keys: dict[str, list[str]] = {"clerk": [], "selle": []}
    for person in Person.objects.filter(sign_in__regex=r"^(clerk|seller)\d").order_by("pk"):
        keys[person.sign_in[:5]].append(Token.make(person, name="bench", at=at)[1])
    reader = Person.objects.get(sign_in=READER)
    reader.set_password(PASSWORD)
    reader.save()
    evidence = {s.key: s.evidence.kind for s in book.stages_of("opportunity")}
    return Company(keys["clerk"], keys["selle"], evidence)


def waiting(count: int, *, at: datetime) -> None:
    """So many enquiries of a thousand customers wait in service, one older than the other, none red."""
    _customers(at)
    _bulk(
        count,
        type="enquiry",
        prefix="E",
        department="service",
        chain="bau",
        inertia="us",
        queued_at=at - timedelta(minutes=1),
        due_at=at + timedelta(days=300),
        red_at=at + timedelta(days=200),
        alarm_at=at + timedelta(days=200),
    )


def opportunities(each: int, *, at: datetime) -> None:
    """So many untouched opportunities wait in each seller's queue."""
    from fullkit.models import Person

    _customers(at)
    for person in Person.objects.filter(sign_in__startswith="seller"):
        _bulk(
            each,
            type="opportunity",
            prefix="O",
            department="inside_sales",
            chain="growth",
            inertia="competitor",
            queued_at=at - timedelta(minutes=1),
            released_at=at,
            person_id=person.pk,
            process="hunting",
            stage="attention",
            value=1000,
        )


def _customers(at: datetime) -> None:
    from fullkit.models import Customer

    if not Customer.objects.exists():
        names = [f"Customer {n:04d}" for n in range(1000)]
        Customer.objects.bulk_create(Customer(name=n, plain_name=n.lower(), since=at) for n in names)


def _bulk(count: int, **columns: Any) -> None:
    from fullkit.models import Customer, Packet

    now = columns.pop("queued_at")
    values: dict[str, Any] = {
        "title": "Waits",
        "state": "waiting",
        "family": "",
        "fields": "{}",
        "source": "bench",
        "thread": "",
        "arrived_at": now,
        "queued_at": now,
        "zone": "",
        "urgent": False,
        "step": "",
        "cause": "",
        "fence": 0,
        "attempts": 0,
        "playbook": 1,
        "outcome": "",
        "reason": "",
        "process": "",
        "stage": "",
    } | columns
    first = Customer.objects.order_by("pk").values_list("pk", flat=True)[0]
    adapt = connection.ops.adapt_datetimefield_value
    given = {k: adapt(v) if isinstance(v, datetime) else v for k, v in values.items()}
    names = ", ".join(given)
    holes = ", ".join(["%s"] * len(given))
    table = Packet._meta.db_table
    # Every packet entered at the same instant; the id decides, as in the index.
    numbers = (
        f"generate_series(1, {count}) AS s(n)"
        if connection.vendor == "postgresql"
        else f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s) AS s"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}, customer_id) SELECT {holes}, {first} + n %% 1000 FROM {numbers}",
            list(given.values()),
        )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}" if connection.vendor == "postgresql" else "ANALYZE")


def now() -> datetime:
    """The bench's clock."""
    return datetime.now(UTC)
