"""The line run by people who call any verb with anything, and the laws checked after each call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

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
    playbooks,
    queues,
    time,
)
from fullkit.actions.handoffs import Given
from fullkit.actions.may import NotYours
from fullkit.models import (
    Advice,
    Contact,
    Customer,
    Dispute,
    Favour,
    Handoff,
    Packet,
    Person,
    PlaybookVersion,
    Slot,
    Upload,
)
from fullkit.rules.refusal import Refusal
from tests.invariants import laws
from tests.invariants.snapshot import Snapshot
from tests.world import World

any_one = st.integers(0, 1 << 16)
mostly = st.integers(0, 9).map(lambda n: n < 8)
seldom = st.integers(0, 9).map(lambda n: n == 0)
INSIDE = ("anna", "ben")
DESK = ("sara", "sid")
KINDS = ("quote", "enquiry", "order", "issue", "opportunity")
CAUSES = ("volume", "no such cause")


class Line(RuleBasedStateMachine):
    """One example: a Monday at Harbour & Vale, rolled back at the end."""

    world: ClassVar[World]
    texts: ClassVar[list[str]]
    """Versions of the playbook that differ in a kit, a promise, a grace and a target."""
    refused: ClassVar[int] = 0
    done: ClassVar[int] = 0
    told: ClassVar[Counter[str]] = Counter()
    """Event kinds over all examples: a kind that never happens means that a verb is never reached."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = self.world.now
        self.old: dict[int, Packet] = {}
        self.people = list(Person.objects.order_by("pk"))
        self.snapshot = Snapshot()

    def teardown(self) -> None:
        try:
            laws.hold(self.snapshot)
            type(self).told.update(e.kind for e in self.snapshot.rows("Event"))
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    # --- calling a verb and checking the laws --------------------------------------------------------------

    def do(self, verb: Callable[..., Any], *args: Any, swept: bool = False, **given: Any) -> Any:
        """Call a verb. It does all of it and the laws hold, or it says no and nothing changed."""
        before = self.snapshot
        try:
            with transaction.atomic():
                result = verb(*args, **given)
        except (Refusal, NotYours) as no:
            said = str(no)
            type(self).refused += 1
            self.snapshot = Snapshot()
        else:
            said = ""
        if said:
            assert self.snapshot == before, (verb.__name__, said, self.snapshot.differences(before))
            return None
        type(self).done += 1
        self.snapshot = Snapshot()
        laws.hold(self.snapshot)
        laws.accepted_only_when_full(before, self.snapshot, self.now)
        laws.full_never_stays(self.snapshot, self.now, swept=swept)
        laws.nothing_released_past_target(before, self.snapshot, self.now)
        laws.kept_its_version(before, self.snapshot)
        return result

    def person(self, n: int, right: Person | int | str | None = None, *, well: bool = True) -> Person:
        """The right one when this goes well, else anybody."""
        if isinstance(right, str):
            right = getattr(self.world, right)
        if isinstance(right, int):
            right = next(p for p in self.people if p.pk == right)
        return right if well and right is not None else self.people[n % len(self.people)]

    def packet(self, n: int, *, stale: bool = False, **wanted: Any) -> Packet | None:
        """One of the packets, as it stands or as it was read some time ago."""
        found = list(Packet.objects.filter(**wanted).order_by("pk")) or list(Packet.objects.order_by("pk"))
        if not found:
            return None
        one = found[n % len(found)]
        was = self.old.get(one.pk, one)
        self.old[one.pk] = Packet.objects.get(pk=one.pk)
        return was if stale else one

    def given(self, item: Any, n: int, *, well: bool) -> Given:
        """Something for a kit item: what it asks for, or something else."""
        wanted = item.kind if well else ("present", "one_of", "file_of", "future_date", "ticked")[n % 5]
        if wanted == "file_of":
            kind = item.arg[0] if well else ("exe", "pdf", "")[n % 3]
            file = Upload.objects.create(
                name=f"a.{kind}", kind=kind, size=9, digest="0" * 64, by=None, at=self.now
            )
            return Given(file=file)
        if wanted == "future_date":
            return Given(value=(self.now + timedelta(days=n % 9 + 2 if well else -3)).date().isoformat())
        if wanted == "ticked":
            return Given(value=True, evidence="Pat, 2 March" if well else "")
        if wanted == "one_of" and well:
            return Given(value=item.arg[n % len(item.arg)])
        if wanted == "between" and well:
            return Given(value=str(item.arg[0]))
        return Given(value="12 Dock Road" if well else ("", None, "x", ["a"], 1.5)[n % 5])

    # --- intake --------------------------------------------------------------------------------------------

    @initialize(pool=st.integers(2, 6), mail=st.integers(1, 3))
    def morning_post(self, pool: int, mail: int) -> None:
        """A day that has begun: mail has come, queues are filled, some have work in their hands."""
        self.world.now = self.now
        for n in range(pool):
            self.do(self.world.in_pool, title=f"pool {n}", full=n != 1)
        for n in range(mail):
            self.do(self.world.arrives, type=KINDS[n], title=f"mail {n}")
        self.do(queues.replenish, "inside_sales", at=self.now)
        for name in ("anna", "ben", "sara"):
            self.do(inbox.deal, getattr(self.world, name), at=self.now)

    @rule(n=any_one)
    def full_kit(self, n: int) -> None:
        """What is asked for is given at once: the usual way of a handoff."""
        held = list(Packet.objects.filter(state="held").order_by("pk"))
        if not held:
            return
        packet, plant = held[n % len(held)], playbooks.current()
        kinds = [h.key for h in plant.playbook.handoffs if handoffs._applies(h, packet)]
        if kinds:
            kind = kinds[n % len(kinds)]
            items = {
                i.key: self.given(i, n, well=True)
                for i in plant.kit(kind)
                if i.kind != "present" or not i.fact
            }
            items |= {
                i.key: Given(value="12 Dock Road") for i in plant.kit(kind) if i.fact == "field.deliver_to"
            }
            self.snapshot = Snapshot()
            who = self.person(0, packet.person_id)
            self.do(handoffs.open, packet, kind=kind, by=who, at=self.now, items=items)

    @rule(n=any_one)
    def go_on(self, n: int) -> None:
        """Whoever has nothing asks for the next one; whoever has something gets on with it."""
        name = ("anna", "ben", "sara", "cora", "amir", "ed", "faye")[n % 7]
        who = getattr(self.world, name)
        packet = self.do(inbox.deal, who, at=self.now)
        if packet is None:
            return
        if packet.process == "hunting" and n % 2:
            link = "https://files.example/x"
            self.do(journey.advance, packet, evidence=link, evidence_at=self.now, by=who, at=self.now)
        elif n % 3 == 0:
            outcome = playbooks.current().type(packet.type).outcomes[0]
            self.do(journey.close, packet, outcome=outcome, by=who, at=self.now, cause="volume")
        elif n % 3 == 1:
            until = self.now + timedelta(hours=n % 50 + 1)
            self.do(inbox.park, packet, until=until, reason="waits", by=who, at=self.now)

    @rule(n=any_one, well=mostly)
    def untrue(self, n: int, well: bool) -> None:
        """The last thing that was handed over is disputed, and mostly upheld."""
        last = Handoff.objects.accepted().order_by("-accepted_at", "-pk").first()
        if last is None:
            return
        kit = playbooks.version(last.playbook).kit(last.kind)
        item = kit[n % len(kit)].key
        self.do(disputes.dispute, last, item=item, reason="untrue", by=self.person(0, "max"), at=self.now)
        if raised := Dispute.objects.filter(handoff=last).order_by("-pk").first():
            self.do(disputes.decide, raised, upheld=well, by=self.person(0, "gwen"), at=self.now)

    @rule(
        n=any_one,
        kind=st.sampled_from(KINDS),
        verdict=st.sampled_from(["", "us", "competitor", "undecided", "x"]),
    )
    def arrive(self, n: int, kind: str, verdict: str) -> None:
        acme = self.world.customer(f"Firm {n % 3}") if n % 4 else None
        contact = self.world.contact(acme) if acme and n % 3 else None
        self.snapshot = Snapshot()
        self.do(
            intake.arrive,
            type=kind,
            title=f"no {n}" if n % 17 else "  ",
            source="mail",
            at=self.now,
            by=None if n % 5 else self.person(n),
            message_id=f"m{n % 6}" if n % 2 else "",
            thread=f"t{n % 3}" if n % 7 == 0 else "",
            customer=acme,
            contact=contact,
            verdict=verdict,
            value=Decimal(n) if n % 2 else None,
            family="seals" if n % 2 else "",
            text="more" if n % 3 else "",
        )

    @rule(n=any_one, full=mostly)
    def pool(self, n: int, full: bool) -> None:
        self.world.now = self.now
        self.do(self.world.in_pool, title=f"pool {n}", full=full)

    @rule(
        n=any_one,
        well=mostly,
        stale=seldom,
        verdict=st.sampled_from(["us", "competitor", "undecided", "nobody"]),
    )
    def classify(self, n: int, well: bool, stale: bool, verdict: str) -> None:
        if packet := self.packet(n, stale=stale, department="service"):
            reason = "they said so" if n % 9 else " "
            who = self.person(n, "gwen", well=well)
            self.do(intake.classify, packet, verdict=verdict, reason=reason, by=who, at=self.now)

    @rule(n=any_one, well=mostly, stale=seldom, kind=st.sampled_from([*KINDS, "design", "nothing"]))
    def triage(self, n: int, well: bool, stale: bool, kind: str) -> None:
        if packet := self.packet(n, stale=stale, department="service"):
            self.do(intake.triage, packet, type=kind, by=self.person(n, "sara", well=well), at=self.now)

    @rule(n=any_one, well=mostly, stale=seldom)
    def correct(self, n: int, well: bool, stale: bool) -> None:
        if packet := self.packet(n, stale=stale):
            acme = Customer.objects.order_by("pk").first()
            facts: list[dict[str, Any]] = [
                {"title": f"better {n}"},
                {"fields": {"program": "Leak survey"}},
                {"fields": {"deliver_to": "12 Dock Road", "wanted_by": "2027-01-04"}},
                {"customer": acme, "contact": Contact.objects.filter(customer=acme).first()},
                {"contact": None},
                {"owner": "me"},
            ]
            who = self.person(n, "max", well=well)
            self.do(intake.correct, packet, by=who, at=self.now, **facts[n % len(facts)])

    # --- hands ---------------------------------------------------------------------------------------------

    @rule(n=any_one, name=st.sampled_from([*INSIDE, *DESK, "cora", "faye", "carl", "ed", "sam", "amir"]))
    def deal(self, n: int, name: str) -> None:
        """The oldest of its zone is dealt, and what was dealt is in the hands of whoever asked."""
        who = self.person(n, name)
        plant = playbooks.current()
        departments = inbox.working_departments(who, plant)
        for department in departments:
            inbox.sweep(at=self.now, department=department)
        self.snapshot = Snapshot()
        how, expected = laws.next_in_line(self.snapshot, who.pk, departments)
        before = self.snapshot
        packet = self.do(inbox.deal, who, at=self.now)
        if not departments:
            assert self.snapshot == before
        elif how == "own":
            assert packet is not None
            assert packet.person_id == who.pk
        else:
            assert (packet.pk if packet else None) == expected

    @rule(n=any_one, well=mostly, stale=seldom)
    def pick_up(self, n: int, well: bool, stale: bool) -> None:
        if packet := self.packet(n, stale=stale, state="waiting"):
            who = self.person(n, packet.person_id or (DESK[n % 2]), well=well)
            self.do(inbox.pick_up, packet, by=who, at=self.now)

    @rule(
        n=any_one,
        well=mostly,
        stale=seldom,
        what=st.sampled_from(["renew", "skip", "put_back", "park", "park", "take_back", "cause", "minutes"]),
    )
    def in_hand(self, n: int, well: bool, stale: bool, what: str) -> None:
        packet = self.packet(n, stale=stale, state="held")
        if packet is None:
            return
        who = self.person(n, packet.person_id, well=well)
        given: dict[str, Any] = {"by": who, "at": self.now}
        if what == "renew":
            self.do(inbox.renew, packet, **given)
        elif what == "skip":
            self.do(inbox.skip, packet, reason=("no_language", "mood")[n % 5 == 0], **given)
        elif what == "put_back":
            self.do(inbox.put_back, packet, reason=("end_of_shift", "mood")[n % 5 == 0], **given)
        elif what == "park":
            until = self.now + timedelta(minutes=n % 3000 - 20)
            self.do(inbox.park, packet, until=until, reason="waits", step="Call" if n % 2 else "", **given)
        elif what == "take_back":
            self.do(inbox.take_back, packet, by=self.person(n, "sam", well=well), at=self.now)
        elif what == "cause":
            self.do(inbox.name_cause, packet, reason=CAUSES[n % 5 == 0], **given)
        else:
            category = ("transactional", "repair", "selling", "x")[n % 4]
            cause = ("price", "late_delivery", "")[n % 3]
            self.do(
                time.log_time,
                person=who,
                category=category,
                minutes=n % 50,
                cause=cause,
                packet=packet,
                **given,
            )

    # --- selling -------------------------------------------------------------------------------------------

    @rule(
        n=any_one,
        well=mostly,
        stale=seldom,
        outcome=st.sampled_from(["sold_next_step", "sold_next_step", "not_sold", "ended", "fine"]),
        by_others=st.sampled_from(["", "", "book_meeting", "request_quote", "visit"]),
    )
    def converse(self, n: int, well: bool, stale: bool, outcome: str, by_others: str) -> None:
        if packet := self.packet(n, stale=stale, state="held", process="hunting"):
            sold = outcome == "sold_next_step"
            self.do(
                conversations.record,
                packet,
                outcome=outcome,
                counterpart="buyer" if n % 5 else "",
                minutes=n % 500,
                by=self.person(n, packet.person_id, well=well),
                at=self.now,
                step_at=self.now + timedelta(minutes=n % 4000 - 10) if sold and not by_others else None,
                step_by=by_others if sold else "",
                reason={"not_sold": "timing", "ended": "price"}.get(outcome, "") if n % 9 else "mood",
            )

    @rule(n=any_one, well=mostly, stale=seldom)
    def attempt(self, n: int, well: bool, stale: bool) -> None:
        if packet := self.packet(n, stale=stale, state="held"):
            who = self.person(n, packet.person_id, well=well)
            retry = None if n % 3 else self.now + timedelta(minutes=n % 900 - 5)
            self.do(
                conversations.attempt,
                packet,
                reason=("voicemail", "mood")[n % 7 == 0],
                by=who,
                at=self.now,
                retry_at=retry,
            )

    @rule(
        n=any_one,
        well=mostly,
        stale=seldom,
        to=st.sampled_from([None, None, None, "offer", "renewal", "won"]),
    )
    def advance(self, n: int, well: bool, stale: bool, to: str | None) -> None:
        if packet := self.packet(n, stale=stale, state="held", process="hunting"):
            evidence = ("Pat Doyle", "https://files.example/x", "", "a.pdf")[n % 4]
            if well:
                evidence = "https://files.example/x"
            self.do(
                journey.advance,
                packet,
                evidence=evidence,
                evidence_at=self.now - timedelta(minutes=n % 60 - 3),
                by=self.person(n, packet.person_id, well=well),
                at=self.now,
                to_stage=to,
            )

    @rule(n=any_one, well=mostly, stale=seldom)
    def close(self, n: int, well: bool, stale: bool) -> None:
        if packet := self.packet(n, stale=stale, state="held"):
            outcomes = playbooks.current().type(packet.type).outcomes
            self.do(
                journey.close,
                packet,
                outcome=outcomes[n % len(outcomes)] if n % 8 else "never",
                by=self.person(n, packet.person_id if n % 3 else "max", well=well),
                at=self.now,
                reason="price",
                cause="volume" if n % 2 else "",
                value=Decimal("12.50") if n % 3 == 0 else None,
            )

    @rule(n=any_one, well=mostly, stale=seldom)
    def reopen(self, n: int, well: bool, stale: bool) -> None:
        if packet := self.packet(n, stale=stale, state="closed"):
            who = self.person(n, "max", well=well)
            self.do(journey.reopen, packet, reason="again" if n % 6 else "", by=who, at=self.now)

    # --- handoffs ------------------------------------------------------------------------------------------

    @rule(n=any_one, well=mostly, stale=seldom, share=st.integers(0, 1 << 8))
    def open(self, n: int, well: bool, stale: bool, share: int) -> None:
        packet = self.packet(n, stale=stale, **({"state": "held"} if n % 3 else {}))
        if packet is None:
            return
        plant = playbooks.current()
        here = [h.key for h in plant.playbook.handoffs if handoffs._applies(h, packet)]
        kinds = here if well and here else ["request_quote", "visit", "release", "nonsense"]
        kind = kinds[n % len(kinds)]
        kit = plant.kit(kind) if kind in plant.playbook.handoff else ()
        items = {
            item.key: self.given(item, n + i, well=well or i % 2 == 0)
            for i, item in enumerate(kit)
            if share & (1 << i) or share > 200
        }
        if n % 31 == 0:
            items["mood"] = Given(value="good")
        self.snapshot = Snapshot()
        who = self.person(n, packet.person_id or "max", well=well)
        to = None if n % 4 else self.person(n)
        self.do(handoffs.open, packet, kind=kind, by=who, at=self.now, items=items, to_person=to)

    @rule(n=any_one, well=mostly, both=st.booleans())
    def supply(self, n: int, well: bool, both: bool) -> None:
        preparing = list(Handoff.objects.being_prepared().order_by("pk"))
        found = preparing if preparing and well else list(Handoff.objects.order_by("pk"))
        if not found:
            return
        handoff = found[n % len(found)]
        kit = playbooks.version(handoff.playbook).kit(handoff.kind)
        at = Snapshot()
        packet = next(p for p in at.rows("Packet") if p.id == handoff.packet_id)
        lacking = laws.lacks(at, handoff, packet, self.now)  # type: ignore[arg-type]
        first = [i for i in kit if i.key in lacking] or list(kit)
        items = {i.key: self.given(i, n, well=well) for i in (first if both else first[n % len(first) :][:1])}
        self.snapshot = Snapshot()
        who = self.person(n, "max", well=well)
        self.do(handoffs.supply_all, handoff, items=items, by=who, at=self.now)

    @rule(n=any_one, well=mostly)
    def withdraw(self, n: int, well: bool) -> None:
        found = list(Handoff.objects.order_by("pk"))
        if found:
            who = self.person(n, "max", well=well)
            self.do(handoffs.withdraw, found[n % len(found)], reason="no longer", by=who, at=self.now)

    @rule(n=any_one, well=mostly)
    def dispute(self, n: int, well: bool) -> None:
        found = list(Handoff.objects.accepted().order_by("pk")) or list(Handoff.objects.order_by("pk"))
        if found:
            handoff = found[n % len(found)]
            kit = playbooks.version(handoff.playbook).kit(handoff.kind)
            item = kit[n % len(kit)].key if n % 11 else "mood"
            who = self.person(n, "max", well=well)
            self.do(
                disputes.dispute, handoff, item=item, reason="untrue" if n % 7 else "", by=who, at=self.now
            )

    @rule(n=any_one, well=mostly, upheld=st.booleans())
    def decide(self, n: int, well: bool, upheld: bool) -> None:
        found = list(Dispute.objects.order_by("pk"))
        if found:
            who = self.person(n, "gwen", well=well)
            self.do(disputes.decide, found[n % len(found)], upheld=upheld, by=who, at=self.now, remark="so")

    @rule(n=any_one, well=mostly)
    def favour(self, n: int, well: bool) -> None:
        """R4: owner, clock and state stay as they were."""
        packet = self.packet(n)
        asked = Favour.objects.order_by("pk").last()
        before = self.snapshot
        if asked and n % 2:
            who = self.person(n, asked.asked_of_id, well=well)
            self.do(favours.answer, asked, text="35 mm", by=who, at=self.now)
        elif packet:
            who = self.person(n, packet.person_id or "max", well=well)
            self.do(favours.ask, packet, of=self.person(n // 3), question="Which?", by=who, at=self.now)
        assert self.snapshot.tables["Packet"] == before.tables["Packet"]

    # --- queues --------------------------------------------------------------------------------------------

    @rule(n=any_one, well=mostly)
    def replenish(self, n: int, well: bool) -> None:
        department = "inside_sales" if n % 9 else "service"
        self.do(queues.replenish, department, at=self.now, by=self.person(n, "carl", well=well))

    @rule(
        n=any_one, well=mostly, stale=seldom, why=st.sampled_from(["", "", "a fair starts on Monday", "  "])
    )
    def release(self, n: int, well: bool, stale: bool, why: str) -> None:
        if packet := self.packet(n, stale=stale, department="promotions", state="waiting"):
            to = self.person(n, INSIDE[n % 2], well=well)
            who = self.person(n, "carl", well=bool(n % 5))
            self.do(queues.release, packet, to=to, by=who, at=self.now, override=why)

    @rule()
    def return_stale(self) -> None:
        self.do(queues.return_stale, at=self.now)

    @rule(n=any_one, well=mostly)
    def advise(self, n: int, well: bool) -> None:
        self.do(queues.advise, at=self.now)
        if advice := Advice.objects.order_by("pk").last():
            self.do(queues.accept_advice, advice, by=self.person(n, "maya", well=well), at=self.now)

    # --- calendar ------------------------------------------------------------------------------------------

    @rule(n=any_one, well=mostly, stale=seldom)
    def book(self, n: int, well: bool, stale: bool) -> None:
        who = self.person(n, "cora", well=well)
        field = self.person(n, ("faye", "tess")[n % 2], well=well)
        on = (self.now + timedelta(days=n % 6 + 1)).date()
        self.do(calendar.open_slots, field, day=on, by=who, at=self.now)
        packet = self.packet(n, stale=stale, type="meeting", department="scheduling")
        slots = list(Slot.objects.order_by("pk"))
        if packet and slots:
            self.do(calendar.book, slots[n % len(slots)], packet=packet, by=who, at=self.now)

    @rule(n=any_one, well=mostly)
    def cancel(self, n: int, well: bool) -> None:
        booked = list(Slot.objects.exclude(packet=None).order_by("pk")) or list(Slot.objects.order_by("pk"))
        if booked:
            who = self.person(n, "cora", well=well)
            self.do(calendar.cancel, booked[n % len(booked)], reason="ill", by=who, at=self.now)

    # --- the company ---------------------------------------------------------------------------------------

    @rule(n=any_one)
    def merge(self, n: int) -> None:
        firms = list(Customer.objects.order_by("pk"))
        if len(firms) > 1:
            one, other = firms[n % len(firms)], firms[(n // 7) % len(firms)]
            self.do(customers.merge, one, into=other, by=self.person(n, "gwen"), at=self.now)

    @rule(n=any_one, well=mostly)
    def new_method(self, n: int, well: bool) -> None:
        """Another version comes into force; open packets keep theirs until their next handoff."""
        if PlaybookVersion.objects.count() > 4:
            return
        who = self.person(n, "ines", well=well)
        saved = self.do(
            playbooks.save, self.texts[n % len(self.texts)], author=who, reason="A try", at=self.now
        )
        if saved:
            self.do(playbooks.activate, saved, by=who, at=self.now)

    @rule(minutes=st.one_of(st.integers(1, 90), st.integers(90, 6000)))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(seconds=st.integers(1, 900))
    def the_clock_jumps_back(self, seconds: int) -> None:
        self.now -= timedelta(seconds=seconds)

    @rule()
    def tick(self) -> None:
        self.do(day.tick, at=self.now, swept=True)
