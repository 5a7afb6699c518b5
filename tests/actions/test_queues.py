"""Promotions refills each queue, pulled by the gap."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.actions import conversations, inbox, may, queues
from fullkit.models import Advice, Event, Packet, QueueReading, QueueTarget
from fullkit.rules import queue
from fullkit.rules.refusal import Refusal
from tests.world import World, fresh

TARGET = 12  # six a day, two days of cover


def fill_pool(world: World, count: int, *, full: bool = True) -> list[Packet]:
    return [world.in_pool(title=f"opportunity {n}", full=full) for n in range(count)]


def level(world: World, name: str) -> int:
    return queues.state_of(world.people[name], "inside_sales", world.plant, at=world.now).ready


@pytest.mark.rule("R25")
def test_r25_the_morning_run_fills_every_queue_to_its_target(world: World) -> None:
    fill_pool(world, 60)
    queues.replenish("inside_sales", at=world.now)
    assert [level(world, n) for n in ("anna", "ben", "chloe", "dev")] == [TARGET] * 4


@pytest.mark.rule("R25")
def test_r25_run_twice_same_result(world: World) -> None:
    fill_pool(world, 60)
    queues.replenish("inside_sales", at=world.now)
    before = (Packet.objects.filter(department="inside_sales").count(), Event.objects.count())
    queues.replenish("inside_sales", at=world.later(minutes=1))
    assert (Packet.objects.filter(department="inside_sales").count(), Event.objects.count()) == before


@pytest.mark.rule("R25")
@pytest.mark.rule("R28")
def test_r28_a_pool_that_runs_dry_opens_an_incident_for_each_starving_queue(world: World) -> None:
    fill_pool(world, 10)
    readings = queues.replenish("inside_sales", at=world.now)
    assert sum(r.released for r in readings) == 10
    starved = Event.objects.filter(kind="queue.starved")
    assert {e.person.sign_in for e in starved} == {"anna", "ben", "chloe", "dev"}
    assert all(e.value > 0 for e in starved)
    incidents = Packet.objects.filter(type="starving_queue")
    assert incidents.count() == 4
    assert incidents[0].due_at - world.now == timedelta(hours=1)


def test_a_short_pool_is_shared_in_turns(world: World) -> None:
    fill_pool(world, 10)
    readings = queues.replenish("inside_sales", at=world.now)
    assert sorted(r.released for r in readings) == [2, 2, 3, 3]


def test_one_incident_stays_open_until_it_is_dealt_with(world: World) -> None:
    for _ in range(2):
        queues.replenish("inside_sales", at=world.now)
        world.later(days=1)
    assert Packet.objects.filter(type="starving_queue").count() == 4


@pytest.mark.rule("R29")
def test_r29_the_level_is_read_before_the_run(world: World) -> None:
    fill_pool(world, 60)
    queues.replenish("inside_sales", at=world.now)
    reading = QueueReading.objects.get(person=world.anna)
    assert (reading.level, reading.zone, reading.gap, reading.released) == (0, "red", TARGET, TARGET)


@pytest.mark.rule("R1")
def test_r1_what_lacks_its_kit_stays_in_the_pool(world: World) -> None:
    fill_pool(world, 5, full=False)
    ready = world.in_pool(title="complete")
    queues.replenish("inside_sales", at=world.now)
    assert list(Packet.objects.filter(department="inside_sales")) == [ready]
    assert Packet.objects.filter(department="promotions", type="opportunity").count() == 5


@pytest.mark.rule("R24")
@pytest.mark.rule("R27")
def test_r24_at_target_nothing_is_released_without_an_override(world: World) -> None:
    fill_pool(world, 60)
    queues.replenish("inside_sales", at=world.now)
    extra = world.in_pool(title="one more")
    with pytest.raises(queue.QueueFull):
        queues.release(extra, to=world.anna, by=world.carl, at=world.now)
    assert fresh(extra).department == "promotions"
    queues.release(
        fresh(extra), to=world.anna, by=world.carl, at=world.now, override="She met them at the fair"
    )
    event = Event.objects.get(kind="queue.overridden")
    assert event.remark.text == "She met them at the fair"
    assert fresh(extra).person == world.anna


@pytest.mark.rule("R23")
@pytest.mark.parametrize("name", ["anna", "sara", "faye", "max"])
def test_r23_only_promotions_fills_a_sales_queue(world: World, name: str) -> None:
    packet = world.in_pool()
    with pytest.raises(may.NotYours):
        queues.release(packet, to=world.anna, by=world.people[name], at=world.now)
    with pytest.raises(may.NotYours):
        queues.replenish("inside_sales", by=world.people[name], at=world.now)


@pytest.mark.rule("R23")
def test_r23_what_a_salesperson_finds_enters_the_pool(world: World) -> None:
    from fullkit.actions import intake

    found = intake.arrive(
        type="opportunity",
        title="They need seals",
        source="salesperson",
        by=world.anna,
        at=world.now,
        customer=world.customer(),
        verdict="competitor",
    ).packet
    assert (found.department, found.person) == ("promotions", None)


@pytest.mark.rule("R33")
def test_r33_an_opportunity_with_no_score_can_be_released(world: World) -> None:
    packet = world.in_pool()
    assert not any("score" in key or "qualif" in key for key in packet.fields)
    assert queues.release(packet, to=world.anna, by=world.carl, at=world.now).department == "inside_sales"


@pytest.mark.rule("R26")
def test_r26_the_gap_is_counted_on_ready_and_nothing_comes_when_too_much_is_in_play(world: World) -> None:
    limit = world.plant.queue("inside_sales").in_play[1]
    fill_pool(world, limit + 60)
    while Packet.objects.in_play().filter(person=world.anna).count() <= limit:
        held = inbox.deal(world.anna, at=world.now)
        if held is None:
            queues.release(
                Packet.objects.waiting().filter(department="promotions").first(),
                to=world.anna,
                by=world.carl,
                at=world.now,
                override="Filling up",
            )
            continue
        conversations.attempt(held, reason="voicemail", by=world.anna, at=world.now)
    queues.replenish("inside_sales", at=world.now)
    assert QueueReading.objects.get(person=world.anna).gap == 0
    assert QueueReading.objects.get(person=world.ben).gap == TARGET


@pytest.mark.rule("R27")
def test_r27_untouched_ones_go_back_to_the_pool_with_their_history(world: World) -> None:
    packet = world.released()
    touched = world.in_hand(title="touched")
    conversations.attempt(touched, reason="voicemail", by=world.anna, at=world.now)
    stale_after = world.plant.queue("inside_sales").stale_days
    assert queues.return_stale(at=world.later(days=stale_after - 1)) == 0
    assert queues.return_stale(at=world.later(days=8)) == 1
    after = fresh(packet)
    assert (after.department, after.person, after.released_at) == ("promotions", None, None)
    assert fresh(touched).person == world.anna
    assert world.log(packet)[0] == "packet.arrived"
    assert Event.objects.get(kind="packet.returned_to_pool").person == world.anna


def readings(world: World, levels: list[int], target: float = 12) -> None:
    for n, lvl in enumerate(levels):
        QueueReading.objects.create(
            person=world.anna,
            department="inside_sales",
            day=world.plant.work.day_of(world.now) - timedelta(days=len(levels) - 1 - n),
            level=lvl,
            target=target,
            in_play=0,
            zone=queue.zone(lvl, target),
            gap=0,
            at=world.now,
        )


@pytest.mark.rule("R29")
def test_r29_advice_changes_nothing_until_it_is_accepted_with_one_click(world: World) -> None:
    readings(world, [12, 12])
    given = queues.advise(at=world.now)
    assert [a.to_target for a in given] == [8]
    assert not QueueTarget.objects.exists()
    queues.accept_advice(given[0], by=world.carl, at=world.now)
    assert QueueTarget.objects.get().target == 8
    with pytest.raises(queues.NoLongerOpen):
        queues.accept_advice(Advice.objects.get(), by=world.carl, at=world.now)


@pytest.mark.rule("R29")
def test_r29_a_queue_that_stood_empty_is_advised_up_and_then_rests(world: World) -> None:
    readings(world, [0])
    given = queues.advise(at=world.now)
    assert [a.to_target for a in given] == [16]
    queues.accept_advice(given[0], by=world.carl, at=world.now)
    assert queues.advise(at=world.now) == []


def test_the_queue_of_a_department_without_one_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="has no queue"):
        queues.replenish("service", at=world.now)


@pytest.mark.rule("R25")
def test_r25_a_later_run_releases_only_what_was_still_short(world: World) -> None:
    fill_pool(world, 10)
    queues.replenish("inside_sales", at=world.now)
    fill_pool(world, 60)
    readings = queues.replenish("inside_sales", at=world.later(hours=1))
    assert [(r.level, r.released) for r in readings] == [(0, TARGET)] * 4
    assert Event.objects.filter(kind="queue.read").count() == 4


@pytest.mark.rule("R29")
def test_r29_advice_that_the_levels_no_longer_give_lapses(world: World) -> None:
    old = Advice.objects.create(
        person=world.anna,
        at=world.now,
        day=world.now.date(),
        from_target=12,
        to_target=16,
        reason="Deep in red",
    )
    queues.advise(at=world.later(days=1))
    old.refresh_from_db()
    assert old.lapsed_at == world.now
