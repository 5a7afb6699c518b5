"""May it? Who may do what. What fails here is a 403, not a refusal: it is about the person, not the process."""

from __future__ import annotations

from datetime import datetime

from fullkit.models import Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.playbook.schema import Ability
from fullkit.rules.refusal import Refusal


class NotYours(Exception):
    """This person may not do this. Doors answer 403."""


class NotInYourHands(Refusal):
    says = (
        "{packet} is not in your hands{holder}. Ask for the next one, or find it by its number to pick it up."
    )


class LeaseOver(Refusal):
    says = (
        "You held {packet} longer than its lease, so it went back at {until}. What you typed is kept; "
        "pick it up again if it is still free."
    )


class AlreadyClosed(Refusal):
    says = "{packet} is closed. Reopen it first, with a reason."


def be_able(person: Person | None, ability: Ability, plant: Plant) -> None:
    """Whether the person's roles give this ability; None is the plant itself, which may."""
    if person is not None and not person.may(ability, plant.playbook):
        raise NotYours(f"{person.name} may not {ability}.")


def have_in_hand(packet: Packet, person: Person, at: datetime) -> None:
    """Whether the packet is held by this person, under a lease that still runs (the fence for late holders)."""
    be_open(packet)
    if packet.state != "held" or packet.person_id != person.pk:
        holder = f"; {packet.person} has it" if packet.state == "held" and packet.person else ""
        raise NotInYourHands(packet=packet.number, holder=holder)
    if packet.lease_until is not None and packet.lease_until <= at:
        raise LeaseOver(packet=packet.number, until=f"{packet.lease_until:%H:%M} UTC")


def be_open(packet: Packet) -> None:
    """Whether the packet is still alive."""
    if packet.state == "closed":
        raise AlreadyClosed(packet=packet.number)


def be_of_its_department(packet: Packet, person: Person | None, plant: Plant) -> None:
    """Whether the person works in the department that has the packet, or supervises."""
    if person is None or packet.department in person.departments_in(plant.playbook):
        return
    if not person.may("supervise", plant.playbook):
        raise NotYours(f"{packet.number} belongs to another department.")
