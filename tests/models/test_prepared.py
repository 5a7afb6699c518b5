"""A prepared question and a plain statement do what the ORM does, for any arguments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fullkit.models import Customer, Packet, Purchase
from fullkit.models.prepared import Prepared, insert, update


def test_it_finds_what_the_question_finds_each_time_anew(world: Any) -> None:
    first, second = world.in_pool(name="Acme Pumps"), world.in_pool(name="Zeta Foods", full=False)
    whole = Prepared(lambda pk: Packet.objects.filter(pk=pk).select_related("customer", "contact"), int)
    for packet in (first, second, first):
        found, plain = whole(packet.pk)[0], Packet.objects.get(pk=packet.pk)
        assert {f.attname: getattr(found, f.attname) for f in Packet._meta.concrete_fields} == {
            f.attname: getattr(plain, f.attname) for f in Packet._meta.concrete_fields
        }
        assert (found.customer, found.contact) == (plain.customer, plain.contact)
    assert whole(10**9) == []


def test_words_and_moments_are_arguments_too(world: Any) -> None:
    packet = world.in_pool()
    since = Prepared(
        lambda key, at: Packet.objects.filter(department=key, arrived_at__gte=at).values_list("pk", "value"),
        str,
        datetime,
    )
    assert since("promotions", world.now) == [(packet.pk, Decimal("24000.00"))]
    assert since("promotions", world.now + timedelta(seconds=1)) == []
    assert since("service", world.now) == []


def test_a_question_that_changes_its_arguments_cannot_be_prepared(db: None) -> None:
    with pytest.raises(ValueError, match="used as it is given"):
        Prepared(lambda name: Customer.objects.filter(name__contains=name), str)("Acme")


def test_a_row_is_written_as_the_orm_writes_it(db: None) -> None:
    now = datetime(2026, 3, 2, 15, 0, 1, 5, tzinfo=UTC)
    firm = Customer(name="Łąkowa Huta", plain_name="łąkowa huta", since=now)
    insert(firm)
    bought = Purchase(customer=firm, family="seals", value=Decimal("12.50"), at=now)
    insert(bought)
    stored = Purchase.objects.select_related("customer").get(pk=bought.pk)
    assert (stored.customer.name, stored.value, stored.at) == ("Łąkowa Huta", Decimal("12.50"), now)
    firm.place, firm.incumbent = "Lowmoor, IN", True
    update(firm, "place", "incumbent")
    firm.refresh_from_db()
    assert (firm.place, firm.incumbent, firm.name) == ("Lowmoor, IN", True, "Łąkowa Huta")
