"""People's keys to the house; who they are and what they may, the playbook says."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import transaction

from fullkit.models import Person


@transaction.atomic
def give_password(people: Iterable[Person], password: str) -> int:
    """Give several people one password, for instance the cast of the demo company. Returns to how many."""
    given = list(people)
    # Hashed once: it is one password anyway, and a slow hash for each of them would take seconds.
    Person.objects.filter(pk__in=[p.pk for p in given]).update(password=make_password(password))
    return len(given)
