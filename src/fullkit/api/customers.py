"""Customers: known once, owned by nobody."""

from __future__ import annotations

from typing import Annotated

from fullkit import models
from fullkit.actions import customers as actions
from fullkit.api import found
from fullkit.api.caller import Call, shown_revenue
from fullkit.api.door import Noun
from fullkit.api.given import Given, Id, Key, Money, Text
from fullkit.api.pages import DEFAULT, Cursor, Limit, Page, cut
from fullkit.api.shapes import Contact, Customer, Done, Purchase

router = Noun("Customers")


class Named(Given):
    """Who it is."""

    name: Annotated[str, Text(200)]
    place: Annotated[str, Text(120, required=False)] = ""


@router.verb("/customers", actions.register)
def register(request: Call, body: Named) -> Customer:
    return Customer.of(actions.register(name=body.name, place=body.place, by=request.auth, at=request.at))


@router.question("/customers")
def customers(
    request: Call,
    words: Annotated[str, Text(80)] | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT,
) -> Page[Customer]:
    """Customers; with `words` those whose name, or whose contact's name, mail or phone, holds them."""
    current = models.Customer.objects.current()
    rows = models.Customer.objects.matching(words) if words else current
    some, following = cut(rows, cursor, limit)
    return Page(items=[Customer.of(row) for row in some], next=following)


@router.question("/customers/{customer}")
def customer(request: Call, customer: Id) -> Customer:
    """One customer."""
    return Customer.of(found.customer(customer))


@router.question("/customers/{customer}/contacts")
def contacts(
    request: Call, customer: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT
) -> Page[Contact]:
    """The people at a customer."""
    rows, following = cut(found.customer(customer).contacts.filter(erased_at=None), cursor, limit)
    return Page(items=[Contact.of(row) for row in rows], next=following)


@router.question("/customers/{customer}/purchases")
def purchases(
    request: Call, customer: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT
) -> Page[Purchase]:
    """What a customer bought, newest first."""
    rows, following = cut(found.customer(customer).purchases.all(), cursor, limit, newest_first=True)
    worth = shown_revenue(request)
    return Page(items=[Purchase.of(row, worth=worth) for row in rows], next=following)


class Someone(Given):
    """A person at the customer."""

    name: Annotated[str, Text(120)]
    role: Annotated[str, Text(80, required=False)] = ""
    email: Annotated[str, Text(254, required=False)] = ""
    phone: Annotated[str, Text(40, required=False)] = ""


@router.verb("/customers/{customer}/contacts", actions.add_contact)
def add_contact(request: Call, customer: Id, body: Someone) -> Contact:
    return Contact.of(actions.add_contact(found.customer(customer), by=request.auth, **dict(body)))


class Into(Given):
    """The record to keep."""

    into: Id


@router.verb("/customers/{customer}/merge", actions.merge)
def merge(request: Call, customer: Id, body: Into) -> Customer:
    duplicate = found.customer(customer)
    into = found.given(models.Customer.objects.select_related("merged_into"), body.into, "into")
    assert into is not None
    return Customer.of(actions.merge(duplicate, into=into, by=request.auth, at=request.at))


class Bought(Given):
    """What was bought. `source` is the system that says so."""

    family: Annotated[str, Text(80)]
    value: Money
    source: Key = "api"


@router.verb("/customers/{customer}/purchases", actions.bought)
def bought(request: Call, customer: Id, body: Bought) -> Purchase:
    row = actions.bought(
        found.customer(customer),
        family=body.family,
        value=body.value,
        source=body.source,
        by=request.auth,
        at=request.at,
    )
    return Purchase.of(row, worth=True)


@router.verb("/contacts/{contact}/erase", actions.erase_contact)
def erase_contact(request: Call, contact: Id) -> Done:
    row = found.one(models.Contact.objects.all(), contact, "contact")
    actions.erase_contact(row, by=request.auth, at=request.at)
    return Done()
