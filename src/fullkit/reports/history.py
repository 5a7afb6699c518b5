"""The log in sentences: each kind's own sentence, with ids and keys said as names.

Keys are said with the names of the version under which the event was recorded; people and customers with the names
they have now, because the log holds no names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from fullkit.models import Customer, Event, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.reports import method
from fullkit.reports.words import Words
from fullkit.rules import events

BY_ITSELF = "Fullkit"
"""Who acts when nobody does: what happens by itself."""


def sentences(rows: Sequence[Event], plant: Plant, *, worth: bool = True) -> list[str]:
    """One sentence per row, in their order; a fixed number of queries. `worth` False leaves amounts out."""
    people = _names(Person, (i for r in rows for i in (r.actor_id, r.person_id)))
    firms = _names(Customer, (i for r in rows for i in (r.customer_id, r.details.get("merged"))))
    packets = _packets(rows)
    spoken = _versions(rows, plant)
    zone = ZoneInfo(plant.playbook.company.zone)
    kinds, told = events.kinds(), []
    for row in rows:
        facts = _facts(row, spoken.get(row.playbook) or spoken[plant.number], zone, worth=worth)
        facts |= {
            "actor": people.get(row.actor_id, BY_ITSELF),
            "person": people.get(row.person_id, "someone"),
            "customer": firms.get(row.customer_id, "the customer"),
            "merged": firms.get(row.details.get("merged"), "a duplicate"),
            "packet": packets.get(row.packet_id, "it"),
        }
        told.append(_say(kinds[row.kind].says if row.kind in kinds else row.kind, facts))
    return told


def _versions(rows: Iterable[Event], plant: Plant) -> dict[int | None, Words]:
    known: dict[int | None, Words] = {plant.number: Words(plant)}
    others = {row.playbook for row in rows if row.playbook} - {plant.number}
    if others:
        known |= {number: Words(other) for number, other in method.versions(others).items()}
    return known


def _names(model: Any, ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {i for i in ids if i}
    return dict(model.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _packets(rows: Sequence[Event]) -> dict[int | None, str]:
    loaded: dict[int | None, str] = {
        r.packet_id: r.packet.number
        for r in rows
        if r.packet_id and "packet" in r._state.fields_cache and r.packet
    }
    wanted = {r.packet_id for r in rows if r.packet_id} - set(loaded)
    if wanted:
        loaded |= {pk: packet.number for pk, packet in Packet.objects.in_bulk(list(wanted)).items()}
    return loaded


def _facts(row: Event, spoken: Words, zone: ZoneInfo, *, worth: bool) -> dict[str, str]:
    facts = {
        name: getattr(row, name) for name in events.COLUMNS if name not in ("customer", "person", "missing")
    }
    facts |= row.details
    if not worth:
        facts.pop("value", None)
    said = {
        name: _said(spoken.said(name, value, event=row.kind, handoff=row.handoff_kind), zone)
        for name, value in facts.items()
        if value is not None
    }
    if row.missing is not None:
        lacking = [spoken.item(key, row.handoff_kind) for key in row.missing.split(",") if key]
        said["missing"] = ", ".join(lacking) or "nothing"
    return said


def _said(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%a %d %b %Y %H:%M}"
    if isinstance(value, (float, Decimal)):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(_said(one, zone) for one in value) or "nothing"
    return str(value)


def _say(says: str, facts: dict[str, str]) -> str:
    """The sentence with its facts. A clause whose fact is absent is left out; begun with a capital."""
    for name in re.findall(r"\{(\w+)\}", says):
        if name not in facts:
            says = re.sub(rf"[,;:] [^,;:{{}}]*\{{{name}\}}", "", says)
    said = re.sub(r"\{(\w+)\}", lambda found: facts.get(found[1], "something"), says)
    return said[:1].upper() + said[1:]
