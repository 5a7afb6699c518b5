"""Versions of the company's playbook. At most one is in force; none is ever changed."""

from __future__ import annotations

import logging
from functools import lru_cache

from django.db import connection, models
from django.db.models import Q

from fullkit.playbook.load import load_stored
from fullkit.playbook.plant import Plant

_log = logging.getLogger(__name__)


@lru_cache(maxsize=32)
def plant(number: int, digest: str) -> Plant:
    """A stored version in working order, read once: a version is never changed, and its digest proves it."""
    text = PlaybookVersion.objects.values_list("text", flat=True).get(number=number, digest=digest)
    playbook, unknown = load_stored(text)
    if unknown:
        keys = ", ".join(unknown)
        _log.warning("Version %d of the playbook has keys that this release does not know: %s", number, keys)
    return Plant(playbook, number, unknown)


class PlaybookVersions(models.Manager["PlaybookVersion"]):
    """Questions about versions."""

    def in_force(self) -> tuple[int, str] | None:
        """Number and digest of the version in force. Every verb asks this first, hence the plain statement."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT number, digest FROM fullkit_playbookversion WHERE in_force")
            found: tuple[int, str] | None = cursor.fetchone()
        return found

    def digest_of(self, number: int) -> str:
        """The digest of one version. Raises DoesNotExist."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT digest FROM fullkit_playbookversion WHERE number=%s", [number])
            found = cursor.fetchone()
        if found is None:
            raise PlaybookVersion.DoesNotExist(f"There is no version {number}.")
        return str(found[0])


class PlaybookVersion(models.Model):
    """A playbook as text, with who made it and why."""

    number = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    author = models.ForeignKey("fullkit.Person", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    saved_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey(
        "fullkit.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    in_force = models.BooleanField(default=False)

    objects = PlaybookVersions()

    class Meta:
        app_label = "fullkit"
        constraints = [
            models.UniqueConstraint(
                fields=["in_force"], condition=Q(in_force=True), name="one_playbook_in_force"
            ),
        ]
