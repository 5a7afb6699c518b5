"""People's keys to the house, and their personal data: erased on request once they have left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from fullkit.actions import log, may, playbooks
from fullkit.actions.customers import ERASED
from fullkit.models import Person, PlaybookVersion, TimeEntry
from fullkit.playbook.dump import dump
from fullkit.playbook.load import digest, load_stored
from fullkit.rules import events
from fullkit.rules.refusal import Refusal


class StillHere(Refusal):
    says = (
        "{person} is in the playbook in force. Take them out of it first; what they hold goes on by put-back."
    )


@transaction.atomic
def give_password(people: Iterable[Person], password: str) -> int:
    """Give several people one password, for instance the cast of the demo company. Returns to how many."""
    given = list(people)
    # Hashed once: it is one password anyway, and a slow hash for each of them would take seconds.
    Person.objects.filter(pk__in=[p.pk for p in given]).update(password=make_password(password))
    return len(given)


@transaction.atomic
def erase(person: Person, *, by: Person, at: datetime) -> Person:
    """Erase a former colleague's name, sign-in, keys and time entries; the log keeps that someone did what was done.

    The name also stands in earlier versions of the playbook: there, and only for this, a stored text is changed.
    """
    plant = playbooks.current()
    may.be_able(by, "method", plant)
    if person.sign_in in plant.playbook.person:
        raise StillHere(person=person.name)
    for version in PlaybookVersion.objects.all():
        _forget(version, person.sign_in, f"erased-{person.pk}")
    person.tokens.all().delete()
    TimeEntry.objects.filter(person=person).delete()
    person.sign_in, person.name, person.erased_at, person.is_active = f"erased-{person.pk}", ERASED, at, False
    person.set_unusable_password()
    person.save()
    log.record(plant, events.PersonErased(person=person.pk), at=at, by=by)
    return person


def _forget(version: PlaybookVersion, sign_in: str, instead: str) -> None:
    book, _ = load_stored(version.text)
    if sign_in not in book.person:
        return
    people = tuple(
        p.model_copy(update={"sign_in": instead, "name": ERASED}) if p.sign_in == sign_in else p
        for p in book.people
    )
    version.text = dump(book.model_copy(update={"people": people}))
    version.digest = digest(version.text)
    version.save(update_fields=["text", "digest"])
