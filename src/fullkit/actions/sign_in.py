"""Coming in: who gives the right name and password, and how often one may be wrong."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.db.models import Q

from fullkit.models import Person, SignInFailure
from fullkit.rules.refusal import Refusal

PLACE_ATTEMPTS = 10
"""How many times more than one name an address may fail: a whole office shares one."""


class WrongKey(Refusal):
    """The same sentence for a name nobody has, a wrong password and a person who has left."""

    says = "This name and password do not belong together. Check both; a manager can set a new password."


class TooManyTries(Refusal):
    says = "Too many tries. Wait {minutes} minutes, then sign in again."


def come_in(*, name: str, password: str, place: str, at: datetime) -> Person:
    """The person with this name and password, or a refusal that does not say which of the two is wrong.

    After too many failures of one name, or from one address (`place`), even the right password has to wait.
    """
    by_name, by_place = _digest("name", name.strip().casefold()), _digest("place", place)
    since = at - timedelta(minutes=settings.SIGN_IN_WINDOW_MINUTES)
    failures = SignInFailure.objects.filter(at__gt=since)
    if (
        failures.filter(name_digest=by_name).count() >= settings.SIGN_IN_ATTEMPTS
        or failures.filter(place_digest=by_place).count() >= settings.SIGN_IN_ATTEMPTS * PLACE_ATTEMPTS
    ):
        raise TooManyTries(minutes=settings.SIGN_IN_WINDOW_MINUTES)
    person = authenticate(username=name.strip(), password=password)
    if not isinstance(person, Person):
        SignInFailure.objects.create(name_digest=by_name, place_digest=by_place, at=at)
        raise WrongKey()
    SignInFailure.objects.filter(Q(name_digest=by_name) & Q(place_digest=by_place)).delete()
    return person


def _digest(what: str, said: str) -> str:
    """Names and addresses are personal data; only whether they are the same matters here."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{what} {said}".encode(), hashlib.sha256).hexdigest()
