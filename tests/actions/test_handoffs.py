"""A handoff happens when, and only when, its kit is full."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.actions import disputes, favours, handoffs, inbox, intake, may, queues
from fullkit.actions.handoffs import Given
from fullkit.models import Dispute, Event, Handoff, Packet
from fullkit.rules.refusal import Refusal
from tests.world import World, fresh


@pytest.mark.rule("R1")
def test_r1_with_an_item_missing_the_packet_stays_with_the_sender_who_is_told_what(world: World) -> None:
    packet = world.in_hand()
    kit = world.quote_kit()
    del kit["lines"]
    begun = handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now, items=kit)
    child = fresh(begun.packet)
    assert begun.accepted_at is None
    assert (child.department, child.person) == ("inside_sales", world.anna)
    assert [m.key for m in handoffs.missing(begun, at=world.now)] == ["lines"]


@pytest.mark.rule("R2")
def test_r2_a_full_kit_is_accepted_at_once_without_anyone_doing_anything(world: World) -> None:
    child = world.quote_asked()
    assert (child.department, child.person, child.state) == ("service", None, "waiting")
    assert child.due_at is not None
    assert "handoff.accepted" in world.log(child)


@pytest.mark.rule("R2")
def test_r2_the_last_item_moves_it(world: World) -> None:
    packet = world.in_hand()
    kit = world.quote_kit()
    lines = kit.pop("lines")
    begun = handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now, items=kit)
    handoffs.supply(begun, item="lines", given=lines, by=world.anna, at=world.later(minutes=5))
    assert fresh(begun.packet).department == "service"


def test_the_parent_keeps_its_owner(world: World) -> None:
    child = world.quote_asked()
    assert (child.parent.department, child.parent.person) == ("inside_sales", world.anna)


@pytest.mark.rule("R3")
def test_r3_after_acceptance_nothing_sends_it_back(world: World) -> None:
    child = world.quote_asked()
    done = Handoff.objects.get(packet=child)
    with pytest.raises(handoffs.HandoffOver):
        handoffs.withdraw(done, reason="changed my mind", by=world.gwen, at=world.now)
    with pytest.raises(Refusal):
        handoffs.open(child, kind="request_quote", by=world.sara, at=world.now)


@pytest.mark.rule("R4")
def test_r4_a_favour_leaves_owner_and_due_time_unchanged(world: World) -> None:
    child = world.quote_asked()
    mine = inbox.deal(world.sara, at=world.now)
    before = (mine.person_id, mine.department, mine.due_at, mine.state)
    asked = favours.ask(
        mine, of=world.anna, question="Which bore?", item="lines", by=world.sara, at=world.now
    )
    after = fresh(child)
    assert (after.person_id, after.department, after.due_at, after.state) == before
    with pytest.raises(may.NotYours):
        favours.answer(asked, text="35 mm", by=world.ben, at=world.now)
    favours.answer(asked, text="35 mm", by=world.anna, at=world.now)
    assert Event.objects.get(kind="favour.answered").remark.text == "35 mm"


@pytest.mark.rule("R6")
def test_r6_ownership_in_the_log_is_contiguous(world: World) -> None:
    child = world.quote_asked()
    mine = inbox.deal(world.sara, at=world.later(minutes=3))
    inbox.put_back(mine, reason="end_of_shift", by=world.sara, at=world.later(minutes=3))
    steps = list(
        Event.objects.filter(packet=child).order_by("pk").values_list("kind", "department", "to_department")
    )
    owner = steps[0][1]
    for _, department, to in steps:
        assert department == owner
        owner = to if to and _ == "handoff.accepted" else owner
    assert owner == fresh(child).department


def test_an_item_that_is_not_in_the_kit_is_refused_by_name(world: World) -> None:
    packet = world.in_hand()
    with pytest.raises(handoffs.NoSuchItem, match="The kit asks for: customer"):
        handoffs.open(
            packet, kind="request_quote", by=world.anna, at=world.now, items={"mood": Given(value="good")}
        )
    assert not Handoff.objects.filter(kind="request_quote").exists()


def test_an_item_of_the_wrong_type_is_refused_and_nothing_is_half_done(world: World) -> None:
    packet = world.in_hand()
    count = Packet.objects.count()
    with pytest.raises(Refusal):
        handoffs.open(
            packet,
            kind="request_quote",
            by=world.anna,
            at=world.now,
            items=world.quote_kit() | {"wanted_by": Given(value="yesterday")},
        )
    assert Packet.objects.count() == count


def test_a_handoff_that_does_not_start_here_is_refused(world: World) -> None:
    packet = world.in_hand()
    with pytest.raises(handoffs.UnknownHandoff, match="Possible here: request_quote"):
        handoffs.open(packet, kind="place_order", by=world.anna, at=world.now)


def test_a_fact_of_the_packet_fills_its_item(world: World) -> None:
    kit = world.quote_kit()
    where = kit.pop("deliver_to")
    begun = handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now, items=kit)
    assert [m.key for m in handoffs.missing(begun, at=world.now)] == ["deliver_to"]
    intake.correct(fresh(begun.packet), fields={"deliver_to": where.value}, by=world.anna, at=world.now)
    assert fresh(begun.packet).department == "service"


@pytest.mark.rule("R24")
def test_r24_what_fills_a_queue_is_pulled_and_a_full_kit_alone_does_not_move_it(world: World) -> None:
    packet = world.in_pool(full=False)
    begun = handoffs.open(packet, kind="release", by=world.carl, at=world.now, to_person=world.anna)
    assert [m.key for m in handoffs.missing(begun, at=world.now)] == ["contact", "program"]
    facts = {"contact": world.contact(packet.customer), "fields": {"program": "Leak survey"}}
    intake.correct(packet, by=world.carl, at=world.now, **facts)
    assert fresh(packet).department == "promotions"
    queues.release(fresh(packet), to=world.ben, by=world.carl, at=world.now)
    assert (fresh(packet).department, fresh(packet).person) == ("inside_sales", world.ben)


@pytest.mark.rule("R2")
def test_r2_what_was_found_untrue_is_no_longer_known_so_the_kit_lacks_it(world: World) -> None:
    """Also when a fact of the packet answered it: the sender has to find out again."""
    done = Handoff.objects.get(packet=world.quote_asked())
    for item in ("deliver_to", "contact"):
        raised = disputes.dispute(
            done, item=item, reason="There is no such place", by=world.sara, at=world.now
        )
        disputes.decide(raised, upheld=True, by=world.gwen, at=world.now)
        again = Handoff.objects.being_prepared().get(packet=done.packet)
        assert [m.key for m in handoffs.missing(again, at=world.now)] == [item]
        assert fresh(done.packet).person == world.anna
        if item == "deliver_to":
            done = handoffs.supply(
                again, item=item, given=Given(value="14 Dock Road"), by=world.anna, at=world.now
            )
            assert fresh(done.packet).department == "service"


def test_two_disputes_of_one_handoff_take_it_back_once(world: World) -> None:
    done = Handoff.objects.get(packet=world.quote_asked())
    raised = [
        disputes.dispute(done, item=item, reason="untrue", by=world.sara, at=world.now)
        for item in ("lines", "contact")
    ]
    disputes.decide(raised[0], upheld=True, by=world.gwen, at=world.now)
    with pytest.raises(disputes.MovedOn):
        disputes.decide(raised[1], upheld=True, by=world.gwen, at=world.now)
    disputes.decide(raised[1], upheld=False, by=world.gwen, at=world.now)


def test_a_kit_left_unfinished_comes_up_again_at_its_sender(world: World) -> None:
    packet = world.in_hand()
    begun = handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now)
    inbox.put_back(fresh(packet), reason="end_of_shift", by=world.anna, at=world.now)
    Packet.objects.filter(pk=packet.pk).update(state="parked", not_before=world.now + timedelta(days=9))
    assert inbox.deal(world.anna, at=world.later(hours=2)) == begun.packet


def test_the_parent_wakes_when_the_answer_is_ready(world: World) -> None:
    from fullkit.actions import journey

    child = world.quote_asked()
    parent = fresh(child.parent)
    inbox.park(parent, until=world.now + timedelta(days=3), reason="waiting", by=world.anna, at=world.now)
    mine = inbox.deal(world.sara, at=world.later(minutes=5))
    journey.close(mine, outcome="sent", by=world.sara, at=world.later(minutes=20))
    woken = inbox.deal(world.anna, at=world.later(minutes=1))
    assert woken == parent
    assert child.number in woken.step


def test_withdrawing_cancels_what_was_made_for_it(world: World) -> None:
    packet = world.in_hand()
    begun = handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now)
    handoffs.withdraw(begun, reason="They bought elsewhere", by=world.anna, at=world.now)
    assert (fresh(begun.packet).state, fresh(begun.packet).outcome) == ("closed", "cancelled")


@pytest.mark.rule("R2")
def test_r2_an_upheld_dispute_returns_ownership_and_counts_against_the_kit(world: World) -> None:
    child = world.quote_asked()
    done = Handoff.objects.get(packet=child)
    raised = disputes.dispute(
        done, item="lines", reason="The list is of another firm", by=world.sara, at=world.now
    )
    assert fresh(child).department == "service"
    with pytest.raises(may.NotYours):
        disputes.decide(raised, upheld=True, by=world.sara, at=world.now)
    disputes.decide(raised, upheld=True, by=world.gwen, at=world.later(minutes=9))
    after = fresh(child)
    assert (after.department, after.person) == ("inside_sales", world.anna)
    again = Handoff.objects.being_prepared().get(packet=child)
    assert [m.key for m in handoffs.missing(again, at=world.now)] == ["lines"]
    assert Event.objects.filter(kind="dispute.upheld", item="lines").count() == 1


def test_a_dismissed_dispute_changes_nothing(world: World) -> None:
    child = world.quote_asked()
    done = Handoff.objects.get(packet=child)
    raised = disputes.dispute(done, item="lines", reason="Too short", by=world.sara, at=world.now)
    disputes.decide(raised, upheld=False, by=world.gwen, at=world.now)
    assert fresh(child).department == "service"
    assert Dispute.objects.get().upheld is False
    with pytest.raises(disputes.AlreadyDecided):
        disputes.decide(raised, upheld=True, by=world.gwen, at=world.now)
