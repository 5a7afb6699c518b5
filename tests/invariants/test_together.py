"""Many at once, really: threads with connections of their own, on both databases. One wins, nobody gets a 500."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from fullkit.actions import (
    calendar,
    conversations,
    customers,
    disputes,
    favours,
    handoffs,
    inbox,
    intake,
    journey,
    playbooks,
    queues,
)
from fullkit.actions.may import NotYours
from fullkit.models import (
    Advice,
    Customer,
    Dispute,
    Event,
    Handoff,
    Packet,
    Person,
    PlaybookVersion,
    QueueReading,
    Slot,
)
from fullkit.playbook import presets
from fullkit.rules.refusal import Refusal
from tests.invariants import laws
from tests.invariants.snapshot import Snapshot
from tests.world import World, fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def together(*calls: Callable[[], Any], within: float = 60) -> list[Any]:
    """All calls at the same moment; what each returned, or the no it got. Any other exception fails the test."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)
    bugs: list[BaseException] = []

    def run(n: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            results[n] = calls[n]()
        except (Refusal, NotYours) as no:
            results[n] = no
        except BaseException as bug:
            bugs.append(bug)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(within)
    assert not any(t.is_alive() for t in threads), "somebody waits for ever"
    assert bugs == []
    laws.hold(Snapshot())
    return results


def no(result: Any) -> bool:
    return isinstance(result, (Refusal, NotYours))


def one_wins(results: list[Any]) -> None:
    assert [no(r) for r in results].count(False) == 1, results


def kinds(packet: Packet) -> Counter[str]:
    return Counter(Event.objects.filter(packet=packet).values_list("kind", flat=True))


# --- dealing -------------------------------------------------------------------------------------------------


def _desk(world: World, count: int) -> list[Person]:
    """More people at the desk of Customer service than the demo has."""
    return [
        Person.objects.create(
            sign_in=f"clerk{n}",
            name=f"Clerk {n}",
            department="service",
            roles=["service_clerk"],
            password="!",
        )
        for n in range(count)
    ]


def test_many_asking_at_once_get_each_packet_once(world: World) -> None:
    """12 people, 30 packets: asked again and again until nothing is left; none twice, none lost."""
    packets = {world.arrives(title=f"mail {n}").pk for n in range(30)}
    people, dealt = _desk(world, 12), []

    def work(who: Person) -> Callable[[], None]:
        def until_nothing_waits() -> None:
            while packet := inbox.deal(who, at=world.now):
                dealt.append(packet.pk)
                journey.close(packet, outcome="sent", by=who, at=world.now)

        return until_nothing_waits

    together(*[work(p) for p in people])
    assert sorted(dealt) == sorted(packets)
    assert Packet.objects.filter(state="closed").count() == 30
    assert Event.objects.filter(kind="packet.dealt").count() == 30


def test_one_person_in_two_windows_has_one_packet(world: World) -> None:
    for n in range(4):
        world.arrives(title=f"mail {n}")
    found = together(*[lambda: inbox.deal(world.sara, at=world.now)] * 6)
    assert len({p.pk for p in found}) == 1
    assert Event.objects.filter(kind="packet.dealt").count() == 1


def test_one_person_picking_up_two_has_one(world: World) -> None:
    one, other = world.arrives(title="one"), world.arrives(title="other")
    one_wins(together(*[lambda p=p: inbox.pick_up(p, by=world.sara, at=world.now) for p in (one, other)]))


def test_one_packet_picked_up_by_two(world: World) -> None:
    packet = world.arrives()
    one_wins(
        together(
            *[lambda w=w: inbox.pick_up(fresh(packet), by=w, at=world.now) for w in (world.sara, world.sid)]
        )
    )
    assert kinds(packet)["packet.dealt"] == 1


# --- one packet, two hands -----------------------------------------------------------------------------------


def _closing(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = inbox.pick_up(world.arrives(), by=world.sara, at=world.now)
    one, other = fresh(packet), fresh(packet)
    return packet, [
        lambda: journey.close(one, outcome="sent", by=world.sara, at=world.now),
        lambda: inbox.put_back(other, reason="end_of_shift", by=world.sara, at=world.now),
    ]


def _supervised(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = inbox.pick_up(world.arrives(), by=world.sara, at=world.now)
    one, other = fresh(packet), fresh(packet)
    return packet, [
        lambda: inbox.skip(one, reason="no_language", by=world.sara, at=world.now),
        lambda: inbox.take_back(other, by=world.gwen, at=world.now),
    ]


def _attempting(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = world.in_hand()
    one, other = fresh(packet), fresh(packet)
    return packet, [
        lambda: conversations.attempt(one, reason="voicemail", by=world.anna, at=world.now),
        lambda: conversations.attempt(other, reason="no_answer", by=world.anna, at=world.now),
    ]


def _advancing(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = world.in_hand()
    given: dict[str, Any] = {
        "evidence": "Pat, 2 March",
        "evidence_at": world.now,
        "by": world.anna,
        "at": world.now,
    }
    copies = [fresh(packet) for _ in range(3)]
    return packet, [lambda p=p: journey.advance(p, **given) for p in copies]


def _classifying(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = world.arrives(type="enquiry")
    one, other = fresh(packet), fresh(packet)
    return packet, [
        lambda: intake.classify(one, verdict="competitor", reason="so", by=world.sara, at=world.now),
        lambda: intake.triage(other, type="order", by=world.sid, at=world.now),
    ]


def _releasing(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = world.in_pool()
    copies = [(w, fresh(packet)) for w in (world.anna, world.ben, world.chloe)]
    return packet, [lambda w=w, p=p: queues.release(p, to=w, by=world.carl, at=world.now) for w, p in copies]


def _reopening(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = inbox.pick_up(world.arrives(), by=world.sara, at=world.now)
    journey.close(packet, outcome="sent", by=world.sara, at=world.now)
    copies = [(w, fresh(packet)) for w in (world.sara, world.sid)]
    return packet, [lambda w=w, p=p: journey.reopen(p, reason="again", by=w, at=world.now) for w, p in copies]


def _moving(world: World) -> tuple[Packet, list[Callable[[], Any]]]:
    packet = world.in_pool(full=False)
    copies = [fresh(packet) for _ in range(3)]
    return packet, [lambda p=p: handoffs.open(p, kind="release", by=world.carl, at=world.now) for p in copies]


@pytest.mark.parametrize(
    "scene",
    [_closing, _supervised, _attempting, _advancing, _classifying, _releasing, _reopening, _moving],
    ids=lambda scene: scene.__name__,
)
@pytest.mark.parametrize("turn", range(2))
def test_two_acting_on_one_packet_in_the_same_moment(world: World, scene: Any, turn: int) -> None:
    """One wins; the others are told so; the log has one."""
    packet, calls = scene(world)
    before = Event.objects.filter(packet=packet).count()
    results = together(*calls)
    one_wins(results)
    after = kinds(packet)
    assert sum(after.values()) > before
    assert all(
        n == 1 for kind, n in after.items() if kind in ("packet.closed", "stage.advanced", "packet.reopened")
    )


def test_the_clock_and_a_person_at_the_same_moment(world: World) -> None:
    """A lease runs out while its holder closes, and many clocks tick at once."""
    packets = [
        inbox.pick_up(world.arrives(title=w.name), by=w, at=world.now) for w in (world.sara, world.sid)
    ]
    at = world.later(hours=2)
    together(
        *[lambda: inbox.sweep(at=at)] * 3,
        *[
            lambda p=p, w=w: journey.close(p, outcome="sent", by=w, at=at - timedelta(hours=1, minutes=30))
            for p, w in zip(packets, (world.sara, world.sid), strict=True)
        ],
    )
    for packet in packets:
        told = kinds(packet)
        assert told["packet.closed"] + told["packet.lease_ran_out"] == 1


# --- handoffs ------------------------------------------------------------------------------------------------


def test_two_supplies_that_complete_a_kit_hand_it_over_once(world: World) -> None:
    kit = world.quote_kit()
    late = {key: kit.pop(key) for key in ("lines", "deliver_to")}
    begun = handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now, items=kit)
    results = together(
        *[
            lambda key=key, given=given: handoffs.supply(
                begun, item=key, given=given, by=world.anna, at=world.now
            )
            for key, given in late.items()
        ]
    )
    if any(no(r) for r in results):  # both changed the packet at once; who was slower does it again
        slow = [key for key, r in zip(late, results, strict=True) if no(r)]
        for key in slow:
            handoffs.supply(begun, item=key, given=late[key], by=world.anna, at=world.now)
    told = kinds(begun.packet)
    assert (told["handoff.accepted"], told["kit.supplied"]) == (1, 2 + 1)
    assert fresh(begun.packet).department == "service"


def test_the_same_item_twice_at_once_is_one_supply(world: World) -> None:
    kit = world.quote_kit()
    lines = kit.pop("lines")
    begun = handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now, items=kit)
    together(*[lambda: handoffs.supply(begun, item="lines", given=lines, by=world.anna, at=world.now)] * 4)
    assert Handoff.objects.get(pk=begun.pk).supplies.filter(item="lines").count() == 1
    assert kinds(begun.packet)["handoff.accepted"] == 1


def test_supplying_and_withdrawing_at_once(world: World) -> None:
    kit = world.quote_kit()
    lines = kit.pop("lines")
    begun = handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now, items=kit)
    one_wins(
        together(
            lambda: handoffs.supply(begun, item="lines", given=lines, by=world.anna, at=world.now),
            lambda: handoffs.withdraw(begun, reason="no", by=world.anna, at=world.now),
        )
    )


def test_a_fact_and_an_item_at_once(world: World) -> None:
    """A correction and a supply of the same packet: never both lost, never a broken kit."""
    kit = world.quote_kit()
    where, lines = kit.pop("deliver_to"), kit.pop("lines")
    begun = handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now, items=kit)
    child = fresh(begun.packet)
    results = together(
        lambda: intake.correct(child, fields={"deliver_to": where.value}, by=world.anna, at=world.now),
        lambda: handoffs.supply(begun, item="lines", given=lines, by=world.anna, at=world.now),
    )
    full = handoffs.missing(Handoff.objects.get(pk=begun.pk), at=world.now) == []
    assert full == (fresh(child).department == "service"), results


def test_a_dispute_is_raised_once_and_decided_once(world: World) -> None:
    done = Handoff.objects.get(packet=world.quote_asked())
    raised = together(
        *[lambda: disputes.dispute(done, item="lines", reason="untrue", by=world.sara, at=world.now)] * 3
    )
    one_wins(raised)
    one = Dispute.objects.get()
    one_wins(
        together(
            *[lambda u=u: disputes.decide(one, upheld=u, by=world.gwen, at=world.now) for u in (True, False)]
        )
    )


def test_a_favour_is_answered_once(world: World) -> None:
    asked = favours.ask(world.in_hand(), of=world.ben, question="Which?", by=world.anna, at=world.now)
    one_wins(
        together(*[lambda t=t: favours.answer(asked, text=t, by=world.ben, at=world.now) for t in ("a", "b")])
    )


# --- queues, calendar, customers -----------------------------------------------------------------------------


@pytest.mark.rule("R25")
def test_r25_two_morning_runs_at_once_give_nobody_anything_twice(world: World) -> None:
    for n in range(20):
        world.in_pool(title=f"pool {n}")
    together(*[lambda: queues.replenish("inside_sales", at=world.now)] * 3)
    readings = list(QueueReading.objects.all())
    assert len(readings) == len({r.person_id for r in readings}) == 4
    assert sum(r.released for r in readings) == 20
    assert Event.objects.filter(kind="handoff.accepted").count() == 20
    assert Event.objects.filter(kind="queue.starved").count() == sum(r.released < r.gap for r in readings)


@pytest.mark.rule("R24")
def test_r24_two_releases_at_once_do_not_pass_the_target(world: World) -> None:
    plant = world.plant
    target = int(queues.target_of(world.anna, plant.queue("inside_sales"), plant))
    packets = [world.in_pool(title=f"pool {n}") for n in range(target + 2)]
    for packet in packets[: target - 1]:
        queues.release(packet, to=world.anna, by=world.carl, at=world.now)
    one_wins(
        together(
            *[
                lambda p=p: queues.release(p, to=world.anna, by=world.carl, at=world.now)
                for p in packets[target - 1 :]
            ]
        )
    )


def test_advice_is_accepted_once(world: World) -> None:
    advice = Advice.objects.create(
        person=world.ben, at=world.now, day=world.now.date(), from_target=12, to_target=16, reason="red"
    )
    one_wins(together(*[lambda: queues.accept_advice(advice, by=world.maya, at=world.now)] * 3))


def _visits(world: World, count: int) -> tuple[list[Packet], list[Slot]]:
    from tests.actions.test_calendar import asked

    free = calendar.open_slots(world.faye, day=date(2026, 3, 4), by=world.cora, at=world.now)
    return [asked(world, f"visit {n}", name=f"Firm {n}") for n in range(count)], free


@pytest.mark.rule("R40")
def test_r40_a_slot_booked_by_two_has_one_winner(world: World) -> None:
    visits, free = _visits(world, 3)
    one_wins(
        together(*[lambda v=v: calendar.book(free[0], packet=v, by=world.cora, at=world.now) for v in visits])
    )


def test_one_meeting_booked_into_two_slots_has_one(world: World) -> None:
    visits, free = _visits(world, 1)
    one_wins(
        together(
            *[
                lambda s=s: calendar.book(s, packet=fresh(visits[0]), by=world.cora, at=world.now)
                for s in free[:3]
            ]
        )
    )
    assert Slot.objects.filter(packet=visits[0]).count() == 1


def test_slots_opened_twice_at_once_are_there_once(world: World) -> None:
    day = date(2026, 3, 5)
    together(*[lambda: calendar.open_slots(world.faye, day=day, by=world.cora, at=world.now)] * 4)
    assert Slot.objects.filter(person=world.faye).count() == 4
    assert Event.objects.filter(kind="slot.offered").count() == 4


@pytest.mark.rule("R52")
def test_r52_the_same_message_by_several_doors_is_one_packet(world: World) -> None:
    acme = world.customer()
    found = together(
        *[
            lambda: intake.arrive(
                type="quote",
                title="same",
                source="mail",
                at=world.now,
                message_id="<1@x>",
                customer=acme,
                verdict="us",
            )
        ]
        * 6
    )
    assert len({a.packet.pk for a in found}) == 1
    assert sum(a.new for a in found) == 1
    assert Packet.objects.count() == 1


def test_two_customers_merged_into_each_other_at_once(world: World) -> None:
    one, other = world.customer("One"), world.customer("Other")
    world.arrives(customer=one)
    world.arrives(customer=other)
    one_wins(
        together(
            lambda: customers.merge(Customer.objects.get(pk=one.pk), into=other, by=world.gwen, at=world.now),
            lambda: customers.merge(Customer.objects.get(pk=other.pk), into=one, by=world.gwen, at=world.now),
        )
    )
    assert Customer.objects.current().count() == 1
    assert Packet.objects.values("customer").distinct().count() == 1


def test_merging_while_others_work_on_the_packets(world: World) -> None:
    """A merge changes many packets at once, a close changes a child and its parent: they may meet."""
    one, other = world.customer("One"), world.customer("Other")
    held = []
    for n, who in enumerate(_desk(world, 6)):
        packet = world.arrives(title=f"mail {n}", customer=one)
        held.append((inbox.pick_up(packet, by=who, at=world.now), who))
    together(
        lambda: customers.merge(one, into=other, by=world.gwen, at=world.now),
        *[lambda p=p, w=w: journey.close(p, outcome="sent", by=w, at=world.now) for p, w in held],
    )
    assert set(Packet.objects.values_list("customer", "state")) == {(other.pk, "closed")}


def test_two_new_methods_at_once(world: World) -> None:
    text = presets.read("demo")
    saved = together(
        *[
            lambda n=n: playbooks.save(text + f"\n# {n}\n", author=world.ines, reason="so", at=world.now)
            for n in range(3)
        ]
    )
    versions = [s for s in saved if isinstance(s, PlaybookVersion)]
    assert versions
    together(*[lambda v=v: playbooks.activate(v, by=world.ines, at=world.now) for v in versions])
    assert PlaybookVersion.objects.filter(in_force=True).count() == 1


def test_everything_at_once(world: World) -> None:
    """A busy minute: arrivals, dealing, closing, releasing, sweeping. Nothing locks up and the laws hold."""
    people = [world.sara, world.sid, *_desk(world, 2)]
    for n in range(8):
        world.in_pool(title=f"pool {n}")
        world.arrives(title=f"mail {n}")

    def clerk(who: Person) -> Callable[[], None]:
        def run() -> None:
            for n in range(6):
                packet = inbox.deal(who, at=world.now)
                if packet is None:
                    continue
                try:
                    if n % 3:
                        outcome = world.plant.type(packet.type).outcomes[0]
                        journey.close(packet, outcome=outcome, by=who, at=world.now)
                    else:
                        inbox.put_back(packet, reason="end_of_shift", by=who, at=world.now)
                except Refusal:
                    continue

        return run

    def door() -> None:
        for n in range(6):
            world.arrives(title=f"new {n}")

    together(
        *[clerk(p) for p in people],
        door,
        lambda: queues.replenish("inside_sales", at=world.now),
        lambda: inbox.sweep(at=world.now + timedelta(hours=1)),
    )
    assert Packet.objects.count() >= 8 + 8 + 6
