"""Who may do what: the ability each verb needs, and one selling mode a person (R14, R23, R40)."""

from __future__ import annotations

from collections.abc import Iterable

from fullkit.rules.refusal import Refusal

NEEDS: dict[str, str] = {
    "intake.arrive": "work",
    "intake.classify": "work",
    "intake.triage": "work",
    "intake.correct": "work",
    "intake.comment": "work",
    "inbox.deal": "work",
    "inbox.skip": "work",
    "inbox.put_back": "work",
    "inbox.park": "work",
    "inbox.pick_up": "work",
    "inbox.name_cause": "work",
    "inbox.take_back": "supervise",
    "conversations.record": "sell",
    "conversations.attempt": "sell",
    "journey.advance": "work",
    "journey.close": "work",
    "journey.reopen": "work",
    "handoffs.open": "work",
    "handoffs.supply": "work",
    "handoffs.withdraw": "work",
    "disputes.dispute": "work",
    "disputes.decide": "supervise",
    "favours.ask_favour": "work",
    "favours.answer_favour": "work",
    "queues.replenish": "promote",
    "queues.release": "promote",
    "queues.accept_advice": "promote",
    "calendar.open_slots": "schedule",
    "calendar.book": "schedule",
    "calendar.cancel": "schedule",
    "time.log_time": "work",
    "customers.register": "work",
    "customers.bought": "work",
    "customers.merge": "supervise",
    "customers.erase_contact": "supervise",
    "playbooks.save": "method",
    "playbooks.activate": "method",
}
"""Verb to ability, the verb by its room. Only Promotions fills a sales queue (R23); only coordinators write the
calendar (R40). What happens by itself needs nobody's ability."""


class InsideOrField(Refusal):
    """R14: inside or outside, never both."""

    says = "{person} cannot sell both {modes}. Keep one of the two roles; field people join calls as booked slots."
    rule = "R14"


def may(abilities: Iterable[str], verb: str) -> bool:
    """Whether these abilities are enough for this verb; an unknown verb is nobody's."""
    return NEEDS.get(verb) in set(abilities)


def one_selling_mode(modes: Iterable[str | None], *, person: str = "One person") -> str | None:
    """The selling mode of a person's roles, `inside` or `field`; None when no role sells."""
    found = sorted({mode for mode in modes if mode})
    if len(found) > 1:
        raise InsideOrField(person=person, modes=" and ".join(found))
    return found[0] if found else None
