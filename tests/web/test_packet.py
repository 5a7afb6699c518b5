"""A packet's page: everyone reads it; verbs are for who may."""

from __future__ import annotations

import pytest

from fullkit.actions import favours, inbox, intake, uploads
from fullkit.models import Packet, Remark
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


def test_the_history_stands_in_sentences_with_remarks(world: World) -> None:
    packet = world.in_hand()
    intake.comment(packet, text="<b>لا تتصل قبل الظهر</b>", by=world.anna, at=world.now)
    answer = visitor(world.sara).get(f"/packets/{packet.number}")
    assert "was dealt to Anna" in said(answer)
    assert "&lt;b&gt;لا تتصل قبل الظهر&lt;/b&gt;" in answer.content.decode()


def test_others_read_it_and_are_offered_no_verbs(world: World) -> None:
    packet = world.released()
    page = said(visitor(world.sara).get(f"/packets/{packet.number}"))
    assert "pick up" not in page
    assert "Hand over" not in page
    assert "pick up" in said(visitor(world.anna).get(f"/packets/{packet.number}"))
    assert "pick up" not in said(visitor(world.ben).get(f"/packets/{packet.number}"))  # it is Anna's
    assert visitor().get(f"/packets/{packet.number}").status_code == 302
    assert visitor(world.anna).get("/packets/O-999999").status_code == 404
    assert visitor(world.anna).get("/packets/nonsense").status_code == 404


def test_the_customer_on_the_phone_is_picked_up_out_of_turn(world: World) -> None:
    packet = world.released()
    answer = visitor(world.anna).post(f"/packets/{packet.number}/pick-up", follow=True)
    assert "You picked it up out of turn" in said(answer)
    assert visitor(world.sara).post(f"/packets/{packet.number}/pick-up").status_code == 403


@pytest.mark.rule("R4")
def test_r4_a_favour_is_asked_and_answered_and_nothing_moves(world: World) -> None:
    packet = world.in_hand()
    given = {"favour-of": world.ed.pk, "favour-question": "Which seal fits?"}
    assert visitor(world.anna).post(f"/packets/{packet.number}/favour", given).url == "/next"  # type: ignore[attr-defined]
    assert fresh(packet).person == world.anna
    ed = visitor(world.ed)
    assert "Which seal fits?" in said(ed.get("/favours"))
    asked = packet.favours.get()
    assert visitor(world.ella).post(f"/favours/{asked.pk}/answer", {"answer": "x"}).status_code == 403
    assert ed.post(f"/favours/{asked.pk}/answer", {"answer": ""}).status_code == 422
    ed.post(f"/favours/{asked.pk}/answer", {"answer": "The viton one"})
    assert "The viton one" in said(visitor(world.anna).get("/favours"))
    assert ed.post(f"/favours/{asked.pk}/answer", {"answer": "again"}).status_code == 409


def test_favours_cost_the_same_with_one_and_three(world: World) -> None:
    packet = world.in_hand()
    favours.ask(packet, of=world.ed, question="One?", by=world.anna, at=world.now)
    ed = visitor(world.ed)
    one = queries(ed, "/favours")
    for n in range(2):
        favours.ask(packet, of=world.ed, question=f"More {n}?", by=world.anna, at=world.now)
    assert queries(ed, "/favours") == one


def test_nobody_asked_says_how_one_asks(world: World) -> None:
    assert "Nobody needs a favour" in said(visitor(world.ed).get("/favours"))


def test_a_remark_is_kept_and_comes_back_in_the_history(world: World) -> None:
    packet = world.released()
    visitor(world.anna).post(f"/packets/{packet.number}/remark", {"text": "Wants it blue"})
    assert Remark.objects.get().text == "Wants it blue"
    assert visitor(world.anna).post(f"/packets/{packet.number}/remark", {"text": "a\x00b"}).status_code == 422


def test_naming_the_customer_and_a_field_fills_what_is_known(world: World) -> None:
    packet = world.arrives("quote", customer=None, contact=None)
    Packet.objects.filter(pk=packet.pk).update(customer=None, contact=None)
    sara, address = visitor(world.sara), f"/packets/{packet.number}/correction"
    sara.post(
        address,
        {"facts-title": "Price", "facts-customer": "Bolt & Co", "facts-field.wanted_by": "2026-03-20"},
    )
    after = fresh(packet)
    assert (str(after.customer), after.fields["wanted_by"]) == ("Bolt & Co", "2026-03-20")
    answer = sara.post(address, {"facts-title": "", "facts-field.wanted_by": "soon"})
    assert answer.status_code == 422
    assert "soon" in said(answer)
    assert visitor(world.anna).post(address, {"facts-title": "Mine"}).status_code == 403


def test_a_supervisor_takes_back_and_a_colleague_does_not(world: World) -> None:
    packet = world.in_hand()
    address = f"/packets/{packet.number}/return"
    assert visitor(world.ben).post(address).status_code == 403
    visitor(world.sam).post(address)
    assert fresh(packet).state == "waiting"


def test_a_closed_one_is_opened_again_with_a_reason(world: World) -> None:
    case = world.arrives("quote")
    sara = visitor(world.sara)
    sara.post("/next")
    sara.post(f"/packets/{case.number}/outcome", {"outcome": "sent"})
    address = f"/packets/{case.number}/reopening"
    assert sara.post(address, {"reason": ""}).status_code == 409
    sara.post(address, {"reason": "They changed the quantity"})
    assert fresh(case).state == "waiting"


def test_inertia_is_overridden_with_a_reason(world: World) -> None:
    case = world.arrives("enquiry")
    address = f"/packets/{case.number}/classification"
    visitor(world.sara).post(address, {"verdict": "competitor", "reason": "They buy it from Bolt"})
    assert fresh(case).department == "promotions"


def test_the_cause_of_red_is_named(world: World) -> None:
    case = world.arrives("quote")
    world.later(days=3)
    inbox.sweep(at=world.now)
    sara = visitor(world.sara)
    assert "Its promise is broken" in said(sara.get(f"/packets/{case.number}"))
    sara.post(f"/packets/{case.number}/cause", {"reason": "volume"})
    assert fresh(case).cause == "volume"


def test_the_page_costs_the_same_whatever_happened(world: World) -> None:
    packet = world.in_hand()
    anna = visitor(world.anna)
    intake.comment(packet, text="One", by=world.anna, at=world.now)
    one = queries(anna, f"/packets/{packet.number}")
    for n in range(3):
        intake.comment(packet, text=f"More {n}", by=world.anna, at=world.now)
    assert queries(anna, f"/packets/{packet.number}") == one


def test_a_long_history_goes_on_by_a_link(world: World) -> None:
    packet = world.in_hand()
    for n in range(60):
        intake.comment(packet, text=f"Remark {n}", by=world.anna, at=world.now)
    anna = visitor(world.anna)
    page = said(anna.get(f"/packets/{packet.number}"))
    assert "Remark 59" in page
    assert "arrived by" not in page
    address = page.split("/history?before=")[1].split('"')[0]
    assert "arrived by" in said(anna.get(f"/packets/{packet.number}/history?before={address}"))
    assert anna.get(f"/packets/{packet.number}/history?before=x").status_code == 404


def test_a_file_comes_as_an_attachment_and_is_never_shown_inside_our_pages(world: World) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    kept = uploads.store(SimpleUploadedFile("a.txt", b"<script>"), name="a.txt", by=world.anna, at=world.now)  # type: ignore[arg-type]
    answer = visitor(world.anna).get(f"/files/{kept.pk}")
    assert b"".join(answer.streaming_content) == b"<script>"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert visitor().get(f"/files/{kept.pk}").status_code == 302
