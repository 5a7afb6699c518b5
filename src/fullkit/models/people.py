"""Who works here: people as the playbook declares them, and the keys with which they come in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from fullkit.playbook.schema import Ability, Playbook, Role


class PersonManager(BaseUserManager["Person"]):
    """Looks people up by sign-in name."""

    def get_by_natural_key(self, sign_in: str | None) -> Person:
        return self.get(sign_in__iexact=sign_in or "")


class Person(AbstractBaseUser):
    """Someone of the front office. Roles and department come from the playbook and are copied here on activation."""

    sign_in = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    department = models.CharField(max_length=40, db_index=True)
    roles = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = PersonManager()

    USERNAME_FIELD = "sign_in"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        app_label = "fullkit"
        indexes = [models.Index(fields=["department", "is_active"], name="person_department")]

    def __str__(self) -> str:
        return self.name

    def roles_in(self, playbook: Playbook) -> list[Role]:
        """The person's roles that the playbook still knows, in the order given."""
        return [playbook.role[key] for key in self.roles if key in playbook.role]

    def may(self, ability: Ability, playbook: Playbook) -> bool:
        """Whether any of the person's roles gives this ability."""
        return self.is_active and any(ability in role.may for role in self.roles_in(playbook))

    def works_in(self, department: str, playbook: Playbook) -> bool:
        """Whether this person is here and is given work in a department."""
        return self.is_active and any(
            r.department == department and "work" in r.may for r in self.roles_in(playbook)
        )

    def departments_in(self, playbook: Playbook) -> list[str]:
        """The departments of the person's roles, home first, each once."""
        return list(dict.fromkeys([self.department, *(r.department for r in self.roles_in(playbook))]))


class Token(models.Model):
    """A personal key to the API. Only its digest is kept; the key is shown once."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "fullkit"

    @staticmethod
    def digest_of(key: str) -> str:
        """SHA-256 of a key; keys carry 256 random bits, so a slow hash would add nothing."""
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def make(cls, person: Person, *, name: str, at: datetime) -> tuple[Token, str]:
        """A new token and, this once, its key."""
        key = f"fk_{secrets.token_urlsafe(32)}"
        return cls.objects.create(person=person, name=name, digest=cls.digest_of(key), made_at=at), key


class IdempotencyKey(models.Model):
    """What was answered to a POST, so that asking again changes nothing and answers the same."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer: Any = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "fullkit"
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_answer_per_key")]


class SignInFailure(models.Model):
    """A failed sign-in, kept only as long as throttling needs it. Holds digests, not names or addresses."""

    name_digest = models.CharField(max_length=64)
    place_digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        app_label = "fullkit"
        indexes = [
            models.Index(fields=["name_digest", "at"], name="failure_by_name"),
            models.Index(fields=["place_digest", "at"], name="failure_by_place"),
        ]
