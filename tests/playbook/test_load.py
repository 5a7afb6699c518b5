"""A text is a playbook, or every problem is named with its place and a cure."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullkit.playbook.load import PlaybookError, digest, load
from tests.playbook.small import SMALL
from tests.playbook.strategies import broken_playbooks


def problems(text: str) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        load(text, name="us.yaml")
    return [str(p) for p in caught.value.problems]


def changed(old: str, new: str, text: str = SMALL) -> str:
    assert old in text, f"the playbook no longer says {old!r}"
    return text.replace(old, new, 1)


WRONG = {
    "an unknown key gets the nearest name": ("lease: 1d", "leese: 1d", "Did you mean `lease`?"),
    "a word that is not in the list": ("chain: growth", "chain: growt", "Did you mean growth?"),
    "a working time without a unit": ("promise: 4h", "promise: 4", "a working time like 30m, 4h or 2d"),
    "no time at all": ("promise: 4h", "promise: 0h", "a working time like 30m, 4h or 2d"),
    "a zone on Mars": ("zone: UTC", "zone: Mars/Base", "time zone of the IANA list"),
    "a number for a name": ("name: Inside sales\n", "name: 7\n", "Put quotation marks around it."),
    "hours that end before they start": ("[08:00-12:00, 12:30-17:00]", "17:00-08:00", "start before"),
    "hours of no clock": ("[08:00-12:00, 12:30-17:00]", "[8 to 5]", "hours like 08:00-17:00"),
    "a zone in the hours": ("[08:00-12:00, 12:30-17:00]", "08:00+01:00-17:00", "hours like"),
    "no hours in the week": ("[08:00-12:00, 12:30-17:00]", "[]", "at least one day with working hours"),
    "a department that is not there": ("home: service", "home: servise", "Did you mean service?"),
    "a role in no department": ("department: service", "department: servise", "Did you mean service?"),
    "a person of no role": ("roles: [seller]", "roles: [selller]", "Did you mean seller?"),
    "work of an unknown type": ("works: [quote, visit]", "works: [quot]", "Did you mean quote?"),
    "a process that is not there": ("process: hunting", "process: huntin", "Did you mean hunting?"),
    "a handoff from nowhere": ("from: pool", "from: pol", "Did you mean pool?"),
    "a handoff to nowhere": ("to: service", "to: servise", "Did you mean service?"),
    "a handoff that moves nothing known": ("moves: opportunity", "moves: opportunty", "opportunity?"),
    "a handoff of an unknown type": ("makes: quote", "makes: quotes", "Did you mean quote?"),
    "a handoff on an unknown type": ("makes_from: [opportunity]", "makes_from: [deal]", "one of packet_types"),
    "a handoff that both moves and makes": ("moves: opportunity", "moves: visit\n    makes: quote", "exactly one of"),
    "a queue released by nobody": ("release: release", "release: relaese", "Did you mean release?"),
    "a queue released to others": ("release: release", "release: quote", "moves packets to sales"),
    "a queue before nobody": ("- department: sales", "- department: sails", "Did you mean sales?"),
    "an incident of an unknown type": ("incident: alarm", "incident: alarum", "Did you mean alarm?"),
    "giving up as nothing": ("incident: alarm", "incident: alarm\n    gives_up_as: lots", "Did you mean lost?"),
    "slots of an unknown handoff": ("handoff: quote", "handoff: quot", "Did you mean quote?"),
    "slots of an unknown item": ("item: pieces", "item: piece", "Did you mean pieces?"),
    "slots of an unknown role": ("- role: clerk", "- role: clark", "Did you mean clerk?"),
    "a charter owned by nobody": ("owner: clerk\n", "owner: boss\n", "one of roles"),
    "a term owned by nobody": ("if paid., owner: clerk", "if paid., owner: boss", "one of roles"),
    "arrivals of an unknown type": ("yours_to_win: opportunity", "yours_to_win: leads", "one of packet_types"),
    "arrivals nobody can triage": ("undecided: quote", "undecided: mail", "one of packet_types"),
    "a fact of no field": ("fact: field.program", "fact: field.programme", "Did you mean program?"),
    "a fact of nothing": ("fact: customer", "fact: mood", "customer, contact, value, family or field.KEY"),
    "an outcome that never comes": ("automatic_on: won", "automatic_on: win", "Did you mean won?"),
    "the same prefix": ("prefix: Q", "prefix: O", "'O' again"),
    "the same person": ("people:\n", "people:\n  - {sign_in: anna, name: A, roles: [clerk]}\n", "'anna' again"),
    "a second queue": ("slots:", "  - {department: sales, release: release}\nslots:", "'sales' again"),
    "the same reason": ("    - {key: other, name: Other}", "    - {key: other, name: O}\n" * 2, "'other' again"),
    "a kit item of two tests": ("is: {present: true}", "is: {present: true, ticked: true}", "exactly one of present"),
    "a range upside down": ("between: [1, 100]", "between: [9, 1]", "the smaller number first"),
    "a file nobody can open": ("file_of: [xlsx, csv]", "file_of: [exe]", "'exe'"),
    "a choice without choices": ("key: program, name: Program", "key: program, name: P, kind: choice", "choices"),
    "limits upside down": ("in_play: [60, 90]", "in_play: [90, 60]", "the smaller number first"),
    "endless hours": ("hours_left: 1.6", "hours_left: .inf", "a number"),
    "a number beyond numbers": ("hours_left: 1.6", "hours_left: 1e999", "a finite number"),
    "a control character": ("name: Your company", 'name: "Your\\0company"', "without control characters"),
    "half a character": ("name: Your company", 'name: "Your\\ud800company"', "without control characters"),
    "an alias": ("works: [quote, visit]", "works: *these", "aliases are not read"),
    "an anchor": ("works: [quote, visit]", "works: &these [quote, visit]", "anchors are not read"),
    "a tag that builds objects": ("name: Your company", "name: !!python/name:os.system x", "Remove the tag."),
    "a list for a key": ("    lease: 1d", "    [lease]: 1d", "a word before the colon"),
    "a second document": ("arrivals:", "---\narrivals:", "one playbook"),
    "a country without holidays": ("  hours:\n", "  holidays: {country: ZZ}\n  hours:\n", "the two letters"),
    "a list where a block stands": ("arrivals:\n", "arrivals: []\nx:\n", "a block of keys and values"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_text_is_answered_with_place_and_cure(name):
    old, new, says = WRONG[name]
    text = changed(old, new)
    both = zip(SMALL.splitlines(), text.splitlines(), strict=False)
    line = next(number for number, (was, now) in enumerate(both, 1) if was != now)
    found = problems(text)
    lines = [int(problem.split(":")[1]) for problem in found if says in problem]
    assert lines, found
    assert min(abs(n - line) for n in lines) <= 5, (line, found)


def test_a_queue_stands_before_a_personal_inbox():
    (problem,) = problems(changed("    inbox: personal\n", ""))
    assert (
        "queues[0].department: found a shared inbox, expected a department with a personal inbox" in problem
    )


def test_a_key_given_twice_names_both_lines():
    text = changed("currency: USD", "currency: USD\n  currency: EUR")
    (problem,) = problems(text)
    first = text.splitlines().index("  currency: USD") + 1
    assert problem.startswith(f"us.yaml:{first + 1}:3: company.currency: found currency again")
    assert f"line {first} already" in problem


@pytest.mark.parametrize("listed", ["departments", "roles", "packet_types", "handoffs", "processes"])
def test_a_key_stands_once_in_its_list(listed):
    block = re.search(rf"(?ms)^{listed}:\n(  - .*?\n)(?=  - |^\w)", SMALL)
    assert block
    text = SMALL.replace(f"{listed}:\n", f"{listed}:\n{block[1]}", 1)
    key = re.search(r"key: (\w+)", block[1])
    assert key
    assert any(f"{listed}[1].key: found '{key[1]}' again" in p for p in problems(text))


def test_all_problems_come_at_once_and_in_the_order_of_the_file():
    text = SMALL
    for old, new, _ in (
        WRONG[n] for n in ("a department that is not there", "a zone on Mars", "the same prefix")
    ):
        text = changed(old, new, text)
    found = problems(changed("sells: A first", "sell: A first", text))
    lines = [int(p.split(":")[1]) for p in found]
    assert lines == sorted(lines)
    assert sum(s in " ".join(found) for s in ("Mars", "servise", "'O' again", "`sell`", "`sells`")) == 5


def test_a_missing_part_is_said_where_it_belongs():
    (problem,) = problems(changed("  currency: USD\n", ""))
    assert "company.currency: found nothing, expected `currency`. Add `currency:` with its value." in problem


@pytest.mark.parametrize("text", ["", "~", "[]", "a playbook", "42", "---\n...\n"])
def test_what_is_no_playbook_at_all_says_how_to_begin(text):
    (problem,) = problems(text)
    assert "Begin with `company:`" in problem


def test_a_syntax_error_has_its_line():
    found = problems(changed("  currency: USD", "  currency: [USD"))
    line = SMALL.splitlines().index("  currency: USD") + 1
    assert len(found) == 1
    assert abs(int(found[0].split(":")[1]) - line) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        "? " * 50_000,
        "- " * 50_000,
        "a: " + "[x," * 50_000,
        "x" * (2 * 1024 * 1024 + 1),
    ],
)
def test_a_hostile_text_is_refused_quickly(text):
    assert problems(text)


def test_a_bomb_of_anchors_does_not_go_off():
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    assert "aliases are not read" in " ".join(problems(bomb))


def test_a_cycle_is_refused():
    assert "anchors are not read" in " ".join(problems("departments: &d\n  - *d\n"))


def test_a_bad_character_has_its_place():
    (problem,) = problems("company:\n  name: a\x07b\n")
    assert problem.startswith("us.yaml:2:10: found the character U+0007")


def test_names_may_be_in_any_script():
    text = changed("name: Your company", "name: 株式会社 أمل Ödön 👩‍🔧")
    assert load(text).company.name == "株式会社 أمل Ödön 👩‍🔧"


def test_the_digest_tells_two_texts_apart():
    assert digest("a") == digest("a") != digest("a ")
    assert len(digest("\ud800")) == 64


@given(st.text())
def test_any_text_is_a_playbook_or_a_list_of_problems(text):
    _loads_or_explains(text)


@given(st.text(alphabet="abk: -[]{}&*!|>'\"%@`#,?\n\t0.1~<=").map("company:\n  ".__add__))
def test_any_yaml_like_text_is_a_playbook_or_a_list_of_problems(text):
    _loads_or_explains(text)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(broken_playbooks())
def test_any_damaged_playbook_is_a_playbook_or_a_list_of_problems(text):
    _loads_or_explains(text)


def _loads_or_explains(text: str) -> None:
    try:
        load(text)
    except PlaybookError as error:
        found = error.problems
    else:
        return
    assert found
    for problem in found:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.found
        assert problem.expected
        assert problem.cure
        assert "\n" not in str(problem)
