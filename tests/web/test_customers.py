"""Customers: a team and no owner."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fullkit.actions import customers
from fullkit.models import Contact, Customer
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


@pytest.mark.rule("R43")
def test_r43_the_page_shows_who_works_with_a_customer_and_no_owner(world: World) -> None:
    packet = world.in_hand()
    page = said(visitor(world.sara).get(f"/customers/{packet.customer_id}"))
    assert "Our team" in page
    assert world.anna.name in page
    assert "owner" not in page.split("<main")[1].split("</main>")[0].lower()


@pytest.mark.rule("R63")
def test_r63_sums_of_purchases_are_not_for_selling_roles(world: World) -> None:
    acme = world.customer()
    customers.bought(acme, family="seals", value=Decimal("4321"), at=world.now)
    assert "4,321" in said(visitor(world.sara).get(f"/customers/{acme.pk}"))
    page = said(visitor(world.anna).get(f"/customers/{acme.pk}"))
    assert "4,321" not in page
    assert "seals" in page


def test_a_customer_is_found_by_contact_and_by_phone(world: World) -> None:
    world.contact(world.customer())
    sara = visitor(world.sara)
    for words in ("acme", "Pat Do", "5550134", "312 555"):
        assert "Acme Pumps" in said(sara.get("/customers", {"q": words}))
    assert "Nobody is called" in said(sara.get("/customers", {"q": "Zebra"}))


def test_nobody_known_yet_says_how_one_becomes_known(world: World) -> None:
    assert "No customer is known yet" in said(visitor(world.sara).get("/customers"))


def test_two_records_become_one_and_the_old_address_leads_to_it(world: World) -> None:
    packet = world.in_hand(customer=world.customer("ACME Pumps Ltd"))
    acme, old = world.customer(), packet.customer_id
    assert visitor(world.sara).post(f"/customers/{old}/merge", {"into": acme.name}).status_code == 403
    gwen = visitor(world.gwen)
    assert gwen.post(f"/customers/{old}/merge", {"into": "Zebra"}).status_code == 422
    gwen.post(f"/customers/{old}/merge", {"into": "acme pumps"})
    assert fresh(packet).customer == acme
    assert gwen.get(f"/customers/{old}").url == f"/customers/{acme.pk}"  # type: ignore[attr-defined]


def test_only_a_manager_erases_a_person(world: World) -> None:
    pat = world.contact(world.customer())
    address = f"/contacts/{pat.pk}/erasure"
    assert visitor(world.gwen).post(address).status_code == 403
    visitor(world.max).post(address)
    assert Contact.objects.get(pk=pat.pk).phone == ""
    assert "Pat Doyle" not in said(visitor(world.max).get(f"/customers/{pat.customer_id}"))


def test_a_person_is_added(world: World) -> None:
    acme = world.customer()
    sara = visitor(world.sara)
    sara.post(f"/customers/{acme.pk}/contacts", {"name": "田中 花子", "phone": "+81 3 1234 5678"})
    assert "田中 花子" in said(sara.get(f"/customers/{acme.pk}"))
    assert sara.post(f"/customers/{acme.pk}/contacts", {"name": ""}).status_code == 422


def test_pages_cost_the_same_with_one_and_three_rows(world: World) -> None:
    packet = world.in_hand()
    sara = visitor(world.sara)
    page, every = queries(sara, f"/customers/{packet.customer_id}"), queries(sara, "/customers")
    for n in range(3):
        world.arrives("quote", title=f"Case {n}")
        customers.add_contact(packet.customer, name=f"Person {n}")
        world.released(world.ben, name=f"Firm {n}")
    assert queries(sara, f"/customers/{packet.customer_id}") == page
    assert queries(sara, "/customers") == every


def test_who_may(world: World) -> None:
    assert visitor().get("/customers").status_code == 302
    assert visitor(world.anna).get("/customers/999").status_code == 404
    assert Customer.objects.count() == 0
