"""What is stored about one person, for that person to have (export before erasure)."""

from __future__ import annotations

from typing import Any

from fullkit.models import Contact, Event, Favour, Packet, Person, Remark, StageExit


def of_contact(contact: Contact) -> dict[str, Any]:
    """Everything about a customer's contact: who they are, their packets, what was typed about those."""
    packets = Packet.objects.filter(contact=contact).order_by("pk")
    remarks = Remark.objects.filter(event__packet__in=packets).select_related("event").order_by("event_id")
    return {
        "name": contact.name,
        "role": contact.role,
        "email": contact.email,
        "phone": contact.phone,
        "customer": contact.customer.name,
        "packets": [{"number": p.number, "title": p.title, "arrived_at": p.arrived_at} for p in packets],
        "remarks": [{"at": r.event.at, "kind": r.event.kind, "text": r.text} for r in remarks],
        "evidence": [
            {"at": e.at, "stage": e.stage, "text": e.evidence}
            for e in StageExit.objects.filter(packet__in=packets).order_by("pk")
        ],
    }


def of_person(person: Person) -> dict[str, Any]:
    """Everything about a colleague: who they are, what they did by kind and day, time, favours, remarks they typed."""
    did = Event.objects.filter(actor=person).order_by("pk").values_list("at", "kind", "packet_id")
    remarks = Remark.objects.filter(event__actor=person).select_related("event").order_by("event_id")
    return {
        "sign_in": person.sign_in,
        "name": person.name,
        "department": person.department,
        "roles": person.roles,
        "last_login": person.last_login,
        "time": [
            {"at": t.at, "category": t.category, "minutes": t.minutes, "cause": t.cause}
            for t in person.time.order_by("pk")
        ],
        "favours": [
            {"at": f.asked_at, "question": f.question, "answer": f.answer}
            for f in Favour.objects.filter(asked_by=person).order_by("pk")
        ],
        "events": [{"at": at, "kind": kind, "packet": packet} for at, kind, packet in did],
        "remarks": [{"at": r.event.at, "text": r.text} for r in remarks],
    }
