"""People and their time: names and roles for everyone, minutes only for whom they concern."""

from __future__ import annotations

from typing import Annotated, Literal

from fullkit import models
from fullkit.actions import may, playbooks, time
from fullkit.api import found
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.given import Given, Id, Key, Minutes, Text
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.shapes import Person, TimeEntry

router = Noun("People")

Category = Literal["selling", "transactional", "admin", "travel", "repair"]


@router.question("/me")
def me(request: Call) -> Person:
    """Whose key this is."""
    return Person.of(request.auth)


@router.question("/people")
def people(
    request: Call, department: Key | None = None, cursor: Cursor | None = None, limit: Limit = DEFAULT
) -> Page[Person]:
    """Everyone who works here now, or in one department."""
    rows = models.Person.objects.filter(is_active=True)
    if department is not None:
        rows = rows.filter(department=department)
    some, following = cut(rows, cursor, limit)
    return Page(items=[Person.of(row) for row in some], next=following)


class Spent(Given):
    """Minutes spent, by default your own. Repair names its cause."""

    category: Category
    minutes: Minutes
    person: Id | None = None
    cause: Annotated[str, Text(40, required=False)] = ""
    packet: Id | None = None


@router.verb("/time", time.log_time)
def log_time(request: Call, body: Spent) -> TimeEntry:
    entry = time.log_time(
        person=found.given_person(body.person) or request.auth,
        category=body.category,
        minutes=body.minutes,
        cause=body.cause,
        packet=found.given(models.Packet.objects.all(), body.packet, "packet"),
        by=request.auth,
        at=request.at,
    )
    return TimeEntry.of(entry)


@router.question("/time")
def time_entries(
    request: Call, person: Id | None = None, cursor: Cursor | None = None, limit: Limit = DEFAULT
) -> Page[TimeEntry]:
    """Minutes logged, newest first: your own, or those of someone you supervise."""
    whose = person or request.auth.pk
    if whose != request.auth.pk:
        may.be_able(request.auth, "supervise", playbooks.current())
    rows = models.TimeEntry.objects.filter(person=whose)
    some, following = cut(rows, cursor, limit, newest_first=True)
    return Page(items=[TimeEntry.of(row) for row in some], next=following)
