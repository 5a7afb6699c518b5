"""From an id to what it names. In an address an unknown id is a 404; in a body it is the field that is wrong."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from fullkit.actions import uploads
from fullkit.api.refusals import NoSuch
from fullkit.models import Contact, Customer, Handoff, Packet, Person, Slot, Upload
from fullkit.models.prepared import Prepared
from fullkit.rules.refusal import Invalid

Row = TypeVar("Row", bound=Model)


def one(rows: QuerySet[Row], id: int, noun: str) -> Row:
    """The row an address names."""
    row = rows.filter(pk=id).first()
    if row is None:
        raise NoSuch(f"There is no {noun} with the id {id}.")
    return row


def packets() -> QuerySet[Packet]:
    """Packets with the names that are shown beside them."""
    return Packet.objects.select_related("customer", "contact", "person")


_packet = Prepared(lambda id: packets().filter(pk=id), int)


def packet(id: int) -> Packet:
    found = _packet(id)
    if not found:
        raise NoSuch(f"There is no packet with the id {id}.")
    return found[0]


def handoff(id: int) -> Handoff:
    return one(Handoff.objects.select_related("packet__customer", "packet__contact"), id, "handoff")


def slot(id: int) -> Slot:
    return one(Slot.objects.select_related("person", "packet"), id, "slot")


def person(id: int) -> Person:
    return one(Person.objects.filter(is_active=True), id, "person")


def customer(id: int) -> Customer:
    return one(Customer.objects.select_related("merged_into"), id, "customer")


def given(rows: QuerySet[Row], id: int | None, field: str) -> Row | None:
    """The row a body names; None when it names none."""
    if id is None:
        return None
    row = rows.filter(pk=id).first()
    if row is None:
        raise Invalid(field=field, problem=f"{id} is unknown.", cure=f"Give the id of a {field} that exists.")
    return row


def given_customer(id: int | None) -> Customer | None:
    return None if id is None else given(Customer.objects.current(), id, "customer")


def given_contact(id: int | None, customer: Customer | None) -> Contact | None:
    """A contact named in a body, who must be one of the customer's."""
    if id is None:
        return None
    contact = given(Contact.objects.filter(erased_at=None), id, "contact")
    if contact is not None and (customer is None or contact.customer_id != customer.pk):
        raise Invalid(
            field="contact", problem=f"{id} is not a contact of this customer.", cure="Give one of theirs."
        )
    return contact


def given_person(id: int | None, field: str = "person") -> Person | None:
    return given(Person.objects.filter(is_active=True), id, field)


def given_files(ids: set[int], reader: Person) -> dict[int, Upload]:
    """The uploads named in a body. One that this person may not read is as unknown as one that is not there."""
    known: dict[int, Upload] = Upload.objects.in_bulk(ids)
    found = {id: upload for id, upload in known.items() if uploads.readable(upload, reader)}
    for id in sorted(ids - set(found)):
        raise Invalid(
            field="file", problem=f"{id} is unknown.", cure="Upload the file first and give its id."
        )
    return found
