"""The house in which the day happens: who is there, what they are dealt, and who hears when something comes in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from fullkit.actions import handoffs, inbox, playbooks
from fullkit.actions.handoffs import Given
from fullkit.demo.clock import Clock
from fullkit.demo.files import Papers
from fullkit.demo.market import SUPPLIERS, Market
from fullkit.demo.story import CONDITIONS, Story
from fullkit.models import Handoff, Packet, Person
from fullkit.playbook.plant import Plant
from fullkit.rules.refusal import Refusal

LONGEST = timedelta(hours=6)
"""Nothing takes longer at one sitting."""
LUNCH = timedelta(minutes=30)
BEFORE_LUNCH = timedelta(minutes=12)
"""From here on nobody begins anything new; what was begun is finished first."""
LOOKS_AGAIN = timedelta(minutes=210)
"""How long someone with nothing to do waits when no bell rings."""


@dataclass(frozen=True)
class Desk:
    """How a department works: how long something takes, and what is done with it then."""

    minutes: Callable[[House, Worker, Packet], float]
    finish: Callable[[House, Worker, Packet, datetime], None]


@dataclass(eq=False)
class Worker:
    """Someone at work today."""

    person: Person
    desk: Desk
    leaves: datetime
    idle: bool = False

    @property
    def name(self) -> str:
        return self.person.sign_in


class _TooLate(Exception):
    """It would not be done before the history ends."""


@dataclass(eq=False)
class House:
    """Everything the desks share. `end` is now: nothing may happen after it."""

    rng: Random
    story: Story
    market: Market
    papers: Papers
    people: dict[str, Person]
    end: datetime
    clock: Clock = field(default_factory=Clock)
    memo: dict[tuple[str, int], int] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    forgetful: set[str] = field(default_factory=set)
    """Who goes home today without putting back what they hold."""
    plant: Plant = field(init=False)
    opens: datetime = field(init=False)
    closes: datetime = field(init=False)
    _idle: dict[str, list[Worker]] = field(default_factory=lambda: defaultdict(list))

    def begin(self, opens: datetime) -> None:
        """A new day; the method in force may be a new one."""
        self.plant, self.opens = playbooks.current(), opens
        self.closes = opens + timedelta(hours=9)
        self._idle.clear()

    # --- people at work ---------------------------------------------------------------------------------------

    def come(self, worker: Worker, at: datetime) -> None:
        self.clock.put(at, lambda now: self._turn(worker, now))

    def bell(self, department: str, at: datetime, *, after: float = 0.0) -> None:
        """Something comes up in a department: one of those who wait there looks."""
        self.clock.put(at + timedelta(minutes=after), lambda now: self._heard(department, now))

    def _heard(self, department: str, at: datetime) -> None:
        waiting = self._idle[department]
        if waiting:
            worker = waiting.pop(0)
            worker.idle = False
            self.come(worker, at + timedelta(minutes=self.rng.randint(1, 6)))

    def _turn(self, worker: Worker, at: datetime) -> None:
        """Be dealt the next packet and note when it will be done; with nothing there, wait for the bell."""
        noon = self.opens + timedelta(hours=4)
        if worker.idle or at >= worker.leaves:
            return
        if noon - BEFORE_LUNCH <= at < noon + LUNCH:
            self.come(worker, noon + LUNCH)
            return
        try:
            packet, done = self._dealt(worker, at)
        except _TooLate:
            return
        if packet is None:
            self._wait(worker, at)
        elif done > worker.leaves:
            self.clock.put(worker.leaves, lambda now: self._leave(worker, packet, now))
        else:
            self.clock.put(done, lambda now: self._finish(worker, packet, now))

    def _dealt(self, worker: Worker, at: datetime) -> tuple[Packet | None, datetime]:
        """The next packet and when it will be done; nobody begins what would not be done before the history ends."""
        with transaction.atomic() if at > self.end - LONGEST else nullcontext():
            packet = inbox.deal(worker.person, at=at)
            if packet is None:
                return None, at
            done = at + timedelta(minutes=worker.desk.minutes(self, worker, packet))
            if min(done, worker.leaves) > self.end:
                raise _TooLate
        return packet, done

    def _wait(self, worker: Worker, at: datetime) -> None:
        worker.idle = True
        self._idle[worker.person.department].append(worker)

        def look(now: datetime) -> None:
            if worker.idle and worker in self._idle[worker.person.department]:
                self._idle[worker.person.department].remove(worker)
                worker.idle = False
                self._turn(worker, now)

        self.clock.put(at + LOOKS_AGAIN, look)

    def _finish(self, worker: Worker, packet: Packet, at: datetime) -> None:
        if packet.alarm_at is not None and packet.alarm_at <= at:
            packet = self.fresh(packet)
        try:
            with transaction.atomic():
                worker.desk.finish(self, worker, packet, at)
        except Refusal as refusal:
            # Someone decided otherwise meanwhile, as in life; whoever holds it puts it back and takes the next.
            self.refused[refusal.code] += 1
            self._drop(worker, at)
        self.come(worker, at + timedelta(minutes=self.rng.choice((1, 1, 2, 4))))

    def _drop(self, worker: Worker, at: datetime) -> None:
        held = inbox.in_hand(worker.person)
        if held is not None and _runs(held, at):
            inbox.put_back(held, reason="called_away", by=worker.person, at=at)

    def _leave(self, worker: Worker, packet: Packet, at: datetime) -> None:
        """The day ends before the work does. Most put it back; who forgets loses it when the lease runs out."""
        if worker.name in self.forgetful:
            return
        packet = self.fresh(packet)
        if packet.state == "held" and packet.person_id == worker.person.pk and _runs(packet, at):
            inbox.put_back(packet, reason="end_of_shift", by=worker.person, at=at)

    # --- what desks do all the time ---------------------------------------------------------------------------

    def fresh(self, packet: Packet) -> Packet:
        return Packet.objects.whole(packet.pk)

    def count(self, what: str, packet: Packet) -> int:
        """How often this has happened to this packet, this time included."""
        self.memo[what, packet.pk] = self.memo.get((what, packet.pk), 0) + 1
        return self.memo[what, packet.pk]

    def count_message(self) -> int:
        """A number for the next message that comes in."""
        self.memo["message", 0] = self.memo.get(("message", 0), 0) + 1
        return self.memo["message", 0]

    def later(self, at: datetime, *, days: float = 0.0, minutes: float = 0.0) -> datetime:
        """An instant in working time from now, never at the very end of a day."""
        work = self.plant.work
        return work.next_open(work.add(at, max(1.0, days * work.day_minutes + minutes)))

    def park(
        self, packet: Packet, by: Person, at: datetime, *, days: float, reason: str, step: str = ""
    ) -> None:
        until = self.later(at, days=days)
        inbox.park(packet, until=until, reason=reason, by=by, at=at, step=step)
        self.bell(packet.department, until)

    def hand(
        self,
        packet: Packet,
        kind: str,
        by: Person,
        at: datetime,
        *,
        title: str = "",
        without: Iterable[str] | None = None,
    ) -> Handoff:
        """Begin a handoff with what is at hand; the story says what usually is not."""
        lacking = set(without or ()) | {
            i.key for i in self.plant.kit(kind) if self.story.lacks(kind, i.key, self.rng)
        }
        items = self._items(packet, kind, at, lacking)
        begun = handoffs.open(packet, kind=kind, by=by, at=at, title=title, items=items)
        self._ring_for(begun, at)
        return begun

    def complete(self, handoff: Handoff, by: Person, at: datetime) -> Handoff:
        """Supply everything that is still missing."""
        keys = [m.key for m in handoffs.missing(handoff, at=at)]
        items = {key: self.give(key, handoff.packet, at) for key in keys}
        done = handoffs.supply_all(handoff, items=items, by=by, at=at)
        self._ring_for(done, at)
        return done

    def _ring_for(self, handoff: Handoff, at: datetime) -> None:
        if handoff.accepted_at is not None:
            self.bell(handoff.to_department, at)
        else:
            self.bell(handoff.from_department, at, after=61)

    def _items(self, packet: Packet, kind: str, at: datetime, lacking: set[str]) -> dict[str, Given]:
        given = {}
        for item in self.plant.kit(kind):
            known = item.fact in ("customer", "contact", "family") or (
                item.fact is not None and item.fact.removeprefix("field.") in packet.fields
            )
            if not known and item.key not in lacking:
                given[item.key] = self.give(item.key, packet, at)
        return given

    def give(self, item: str, packet: Packet, at: datetime) -> Given:
        """What is supplied for a kit item."""
        rng = self.rng
        if item in self.papers:
            return self.papers.give(item)
        if item in ("wanted_by",):
            day = self.plant.work.day_of(at) + timedelta(days=rng.randint(10, 45))
            return Given(value=day.isoformat())
        if item in ("agreed", "checked"):
            who = packet.contact.name if packet.contact and item == "agreed" else "Second engineer"
            return Given(value=True, evidence=f"{who}, {self.plant.work.day_of(at)}"[:200])
        return Given(value=self._words(item))

    def _words(self, item: str) -> str:
        rng = self.rng
        return {
            "deliver_to": self.market.address,
            "address": self.market.address,
            "site": self.market.address,
            "quantity": lambda: str(rng.choice((4, 12, 25, 60, 150, 400))),
            "hours": lambda: str(rng.choice((0, 2, 6, 14, 30))),
            "standard": lambda: rng.choice(("ASME", "ANSI", "ISO", "NSF", "none")),
            "order_no": lambda: f"HV-{rng.randrange(40_000, 60_000)}",
            "first_order_no": lambda: f"HV-{rng.randrange(40_000, 60_000)}",
            "wrong": lambda: rng.choice(
                ("late", "late", "late", "short", "wrong item", "damaged", "wrong price")
            ),
            "purpose": lambda: rng.choice(("survey", "survey", "trial", "demonstration", "contract")),
            "why_on_site": lambda: rng.choice(
                ("has to be seen or measured there", "the customer asked for it", "value above our threshold")
            ),
            "terms": lambda: rng.choice(("30 days", "30 days", "60 days", "card", "prepaid")),
            "current_supplier": lambda: rng.choice(SUPPLIERS),
            CONDITIONS: lambda: f"{rng.randint(4, 180)} °C, {rng.randint(1, 40)} bar, wash water",
        }.get(item, lambda: "yes")()

    def gather(self, worker: Worker, packet: Packet, at: datetime, *, chance: float = 0.7) -> bool:
        """Work on a packet whose kit lacks something: get it from the customer, ask again tomorrow, or give up.

        Returns False when nothing is being prepared, so that it is ordinary work.
        """
        handoff = next(iter(Handoff.objects.prepared_for(packet)), None)
        if handoff is None:
            return False
        handoff.packet = packet
        tries = self.count("asked", packet)
        if self.rng.random() < chance:
            self.complete(handoff, worker.person, at)
        elif tries < 4:
            self.park(packet, worker.person, at, days=0.25 * tries, reason="waiting_for_customer")
        else:
            handoffs.withdraw(handoff, reason="The customer never sent it", by=worker.person, at=at)
        return True


def _runs(packet: Packet, at: datetime) -> bool:
    """Whether the lease still runs."""
    return packet.lease_until is not None and packet.lease_until > at
