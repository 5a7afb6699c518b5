"""Every conversation sells the next step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.actions import conversations, inbox, may
from fullkit.models import Event, Handoff, Packet
from fullkit.rules.refusal import Refusal
from tests.world import World, fresh


@pytest.mark.rule("R36")
@pytest.mark.parametrize("outcome", ["", "went well", "sold"])
def test_r36_a_conversation_without_one_of_the_three_outcomes_cannot_be_saved(
    world: World, outcome: str
) -> None:
    packet = world.in_hand()
    with pytest.raises(Refusal):
        conversations.record(
            packet, outcome=outcome, counterpart="buyer", minutes=5, by=world.anna, at=world.now
        )
    assert "conversation.held" not in world.log(packet)
    assert fresh(packet).state == "held"


def test_a_sold_step_is_parked_until_the_time_it_was_promised(world: World) -> None:
    packet = world.in_hand()
    promised = world.now + timedelta(days=2)
    conversations.record(
        packet,
        outcome="sold_next_step",
        counterpart="buyer",
        minutes=11,
        by=world.anna,
        at=world.now,
        step_at=promised,
    )
    after = fresh(packet)
    assert (after.state, after.not_before, after.step_due_at) == ("parked", promised, promised)
    assert after.step == world.plant.playbook.stages_of("opportunity")[0].sells
    assert after.person == world.anna


@pytest.mark.rule("R36")
def test_r36_a_next_step_that_others_arrange_opens_their_handoff_with_no_selling_in_it(world: World) -> None:
    packet = world.in_hand()
    conversations.record(
        packet,
        outcome="sold_next_step",
        counterpart="buyer",
        minutes=11,
        by=world.anna,
        at=world.now,
        step_by="book_meeting",
    )
    begun = Handoff.objects.get(kind="book_meeting")
    assert begun.packet.parent == packet
    assert fresh(packet).state == "parked"


def test_not_sold_needs_a_reason_of_the_playbook_and_comes_up_again(world: World) -> None:
    packet = world.in_hand()
    with pytest.raises(inbox.UnknownReason):
        conversations.record(
            packet,
            outcome="not_sold",
            counterpart="buyer",
            minutes=4,
            by=world.anna,
            at=world.now,
            reason="mood",
        )
    conversations.record(
        fresh(packet),
        outcome="not_sold",
        counterpart="buyer",
        minutes=4,
        by=world.anna,
        at=world.now,
        reason="timing",
    )
    assert fresh(packet).state == "parked"


def test_ended_closes_it_as_lost_with_its_reason(world: World) -> None:
    packet = world.in_hand()
    conversations.record(
        packet,
        outcome="ended",
        counterpart="buyer",
        minutes=4,
        by=world.anna,
        at=world.now,
        reason="incumbent",
    )
    after = fresh(packet)
    assert (after.state, after.outcome, after.reason) == ("closed", "lost", "incumbent")


@pytest.mark.rule("R46")
@pytest.mark.rule("R42")
def test_r46_a_conversation_without_a_counterpart_or_about_business_yours_to_lose_is_an_attempt(
    world: World,
) -> None:
    for counterpart, inertia in (("", "competitor"), ("buyer", "us")):
        packet = world.in_hand(title=f"{counterpart} {inertia}")
        Packet.objects.filter(pk=packet.pk).update(inertia=inertia)
        conversations.record(
            fresh(packet),
            outcome="not_sold",
            counterpart=counterpart,
            minutes=9,
            by=world.anna,
            at=world.now,
            reason="timing",
        )
    assert Event.objects.filter(kind="conversation.held").count() == 0
    assert Event.objects.filter(kind="attempt.made").count() == 2


def test_attempts_come_up_again_until_the_queue_gives_up(world: World) -> None:
    packet = world.in_hand()
    for turn in range(world.plant.queue("inside_sales").attempts):
        if turn:
            at = world.now = fresh(packet).not_before
            packet = inbox.deal(world.anna, at=at)
        conversations.attempt(packet, reason="voicemail", by=world.anna, at=world.now)
    after = fresh(packet)
    assert (after.state, after.outcome) == ("closed", "not_reached")
    assert Event.objects.filter(kind="conversation.held").count() == 0


@pytest.mark.rule("R26")
def test_r26_a_touched_opportunity_is_in_play_and_no_longer_ready(world: World) -> None:
    packet = world.in_hand()
    assert not fresh(packet).touched
    conversations.attempt(packet, reason="voicemail", by=world.anna, at=world.now)
    assert fresh(packet).touched


def test_only_the_holder_records(world: World) -> None:
    packet = world.in_hand()
    with pytest.raises(may.NotInYourHands):
        conversations.attempt(packet, reason="voicemail", by=world.ben, at=world.now)


@pytest.mark.parametrize("minutes", [-1, 1000, float("nan"), float("inf")])
def test_impossible_lengths_are_refused_by_name(world: World, minutes: float) -> None:
    packet = world.in_hand()
    with pytest.raises(Refusal, match="minutes"):
        conversations.attempt(packet, reason="voicemail", by=world.anna, at=world.now, minutes=minutes)


def test_a_visit_is_over_when_it_was_held_and_what_it_served_wakes(world: World) -> None:
    from tests.actions.test_calendar import visit

    packet = visit(world)
    held = inbox.deal(world.faye, at=fresh(packet).not_before)
    assert held == packet
    conversations.record(
        held,
        outcome="sold_next_step",
        counterpart="plant manager",
        minutes=50,
        by=world.faye,
        at=world.now,
        step_at=world.now + timedelta(days=9),
    )
    assert (fresh(packet).state, fresh(packet).outcome) == ("closed", "held")
    assert Event.objects.filter(kind="conversation.held", person=None, actor=world.faye).count() == 1
    assert fresh(packet.parent).state == "waiting"
