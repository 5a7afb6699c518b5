"""The method: the playbook in force, its versions, what changed between two of them."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import Annotated, Any, Self

from django.http import HttpResponse
from pydantic import Field

from fullkit import models
from fullkit.actions import playbooks
from fullkit.api.caller import Call
from fullkit.api.door import Noun
from fullkit.api.given import Given, Text
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.refusals import NoSuch
from fullkit.api.shapes import Shape

router = Noun("Playbook")

VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class InForce(Shape):
    """The number of the version in force, and the playbook as its own JSON Schema describes it."""

    version: int
    playbook: dict[str, Any]


class Version(Shape):
    """A version of the playbook: who made it, when and why."""

    number: int
    reason: str
    author: int | None
    saved_at: datetime
    activated_at: datetime | None
    in_force: bool

    @classmethod
    def of(cls, row: models.PlaybookVersion) -> Self:
        return cls(
            number=row.number,
            reason=row.reason,
            author=row.author_id,
            saved_at=row.saved_at,
            activated_at=row.activated_at,
            in_force=row.in_force,
        )


class VersionText(Version):
    """A version with its YAML."""

    text: str


class Difference(Shape):
    """What changed, as lines: a unified diff; empty when nothing did."""

    since: int
    until: int
    lines: list[str]


@router.question("/playbook")
def playbook(request: Call) -> InForce:
    """The playbook in force as JSON."""
    plant = playbooks.current()
    return InForce(version=plant.number, playbook=plant.playbook.model_dump(mode="json", by_alias=True))


@router.question("/playbook.yaml", media="application/yaml")
def playbook_yaml(request: Call) -> HttpResponse:
    """The playbook in force as the YAML it was saved as."""
    text = _version(playbooks.current().number).text
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")


@router.question("/playbook/versions")
def versions(request: Call, cursor: Cursor | None = None, limit: Limit = DEFAULT) -> Page[Version]:
    """Every version, newest first."""
    rows = models.PlaybookVersion.objects.defer("text")
    some, following = cut(rows, cursor, limit, newest_first=True)
    return Page(items=[Version.of(row) for row in some], next=following)


@router.question("/playbook/versions/{version}")
def version(request: Call, version: VersionNumber) -> VersionText:
    """One version with its text."""
    row = _version(version)
    return VersionText(**dict(Version.of(row)), text=row.text)


@router.question("/playbook/diff")
def difference(request: Call, since: VersionNumber, until: VersionNumber) -> Difference:
    """What changed from one version to another."""
    old, new = _version(since), _version(until)
    lines = difflib.unified_diff(
        old.text.splitlines(),
        new.text.splitlines(),
        f"version {old.number}",
        f"version {new.number}",
        lineterm="",
    )
    return Difference(since=since, until=until, lines=list(lines))


class Saving(Given):
    """A whole playbook as YAML, and why the method changes."""

    text: Annotated[str, Field(min_length=1, max_length=500_000)]
    reason: Annotated[str, Text(300)]


@router.verb("/playbook/versions", playbooks.save)
def save_playbook(request: Call, body: Saving) -> Version:
    return Version.of(playbooks.save(body.text, author=request.auth, reason=body.reason, at=request.at))


@router.verb("/playbook/versions/{version}/activate", playbooks.activate)
def activate_playbook(request: Call, version: VersionNumber) -> Version:
    row = _version(version)
    playbooks.activate(row, by=request.auth, at=request.at)
    return Version.of(row)


def _version(number: int) -> models.PlaybookVersion:
    row = models.PlaybookVersion.objects.filter(number=number).first()
    if row is None:
        raise NoSuch(f"There is no version {number} of the playbook.")
    return row
