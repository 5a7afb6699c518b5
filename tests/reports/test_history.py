"""History reads as sentences in the company's own words, whatever happened and however long it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fullkit.actions import disputes, handoffs, inbox, intake, journey, playbooks
from fullkit.actions.handoffs import Given
from fullkit.models import Event, Packet
from fullkit.playbook import presets
from fullkit.reports import history
from fullkit.rules import events
from tests.world import World, fresh

pytestmark = pytest.mark.django_db


def told(packet: Packet) -> list[str]:
    rows = list(Event.objects.filter(packet=packet).order_by("pk"))
    return history.sentences(rows, playbooks.current())


def test_a_quote_tells_its_life_in_the_companys_words(world: World) -> None:
    opportunity = world.in_hand(world.anna)
    kit = world.quote_kit()
    lines = kit.pop("lines")
    done = handoffs.open(
        opportunity, kind="request_quote", by=world.anna, at=world.later(minutes=5), items=kit
    )
    done = handoffs.supply(done, item="lines", given=lines, by=world.anna, at=world.later(minutes=5))
    quote = inbox.deal(world.sara, at=world.later(minutes=5))
    assert quote is not None
    disputes.dispute(
        done, item="deliver_to", reason="No such street", by=world.sara, at=world.later(minutes=5)
    )
    says = told(quote)
    number = quote.number
    assert f"{number} arrived by handoff and went to Inside sales." in says
    assert "Anna Kowalska began the kit for Customer service; missing: List of items." in says
    assert "The kit was full, so Customer service took it over." in says
    assert f"{number} was dealt to Sara Lindqvist: the oldest in the inbox." in says
    assert says[-1] == "Sara Lindqvist says Delivery address is not what it claims to be."


def test_what_happens_by_itself_is_not_said_of_a_person(world: World) -> None:
    packet = world.arrives("quote")
    journey.close(packet, outcome="cancelled", by=None, at=world.later(minutes=1))
    assert told(packet)[-1] == "Fullkit closed it: cancelled."


def test_times_are_the_companys(world: World) -> None:
    packet = world.arrives("quote")
    inbox.deal(world.sara, at=world.now)
    packet = fresh(packet)
    until = world.now + timedelta(days=1)
    inbox.park(packet, until=until, reason="customer_silent", by=world.sara, at=world.now)
    assert "until Tue 03 Mar 2026 09:00" in told(packet)[-1]


def test_an_event_keeps_the_names_of_the_version_under_which_it_was_recorded(world: World) -> None:
    packet = world.in_hand(world.anna)
    handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now, items=world.quote_kit())
    text = presets.read("demo").replace("name: Customer service", "name: Customer care")
    playbooks.activate(
        playbooks.save(text, author=None, reason="A kinder name", at=world.now), by=None, at=world.now
    )
    quote = Packet.objects.get(type="quote")
    intake.comment(quote, text="hello", by=world.sara, at=world.later(minutes=1))
    assert "The kit was full, so Customer service took it over." in told(quote)
    later = world.in_hand(world.ben, name="Baker Pumps")
    done = handoffs.open(later, kind="request_quote", by=world.ben, at=world.now, items=world.quote_kit())
    assert "The kit was full, so Customer care took it over." in told(done.packet)


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "whole"])
def test_every_kind_makes_a_sentence_even_of_an_imported_row_that_says_little(
    world: World, bare: bool
) -> None:
    about = {"role": "engineer", "reason": "price", "item": "lines", "missing": "lines"}
    packet = world.arrives("quote")
    for kind in events.kinds():
        row = Event(kind=kind, at=world.now, recorded_at=world.now, packet=packet, **({} if bare else about))
        (sentence,) = history.sentences([row], world.plant)
        assert sentence[0].isupper(), sentence
        assert sentence[-1] in ".?", sentence
        assert "{" not in sentence
        assert "None" not in sentence, sentence


def test_a_kind_that_this_version_does_not_know_is_said_plainly(world: World) -> None:
    (sentence,) = history.sentences([Event(kind="packet.levitated", at=world.now)], world.plant)
    assert sentence == "Packet.levitated"


def test_braces_in_a_name_are_only_a_name(world: World) -> None:
    world.anna.name = "{packet} {actor.password}"
    world.anna.save()
    packet = world.in_hand(world.anna)
    assert f"{packet.number} was dealt to {{packet}} {{actor.password}}: picked up out of turn." in told(
        packet
    )


def test_the_number_of_queries_does_not_grow_with_the_history(
    world: World, django_assert_num_queries: Any
) -> None:
    packet = world.arrives("quote")
    for remarks in (1, 30):
        for i in range(remarks):
            intake.comment(packet, text=f"note {i}", by=world.sara, at=world.later(minutes=1))
        # The version in force, the rows, people, customers, packets.
        with django_assert_num_queries(5):
            told(packet)


def test_supplied_values_are_not_told(world: World) -> None:
    opportunity = world.in_hand()
    done = handoffs.open(
        opportunity, kind="request_quote", by=world.anna, at=world.now,
        items={"deliver_to": Given(value="12 Dock Road, Gary")},
    )  # fmt: skip
    assert "Anna Kowalska supplied Delivery address." in told(done.packet)
    assert not any("Dock Road" in sentence for sentence in told(done.packet))
