"""The playbook as reports need it: the one in force, and those under which things happened."""

from __future__ import annotations

from collections.abc import Iterable

from fullkit.models import PlaybookVersion
from fullkit.models.playbooks import plant
from fullkit.playbook.plant import Plant
from fullkit.rules.calendar import WorkTime


def in_force() -> Plant | None:
    """The playbook in force; None before the company was set up."""
    row = PlaybookVersion.objects.filter(in_force=True).values_list("number", "digest").first()
    return plant(*row) if row else None


def working_time() -> WorkTime:
    """The company's working time by the playbook in force; without one, UTC and no hours."""
    now = in_force()
    return now.work if now else WorkTime("UTC", {})


def versions(numbers: Iterable[int]) -> dict[int, Plant]:
    """These versions, by number; one query besides the first reading of each."""
    stored = PlaybookVersion.objects.filter(number__in=set(numbers)).values_list("number", "digest")
    return {number: plant(number, digest) for number, digest in stored}
