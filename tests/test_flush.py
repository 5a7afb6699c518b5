"""The tests can empty a log that refuses DELETE, and the refusal is back afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from fullkit.models import Event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_finds_an_empty_log_that_refuses_delete(time: str) -> None:
    assert Event.objects.count() == 0
    Event.objects.create(kind="packet.arrived", at=NOON, recorded_at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.all()._raw_delete(using="default")
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.update(kind="packet.closed")
    assert Event.objects.count() == 1
