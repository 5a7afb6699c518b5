"""The kit for a quote: what customer service needs before it takes one over from a salesperson."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.kit import (
    Item,
    Supply,
    as_number,
    check,
    is_full,
    missing,
    refuse_wrong_type,
    storable,
)
from fullkit.rules.refusal import Invalid

TODAY = date(2026, 3, 2)
CONTACT = Item("contact", "Contact", "present", fact="contact")
TERMS = Item("terms", "Delivery terms", "one_of", ("EXW", "DAP"))
VALUE = Item("value", "Expected value", "between", (Decimal(500), Decimal("250000.00")))
NEEDED = Item("needed", "Needed by", "future_date", True)
DRAWING = Item("drawing", "Drawing", "file_of", ("pdf", "dxf", "step"))
BUDGET = Item("budget", "Budget confirmed", "ticked", True)
KIT = (CONTACT, TERMS, VALUE, NEEDED, DRAWING, BUDGET)
FULL = {
    "contact": Supply("Mei Tanaka"),
    "terms": Supply("DAP"),
    "value": Supply("12500.50"),
    "needed": Supply("2026-03-20"),
    "drawing": Supply(file_name="bracket.pdf", file_type="pdf"),
    "budget": Supply(True, evidence="mail of 27 February"),
}


def ask(item: Item, supply: Supply | None = None, **facts: object) -> str | None:
    return check(item, supply, facts, today=TODAY)


@pytest.mark.rule("R2")
def test_r2_a_kit_with_every_item_is_full():
    assert missing(KIT, FULL, {}, today=TODAY) == []
    assert is_full(KIT, FULL, {}, today=TODAY)


@pytest.mark.rule("R1")
@pytest.mark.parametrize("item", KIT, ids=lambda item: item.key)
def test_r1_a_kit_without_any_one_item_is_not_full(item):
    supplies = {key: supply for key, supply in FULL.items() if key != item.key}
    assert [one.key for one in missing(KIT, supplies, {}, today=TODAY)] == [item.key]


@pytest.mark.rule("R1")
@given(st.sets(st.sampled_from([item.key for item in KIT])))
def test_r1_what_is_missing_is_exactly_what_was_not_supplied_in_the_order_of_the_kit(supplied):
    found = missing(KIT, {key: FULL[key] for key in supplied}, {}, today=TODAY)
    assert [one.key for one in found] == [item.key for item in KIT if item.key not in supplied]


@pytest.mark.rule("R1")
def test_r1_an_empty_kit_is_always_full():
    assert is_full((), {}, {}, today=TODAY)


# --- what each kind of item asks ----------------------------------------------------------------------------


def test_a_fact_of_the_packet_answers_an_item_nobody_supplied():
    assert ask(CONTACT) == "Contact: nothing is given yet. Give it."
    assert ask(CONTACT, contact="Mei Tanaka") is None
    assert ask(CONTACT, contact="   ") is not None


def test_what_is_supplied_goes_before_the_fact():
    terms = Item("terms", "Delivery terms", "one_of", ("EXW", "DAP"), fact="field.terms")
    known = {"field.terms": "DAP"}
    assert check(terms, None, known, today=TODAY) is None
    assert check(terms, Supply("somewhere"), known, today=TODAY) is not None
    assert check(terms, Supply("  "), known, today=TODAY) is None


def test_zero_and_no_are_answers_and_a_file_is_one():
    assert ask(CONTACT, Supply(0)) is None
    assert ask(CONTACT, Supply(False)) is None
    assert ask(CONTACT, Supply(file_name="card.jpg", file_type="jpg")) is None


def test_a_choice_is_one_of_the_choices():
    assert ask(TERMS, Supply(" EXW ")) is None
    assert (
        ask(TERMS, Supply("FOB"))
        == "Delivery terms: “FOB” is not one of the choices. Choose one of: EXW, DAP."
    )


@pytest.mark.parametrize(
    "number", ["500", "250000", "250000.00", " 12500.50 ", 500, Decimal("500.01"), "٥٠٠"]
)
def test_a_number_between_the_bounds_is_met_and_the_bounds_belong_to_it(number):
    assert ask(VALUE, Supply(number)) is None


@pytest.mark.parametrize("number", ["499.99", "250000.01", -1, Decimal(0)])
def test_a_number_outside_the_bounds_is_not(number):
    assert ask(VALUE, Supply(number)) == f"Expected value: {number} is not from 500 to 250000.00. " + (
        "Give a number from 500 to 250000.00."
    )


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e5", "12,500", "$900", "nine", 900.0, True, "9" * 400])
def test_what_is_not_a_plain_exact_number_is_refused_with_an_example(text):
    assert "is not a number in plain digits. Give a number from 500 to 250000.00, such as 1250.50." in ask(
        VALUE, Supply(text)
    )


@given(st.decimals(min_value=500, max_value=250_000, places=2))
def test_cents_are_kept_exactly(amount):
    assert as_number(f"{amount}") == amount
    assert ask(VALUE, Supply(storable(amount))) is None


def test_a_future_date_is_after_today_and_stops_being_one():
    assert ask(NEEDED, Supply("2026-03-03")) is None
    assert ask(NEEDED, Supply("2026-03-02")) == (
        "Needed by: 2026-03-02 is not in the future. Give a date after 2026-03-02."
    )
    assert check(NEEDED, Supply("2026-03-03"), {}, today=date(2026, 3, 3)) is not None


def test_a_moment_later_today_is_still_ahead():
    assert ask(NEEDED, Supply("2026-03-02T15:30-06:00")) is None
    assert ask(NEEDED, Supply(datetime(2026, 3, 1, 15, 30))) is not None


@pytest.mark.parametrize("text", ["20.03.2026", "soon", "2026-02-30", 20260320])
def test_what_is_no_date_is_refused_with_an_example(text):
    assert f"“{text}” is not a date. Give a date as year-month-day, such as 2026-03-02." in ask(
        NEEDED, Supply(text)
    )


def test_a_file_is_of_one_of_the_types():
    assert ask(DRAWING, Supply(file_name="bracket.step", file_type="step")) is None
    assert ask(DRAWING, Supply(file_name="bracket.png", file_type="png")) == (
        "Drawing: bracket.png is of type png. Attach a file of type pdf, dxf or step."
    )
    assert "no file is attached yet" in ask(DRAWING, Supply("bracket.pdf"))


def test_a_tick_counts_only_with_something_that_shows_it():
    assert ask(BUDGET, Supply("yes", evidence="PO 4711")) is None
    assert ask(BUDGET, Supply(True)) == (
        "Budget confirmed: nothing shows that it is so. Give a link, a reference, or a name and a date."
    )
    assert "it is not ticked yet" in ask(BUDGET, Supply(False, evidence="PO 4711"))
    assert "neither yes nor no" in ask(BUDGET, Supply("perhaps", evidence="PO 4711"))


anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.lists(st.text(), max_size=2)
)
supplies = st.builds(
    Supply, anything, st.text(max_size=5), st.sampled_from(["", "pdf", "png"]), st.text(max_size=5)
)


@given(st.sampled_from(KIT), st.none() | supplies, st.none() | anything)
def test_whatever_is_supplied_the_answer_is_a_sentence_or_that_it_is_met(item, supply, fact):
    said = check(item, supply, {"contact": fact}, today=TODAY)
    assert said is None or (said.startswith(f"{item.name}: ") and said.endswith("."))


# --- at entry -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", KIT, ids=lambda item: item.key)
def test_what_fills_the_kit_may_be_entered(item):
    assert refuse_wrong_type(item, FULL[item.key], today=TODAY) == FULL[item.key]


@given(st.sampled_from(KIT), supplies)
def test_what_may_be_entered_meets_its_item_and_all_else_is_refused_by_name(item, supply):
    if check(item, supply, {}, today=TODAY):
        with pytest.raises(Invalid) as refused:
            refuse_wrong_type(item, supply, today=TODAY)
        assert refused.value.facts["field"] == item.key
        assert refused.value.facts["cure"].endswith(".")
    else:
        with suppress(Invalid):  # control characters, which no item may be met by
            assert check(item, refuse_wrong_type(item, supply, today=TODAY), {}, today=TODAY) is None


def test_a_wrong_type_is_refused_with_the_field_the_problem_and_the_cure():
    with pytest.raises(Invalid) as refused:
        refuse_wrong_type(VALUE, Supply("a lot"))
    assert refused.value.message == (
        "value: Expected value: “a lot” is not a number in plain digits. "
        "Give a number from 500 to 250000.00, such as 1250.50."
    )


def test_a_past_date_is_refused_at_entry_once_the_day_is_known():
    refuse_wrong_type(NEEDED, Supply("2026-03-01"))
    with pytest.raises(Invalid, match="2026-03-01 is not in the future"):
        refuse_wrong_type(NEEDED, Supply("2026-03-01"), today=TODAY)


@pytest.mark.parametrize(
    "name", ["Øystein Ærø", "Ελένη", "田中 美咲", "أحمد", "ऋतु", "Nguyễn Thị Ánh", "שרה", "👩‍🔧 Ana"]
)
def test_a_name_in_any_script_is_welcome(name):
    assert refuse_wrong_type(CONTACT, Supply(f"  {name} ")).value == name


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\ud800b"])
def test_control_characters_are_refused(text):
    with pytest.raises(Invalid, match=r"character 2 is an invisible control character \(U\+"):
        refuse_wrong_type(CONTACT, Supply(text))


def test_lines_are_welcome_in_an_answer_but_not_in_a_file_name():
    assert refuse_wrong_type(CONTACT, Supply("Mei\r\nTanaka")).value == "Mei\nTanaka"
    with pytest.raises(Invalid):
        refuse_wrong_type(DRAWING, Supply(file_name="a\nb.pdf", file_type="pdf"))


def test_a_novel_is_refused():
    with pytest.raises(Invalid, match=r"4001 characters are too many\. Write at most 4000"):
        refuse_wrong_type(CONTACT, Supply("x" * 4001))


def test_a_list_is_no_answer():
    with pytest.raises(Invalid, match="Give one text, number or date"):
        refuse_wrong_type(CONTACT, Supply(["Mei"]))


def test_numbers_and_dates_are_stored_as_text_and_never_as_floats():
    assert storable(Decimal("10.10")) == "10.10"
    assert storable(TODAY) == "2026-03-02"
    assert [storable(value) for value in (True, None, " x ")] == [True, None, "x"]


def test_an_item_the_playbook_left_unfinished_is_a_fault_of_the_playbook():
    for item in (Item("a", "A", "one_of"), Item("a", "A", "between"), Item("a", "A", "guess")):
        with pytest.raises(ValueError, match=r"^a (needs|is)"):
            ask(item, Supply("5"))
