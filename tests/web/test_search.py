"""The customer is on the phone."""

from __future__ import annotations

import pytest

from fullkit.models import Packet
from tests.web.clock import stop
from tests.web.visitors import queries, said, visitor
from tests.world import World


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)


@pytest.mark.parametrize("words", ["acme", "Pat Doyle", "555 0134", "3125550134"])
def test_a_caller_is_found_with_what_is_open(world: World, words: str) -> None:
    packet = world.released()
    page = said(visitor(world.anna).get("/search", {"q": words}))
    assert "Acme Pumps" in page
    assert packet.number in page


def test_a_packet_is_found_by_its_number_with_or_without_its_letters(world: World) -> None:
    packet = world.released()
    for words in (packet.number, packet.number.lower(), str(packet.pk), packet.number.replace("-", "")):
        assert f"/packets/{packet.number}" in said(visitor(world.anna).get("/search", {"q": words}))


def test_nothing_is_asked_for_nothing_and_odd_questions_do_no_harm(world: World) -> None:
    anna = visitor(world.anna)
    assert said(anna.get("/search")).count("href") == 0
    for words in ("%", "'", "\\", "💥", "a" * 500, "-", "9" * 40, "a\0b"):
        assert anna.get("/search", {"q": words}).status_code == 200


def test_a_call_is_taken_down_in_three_fields_and_is_where_it_belongs(world: World) -> None:
    anna = visitor(world.anna)
    assert 'value="+1 312 555 0134"' in said(anna.get("/call", {"q": "+1 312 555 0134"}))
    given = {
        "customer": "Acme Pumps",
        "title": "Where is my order?",
        "type": "issue",
        "phone": "+1 312 555 0134",
    }
    answer = anna.post("/call", given, follow=True)
    packet = Packet.objects.get()
    assert f"{packet.number} is with Customer service" in said(answer)
    assert (packet.source, packet.department, packet.state) == ("phone", "service", "waiting")


def test_a_known_number_brings_its_customer_and_its_person(world: World) -> None:
    pat = world.contact(world.customer())
    sara = visitor(world.sara)
    assert 'value="Acme Pumps"' in said(sara.get("/call", {"q": "312 555 0134"}))
    sara.post(
        "/call", {"customer": "acme pumps", "title": "A price", "type": "enquiry", "phone": "312 555 0134"}
    )
    assert Packet.objects.get().contact == pat


@pytest.mark.rule("R23")
def test_r23_what_a_salesperson_finds_goes_to_the_pool_and_not_to_their_queue(world: World) -> None:
    visitor(world.anna).post("/call", {"customer": "Newcomer", "title": "Seals", "type": "opportunity"})
    packet = Packet.objects.get()
    assert (packet.department, packet.person) == ("promotions", None)


def test_what_lacks_something_comes_back_as_typed(world: World) -> None:
    answer = visitor(world.anna).post("/call", {"customer": "Acme", "title": "", "type": "issue"})
    assert answer.status_code == 422
    assert 'value="Acme"' in said(answer)
    assert visitor().get("/search", {"q": "acme"}).status_code == 302


def test_the_answer_costs_the_same_with_one_and_three(world: World) -> None:
    world.released()
    anna = visitor(world.anna)
    one = queries(anna, "/search?q=acme")
    for n in range(3):
        world.released(title=f"More {n}", name=f"Acme {n}")
    assert queries(anna, "/search?q=acme") == one
