"""The method: which version of the playbook is in force, saving one, putting one into force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from fullkit.actions import leaving, log, may
from fullkit.actions.in_use import StillInUse, still_in_use
from fullkit.models import Person, PlaybookVersion
from fullkit.models.playbooks import plant as _plant
from fullkit.models.prepared import insert
from fullkit.playbook.load import digest, load
from fullkit.playbook.plant import Plant
from fullkit.rules import events
from fullkit.rules.refusal import Refusal


class NoPlaybook(Refusal):
    says = "This company has no playbook yet. Set it up from a preset first."


class SameAsInForce(Refusal):
    says = "Nothing was changed: the text is the one of version {version}."


class ReasonMissing(Refusal):
    says = "Say in a sentence why {what}; it stands in the history beside your name."


_told: ContextVar[tuple[int, str] | None] = ContextVar("told", default=None)


@contextmanager
def as_told(version: tuple[int, str] | None) -> Iterator[None]:
    """Go by what the door has just read of the version in force, for the length of one request."""
    before = _told.set(version)
    try:
        yield
    finally:
        _told.reset(before)


def current() -> Plant:
    """The playbook in force, parsed once per version."""
    row = _told.get() or PlaybookVersion.objects.in_force()
    if row is None:
        raise NoPlaybook()
    return _plant(*row)


def exists() -> bool:
    """Whether a playbook is in force."""
    return PlaybookVersion.objects.filter(in_force=True).exists()


def version(number: int) -> Plant:
    """The playbook of one version, in force or not."""
    return _plant(number, PlaybookVersion.objects.digest_of(number))


@transaction.atomic
def save(text: str, *, author: Person | None, reason: str, at: datetime) -> PlaybookVersion:
    """Keep a new version. Raises PlaybookError with every problem at once when the text is not a playbook."""
    load(text)
    if author is not None and exists():
        may.be_able(author, "method", current())
    if not reason.strip():
        raise ReasonMissing(what="the method should change")
    # Numbers are given one after the other: whoever saves at the same time waits here.
    list(PlaybookVersion.objects.select_for_update(no_key=True).filter(number=1).values("number"))
    last = PlaybookVersion.objects.order_by("-number").first()
    if last is not None and last.in_force and last.digest == digest(text):
        raise SameAsInForce(version=last.number)
    number = (PlaybookVersion.objects.aggregate(n=Max("number"))["n"] or 0) + 1
    saved = PlaybookVersion(
        number=number, text=text, digest=digest(text), author=author, reason=reason.strip(), saved_at=at
    )
    insert(saved)
    return saved


@transaction.atomic
def activate(saved: PlaybookVersion, *, by: Person | None, at: datetime) -> Plant:
    """Put a version into force: people follow it at once, open packets at their next handoff.

    What people leave behind who are taken out of a department goes its way here (actions/leaving.py).
    Raises StillInUse when open packets need something that the version drops.
    """
    if by is not None and exists():
        may.be_able(by, "method", current())
    list(PlaybookVersion.objects.select_for_update(no_key=True).filter(number=1).values("number"))
    plant = _plant(saved.number, saved.digest)
    left = _left_behind(plant)
    PlaybookVersion.objects.filter(in_force=True).update(in_force=False)
    saved.in_force, saved.activated_at, saved.activated_by = True, at, by
    saved.save(update_fields=["in_force", "activated_at", "activated_by"])
    _told.set(None)  # what was told at the door is no longer so
    _follow(plant)
    leaving.pass_on(left, plant, by=by, at=at)
    log.record(plant, events.PlaybookActivated(version=saved.number), at=at, by=by)
    return plant


def _left_behind(plant: Plant) -> list[leaving.Left]:
    if not exists():
        return []
    old, new = current().playbook, plant.playbook
    left = leaving.left_behind(old, new)
    if uses := [*still_in_use(old, new), *leaving.without_heir(left, new)]:
        raise StillInUse(uses=" ".join(uses))
    return left


def _follow(plant: Plant) -> None:
    """People as the playbook declares them; who is no longer named can no longer sign in, and keeps their history."""
    known = {p.sign_in: p for p in Person.objects.all()}
    for entry in plant.playbook.people:
        person = known.pop(entry.sign_in, None) or Person(sign_in=entry.sign_in)
        if not person.pk:
            person.set_unusable_password()
        person.name, person.roles, person.is_active = entry.name, list(entry.roles), True
        person.department = plant.playbook.role[entry.roles[0]].department
        person.save()
    Person.objects.filter(pk__in=[p.pk for p in known.values()]).update(is_active=False)
