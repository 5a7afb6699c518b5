"""Who calls, and when: the key at the door and the clock of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest
from ninja.security import HttpBearer

from fullkit.actions import playbooks
from fullkit.models import Person, PlaybookVersion, Token
from fullkit.models.prepared import Prepared
from fullkit.playbook.plant import Plant

if TYPE_CHECKING:

    class Call(HttpRequest):
        """A request whose caller is known."""

        auth: Person
        at: datetime
        in_force: tuple[int, str] | None
else:
    Call = HttpRequest


def now() -> datetime:
    """The clock of the API: read once per call."""
    return datetime.now(UTC)


_COLUMNS = [field.attname for field in Person._meta.concrete_fields]


def _with_key(digest: str) -> QuerySet[Person, Any]:
    in_force = PlaybookVersion.objects.filter(in_force=True)
    return (
        Person.objects.filter(tokens__digest=digest, tokens__revoked_at=None, is_active=True)
        .annotate(version=Subquery(in_force.values("number")), proof=Subquery(in_force.values("digest")))
        .values_list(*_COLUMNS, "version", "proof")
    )


_usable = Prepared(_with_key, str)


class PersonalKey(HttpBearer):
    """`Authorization: Bearer fk_...`: one query finds the person, the key in use and the playbook in force."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """The person whose key this is; None for a key that is unknown, revoked or of someone who left."""
        found = _usable(Token.digest_of(token))
        if not found:
            return None
        *columns, version, proof = cast("tuple[Any, ...]", found[0])
        request.at = now()  # type: ignore[attr-defined]
        request.in_force = None if version is None else (version, proof)  # type: ignore[attr-defined]
        return Person.from_db(connection.alias, _COLUMNS, columns)


def sees_revenue(person: Person, plant: Plant) -> bool:
    """Whether lists and totals show this person what things are worth; a single packet always says it."""
    if not plant.playbook.switches.revenue_hidden_from_salespeople:
        return True
    return not any(role.selling for role in person.roles_in(plant.playbook))


def shown_revenue(call: Any) -> bool:
    """The same of the caller, under the playbook in force."""
    return sees_revenue(call.auth, playbooks.current())
