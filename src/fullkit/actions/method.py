"""Changing the method: one new version, its reason, and keys for whoever joins by it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from fullkit.actions import leaving, may, playbooks
from fullkit.actions.in_use import still_in_use
from fullkit.models import Person
from fullkit.playbook.diff import Change, diff
from fullkit.playbook.finding import Finding
from fullkit.playbook.lint import lint
from fullkit.playbook.load import load
from fullkit.playbook.schema import Playbook
from fullkit.rules.refusal import Refusal

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other when a password is read out."""


class ChangedMeanwhile(Refusal):
    says = "Version {version} came into force while you were changing version {base}. Look at it, then change again."


class BreaksTheMethod(Refusal):
    says = "This would break the method: {findings}"


class NobodyLeft(Refusal):
    says = "Nobody could change the method any more. Leave at least one person a role that may."


@dataclass(frozen=True)
class Consequences:
    """What a changed text would do: in sentences, and what the rulebook says to it."""

    changes: tuple[Change, ...]
    new: tuple[Finding, ...]
    """Findings that the version in force does not have."""
    old: tuple[Finding, ...]
    joining: tuple[str, ...]
    moving: tuple[str, ...]
    """What happens to the packets of people who are taken out, in numbers."""
    in_use: tuple[str, ...]
    """What open packets still need and the text drops; while there is any, it cannot come into force."""

    @property
    def broken(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.new if f.severity == "error")


@dataclass(frozen=True)
class Key:
    """A password that is told once and changed at the first sign-in."""

    person: Person
    password: str


def consequences(old: Playbook, new: Playbook) -> Consequences:
    """What will change when `new` follows `old`."""
    before = {(f.rule, f.sentence) for f in lint(old)}
    found = lint(new)
    left = leaving.left_behind(old, new)
    return Consequences(
        changes=tuple(diff(old, new)),
        new=tuple(f for f in found if (f.rule, f.sentence) not in before),
        old=tuple(f for f in found if (f.rule, f.sentence) in before),
        joining=tuple(p.name for p in new.people if p.sign_in not in old.person),
        moving=tuple(leaving.sentences([each for each in left if each.road != "nobody"], new)),
        in_use=(*still_in_use(old, new), *leaving.without_heir(left, new)),
    )


@transaction.atomic
def change(text: str, *, base: int, reason: str, by: Person, at: datetime) -> list[Key]:
    """Put a changed text into force as a new version; keys for those who join. Nobody's change is overwritten."""
    plant = playbooks.current()
    may.be_able(by, "method", plant)
    if plant.number != base:
        raise ChangedMeanwhile(version=plant.number, base=base)
    new = load(text)
    if not any("method" in new.role[key].may for person in new.people for key in person.roles):
        raise NobodyLeft()
    broken = consequences(plant.playbook, new).broken
    if broken:
        raise BreaksTheMethod(findings=" ".join(f"{f.sentence} {f.cure} ({f.rule})" for f in broken))
    before = set(Person.objects.filter(is_active=True).values_list("pk", flat=True))
    saved = playbooks.save(text, author=by, reason=reason, at=at)
    playbooks.activate(saved, by=by, at=at)
    joined = Person.objects.filter(is_active=True).exclude(pk__in=before).order_by("pk")
    return [_give(person) for person in joined]


@transaction.atomic
def new_key(person: Person, *, by: Person) -> Key:
    """A new one-time password for somebody who lost theirs; their open sessions end."""
    may.be_able(by, "method", playbooks.current())
    return _give(person)


def _give(person: Person) -> Key:
    password = "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    return Key(person, password)
