"""What people leave behind when a version of the playbook takes them out of a department: none of it stays lying.

What nobody has touched goes back to the pool it came from; what is in play, or under preparation, goes to the
colleague with the least to do, with its promised step; in a department with a shared inbox it goes there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count

from fullkit.actions import log, packets
from fullkit.models import Event, Handoff, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Playbook
from fullkit.rules import events

Road = Literal["pool", "inbox", "colleague", "nobody"]
MOST_NAMED = 5
"""How many packets a sentence names; the rest are a number."""


@dataclass(frozen=True)
class Left:
    """One open packet whose person is taken out of its department, and the way it will go."""

    packet: Packet
    leaver: Person
    road: Road
    to: str
    """The department that has it afterwards."""


def left_behind(old: Playbook, new: Playbook) -> list[Left]:
    """Every open packet that `new` takes from the person who has it, in the order people were taken on."""
    gone = {sign_in: _departments_lost(sign_in, old, new) for sign_in in old.person}
    names = [sign_in for sign_in, lost in gone.items() if lost]
    if not names:
        return []
    lying = (
        Packet.objects.open()
        .filter(person__sign_in__in=names)
        .select_related("person")
        .order_by("person_id", "queued_at", "pk")
    )
    prepared = set(Handoff.objects.being_prepared().values_list("packet_id", flat=True))
    return [
        Left(packet, packet.person, *_way(packet, new, prepared=packet.pk in prepared))
        for packet in lying
        if packet.person is not None
        and packet.department in gone[packet.person.sign_in]
        and packet.department in new.department
    ]


def sentences(left: list[Left], new: Playbook) -> list[str]:
    """What will happen to it, in numbers, a sentence for each person and way."""
    counted = Counter((each.leaver.name, each.road, each.to) for each in left)
    return [_says(name, road, new.department[to].name, n) for (name, road, to), n in counted.items()]


def without_heir(left: list[Left], new: Playbook) -> list[str]:
    """What keeps the version from coming into force: packets that nobody would have afterwards."""
    orphans: dict[str, list[Packet]] = {}
    for each in left:
        if each.road == "nobody":
            orphans.setdefault(each.packet.department, []).append(each.packet)
    return [
        f"Nobody would be left in {new.department[key].name} for {named(found, len(found))}."
        " Give a colleague a role there, or let them be handed over or closed first."
        for key, found in orphans.items()
    ]


def pass_on(left: list[Left], plant: Plant, *, by: Person | None, at: datetime) -> None:
    """Send everything its way, each with its line in the log. The people must already follow `plant`."""
    loads = _Loads(plant)
    told: list[Event] = []
    for each in left:
        packet, before = each.packet, each.packet.department
        heir = loads.lightest(before) if each.road == "colleague" else None
        packets.move(packet, **_changes(each, heir, at))
        said = events.LeftBehind(person=each.leaver.pk, department=before, to_department=each.to)
        told.append(log.row(plant, said, at=at, by=by, packet=packet))
    log.record_all(told)
    # Nothing is released to somebody who is no longer there.
    names = [entry.sign_in for entry in plant.playbook.people]
    Handoff.objects.being_prepared().exclude(to_person=None).exclude(to_person__sign_in__in=names).update(
        to_person=None
    )


def named(found: list[Packet], count: int) -> str:
    """`3 open packets (O-12, O-17, Q-3)`; beyond a handful, the first ones and `...`."""
    shown = ", ".join(p.number for p in found[:MOST_NAMED]) + (", ..." if count > MOST_NAMED else "")
    return f"{count} open packet{'' if count == 1 else 's'} ({shown})"


def _departments_lost(sign_in: str, old: Playbook, new: Playbook) -> set[str]:
    """The departments where somebody is given no more work; everywhere they were, when they leave."""
    if sign_in not in new.person:
        return set(old.department)
    return _works(sign_in, old) - _works(sign_in, new)


def _works(sign_in: str, book: Playbook) -> set[str]:
    roles = (book.role[key] for key in book.person[sign_in].roles)
    return {role.department for role in roles if "work" in role.may}


def _way(packet: Packet, new: Playbook, *, prepared: bool) -> tuple[Road, str]:
    here = packet.department
    if new.department[here].inbox == "shared":
        return "inbox", here
    heirs = any(here in _works(sign_in, new) for sign_in in new.person)
    queue = new.queue.get(here)
    release = new.handoff[queue.release] if queue else None
    from_pool = release is not None and release.packet_type == packet.type and not prepared
    if release is not None and from_pool and not (packet.touched and heirs):
        return "pool", release.from_
    return ("colleague" if heirs else "nobody"), here


def _changes(left: Left, heir: Person | None, at: datetime) -> dict[str, Any]:
    packet = left.packet
    changes: dict[str, Any] = {"person_id": heir.pk if heir else None, "lease_until": None}
    if packet.state == "held":
        changes["state"] = "waiting"
    if left.road == "pool":
        changes |= {
            "department": left.to,
            "state": "waiting",
            "not_before": None,
            "released_at": None,
            "queued_at": at,
        }
    return changes


def _says(name: str, road: Road, where: str, n: int) -> str:
    packets = f"{n} open packet{'' if n == 1 else 's'}"
    match road:
        case "pool":
            return (
                f"{packets} of {name} go back to the pool of {where}."
                if n > 1
                else (f"{packets} of {name} goes back to the pool of {where}.")
            )
        case "inbox":
            return f"{packets} of {name} {'go' if n > 1 else 'goes'} into the inbox of {where}."
        case "colleague":
            return f"{packets} of {name} {'go' if n > 1 else 'goes'} to colleagues in {where}."
    return f"Nobody in {where} could take over {packets} of {name}."


class _Loads:
    """Who has how much, counted once and kept up while it is given out."""

    def __init__(self, plant: Plant) -> None:
        self._book = plant.playbook
        self._people = list(Person.objects.filter(is_active=True).order_by("pk"))
        counted = Packet.objects.open().filter(person__in=self._people)
        self._count = Counter(dict(counted.values_list("person").annotate(n=Count("pk"))))

    def lightest(self, department: str) -> Person | None:
        """The colleague with the fewest open packets; ties go to the longest here. Counts what they get."""
        people: Iterator[Person] = (p for p in self._people if p.works_in(department, self._book))
        chosen = min(people, key=lambda p: self._count[p.pk], default=None)
        if chosen is not None:
            self._count[chosen.pk] += 1
        return chosen
