"""`fullkit token NAME`: personal keys to the API, made and taken away at the command line."""

from __future__ import annotations

import sys

from fullkit.api.caller import now
from fullkit.models import Person, Token


def issue(sign_in: str) -> int:
    """Print a new key of this person; it is kept only as a digest, so it cannot be shown again."""
    person = _person(sign_in)
    if person is None:
        return 1
    _, key = Token.make(person, name="command line", at=now())
    print(key)
    return 0


def revoke(sign_in: str) -> int:
    """Make every key of this person useless, at once."""
    person = _person(sign_in)
    if person is None:
        return 1
    gone = person.tokens.filter(revoked_at=None).update(revoked_at=now())
    print(f"{gone} keys of {person.name} revoked.")
    return 0


def _person(sign_in: str) -> Person | None:
    person = Person.objects.filter(sign_in__iexact=sign_in, is_active=True).first()
    if person is None:
        print(
            f"fullkit: nobody signs in as {sign_in!r}; check the name under Playbook, people.",
            file=sys.stderr,
        )
    return person
