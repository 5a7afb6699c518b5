"""Who comes to a page in the tests: signed in as somebody of the cast, or nobody."""

from __future__ import annotations

from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fullkit.models import Person


def visitor(person: Person | None = None) -> Client:
    """A browser in which this person is signed in; None: nobody is."""
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def queries(client: Client, address: str) -> int:
    """How many queries a page takes, once everything that is read only once was read."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(asked)


def said(answer: object) -> str:
    """What the page says, its spacing and its entities undone."""
    return " ".join(unescape(answer.content.decode()).split())  # type: ignore[attr-defined]
