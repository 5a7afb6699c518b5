"""The log in sentences: each kind's own sentence, with ids and keys said as names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from fullkit.models import Customer, Event, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.rules import events

BY_ITSELF = "Fullkit"
"""Who acts when nobody does: what happens by itself."""


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "nothing"


def sentences(rows: Sequence[Event], plant: Plant, *, worth: bool = True) -> list[str]:
    """One sentence per row, in their order; a fixed number of queries. `worth` False leaves amounts out."""
    people = _names(Person, (i for r in rows for i in (r.actor_id, r.person_id)))
    firms = _names(Customer, (i for r in rows for i in (r.customer_id, r.details.get("merged"))))
    packets = Packet.objects.in_bulk({r.packet_id for r in rows if r.packet_id})
    kinds = events.kinds()
    told = []
    for row in rows:
        says = kinds[row.kind].says if row.kind in kinds else row.kind
        packet = packets.get(row.packet_id or 0)
        facts = _Facts(_facts(row, plant, worth=worth))
        facts |= {
            "actor": people.get(row.actor_id, BY_ITSELF),
            "person": people.get(row.person_id, "someone"),
            "customer": firms.get(row.customer_id, "the customer"),
            "merged": firms.get(row.details.get("merged"), "a duplicate"),
            "packet": packet.number if packet else "it",
        }
        told.append(says.format_map(facts))
    return told


def _names(model: Any, ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {i for i in ids if i}
    return dict(model.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _facts(row: Event, plant: Plant, *, worth: bool) -> dict[str, str]:
    zone = ZoneInfo(plant.playbook.company.zone)
    facts = {name: getattr(row, name) for name in events.COLUMNS if name not in ("customer", "person")}
    facts |= row.details
    if not worth:
        facts.pop("value", None)
    names = _keys(plant)
    return {name: _said(value, names, zone) for name, value in facts.items() if value is not None}


def _keys(plant: Plant) -> dict[str, str]:
    """What people call a key of the playbook."""
    book = plant.playbook
    named: list[Any] = [*book.departments, *book.packet_types, *book.processes]
    named += [stage for process in book.processes for stage in process.stages]
    named += [item for handoff in book.handoffs for item in handoff.kit]
    named += [reason for kind in type(book.reasons).model_fields for reason in getattr(book.reasons, kind)]
    return {thing.key: thing.name for thing in named}


def _said(value: Any, names: dict[str, str], zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%a %d %b %Y %H:%M}"
    if isinstance(value, list):
        return ", ".join(_said(one, names, zone) for one in value) or "nothing"
    if isinstance(value, (float, Decimal)):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    text = str(value)
    return names.get(text) or (text.replace("_", " ") if text.replace("_", "").isalpha() else text)
