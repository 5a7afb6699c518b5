"""Customers: known once, owned by nobody, merged without losing a line of history."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from fullkit.actions import log, may, playbooks
from fullkit.models import (
    Contact,
    Customer,
    Dispute,
    Favour,
    KitSupply,
    Packet,
    Person,
    Purchase,
    Remark,
    StageExit,
)
from fullkit.models.customers import plain
from fullkit.models.prepared import insert
from fullkit.rules import events
from fullkit.rules.fields import typed
from fullkit.rules.refusal import Refusal

ERASED = "(erased)"


class NotWithItself(Refusal):
    says = "{customer} cannot be merged into itself. Choose the record to keep."


class AlreadyMerged(Refusal):
    says = "{customer} was already merged into {into}."


@transaction.atomic
def register(*, name: str, at: datetime, by: Person | None = None, place: str = "") -> Customer:
    """The customer of this name, made if unknown. Names are compared without case, accents' form and punctuation."""
    name = typed("name", name, limit=200, required=True)
    known = Customer.objects.current().filter(plain_name=plain(name)).order_by("pk").first()
    if known is not None:
        return known
    return Customer.objects.create(
        name=name, plain_name=plain(name), place=typed("place", place, limit=120), since=at
    )


@transaction.atomic
def add_contact(
    customer: Customer,
    *,
    name: str,
    role: str = "",
    email: str = "",
    phone: str = "",
    by: Person | None = None,
) -> Contact:
    """A person at a customer; the same mail address or the same name there is the same person."""
    name = typed("contact", name, limit=120, required=True)
    email = typed("email", email, limit=254)
    like_this = Q(plain_name=plain(name)) | (Q(email__iexact=email) if email else Q())
    known = list(customer.contacts.filter(like_this, erased_at=None).order_by("pk"))
    by_mail = (c for c in known if email and c.email.casefold() == email.casefold())
    same = next(by_mail, known[0] if known else None)
    if same is not None:
        return same
    phone = typed("phone", phone, limit=40)
    return Contact.objects.create(
        customer=customer,
        name=name,
        plain_name=plain(name),
        role=typed("role", role, limit=80),
        email=email,
        phone=phone,
        digits="".join(c for c in phone if c.isdigit()),
    )


@transaction.atomic
def merge(duplicate: Customer, *, into: Customer, by: Person, at: datetime) -> Customer:
    """Make two records of one customer one. Packets, contacts and purchases follow; the log keeps what it said."""
    plant = playbooks.current()
    if duplicate.pk == into.pk:
        raise NotWithItself(customer=into.name)
    # As they are now and until we are done, always locked in one order: two may be merged into each other at once.
    both = (
        Customer.objects.select_for_update(no_key=True).filter(pk__in=(duplicate.pk, into.pk)).order_by("pk")
    )
    found = {c.pk: c for c in both}
    duplicate, into = found[duplicate.pk], found[into.pk]
    for customer in (duplicate, into):
        if customer.merged_into is not None:
            raise AlreadyMerged(customer=customer.name, into=customer.merged_into.name)
    Packet.objects.filter(customer=duplicate).update(customer=into)
    Contact.objects.filter(customer=duplicate).update(customer=into)
    Purchase.objects.filter(customer=duplicate).update(customer=into)
    Customer.objects.filter(merged_into=duplicate).update(merged_into=into)
    duplicate.merged_into = into
    duplicate.save(update_fields=["merged_into"])
    if duplicate.incumbent and not into.incumbent:
        into.incumbent = True
        into.save(update_fields=["incumbent"])
    log.record(plant, events.CustomerMerged(customer=into.pk, merged=duplicate.pk), at=at, by=by)
    return into


@transaction.atomic
def bought(
    customer: Customer,
    *,
    family: str,
    value: Decimal,
    at: datetime,
    by: Person | None = None,
    packet: Packet | None = None,
    source: str = "",
) -> Purchase:
    """A purchase: the proximate cause of revenue, and what the rule of inertia looks at (R9)."""
    plant = playbooks.current()
    said = events.Bought(value=value, family=family, customer=customer.pk, source=source or None)
    log.record(plant, said, at=at, by=by, packet=packet)
    bought = Purchase(customer=customer, family=family, value=value, at=at)
    insert(bought)
    return bought


@transaction.atomic
def erase_contact(contact: Contact, *, by: Person, at: datetime) -> None:
    """Erase a contact's personal data and what was typed about their packets; the log's events stay as they are."""
    plant = playbooks.current()
    may.be_able(by, "manage", plant)
    theirs = Packet.objects.filter(contact=contact)
    Remark.objects.filter(event__packet__in=theirs).update(text=ERASED)
    StageExit.objects.filter(packet__in=theirs).update(evidence=ERASED)
    KitSupply.objects.filter(handoff__packet__in=theirs).exclude(evidence="").update(evidence=ERASED)
    Favour.objects.filter(packet__in=theirs).update(question=ERASED)
    Favour.objects.filter(packet__in=theirs).exclude(answer="").update(answer=ERASED)
    Dispute.objects.filter(handoff__packet__in=theirs).update(reason=ERASED)
    contact.name = contact.plain_name = ERASED
    contact.role = contact.email = contact.phone = contact.digits = ""
    contact.erased_at = at
    contact.save()
    log.record(plant, events.PersonErased(contact=contact.pk), at=at, by=by)
