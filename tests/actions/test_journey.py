"""A stage ends on what the customer did."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from fullkit.actions import inbox, journey, may, playbooks
from fullkit.models import Event, Handoff, Packet, Purchase, StageExit
from fullkit.rules import stages
from tests.world import World, fresh

EVIDENCE = {
    "contact_and_date": "Pat Doyle asked for it on 2 March",
    "file": "minutes.pdf",
    "link": "https://files.example/minutes",
}


def advance(world: World, packet: Packet, **more: object) -> Packet:
    stage = next(s for s in world.plant.playbook.stages_of(packet.type) if s.key == packet.stage)
    return journey.advance(
        packet,
        evidence=EVIDENCE[stage.evidence.kind],
        evidence_at=world.now - timedelta(minutes=1),
        by=world.anna,
        at=world.now,
        **more,
    )


def won(world: World) -> Packet:
    packet = world.in_hand()
    for _ in world.plant.playbook.stages_of("opportunity"):
        advance(world, packet)
    return fresh(packet)


@pytest.mark.rule("R76")
@pytest.mark.parametrize("evidence", ["", "   "])
def test_r76_a_stage_cannot_be_left_without_evidence(world: World, evidence: str) -> None:
    packet = world.in_hand()
    with pytest.raises(stages.NoEvidence):
        journey.advance(packet, evidence=evidence, evidence_at=world.now, by=world.anna, at=world.now)
    assert fresh(packet).stage == "attention"
    assert not StageExit.objects.exists()


def test_the_evidence_is_kept_with_the_version_of_its_definition(world: World) -> None:
    packet = advance(world, world.in_hand())
    kept = StageExit.objects.get(packet=packet)
    assert (kept.stage, kept.playbook, packet.stage) == ("attention", world.plant.number, "briefing")


@pytest.mark.rule("R99")
def test_r99_a_stage_of_another_process_is_refused(world: World) -> None:
    packet = world.in_hand()
    with pytest.raises(stages.StageOfAnotherProcess):
        advance(world, packet, to_stage="renewal")


def test_stages_are_not_jumped_over(world: World) -> None:
    packet = world.in_hand()
    with pytest.raises(stages.NotNextStage):
        advance(world, packet, to_stage="offer")


def test_past_the_last_stage_it_is_won_and_the_purchase_known(world: World) -> None:
    packet = won(world)
    assert (packet.state, packet.outcome) == ("closed", "won")
    assert Purchase.objects.get().value == Decimal("24000.00")


@pytest.mark.rule("R92")
@pytest.mark.rule("R99")
def test_r92_at_a_win_the_handoff_to_account_management_opens_by_itself(world: World) -> None:
    packet = won(world)
    begun = Handoff.objects.get(kind="onboard")
    assert begun.packet.parent == packet
    assert begun.to_department == "accounts"
    assert fresh(begun.packet).person == world.anna


@pytest.mark.rule("R99")
def test_r99_hunting_and_farming_never_share_a_process_in_the_log(world: World) -> None:
    won(world)
    kinds = Event.objects.exclude(process=None).values_list("packet_type", "process").distinct()
    assert set(kinds) == {("opportunity", "hunting")}


@pytest.mark.rule("R11")
def test_r11_only_a_quote_for_what_is_ours_to_win_comes_back_to_a_salesperson(world: World) -> None:
    pursued = world.quote_asked().parent
    inbox.park(pursued, until=world.now + timedelta(days=9), reason="quote", by=world.anna, at=world.now)
    ours_to_lose = world.arrives("quote", "Ten more of the same", customer=world.customer("Baker Pumps"))
    for _ in range(2):
        quote = inbox.deal(world.sara, at=world.now)
        assert quote is not None
        journey.close(quote, outcome="sent", by=world.sara, at=world.later(minutes=5))
    assert fresh(ours_to_lose).state == "closed"
    assert list(Packet.objects.open()) == [pursued]
    assert inbox.deal(world.anna, at=world.now) == pursued


def test_an_outcome_of_another_type_is_refused(world: World) -> None:
    packet = world.in_hand()
    with pytest.raises(journey.UnknownOutcome, match="It can end as: won"):
        journey.close(packet, outcome="entered", by=world.anna, at=world.now)


def test_closed_is_closed_until_it_is_reopened_with_a_reason(world: World) -> None:
    world.arrives()
    mine = inbox.deal(world.sara, at=world.now)
    journey.close(mine, outcome="sent", by=world.sara, at=world.now)
    with pytest.raises(may.AlreadyClosed):
        journey.close(mine, outcome="sent", by=world.sara, at=world.now)
    with pytest.raises(playbooks.ReasonMissing):
        journey.reopen(mine, reason=" ", by=world.sara, at=world.now)
    journey.reopen(mine, reason="They changed the quantity", by=world.sara, at=world.later(hours=1))
    again = fresh(mine)
    assert (again.state, again.queued_at, again.outcome) == ("waiting", world.now, "")
    assert again.due_at > mine.arrived_at


def test_an_outsider_cannot_reopen(world: World) -> None:
    world.arrives()
    mine = inbox.deal(world.sara, at=world.now)
    journey.close(mine, outcome="sent", by=world.sara, at=world.now)
    with pytest.raises(may.NotYours):
        journey.reopen(mine, reason="x", by=world.otto, at=world.now)


def test_closing_withdraws_a_handoff_that_was_being_prepared(world: World) -> None:
    from fullkit.actions import handoffs

    packet = world.in_pool(full=False)
    begun = handoffs.open(packet, kind="release", by=world.carl, at=world.now, to_person=world.anna)
    journey.close(fresh(packet), outcome="no_decision", by=world.maya, at=world.now)
    assert Handoff.objects.get(pk=begun.pk).withdrawn_at is not None
