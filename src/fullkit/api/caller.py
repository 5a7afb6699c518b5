"""Who calls, and when: the key at the door and the clock of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from fullkit.actions import playbooks
from fullkit.models import Person, Token
from fullkit.models.prepared import Prepared
from fullkit.playbook.plant import Plant

if TYPE_CHECKING:

    class Call(HttpRequest):
        """A request whose caller is known."""

        auth: Person
        at: datetime
else:
    Call = HttpRequest


def now() -> datetime:
    """The clock of the API: read once per call."""
    return datetime.now(UTC)


_usable = Prepared(
    lambda digest: Token.objects.filter(
        digest=digest, revoked_at=None, person__is_active=True
    ).select_related("person"),
    str,
)


class PersonalKey(HttpBearer):
    """`Authorization: Bearer fk_...`: one query finds the key in use and the person."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """The person whose key this is; None for a key that is unknown, revoked or of someone who left."""
        found = _usable(Token.digest_of(token))
        if not found:
            return None
        request.at = now()  # type: ignore[attr-defined]
        return found[0].person


def sees_revenue(person: Person, plant: Plant) -> bool:
    """Whether lists and totals show this person what things are worth; a single packet always says it."""
    if not plant.playbook.switches.revenue_hidden_from_salespeople:
        return True
    return not any(role.selling for role in person.roles_in(plant.playbook))


def shown_revenue(call: Any) -> bool:
    """The same of the caller, under the playbook in force."""
    return sees_revenue(call.auth, playbooks.current())
