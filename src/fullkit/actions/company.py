"""A company begins: its first playbook in force, its first person with a password."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from fullkit.actions import playbooks
from fullkit.models import Person
from fullkit.rules.refusal import Refusal


class AlreadySetUp(Refusal):
    says = "This company is set up already. Sign in; whoever keeps the method adds people."


def found(text: str, *, sign_in: str, password: str, reason: str, at: datetime) -> Person:
    """Put the first playbook into force and give its first person their password. Happens once."""
    if playbooks.exists() or Person.objects.exists():
        raise AlreadySetUp()
    try:
        with transaction.atomic():
            saved = playbooks.save(text, author=None, reason=reason, at=at)
            playbooks.activate(saved, by=None, at=at)
            person = Person.objects.get(sign_in=sign_in)
            person.set_password(password)
            person.save(update_fields=["password"])
    except IntegrityError:
        raise AlreadySetUp() from None  # two at once: the second finds version 1 taken
    return person
