"""The room of rules itself: it depends on nothing, and its sentences are whole."""

import ast
import string
import sys
from pathlib import Path

import pytest

import fullkit.rules
from fullkit.rules import (
    calendar,
    capacity,
    events,
    files,
    inbox,
    inertia,
    kit,
    queue,
    refusal,
    stages,
    text,
    transition,
)

ROOM = sorted(Path(fullkit.rules.__file__).parent.glob("*.py"))
MODULES = (calendar, capacity, events, files, inbox, inertia, kit, queue, stages, text, transition)
REFUSALS = sorted(
    {
        thing
        for module in MODULES
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, refusal.Refusal)
    },
    key=lambda cls: cls.__name__,
)


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or ".")
    return names


@pytest.mark.parametrize("file", ROOM, ids=lambda file: file.stem)
def test_rules_import_nothing_but_the_standard_library_and_rules(file):
    others = {
        name
        for name in imported(file)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("fullkit.rules")
    }
    assert not others


@pytest.mark.parametrize("file", ROOM, ids=lambda file: file.stem)
def test_rules_never_ask_what_time_it_is(file):
    asked = {node.attr for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute)}
    assert not asked & {"now", "utcnow", "today", "monotonic", "perf_counter"}


@pytest.mark.parametrize("cls", REFUSALS, ids=lambda cls: cls.__name__)
def test_every_refusal_is_a_sentence_with_its_facts_named(cls):
    assert cls.says[-1] in ".}"
    assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(cls.says))


def test_a_refusal_is_known_by_its_code():
    refused = queue.QueueFull(person="Anna", level=24, target=24)
    assert (refused.code, refused.rule) == ("queue-full", "R24")
    assert refused.facts == {"person": "Anna", "level": 24, "target": 24}


@pytest.mark.parametrize("kind", events.kinds().values(), ids=lambda cls: cls.kind)
def test_the_sentence_of_an_event_names_only_what_the_event_or_its_page_knows(kind):
    known = set(kind.__dataclass_fields__) | {"actor", "packet", "customer", "person", "department"}
    assert {name for _, name, _, _ in string.Formatter().parse(kind.says) if name} <= known


def test_a_fact_named_like_a_column_is_one_and_the_rest_are_details():
    columns, details = events.HandoffAccepted(
        handoff=7, handoff_kind="request_quote", to_department="service", first_time_full=False
    ).split()
    assert columns == {"handoff": 7, "handoff_kind": "request_quote", "to_department": "service"}
    assert details == {"first_time_full": False}
