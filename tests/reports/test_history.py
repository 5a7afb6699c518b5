"""History reads as sentences in the company's own words, whatever happened and however long it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fullkit.actions import customers, disputes, handoffs, inbox, intake, journey, playbooks
from fullkit.actions.handoffs import Given
from fullkit.models import Event, Packet
from fullkit.playbook import presets
from fullkit.reports import history
from fullkit.rules import events
from tests.world import World, fresh

pytestmark = pytest.mark.django_db


def told(packet: Packet, **viewer: Any) -> list[str]:
    return [line.sentence for line in history.of_packet(packet, **viewer)]


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
    *_, last = history.of_packet(quote)
    assert last.sentence == "Sara Lindqvist says Delivery address is not what it claims to be."
    assert last.remark == "No such street"
    assert last.packet == number


def test_who_reads_it_is_you(world: World) -> None:
    packet = world.in_hand(world.anna)
    says = told(packet, viewer=world.anna)
    assert f"{packet.number} was dealt to you: picked up out of turn." in says
    assert f"{packet.number} was dealt to Anna Kowalska: picked up out of turn." in told(
        packet, viewer=world.ben
    )


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
    *_, last = history.of_packet(packet)
    assert "until Tue 03 Mar 2026 09:00" in last.sentence
    assert f"{last.at:%H:%M}" == "09:00"


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
        # Rows with their packet and remarks, the version in force, people, customers.
        with django_assert_num_queries(4):
            history.of_packet(packet)


# --- a customer's history ------------------------------------------------------------------------------------


def test_a_customers_history_is_paged_newest_first(world: World) -> None:
    acme = world.customer()
    for i in range(5):
        world.arrives(title=f"Price {i}", customer=acme)
        world.later(minutes=1)
    world.arrives(customer=world.customer("Another"))
    first = history.of_customer(acme, limit=3)
    rest = history.of_customer(acme, limit=3, before=first[-1].id)
    ids = [line.id for line in first + rest]
    assert len(first) == 3
    assert ids == sorted(ids, reverse=True)
    assert set(ids) <= set(Event.objects.filter(customer=acme).values_list("pk", flat=True))


def test_a_customers_history_includes_what_was_merged_into_it(world: World) -> None:
    acme, twin = world.customer("Acme Pumps"), world.customer("Acme Pumps Inc")
    quote = world.arrives(customer=twin)
    customers.merge(twin, into=acme, by=world.sara, at=world.later(minutes=1))
    lines = history.of_customer(acme)
    assert lines[0].sentence == "Sara Lindqvist merged Acme Pumps Inc into Acme Pumps."
    assert quote.number in {line.packet for line in lines}


def test_supplied_values_are_not_told(world: World) -> None:
    opportunity = world.in_hand()
    done = handoffs.open(
        opportunity, kind="request_quote", by=world.anna, at=world.now,
        items={"deliver_to": Given(value="12 Dock Road, Gary")},
    )  # fmt: skip
    assert "Anna Kowalska supplied Delivery address." in told(done.packet)
    assert not any("Dock Road" in sentence for sentence in told(done.packet))
