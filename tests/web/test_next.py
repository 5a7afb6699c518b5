"""Next: one packet on one screen, and the next one at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fullkit.actions import inbox, intake
from fullkit.models import Event, Handoff, Packet
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


SOLD = {"outcome": "sold_next_step", "step": "tomorrow", "counterpart": "buyer"}


def test_an_empty_queue_says_who_fills_it(world: World) -> None:
    page = said(visitor(world.anna).get("/next"))
    assert "Your queue is empty" in page
    assert "Promotions" in page


@pytest.mark.rule("R18")
def test_r18_next_shows_one_packet_why_now_and_no_list(world: World) -> None:
    mine, other = world.released(title="The first"), world.released(title="The second")
    anna = visitor(world.anna)
    assert "The first" not in said(anna.get("/next"))  # nothing is shown before it is dealt
    page = said(anna.post("/next", follow=True))
    assert mine.number in page
    assert "the oldest of the new ones" in page
    assert other.number not in page
    assert world.plant.playbook.stages_of("opportunity")[0].sells in page
    assert 'href="tel:+1 312 555 0134"' in page


@pytest.mark.rule("R63")
def test_r63_no_worth_on_a_salespersons_screen(world: World) -> None:
    packet = world.in_hand()
    anna = visitor(world.anna)
    for address in ("/next", f"/packets/{packet.number}", f"/customers/{packet.customer_id}"):
        assert "24,000" not in said(anna.get(address))
    assert "24,000" in said(visitor(world.max).get(f"/packets/{packet.number}"))


def test_recording_a_sold_step_deals_the_next_one_in_the_same_request(world: World) -> None:
    first, second = world.in_hand(), world.released(title="The second")
    anna = visitor(world.anna)
    world.later(minutes=12)
    answer = anna.post(f"/packets/{first.number}/conversation", SOLD)
    assert answer.url == "/next"  # type: ignore[attr-defined]
    after = fresh(first)
    assert (after.state, after.step_due_at) == ("parked", world.now + timedelta(hours=23, minutes=48))
    held = Event.objects.get(kind="conversation.held")
    assert (held.minutes, held.counterpart) == (12, "buyer")
    assert inbox.in_hand(world.anna) == second
    assert "1</strong>" in said(anna.get("/next"))


@pytest.mark.rule("R36")
def test_r36_without_an_outcome_or_its_reason_the_form_comes_back_as_typed(world: World) -> None:
    packet = world.in_hand()
    given = {"outcome": "not_sold", "counterpart": "plant manager", "remark": "كلام مهم"}
    anna, address = visitor(world.anna), f"/packets/{packet.number}/conversation"
    answer = anna.post(address, given)
    assert answer.status_code == 422
    assert all(words in said(answer) for words in ("Choose one.", "plant manager", "كلام مهم"))
    assert anna.post(address, {"counterpart": "x"}).status_code == 422
    assert "conversation.held" not in world.log(packet)


def test_a_refusal_is_409_and_keeps_what_was_typed(world: World) -> None:
    packet = world.in_hand()
    world.later(hours=2)  # the lease is over
    anna, address = visitor(world.anna), f"/packets/{packet.number}/conversation"
    answer = anna.post(address, SOLD | {"remark": "They will call back"})
    assert answer.status_code == 409
    assert "longer than its lease" in said(answer)
    assert "They will call back" in said(answer)
    swapped = anna.post(address, SOLD, headers={"HX-Request": "true"})
    assert (swapped.status_code, swapped["HX-Retarget"]) == (409, "#notice")


@pytest.mark.parametrize(
    ("outcome", "reason", "state"),
    [
        ("not_sold", "timing", "parked"),
        ("ended", "incumbent", "closed"),
        ("attempt", "voicemail", "parked"),
    ],
)
def test_the_other_three_outcomes(world: World, outcome: str, reason: str, state: str) -> None:
    packet = world.in_hand()
    name = {"not_sold": "why_not", "ended": "why_ended", "attempt": "why_missed"}[outcome]
    visitor(world.anna).post(
        f"/packets/{packet.number}/conversation", {"outcome": outcome, name: reason, "counterpart": "buyer"}
    )
    assert fresh(packet).state == state


def test_a_visit_as_next_step_leads_to_the_kit_for_scheduling(world: World) -> None:
    packet = world.in_hand()
    answer = visitor(world.anna).post(
        f"/packets/{packet.number}/conversation", SOLD | {"step": "by:book_meeting"}
    )
    assert answer.url == f"/packets/{packet.number}/handoffs/book_meeting"  # type: ignore[attr-defined]
    assert Handoff.objects.get(kind="book_meeting").packet.parent == packet


def test_skip_needs_its_reason_and_deals_another(world: World) -> None:
    first, second = world.in_hand(), world.released(title="The second")
    anna = visitor(world.anna)
    assert anna.post(f"/packets/{first.number}/skip", {"reason": "mood"}).status_code == 409
    anna.post(f"/packets/{first.number}/skip", {"reason": "no_language"})
    assert inbox.in_hand(world.anna) == second


def test_put_back_deals_nothing(world: World) -> None:
    packet = world.in_hand()
    visitor(world.anna).post(f"/packets/{packet.number}/put-back", {"reason": "end_of_shift"})
    assert fresh(packet).state == "waiting"
    assert inbox.in_hand(world.anna) is None


def test_an_open_page_renews_the_lease(world: World) -> None:
    packet = world.in_hand()
    before = packet.lease_until
    world.later(minutes=30)
    assert visitor(world.anna).post(f"/packets/{packet.number}/lease").status_code == 204
    assert fresh(packet).lease_until == before + timedelta(minutes=30)


@pytest.mark.rule("R76")
def test_r76_a_stage_ends_with_evidence(world: World) -> None:
    packet = world.in_hand()
    anna, address = visitor(world.anna), f"/packets/{packet.number}/stage"
    assert (
        anna.post(address, {"stage-evidence": "", "stage-evidence_at": "2026-03-02T08:30"}).status_code == 409
    )
    anna.post(address, {"stage-evidence": "Pat Doyle, buyer", "stage-evidence_at": "2026-03-02T08:30"})
    assert fresh(packet).stage == "briefing"
    page = said(anna.get("/next"))
    assert 'aria-current="step"' in page


@pytest.mark.rule("R54")
def test_r54_a_case_in_red_asks_for_its_cause_and_others_do_not(world: World) -> None:
    case = world.arrives("quote")
    sara = visitor(world.sara)
    assert "Why it is" not in said(sara.post("/next", follow=True))
    world.later(days=3)
    page = said(sara.post("/next", follow=True))
    assert "Why it is late" in page
    address = f"/packets/{case.number}/outcome"
    assert sara.post(address, {"outcome": "sent"}).status_code == 422
    sara.post(address, {"outcome": "sent", "cause": "volume", "remark": "Sent by mail"})
    after = fresh(case)
    assert (after.state, after.outcome, after.cause) == ("closed", "sent", "volume")


def test_waiting_on_the_customer_lays_it_aside_and_its_clock_runs_on(world: World) -> None:
    case = world.arrives("quote")
    sara = visitor(world.sara)
    sara.post("/next")
    sara.post(f"/packets/{case.number}/park", {"until": "two_days"})
    after = fresh(case)
    assert (after.state, after.due_at) == ("parked", case.due_at)


@pytest.mark.rule("R53")
def test_r53_triage_gives_a_case_its_kind(world: World) -> None:
    case = world.arrives("enquiry")
    sara = visitor(world.sara)
    sara.post("/next")
    assert sara.post(f"/packets/{case.number}/triage", {"type": "quote"}).url == "/next"  # type: ignore[attr-defined]
    assert fresh(case).type == "quote"


def test_who_may_and_who_may_not(world: World) -> None:
    packet = world.in_hand()
    assert visitor().get("/next").status_code == 302
    assert visitor(world.eva).get("/next").status_code == 403
    assert visitor(world.ben).post(f"/packets/{packet.number}/conversation", SOLD).status_code == 409
    assert visitor(world.eva).post(f"/packets/{packet.number}/conversation", SOLD).status_code == 403


def test_a_page_costs_the_same_with_one_and_with_three_in_the_queue(world: World) -> None:
    world.in_hand()
    anna = visitor(world.anna)
    one = queries(anna, "/next")
    for n in range(3):
        world.released(title=f"More {n}")
    assert queries(anna, "/next") == one


def test_packets_elsewhere_never_fill_the_screen(world: World) -> None:
    Packet.objects.filter(pk=world.released(world.ben).pk)
    assert "Your queue is empty" in said(visitor(world.anna).get("/next"))


def test_farming_talks_too_and_ends_by_its_own_outcomes(world: World) -> None:
    given = {
        "type": "account_touch",
        "title": "Yearly review",
        "source": "plan",
        "by": world.amir,
        "at": world.now,
    }
    touch = intake.arrive(**given, customer=world.customer(), verdict="us").packet
    amir = visitor(world.amir)
    page = said(amir.post("/next", follow=True))
    assert "Next step sold" in page
    assert "No more to win" not in page  # nothing is lost by a review
    amir.post(f"/packets/{touch.number}/outcome", {"outcome": "renewed"})
    assert fresh(touch).outcome == "renewed"


def test_a_skip_can_be_undone_from_the_page_that_follows(world: World) -> None:
    first, second = world.in_hand(), world.released(title="The second")
    anna = visitor(world.anna)
    page = anna.post(f"/packets/{first.number}/skip", {"reason": "no_language"}, follow=True)
    assert second.number in said(page)
    assert 'action="/skip/undo"' in said(page)
    assert first.title in said(anna.post("/skip/undo", follow=True))
    assert inbox.in_hand(world.anna) == first
    assert anna.post("/skip/undo").status_code == 409
