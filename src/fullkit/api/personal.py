"""What is stored about one person, to hand over; and forgetting a colleague who left."""

from __future__ import annotations

from typing import Any

from fullkit import models
from fullkit.actions import may, people, playbooks
from fullkit.api import found
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.given import Id
from fullkit.api.shapes import Done, Shape
from fullkit.reports import personal

router = Noun("Personal data")


class Stored(Shape):
    """Everything stored about one person."""

    stored: dict[str, Any]


@router.question("/contacts/{contact}/personal-data")
def personal_data_of_contact(request: Call, contact: Id) -> Stored:
    """Everything stored about a customer's contact."""
    may.be_able(request.auth, "manage", playbooks.current())
    return Stored(stored=personal.of_contact(found.one(models.Contact.objects.all(), contact, "contact")))


@router.question("/people/{person}/personal-data")
def personal_data_of_person(request: Call, person: Id) -> Stored:
    """Everything stored about a colleague: your own, or for whoever keeps the method anybody's."""
    if person != request.auth.pk:
        may.be_able(request.auth, "method", playbooks.current())
    return Stored(stored=personal.of_person(found.one(models.Person.objects.all(), person, "person")))


@router.verb("/people/{person}/erase", people.erase)
def erase_person(request: Call, person: Id) -> Done:
    people.erase(found.one(models.Person.objects.all(), person, "person"), by=request.auth, at=request.at)
    return Done()
