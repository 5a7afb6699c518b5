"""One Monday in which every verb has something to do, and how each verb is called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from fullkit.actions import (
    calendar,
    conversations,
    customers,
    day,
    disputes,
    favours,
    handoffs,
    inbox,
    intake,
    journey,
    method,
    people,
    playbooks,
    pool,
    queues,
    time,
)
from fullkit.actions.handoffs import Given
from fullkit.models import (
    Advice,
    Contact,
    Customer,
    Dispute,
    Favour,
    Handoff,
    IdempotencyKey,
    Packet,
    Person,
    PlaybookVersion,
    QueueReading,
    Slot,
    Upload,
)
from fullkit.rules import pasted
from tests.world import World, fresh

TUESDAY = timedelta(hours=23)


def prepare() -> World:
    """Fill an empty database. Everything a verb below needs is there, and everything is found by its title."""
    from tests.actions.test_calendar import asked, slots

    w = World()
    free, *_ = slots(w)
    visit = asked(w, "booked visit", name="Gamma Foods")
    calendar.book(Slot.objects.order_by("pk")[1], packet=visit, by=w.cora, at=w.now)
    asked(w, "visit to book", name="Delta Dairy")
    done = w.quote_asked(by=w.ben, title="quote to dispute", name="Eta Glass")
    disputed = w.quote_asked(by=w.chloe, title="disputed quote", name="Zeta Paper")
    disputes.dispute(
        Handoff.objects.get(packet=disputed), item="lines", reason="Another firm's", by=w.sara, at=w.now
    )
    begun = handoffs.open(
        fresh(Packet.objects.get(title="quote to dispute", type="opportunity")),
        kind="request_quote",
        by=w.ben,
        at=w.now,
        title="kit without lines",
        items={k: v for k, v in w.quote_kit().items() if k != "lines"},
    )
    w.released(w.ben, title="ready since Monday")
    for n in range(4):
        w.in_pool(title=f"in the pool {n}", full=n != 1)
    w.in_hand(w.anna, title="in Anna's hand")
    closed = w.arrives(title="closed mail")
    inbox.pick_up(closed, by=w.sid, at=w.now)
    journey.close(closed, outcome="sent", by=w.sid, at=w.now)
    inbox.pick_up(w.arrives(title="in Sara's hand"), by=w.sara, at=w.now)
    skipped = inbox.pick_up(w.arrives("issue", "skipped mail"), by=w.stan, at=w.now)
    inbox.skip(skipped, reason="no_language", by=w.stan, at=w.now)
    w.later(minutes=1)
    w.arrives(title="waiting mail", type="enquiry", message_id="m1")
    favours.ask(fresh(done), of=w.anna, question="Which bore?", by=w.sara, at=w.now)
    Advice.objects.create(
        person=w.ben, at=w.now, day=w.now.date(), from_target=12, to_target=16, reason="red"
    )
    IdempotencyKey.objects.create(
        person=w.anna, key="k", request="r", status=200, answer={}, at=w.now - timedelta(days=9)
    )
    for n in range(3):
        QueueReading.objects.create(
            person=w.dev, department="inside_sales", day=date(2026, 2, 25 + n), level=24, target=50, in_play=0,
            zone="red", gap=0, at=w.now - timedelta(days=5 - n),
        )  # fmt: skip
    w.customer("Beta Mills")
    playbooks.save(_another(w), author=w.ines, reason="A day longer", at=w.now)
    Person.objects.create(
        sign_in="gone", name="Gone", department="service", roles=["service_clerk"], is_active=False
    )
    assert begun.accepted_at is None
    assert free.packet is None
    return w


def _another(w: World, promise: str = "2d") -> str:
    from fullkit.playbook.dump import dump

    book = w.plant.playbook
    types = tuple(
        t.model_copy(update={"promise": promise}) if t.key == "quote" else t for t in book.packet_types
    )
    return dump(book.model_copy(update={"packet_types": types}))


class Scene(World):
    """The prepared Monday, found again in a new process."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.people = {p.sign_in: p for p in Person.objects.all()}

    def file(self, kind: str = "pdf", name: str = "") -> Upload:
        """One that was uploaded before: a file is kept before the verb that names it."""
        return Upload.objects.filter(kind=kind).order_by("pk")[0]

    def packet(self, title: str, **more: Any) -> Packet:
        return Packet.objects.select_related("customer", "contact", "person", "parent").get(
            title=title, **more
        )

    def mail(self) -> Packet:
        return self.packet("in Sara's hand")

    def opportunity(self) -> Packet:
        return self.packet("in Anna's hand", type="opportunity")

    def handoff(self, title: str, kind: str = "request_quote") -> Handoff:
        return Handoff.objects.get(packet__title=title, kind=kind)


def _held(verb: Callable[..., Any], **given: Any) -> Callable[[Scene], Any]:
    return lambda s: verb(s.mail(), by=s.sara, at=s.now, **given)


def _evidence(s: Scene) -> dict[str, Any]:
    return {"evidence": "Pat Doyle, 2 March", "evidence_at": s.now}


def _rows(s: Scene) -> list[pasted.Row]:
    return [
        pasted.Row(n, {"customer": f"List {n}", "title": f"from a list {n}"}, f"List {n}") for n in range(3)
    ]


VERBS: dict[str, Callable[[Scene], Any]] = {
    "intake.arrive": lambda s: intake.arrive(
        type="quote", title="new mail", source="mail", at=s.now, message_id="m2", verdict="us", text="Please quote",
        customer=Customer.objects.get(name="Beta Mills"),
    ),
    "intake.classify": lambda s: intake.classify(
        s.packet("waiting mail"), verdict="competitor", reason="They buy it elsewhere", by=s.sara, at=s.now
    ),
    "intake.triage": lambda s: intake.triage(s.packet("waiting mail"), type="order", by=s.sara, at=s.now),
    "intake.correct": lambda s: intake.correct(
        s.packet("waiting mail"), title="a better title", family="seals", by=s.sara, at=s.now
    ),
    "intake.comment": _held(intake.comment, text="They called"),
    "inbox.deal": lambda s: inbox.deal(s.sid, at=s.now),
    "inbox.pick_up": lambda s: inbox.pick_up(s.packet("waiting mail"), by=s.sid, at=s.now),
    "inbox.renew": lambda s: inbox.renew(s.mail(), by=s.sara, at=s.now + timedelta(minutes=9)),
    "inbox.skip": _held(inbox.skip, reason="no_language"),
    "inbox.undo_skip": lambda s: inbox.undo_skip(by=s.stan, at=s.now),
    "inbox.put_back": _held(inbox.put_back, reason="end_of_shift"),
    "inbox.take_back": lambda s: inbox.take_back(s.mail(), by=s.gwen, at=s.now),
    "inbox.park": lambda s: inbox.park(
        s.mail(), until=s.now + timedelta(hours=2), reason="waits", by=s.sara, at=s.now
    ),
    "inbox.name_cause": _held(inbox.name_cause, reason="volume"),
    "inbox.sweep": lambda s: inbox.sweep(at=s.now + timedelta(hours=26)),
    "conversations.record": lambda s: conversations.record(
        s.opportunity(), outcome="sold_next_step", counterpart="buyer", minutes=7, by=s.anna, at=s.now,
        step_by="book_meeting", remark="Glad to",
    ),
    "conversations.attempt": lambda s: conversations.attempt(s.opportunity(), reason="voicemail", by=s.anna, at=s.now),
    "journey.advance": lambda s: journey.advance(
        s.opportunity(), by=s.anna, at=s.now, to_stage="briefing", **_evidence(s)
    ),
    "journey.close": lambda s: journey.close(s.opportunity(), outcome="won", by=s.anna, at=s.now, value=Decimal(900)),
    "journey.reopen": lambda s: journey.reopen(s.packet("closed mail"), reason="again", by=s.sara, at=s.now),
    "handoffs.open": lambda s: handoffs.open(
        s.opportunity(), kind="request_quote", by=s.anna, at=s.now, title="asked", items=s.quote_kit()
    ),
    "handoffs.supply": lambda s: handoffs.supply(
        s.handoff("kit without lines"), item="lines", given=Given(file=s.file()), by=s.ben, at=s.now
    ),
    "handoffs.supply_all": lambda s: handoffs.supply_all(
        s.handoff("kit without lines"), items={"lines": Given(file=s.file())}, by=s.ben, at=s.now
    ),
    "handoffs.withdraw": lambda s: handoffs.withdraw(
        s.handoff("kit without lines"), reason="No longer wanted", by=s.ben, at=s.now
    ),
    "handoffs.accept_those_past_grace": lambda s: handoffs.accept_those_past_grace(at=s.now),
    "disputes.dispute": lambda s: disputes.dispute(
        s.handoff("quote to dispute"), item="lines", reason="Not ours", by=s.sara, at=s.now
    ),
    "disputes.decide": lambda s: disputes.decide(Dispute.objects.get(), upheld=True, by=s.gwen, at=s.now),
    "favours.ask": lambda s: favours.ask(s.mail(), of=s.anna, question="Which bore?", by=s.sara, at=s.now),
    "favours.answer": lambda s: favours.answer(Favour.objects.get(), text="35 mm", by=s.anna, at=s.now),
    "queues.replenish": lambda s: queues.replenish("inside_sales", at=s.now, by=s.carl),
    "queues.release": lambda s: queues.release(s.packet("in the pool 0"), to=s.chloe, by=s.carl, at=s.now),
    "queues.return_stale": lambda s: queues.return_stale(at=s.now + timedelta(days=20)),
    "queues.advise": lambda s: queues.advise(at=s.now),
    "queues.accept_advice": lambda s: queues.accept_advice(Advice.objects.get(), by=s.maya, at=s.now),
    "calendar.open_slots": lambda s: calendar.open_slots(s.faye, day=date(2026, 3, 5), by=s.cora, at=s.now),
    "calendar.book": lambda s: calendar.book(
        Slot.objects.filter(packet=None).order_by("pk")[0],
        packet=s.packet("visit to book", type="meeting"), by=s.cora, at=s.now,
    ),
    "calendar.cancel": lambda s: calendar.cancel(
        Slot.objects.order_by("pk")[1], reason="Pat is ill", by=s.cora, at=s.now
    ),
    "customers.register": lambda s: customers.register(name="New Firm", at=s.now),
    "customers.add_contact": lambda s: customers.add_contact(
        Customer.objects.get(name="Beta Mills"), name="Kim Lee", phone="555 1234"
    ),
    "customers.merge": lambda s: customers.merge(
        Customer.objects.get(name="Acme Pumps"), into=Customer.objects.get(name="Beta Mills"), by=s.gwen, at=s.now
    ),
    "customers.bought": lambda s: customers.bought(
        Customer.objects.get(name="Beta Mills"), family="seals", value=Decimal(10), at=s.now
    ),
    "customers.erase_contact": lambda s: customers.erase_contact(
        Contact.objects.filter(customer__name="Acme Pumps")[0], by=s.max, at=s.now
    ),
    "time.log_time": lambda s: time.log_time(
        person=s.anna, category="transactional", cause="price", minutes=20, by=s.anna, at=s.now
    ),
    "playbooks.save": lambda s: playbooks.save(_another(s, "3d"), author=s.ines, reason="Slower", at=s.now),
    "playbooks.activate": lambda s: playbooks.activate(PlaybookVersion.objects.get(number=2), by=s.ines, at=s.now),
    "method.change": lambda s: method.change(_another(s, "3d"), base=1, reason="Slower", by=s.ines, at=s.now),
    "method.new_key": lambda s: method.new_key(s.anna, by=s.ines),
    "people.give_password": lambda s: people.give_password([s.anna, s.ben], "a long enough password"),
    "people.erase": lambda s: people.erase(Person.objects.get(sign_in="gone"), by=s.ines, at=s.now),
    "pool.add": lambda s: pool.add(
        pool.Lead(customer="Omega Steel", title="from a fair", contact="Jo"), source="fair", by=s.carl, at=s.now
    ),
    "pool.add_all": lambda s: pool.add_all(_rows(s), by=s.carl, at=s.now),
    "day.tick": lambda s: day.tick(at=s.now + timedelta(hours=26)),
    "day.morning": lambda s: day.morning(at=s.now + TUESDAY),
    "day.forget": lambda s: day.forget(at=s.now),
}  # fmt: skip
