"""Team today: a supervisor's stand-up."""

from __future__ import annotations

import pytest

from fullkit.actions import conversations, disputes, inbox
from fullkit.models import Dispute, Packet
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.web.team.now", lambda: world.now)


def disputed(world: World, **more: object) -> Dispute:
    quote = world.quote_asked(world.people[str(more.pop("by", "anna"))], **more)
    return disputes.dispute(
        quote.handoffs.get(), item="lines", reason="Page 2 has no quantities", by=world.sara, at=world.now
    )


def in_service_hands(world: World) -> Packet:
    world.arrives()
    packet = inbox.deal(world.sara, at=world.now)
    assert packet is not None
    return packet


@pytest.mark.rule("R85")
def test_r85_people_stand_in_the_playbooks_order_whatever_they_did(world: World) -> None:
    for name, count in (("dev", 3), ("ben", 1)):
        for n in range(count):
            held = world.in_hand(world.people[name], title=f"{name} {n}")
            conversations.record(
                held,
                outcome="not_sold",
                counterpart="buyer",
                minutes=9,
                reason="timing",
                by=world.people[name],
                at=world.now,
            )
    page = said(visitor(world.sam).get("/team"))
    places = [page.index(f">{world.people[n].name}<") for n in ("anna", "ben", "chloe", "dev")]
    assert places == sorted(places)
    assert 'data-label="Today">3</td>' in page
    assert 'data-label="Target">25</td>' in page


@pytest.mark.rule("R2")
def test_r2_a_dispute_is_decided_with_both_sides_in_view(world: World) -> None:
    raised = disputed(world)
    sam = visitor(world.sam)
    page = said(sam.get("/team"))
    assert "lines.pdf" in page
    assert "Page 2 has no quantities" in page
    assert "Open the file and count the lines" in page  # the item's test
    answer = sam.post(
        f"/team/disputes/{raised.pk}/decision", {"upheld": "1", "department": "inside_sales"}, follow=True
    )
    assert "goes back to its sender" in said(answer)
    assert fresh(raised.handoff.packet).department == "inside_sales"
    assert sam.post(f"/team/disputes/{raised.pk}/decision", {"dismissed": "1"}).status_code == 409


def test_dismissed_it_stays(world: World) -> None:
    raised = disputed(world)
    visitor(world.gwen).post(f"/team/disputes/{raised.pk}/decision", {"dismissed": "1"})
    assert fresh(raised.handoff.packet).department == "service"
    assert Dispute.objects.get().upheld is False


def test_what_is_held_without_a_word_is_taken_back(world: World) -> None:
    packet = in_service_hands(world)
    gwen = visitor(world.gwen)
    assert f"Take {packet.number} back" not in said(gwen.get("/team"))
    world.later(minutes=45)
    assert f"Take {packet.number} back" in said(gwen.get("/team"))
    gwen.post(f"/team/packets/{packet.number}/return", {"department": "service"})
    assert fresh(packet).state == "waiting"


@pytest.mark.rule("R55")
def test_r55_a_late_case_gets_its_cause_named(world: World) -> None:
    packet = world.arrives()
    inbox.sweep(at=world.later(days=3))
    gwen = visitor(world.gwen)
    assert "Cause not named" in said(gwen.get("/team?department=service"))
    gwen.post(f"/team/packets/{packet.number}/cause", {"cause": "absence", "department": "service"})
    assert fresh(packet).cause == "absence"
    assert gwen.post(f"/team/packets/{packet.number}/cause", {"cause": "nonsense"}).status_code == 409


@pytest.mark.rule("R18")
def test_r18_skips_are_told_by_reason_with_their_packets(world: World) -> None:
    packet = in_service_hands(world)
    inbox.skip(packet, reason="no_language", by=world.sara, at=world.now)
    page = said(visitor(world.gwen).get("/team"))
    assert "Skipped within a week" in page
    assert f'href="/packets/{packet.number}"' in page


def test_a_manager_reads_and_does_not_decide(world: World) -> None:
    raised = disputed(world)
    eva = visitor(world.eva)
    page = said(eva.get("/team?department=service"))
    assert "What is claimed" in page
    assert "Upheld: back" not in page
    assert eva.post(f"/team/disputes/{raised.pk}/decision", {"upheld": "1"}).status_code == 403


@pytest.mark.parametrize("name", ["anna", "sara", "carl"])
def test_it_is_closed_to_those_who_do_not_lead(world: World, name: str) -> None:
    packet = in_service_hands(world)
    client = visitor(world.people[name])
    assert client.get("/team").status_code == 403
    assert client.post(f"/team/packets/{packet.number}/return").status_code == 403
    assert client.post(f"/team/packets/{packet.number}/cause", {"cause": "absence"}).status_code == 403
    assert visitor().get("/team").status_code == 302


def test_a_department_without_people_says_what_fills_it(world: World) -> None:
    assert "None. Every promise" in said(visitor(world.sam).get("/team?department=nonsense"))


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    disputed(world)
    sam = visitor(world.sam)
    one = queries(sam, "/team?department=service")
    disputed(world, by="ben")
    disputed(world, by="chloe")
    assert queries(sam, "/team?department=service") == one
