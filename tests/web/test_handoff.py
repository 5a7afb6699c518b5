"""The whole kit in one form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fullkit.actions import handoffs, inbox
from fullkit.models import Dispute, Handoff, KitSupply, Packet, Upload
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


def pdf(name: str = "lines.pdf", content: bytes = b"%PDF-1.7 lines") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def kit(**more: Any) -> dict[str, Any]:
    return {"lines": pdf(), "deliver_to": "12 Dock Road, Gary", "wanted_by": "2026-03-20"} | more


@pytest.mark.rule("R2")
def test_r2_a_full_kit_is_handed_over_by_one_form(world: World) -> None:
    packet = world.in_hand()
    anna = visitor(world.anna)
    address = f"/packets/{packet.number}/handoffs/request_quote"
    page = said(anna.get(address))
    assert "Acme Pumps" in page  # a fact that is met is shown as met
    assert "3 of 5 missing" in page
    answer = anna.post(address, kit(), follow=True)
    assert "Customer service has Q-" in said(answer)
    assert "promised by" in said(answer)
    child = Packet.objects.get(type="quote")
    assert (child.department, child.parent) == ("service", packet)
    assert inbox.in_hand(world.anna) == packet


@pytest.mark.rule("R1")
def test_r1_what_is_missing_is_named_and_what_was_given_is_kept(world: World) -> None:
    packet = world.in_hand()
    anna = visitor(world.anna)
    address = f"/packets/{packet.number}/handoffs/request_quote"
    answer = anna.post(address, {"deliver_to": "12 Dock Road, Gary"}, follow=True)
    page = said(answer)
    assert "2 items are missing: List of items, Date wanted" in page
    assert 'value="12 Dock Road, Gary"' in page
    assert fresh(packet).state == "held"
    assert "Supply what is missing" in said(anna.get("/next"))
    assert "Customer service has Q-" in said(
        anna.post(address, {"lines": pdf(), "wanted_by": "2026-03-20"}, follow=True)
    )
    assert Handoff.objects.count() == 2  # the release and this one


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"wanted_by": "2020-01-01"}, "is not in the future"),
        ({"wanted_by": "soon"}, "valid date"),
        ({"lines": pdf("lines.exe", b"MZ")}, "no type that can be kept"),
        ({"lines": pdf("lines.pdf", b"not really")}, "claims to be pdf"),
    ],
)
def test_a_wrong_item_is_said_at_the_item_and_nothing_is_begun(
    world: World, wrong: dict[str, Any], says: str
) -> None:
    packet = world.in_hand()
    answer = visitor(world.anna).post(f"/packets/{packet.number}/handoffs/request_quote", kit(**wrong))
    assert answer.status_code == 422
    assert says in said(answer)
    assert not Packet.objects.filter(type="quote").exists()


def test_a_tick_needs_where_it_can_be_checked(world: World) -> None:
    packet = world.in_hand()
    address = f"/packets/{packet.number}/handoffs/book_meeting"
    answer = visitor(world.anna).post(address, {"agreed": "on"})
    assert answer.status_code == 422
    assert "nothing shows that it is so" in said(answer)


def test_who_may_prepare(world: World) -> None:
    packet = world.in_hand()
    address = f"/packets/{packet.number}/handoffs/request_quote"
    assert visitor(world.ben).get(address).status_code == 200
    assert visitor(world.sara).get(address).status_code == 403
    assert visitor().get(address).status_code == 302
    assert visitor(world.anna).get(f"/packets/{packet.number}/handoffs/nonsense").status_code == 404
    assert visitor(world.anna).get(f"/packets/{packet.number}/handoffs/place_order").status_code == 409


def test_a_withdrawn_handoff_leaves_the_sender_as_before(world: World) -> None:
    packet = world.in_hand()
    begun = handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now)
    answer = visitor(world.anna).post(f"/handoffs/{begun.pk}/withdrawal", {"reason": "They have it already"})
    assert answer.url == "/next"  # type: ignore[attr-defined]
    assert fresh(begun.packet).state == "closed"


@pytest.mark.rule("R2")
def test_a_dispute_names_an_item_and_moves_nothing(world: World) -> None:
    quote = world.quote_asked()
    done = Handoff.objects.get(packet=quote)
    sara = visitor(world.sara)
    assert "not what it claims to be" in said(sara.get(f"/packets/{quote.number}"))
    sara.post(f"/handoffs/{done.pk}/dispute", {"item": "lines", "reason": "It is a drawing"})
    assert Dispute.objects.get().item == "lines"
    assert fresh(quote).department == "service"
    assert (
        visitor(world.anna).post(f"/handoffs/{done.pk}/dispute", {"item": "lines", "reason": "x"}).status_code
        == 403
    )


def test_the_form_costs_the_same_with_one_and_three_items_supplied(world: World) -> None:
    packet = world.in_hand()
    anna, address = visitor(world.anna), f"/packets/{packet.number}/handoffs/request_quote"
    anna.post(address, {"deliver_to": "12 Dock Road"})
    one = queries(anna, address)
    anna.post(address, {"deliver_to": "12 Dock Road", "wanted_by": "2026-03-20"})
    assert queries(anna, address) == one


def test_a_chosen_file_is_kept_when_something_else_was_wrong(world: World) -> None:
    packet, anna = world.in_hand(), visitor(world.anna)
    address = f"/packets/{packet.number}/handoffs/request_quote"
    wrong = anna.post(address, kit(wanted_by="2020-01-01"))
    assert wrong.status_code == 422
    assert "is kept; choose another only to replace it." in said(wrong)
    kept = re.search(r'name="lines.kept" value="(\d+)"', wrong.content.decode())
    assert kept
    right = {"lines.kept": kept[1], "deliver_to": "12 Dock Road, Gary", "wanted_by": "2026-03-20"}
    assert "Customer service has Q-" in said(anna.post(address, right, follow=True))
    supply = KitSupply.objects.get(item="lines", handoff__kind="request_quote")
    assert (supply.file_id, Upload.objects.count()) == (int(kept[1]), 1)


def test_a_file_kept_for_somebody_else_is_not_given_out(world: World) -> None:
    packet, anna = world.in_hand(), visitor(world.anna)
    other = Upload.objects.create(
        name="a.pdf", kind="pdf", size=9, digest="1" * 64, by=world.otto, at=world.now
    )
    address = f"/packets/{packet.number}/handoffs/request_quote"
    given = {"lines.kept": other.pk, "deliver_to": "12 Dock Road, Gary", "wanted_by": "2026-03-20"}
    assert "1 item is missing: List of items" in said(anna.post(address, given, follow=True))
