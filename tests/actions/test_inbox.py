"""Work is dealt, not picked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.actions import inbox, intake, journey, may
from fullkit.models import Event, Packet
from tests.world import World, fresh


def test_the_oldest_is_dealt_first(world: World) -> None:
    old = world.arrives(title="first")
    world.later(minutes=5)
    world.arrives(title="second")
    assert inbox.deal(world.sara, at=world.later(minutes=1)) == old


@pytest.mark.rule("R53")
def test_r53_red_is_dealt_before_older_green(world: World) -> None:
    slow = world.arrives(type="issue", title="a day is promised")
    world.later(hours=2)
    quick = world.arrives(type="order", title="four hours are promised")
    at = quick.red_at + timedelta(seconds=1)
    assert slow.red_at > at
    assert inbox.deal(world.sara, at=at) == quick


def test_asking_again_gives_what_is_in_hand(world: World) -> None:
    world.arrives()
    world.arrives()
    first = inbox.deal(world.sara, at=world.now)
    assert inbox.deal(world.sara, at=world.later(minutes=1)) == first
    assert Event.objects.filter(kind="packet.dealt").count() == 1


def test_nothing_waits(world: World) -> None:
    assert inbox.deal(world.sara, at=world.now) is None


def test_two_people_never_get_the_same_packet(world: World) -> None:
    world.arrives()
    world.arrives()
    assert inbox.deal(world.sara, at=world.now) != inbox.deal(world.sid, at=world.now)


@pytest.mark.rule("R18")
def test_r18_a_proposal_call_due_today_comes_before_a_new_opportunity(world: World) -> None:
    from fullkit.actions import conversations

    proposal = world.in_hand(title="proposal out")
    due = world.now + timedelta(hours=2)
    conversations.record(
        proposal,
        outcome="sold_next_step",
        counterpart="buyer",
        minutes=12,
        by=world.anna,
        at=world.now,
        step_at=due,
    )
    world.released(title="a fresh one")
    assert inbox.deal(world.anna, at=due + timedelta(minutes=1)) == proposal


@pytest.mark.rule("R18")
def test_r18_a_skip_needs_a_reason_of_the_playbook_and_is_counted(world: World) -> None:
    packet = world.arrives()
    inbox.deal(world.sara, at=world.now)
    held = fresh(packet)
    with pytest.raises(inbox.UnknownReason, match="Choose one of: no_language"):
        inbox.skip(held, reason="not in the mood", by=world.sara, at=world.now)
    inbox.skip(held, reason="no_language", by=world.sara, at=world.now)
    assert Event.objects.filter(kind="packet.skipped", reason="no_language", actor=world.sara).count() == 1


def test_what_one_skipped_is_dealt_to_a_colleague_first(world: World) -> None:
    first = world.arrives(title="in Polish")
    world.later(minutes=1)
    second = world.arrives(title="in English")
    inbox.skip(inbox.deal(world.sara, at=world.now), reason="no_language", by=world.sara, at=world.now)
    assert inbox.deal(world.sara, at=world.now) == second
    assert inbox.deal(world.sid, at=world.now) == first


def test_what_everyone_skipped_still_comes_back(world: World) -> None:
    only = world.arrives()
    inbox.skip(inbox.deal(world.sara, at=world.now), reason="no_language", by=world.sara, at=world.now)
    assert inbox.deal(world.sara, at=world.later(minutes=1)) == only


def test_a_lease_that_runs_out_returns_the_packet_and_fences_off_the_late_holder(world: World) -> None:
    packet = world.arrives()
    late = inbox.deal(world.sara, at=world.now)
    at = world.later(hours=2)
    assert inbox.deal(world.sid, at=at) == packet
    with pytest.raises(may.NotInYourHands, match="Sid Banerjee has it"):
        journey.close(fresh(late), outcome="sent", by=world.sara, at=at)
    assert world.log(packet) == ["packet.arrived", "packet.dealt", "packet.lease_ran_out", "packet.dealt"]


def test_a_late_holder_is_fenced_off_even_before_anyone_swept(world: World) -> None:
    world.arrives()
    late = inbox.deal(world.sara, at=world.now)
    with pytest.raises(may.LeaseOver, match="What you typed is kept"):
        journey.close(late, outcome="sent", by=world.sara, at=world.later(hours=2))


def test_a_stale_copy_overwrites_nothing(world: World) -> None:
    from fullkit.actions import packets

    world.arrives()
    mine = inbox.deal(world.sara, at=world.now)
    stale = fresh(mine)
    inbox.renew(mine, by=world.sara, at=world.later(minutes=10))
    with pytest.raises(packets.SomeoneWasFaster):
        packets.move(stale, title="overwritten")
    assert fresh(mine).title != "overwritten"


def test_renewing_keeps_it_in_hand(world: World) -> None:
    world.arrives()
    mine = inbox.deal(world.sara, at=world.now)
    inbox.renew(mine, by=world.sara, at=world.later(minutes=50))
    assert inbox.deal(world.sara, at=world.later(minutes=50)) == mine


def test_parked_until_a_time_and_its_promise_runs_on(world: World) -> None:
    packet = world.arrives(type="order")
    mine = inbox.deal(world.sara, at=world.now)
    due = mine.due_at
    inbox.park(
        mine, until=world.now + timedelta(hours=1), reason="waiting on customer", by=world.sara, at=world.now
    )
    assert inbox.deal(world.sid, at=world.now) is None
    assert inbox.deal(world.sid, at=world.later(hours=1)) == packet
    assert fresh(packet).due_at == due


def test_parking_into_the_past_is_refused(world: World) -> None:
    world.arrives()
    mine = inbox.deal(world.sara, at=world.now)
    with pytest.raises(inbox.InThePast):
        inbox.park(mine, until=world.now - timedelta(minutes=1), reason="x", by=world.sara, at=world.now)


@pytest.mark.rule("R54")
def test_r54_red_and_black_are_events_at_the_right_time(world: World) -> None:
    packet = world.arrives(type="order")
    inbox.sweep(at=packet.red_at - timedelta(seconds=1))
    assert fresh(packet).zone == ""
    inbox.sweep(at=packet.red_at)
    assert fresh(packet).zone == "red"
    inbox.sweep(at=packet.due_at)
    assert fresh(packet).zone == "black"
    assert world.log(packet)[-2:] == ["promise.reddened", "promise.broken"]


@pytest.mark.rule("R54")
def test_r54_a_red_case_cannot_close_without_its_cause(world: World) -> None:
    packet = world.arrives(type="order")
    at = packet.red_at + timedelta(minutes=1)
    mine = inbox.deal(world.sara, at=at)
    with pytest.raises(journey.CauseMissing):
        journey.close(mine, outcome="entered", by=world.sara, at=at)
    journey.close(fresh(mine), outcome="entered", cause="volume", by=world.sara, at=at)
    assert Event.objects.get(kind="promise.cause_named").reason == "volume"


@pytest.mark.rule("R59")
def test_r59_a_bau_task_on_a_growth_resource_raises_the_alarm(world: World) -> None:
    packet = world.arrives()
    Packet.objects.filter(pk=packet.pk).update(department="promotions")
    assert inbox.deal(world.carl, at=world.now) == packet
    assert Event.objects.filter(kind="growth.borrowed", person=world.carl).count() == 1


def test_the_pool_is_released_not_dealt(world: World) -> None:
    world.in_pool()
    assert inbox.deal(world.carl, at=world.now) is None


def test_a_supervisor_returns_what_an_absent_holder_has(world: World) -> None:
    world.arrives()
    mine = inbox.deal(world.sara, at=world.now)
    with pytest.raises(may.NotYours):
        inbox.take_back(mine, by=world.sid, at=world.now)
    inbox.take_back(fresh(mine), by=world.gwen, at=world.now)
    assert inbox.deal(world.sid, at=world.now) == mine


def test_the_customer_on_the_phone_is_picked_up_out_of_turn_and_that_is_in_the_log(world: World) -> None:
    world.arrives(title="older")
    world.later(minutes=1)
    called = world.arrives(title="the one who calls")
    inbox.pick_up(called, by=world.sara, at=world.now)
    assert fresh(called).person == world.sara
    assert Event.objects.get(kind="packet.dealt").reason == "out_of_turn"


def test_one_thing_at_a_time(world: World) -> None:
    mine = world.arrives()
    other = world.arrives(title="other")
    inbox.pick_up(mine, by=world.sara, at=world.now)
    with pytest.raises(inbox.FinishFirst):
        inbox.pick_up(other, by=world.sara, at=world.now)


# --- undoing a skip ------------------------------------------------------------------------------------------


def skipped(world: World) -> tuple[Packet, Packet]:
    """Sara passed one quote over, and was dealt another."""
    first, second = world.arrives(), world.arrives(title="Another", customer=world.customer("Baker"))
    assert inbox.deal(world.sara, at=world.now) == first
    inbox.skip(fresh(first), reason="no_language", by=world.sara, at=world.now)
    assert inbox.deal(world.sara, at=world.now) == second
    return first, second


def test_a_skip_is_undone_and_what_was_dealt_since_is_let_go(world: World) -> None:
    first, second = skipped(world)
    back = inbox.undo_skip(by=world.sara, at=world.later(minutes=2))
    assert (back, inbox.in_hand(world.sara)) == (first, first)
    after, before = fresh(second), fresh(first)
    assert (after.state, after.person, before.skipped_by) == ("waiting", None, None)
    assert world.log(first)[-2:] == ["packet.skipped", "packet.dealt"]
    assert Event.objects.filter(packet=second, kind="packet.put_back", reason="undone").exists()


def test_a_skip_in_a_personal_queue_is_undone_too(world: World) -> None:
    packet = world.in_hand()
    inbox.skip(packet, reason="conflict", by=world.anna, at=world.now)
    assert inbox.undo_skip(by=world.anna, at=world.now).state == "held"


@pytest.mark.parametrize("how", ["too late", "something else since", "a colleague has it", "twice", "never"])
def test_a_skip_is_not_undone_when(world: World, how: str) -> None:
    if how != "never":
        first, second = skipped(world)
    if how == "too late":
        world.later(minutes=6)
    elif how == "something else since":
        intake.comment(second, text="Called them", by=world.sara, at=world.now)
    elif how == "a colleague has it":
        assert inbox.deal(world.sid, at=world.now) == first
    elif how == "twice":
        inbox.undo_skip(by=world.sara, at=world.now)
        inbox.put_back(fresh(first), reason="called_away", by=world.sara, at=world.now)
    held = inbox.in_hand(world.sara)
    with pytest.raises((inbox.NothingToUndo, inbox.NotFree)):
        inbox.undo_skip(by=world.sara, at=world.now)
    assert inbox.in_hand(world.sara) == held
