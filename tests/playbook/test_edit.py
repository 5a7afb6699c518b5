"""What forms change: one thing, nothing else, and the result is a playbook."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fullkit.playbook import edit
from fullkit.playbook.diff import diff
from fullkit.playbook.load import PlaybookError, load
from tests.playbook.small import SMALL

HERE = load(SMALL)
PHONE = {
    "key": "phone",
    "name": "Telephone",
    "is": {"present": True},
    "criterion": "A number.",
    "test": "Read it.",
    "decision": "In the kit if it is there.",
}
BRIEFING = {
    "key": "briefing",
    "name": "Briefing",
    "customer_action": "The customer listened.",
    "evidence": {"kind": "link", "says": "The note."},
    "sells": "A look",
    "promised_minutes": 8,
}

EDITS = {
    "The kit of 'Release' gains 'Telephone'.": lambda p: edit.add_kit_item(p, "release", PHONE),
    "'Program' in the kit of 'Release': what is checked is ticked instead of present.": lambda p: (
        edit.change_kit_item(p, "release", "program", {"is": {"ticked": True}})
    ),
    "The kit of 'Release' loses 'Program'.": lambda p: edit.remove_kit_item(p, "release", "program"),
    "Customer service promises Quote in 2h instead of 4h.": lambda p: edit.change_promise(p, "quote", "2h"),
    "Customer service no longer promises Quote in 4h.": lambda p: edit.change_promise(p, "quote", None),
    "The queue of Inside sales: cover days is 3 instead of 2.": lambda p: edit.change_queue(
        p, "sales", {"cover_days": 3}
    ),
    "Hunting gains the stage 'Briefing'.": lambda p: edit.add_stage(p, "hunting", BRIEFING, place=0),
    "'Order' is now called 'First order'.": lambda p: edit.rename_stage(p, "hunting", "order", "First order"),
    "The list of reasons 'red' gains 'Rain'.": lambda p: edit.add_reason(p, "red", key="rain", name="Rain"),
    "Ben joins as Clerk.": lambda p: edit.add_person(p, sign_in="ben", name="Ben", roles=["clerk"]),
    "Anna is Clerk instead of Seller.": lambda p: edit.change_roles(p, "anna", ["clerk"]),
    "Anna leaves (Seller).": lambda p: edit.remove_person(p, "anna"),
    "Customer service closes on 2026-12-24: Christmas.": lambda p: edit.close_department(
        p, "service", date(2026, 12, 24), "Christmas"
    ),
    "Company: currency is EUR instead of USD.": lambda p: edit.replace_in(p, "company.currency", "EUR"),
    "Switches: conversion too high is 0.7 instead of 0.8.": lambda p: edit.replace_in(
        p, "switches.conversion_too_high", 0.7
    ),
    "Calendar: holidays: country is FR instead of none.": lambda p: edit.replace_in(
        p, "calendar.holidays.country", "FR"
    ),
}


@pytest.mark.parametrize("sentence", EDITS)
def test_an_edit_changes_one_thing(sentence):
    edited = EDITS[sentence](HERE)
    assert [change.sentence for change in diff(HERE, edited)] == [sentence]


def test_a_stage_and_a_reason_can_be_taken_away_again():
    more = edit.add_stage(HERE, "hunting", BRIEFING, place=0)
    assert [s.key for s in more.process["hunting"].stages] == ["briefing", "order"]
    assert edit.remove_stage(more, "hunting", "briefing") == HERE
    assert edit.remove_reason(edit.add_reason(HERE, "red", key="rain", name="Rain"), "red", "rain") == HERE


def test_a_second_closed_day_keeps_the_first():
    once = edit.close_department(HERE, "service", date(2026, 12, 24), "Christmas")
    twice = edit.close_department(once, "service", date(2026, 12, 31), "Stocktaking")
    assert twice.department["service"].closed == {
        date(2026, 12, 24): "Christmas",
        date(2026, 12, 31): "Stocktaking",
    }


REFUSED = {
    "a promise of no time": lambda p: edit.change_promise(p, "quote", "soon"),
    "an item that is there": lambda p: edit.add_kit_item(p, "release", {**PHONE, "key": "customer"}),
    "an item without a test": lambda p: edit.add_kit_item(p, "release", {"key": "phone"}),
    "an item of a slot": lambda p: edit.remove_kit_item(p, "quote", "pieces"),
    "the last stage": lambda p: edit.remove_stage(p, "hunting", "order"),
    "the last reason": lambda p: edit.remove_reason(p, "red", "other"),
    "a person twice": lambda p: edit.add_person(p, sign_in="anna", name="Anna", roles=["clerk"]),
    "a person without a role": lambda p: edit.change_roles(p, "anna", []),
    "a role that is not there": lambda p: edit.change_roles(p, "anna", ["boss"]),
    "nobody": lambda p: edit.change_roles(p, "zoe", ["clerk"]),
    "no handoff": lambda p: edit.add_kit_item(p, "relaese", PHONE),
    "no department": lambda p: edit.close_department(p, "moon", date(2026, 12, 24), "Dark"),
    "an unknown part": lambda p: edit.replace_in(p, "company.colour", "red"),
    "a part of a list": lambda p: edit.replace_in(p, "packet_types.quote", "red"),
    "a part of a word": lambda p: edit.replace_in(p, "company.name.first", "red"),
    "an entry of nothing": lambda p: edit.remove_from(p, "people.zoe"),
    "a new entry of a block": lambda p: edit.add_to(p, "company", {"key": "x"}),
    "a new entry of an entry": lambda p: edit.add_to(p, "packet_types.quote", {"key": "x"}),
    "a block": lambda p: edit.remove_from(p, "company"),
    "a text that is an object": lambda p: edit.replace_in(p, "company.name", "a\nb: &x \x00"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_edit_that_gives_no_playbook_is_refused_with_its_problems(name):
    with pytest.raises(PlaybookError) as caught:
        REFUSED[name](HERE)
    assert caught.value.problems
    assert load(SMALL) == HERE


@settings(max_examples=25)
@given(st.text(max_size=60))
@example("true")
@example("~")
@example("1e3")
@example("2026-12-24")
@example("- a\n- b: *c")
@example("\ud800")
def test_whatever_is_typed_into_a_form_is_text_or_refused(typed):
    try:
        made = edit.rename_stage(HERE, "hunting", "order", typed)
    except PlaybookError:
        text = " ".join(typed.split())
        assert not text or any(unicodedata.category(c) in ("Cc", "Cs") for c in text)
    else:
        assert made.process["hunting"].stages[0].name == " ".join(typed.split())
