"""The difference between two playbooks, as a manager reads it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from fullkit.playbook import presets
from fullkit.playbook.diff import diff
from fullkit.playbook.load import load
from fullkit.playbook.schema import Playbook
from tests.playbook.small import SMALL
from tests.playbook.strategies import playbooks

HERE = load(SMALL)


def sentences(old: str, new: str) -> list[str]:
    assert old in SMALL
    return [change.sentence for change in diff(HERE, load(SMALL.replace(old, new, 1)))]


ANNA = "  - {sign_in: anna, name: Anna, roles: [seller]}\n"

SAID = {
    "Customer service promises Quote in 2h instead of 4h.": ("promise: 4h", "promise: 2h"),
    "Customer service no longer promises Visit in 1d.": (", promise: 1d", ""),
    "Promotions promises Opportunity in 2d.": ("process: hunting", "process: hunting\n    promise: 2d"),
    "'Release' is now called 'Let go'.": ("name: Release", "name: Let go"),
    "Ben joins as Seller, Clerk.": (ANNA, ANNA + "  - {sign_in: ben, name: Ben, roles: [seller, clerk]}\n"),
    "Anna leaves (Seller).": (f"people:\n{ANNA}", ""),
    "Anna is Clerk instead of Seller.": ("roles: [seller]", "roles: [clerk]"),
    "Customer service: works loses visit.": ("works: [quote, visit]", "works: [quote]"),
    "Customer service closes on 2026-12-24: Christmas.": (
        "visit]}",
        "visit], closed: {2026-12-24: Christmas}}",
    ),
    "'List' in the kit of 'Ask for a quote': criterion is 'A list.' instead of 'The list of items.'.": (
        "criterion: The list of items.",
        "criterion: A list.",
    ),
    "'Pieces' in the kit of 'Ask for a quote': what is checked is between 1, 90 instead of between 1, 100.": (
        "between: [1, 100]",
        "between: [1, 90]",
    ),
    "The queue of Inside sales: in play is 50, 90 instead of 60, 90.": (
        "in_play: [60, 90]",
        "in_play: [50, 90]",
    ),
    "The queue of Inside sales: cover days is 3 instead of 2.": (
        "incident: alarm",
        "incident: alarm\n    cover_days: 3",
    ),
    "Clerk loses slots for meetings.": (
        "slots:\n  - role: clerk\n    handoff: quote\n    item: pieces\n",
        "",
    ),
    "The list of reasons 'red' gains 'Rain'.": (
        "red: [{key: other, name: Other}]",
        "red: [{key: other, name: Other}, {key: rain, name: Rain}]",
    ),
    "Hunting, stage 'Order': hours left is 2 instead of 1.6.": ("hours_left: 1.6", "hours_left: 2"),
    "Calendar: hours: mon is 08:00-12:00 instead of 08:00-12:00, 12:30-17:00.": (
        "[08:00-12:00, 12:30-17:00]",
        "08:00-12:00",
    ),
    "Company: currency is EUR instead of USD.": ("USD", "EUR"),
    "Switches: revenue hidden from salespeople is no instead of yes.": (
        "arrivals:",
        "switches: {revenue_hidden_from_salespeople: false}\narrivals:",
    ),
}


@pytest.mark.parametrize("sentence", SAID)
def test_a_change_is_one_sentence(sentence):
    assert sentences(*SAID[sentence]) == [sentence]


def test_a_kit_that_gains_an_item_says_so():
    new = SMALL.replace("      - key: list\n", "      - key: phone\n").replace(
        "name: List", "name: Telephone"
    )
    assert [c.sentence for c in diff(HERE, load(new))] == [
        "The kit of 'Ask for a quote' loses 'List'.",
        "The kit of 'Ask for a quote' gains 'Telephone'.",
    ]


def test_a_path_names_objects_by_key():
    (change,) = diff(HERE, load(SMALL.replace("between: [1, 100]", "between: [1, 90]")))
    assert change.path == "handoffs.quote.kit.pieces.is"


def test_another_order_is_a_change_of_its_own():
    last = "  - {key: alarm, name: Alarm, prefix: A, home: pool, promise: 1h}\n"
    moved = SMALL.replace(last, "").replace("packet_types:\n", f"packet_types:\n{last}")
    assert [c.sentence for c in diff(HERE, load(moved))] == ["Packet types: the order changed."]


def test_two_levels_differ_by_what_the_higher_one_adds():
    lower, higher = (load(presets.read(n)) for n in ("3-inside-and-specialists", "4-scheduled-field"))
    said = [change.sentence for change in diff(lower, higher)]
    assert "The department 'Projects' is new." in said
    assert "Field salesperson gets slots for meetings." in said
    assert len(said) < 20


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(playbooks(), playbooks())
def test_nothing_is_said_exactly_when_nothing_differs(one: Playbook, other: Playbook):
    assert diff(one, one) == []
    assert bool(diff(one, other)) == (one != other)
    for change in diff(one, other):
        assert change.sentence.endswith(".")
        assert "object at" not in change.sentence
