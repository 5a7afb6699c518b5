"""Every finding of the linter, reached by one small change of a clean preset; the rule's number is its name."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from fullkit.playbook import presets
from fullkit.playbook.lint import CHECKS, lint
from fullkit.playbook.load import load
from fullkit.playbook.reading import read
from fullkit.playbook.schema import Playbook

Data = dict[str, Any]
Change = Callable[[Data], Any]


@cache
def _clean() -> Data:
    data: Data = read(presets.read("demo")).data
    return data


def of(data: Data, listed: str, key: str) -> Any:
    return next(row for row in data[listed] if row.get("key", row.get("sign_in")) == key)


def item(data: Data, handoff: str, key: str = "customer") -> Any:
    return next(row for row in of(data, "handoffs", handoff)["kit"] if row["key"] == key)


def stage(data: Data, place: int = 0) -> Any:
    return of(data, "processes", "hunting")["stages"][place]


def put(listed: str, key: str, **values: Any) -> Change:
    return lambda data: of(data, listed, key).update(values)


def add(listed: str, key: str, name: str, value: str) -> Change:
    return lambda data: of(data, listed, key)[name].append(value)


def without(listed: str, key: str, name: str) -> Change:
    return lambda data: of(data, listed, key).pop(name)


def first(listed: str, **values: Any) -> Change:
    return lambda data: data[listed][0].update(values)


def first_stage(**values: Any) -> Change:
    return lambda data: stage(data).update(values)


def first_item(handoff: str, **values: Any) -> Change:
    return lambda data: of(data, "handoffs", handoff)["kit"][0].update(values)


def _back_to_the_pool(data: Data) -> None:
    back = copy.deepcopy(of(data, "handoffs", "release"))
    back |= {"key": "back", "name": "Back to the pool", "from": "inside_sales", "to": "promotions"}
    data["handoffs"].append(back)


def _past_the_pool(data: Data) -> None:
    of(data, "handoffs", "hint")["to"] = "inside_sales"


def _not_from_the_pool(data: Data) -> None:
    of(data, "packet_types", "opportunity")["home"] = "service"
    of(data, "departments", "service")["works"].append("opportunity")


def _nobody_works(data: Data) -> None:
    of(data, "departments", "projects")["works"] = []


def _no_hunting_to_farming(data: Data) -> None:
    del of(data, "handoffs", "onboard")["connector"]


def _no_farming_to_hunting(data: Data) -> None:
    del of(data, "handoffs", "white_space")["connector"]


def _no_farming(data: Data) -> None:
    data["processes"].pop()
    del of(data, "packet_types", "account_touch")["process"]


def _score(data: Data) -> None:
    item(data, "release", "program").update(key="score", name="Lead score", criterion="A number.")


def _owner(data: Data) -> None:
    of(data, "packet_types", "opportunity")["fields"].append({"key": "account_owner", "name": "Owner"})


def _owner_in_a_kit(data: Data) -> None:
    item(data, "onboard", "promised")["name"] = "Account manager"


def _commission(data: Data) -> None:
    of(data, "packet_types", "order")["fields"].append({"key": "commission", "name": "Share"})


# rule, severity, where, the change
BROKEN: dict[str, tuple[str, str, str, Change]] = {
    "a kit without items": ("R1", "error", "handoffs[0].kit", put("handoffs", "release", kit=[])),
    "a packet that moves in a circle": ("R3", "warning", "handoffs[0]", _back_to_the_pool),
    "a judgement for a name": ("R5", "error", "kit[0].name", first_item("visit", name="Serious slot")),
    "a judgement for a criterion": (
        "R5",
        "error",
        "kit[0].criterion",
        first_item("release", criterion="They are interested."),
    ),
    "a judgement for a decision": (
        "R5",
        "error",
        "kit[0].decision",
        first_item("release", decision="In if it looks good."),
    ),
    "a salesperson with business as usual": (
        "R10",
        "error",
        "roles[2]",
        add("departments", "inside_sales", "works", "quote"),
    ),
    "someone both inside and in the field": (
        "R14",
        "error",
        "people[2].roles",
        add("people", "anna", "roles", "field_salesperson"),
    ),
    "a salesperson who releases": (
        "R23",
        "error",
        "roles[2]",
        add("roles", "inside_salesperson", "may", "promote"),
    ),
    "a person who both sells and releases": (
        "R23",
        "error",
        "people[2]",
        add("people", "anna", "roles", "campaign_coordinator"),
    ),
    "a release from where nothing arrives": ("R23", "error", "queues[0].release", _not_from_the_pool),
    "a way past the pool": ("R23", "error", "handoffs[13]", _past_the_pool),
    "a queue that nobody fills": (
        "R25",
        "error",
        "queues[0]",
        lambda d: [
            of(d, "roles", r).update(may=["work"]) for r in ("promotions_manager", "campaign_coordinator")
        ],
    ),
    "more in play than the pace": ("R26", "warning", "queues[0].in_play", first("queues", consumption=20)),
    "a queue that starves in silence": (
        "R28",
        "warning",
        "queues[0]",
        lambda d: d["queues"][0].pop("incident"),
    ),
    "an incident that nobody works": (
        "R28",
        "error",
        "queues[0].incident",
        first("queues", incident="issue"),
    ),
    "a score before release": ("R33", "error", "handoffs[0].kit[2]", _score),
    "a salesperson who books": (
        "R40",
        "error",
        "roles[5]",
        add("roles", "field_salesperson", "may", "schedule"),
    ),
    "a person who both sells and books": (
        "R40",
        "error",
        "people[3]",
        add("people", "ben", "roles", "sales_coordinator"),
    ),
    "slots that nobody books": ("R40", "error", "slots", put("roles", "sales_coordinator", may=["work"])),
    "three meetings a day": (
        "R41",
        "warning",
        "slots[0].times",
        first("slots", times=["09:00", "11:00", "13:30"]),
    ),
    "a target out of reach": (
        "R42",
        "warning",
        "roles[2].target_per_day",
        put("roles", "inside_salesperson", target_per_day=60),
    ),
    "a field for the account's owner": ("R43", "error", "packet_types[0].fields[3]", _owner),
    "a kit item for the account's owner": ("R43", "error", "kit[4]", _owner_in_a_kit),
    "an arrival where it is not worked": (
        "R44",
        "error",
        "packet_types[2].home",
        put("packet_types", "quote", home="engineering"),
    ),
    "a handoff to where it is not worked": (
        "R44",
        "error",
        "handoffs[1].to",
        put("handoffs", "request_quote", to="engineering"),
    ),
    "a type that nobody works": ("R51", "error", "packet_types[9]", _nobody_works),
    "a handoff to oneself": (
        "R51",
        "error",
        "handoffs[7]",
        put("handoffs", "design_for_quote", to="service"),
    ),
    "a handoff that nobody can open": (
        "R51",
        "error",
        "handoffs[1].from",
        put("handoffs", "request_quote", **{"from": "projects"}),
    ),
    "a department with nobody to work": (
        "R53",
        "error",
        "departments[5]",
        put("roles", "engineer", may=["supervise"]),
    ),
    "no promise in a shared inbox": (
        "R54",
        "error",
        "packet_types[2].promise",
        without("packet_types", "quote", "promise"),
    ),
    "growth doing business as usual": (
        "R59",
        "error",
        "departments[0].works",
        add("departments", "promotions", "works", "issue"),
    ),
    "a commission": ("R65", "error", "packet_types[3].fields[3]", _commission),
    "a stage named for the seller": ("R76", "error", "stages[0].name", first_stage(name="Presenting")),
    "a stage that ends on the seller": (
        "R76",
        "error",
        "stages[0].customer_action",
        first_stage(customer_action="Followed up the customer."),
    ),
    "a stage in which the customer suffers": (
        "R76",
        "error",
        "stages[0].customer_action",
        first_stage(customer_action="The customer was sent a quote."),
    ),
    "a stage without a customer": (
        "R76",
        "warning",
        "stages[0].customer_action",
        first_stage(customer_action="A day was agreed."),
    ),
    "a counted word without definition": ("R79", "warning", "terms", lambda d: d["terms"].pop(0)),
    "a win that nobody notices": (
        "R92",
        "warning",
        "packet_types[0]",
        without("handoffs", "onboard", "automatic_on"),
    ),
    "no way from hunting to farming": ("R99", "error", "handoffs", _no_hunting_to_farming),
    "no way from farming to hunting": ("R99", "error", "handoffs", _no_farming_to_hunting),
    "hunting without farming": ("R99", "warning", "processes", _no_farming),
    "a process without a charter": (
        "R101",
        "error",
        "processes[0]",
        lambda d: d["processes"][0].pop("charter"),
    ),
}


@pytest.mark.parametrize("name", [*presets.names(), "demo"])
def test_a_preset_is_clean(name):
    assert lint(load(presets.read(name))) == []


@pytest.mark.parametrize("name", BROKEN, ids=lambda name: f"{BROKEN[name][0]} {name}")
def test_one_change_gives_the_finding_of_its_rule(name):
    rule, severity, where, change = BROKEN[name]
    data = copy.deepcopy(_clean())
    change(data)
    found = [f for f in lint(Playbook.model_validate(data)) if f.rule == rule and f.path.endswith(where)]
    assert [f.severity for f in found] == [severity]
    assert found[0].sentence.endswith(".")
    assert found[0].cure.endswith(".")


def test_every_check_is_reached_by_a_change():
    reached = set()
    for _, _, _, change in BROKEN.values():
        data = copy.deepcopy(_clean())
        change(data)
        broken = Playbook.model_validate(data)
        reached |= {check.__name__ for check in CHECKS if list(check(broken))}
    assert reached == {check.__name__ for check in CHECKS}


def test_errors_come_before_warnings_and_rules_in_their_order():
    data = copy.deepcopy(_clean())
    for name in ("a counted word without definition", "a process without a charter", "a kit without items"):
        BROKEN[name][3](data)
    assert [f.rule for f in lint(Playbook.model_validate(data))] == ["R1", "R101", "R79"]


def test_an_example_in_quotation_marks_is_no_judgement():
    data = copy.deepcopy(_clean())
    item(data, "release")["decision"] = "In the kit if there is a record; 'seems interested' is missing."
    assert lint(Playbook.model_validate(data)) == []


@pytest.mark.parametrize("word", ["Presentation room seen", "Goods in stock", "Booklet", "Callus"])
def test_a_word_is_judged_whole(word):
    data = copy.deepcopy(_clean())
    stage(data)["name"] = word
    item(data, "release")["name"] = word
    assert lint(Playbook.model_validate(data)) == []


@pytest.mark.parametrize(
    "name", ["Qualified", "Negotiating", "Proposing", "Sent", "Demo", "follow-up", "Closing"]
)
def test_a_seller_verb_is_known_in_its_forms(name):
    data = copy.deepcopy(_clean())
    stage(data)["name"] = name
    assert [f.rule for f in lint(Playbook.model_validate(data))] == ["R76"]


@pytest.mark.rule("R14")
def test_r14_a_person_who_sells_inside_and_in_the_field_is_found():
    data = copy.deepcopy(_clean())
    of(data, "people", "anna")["roles"].append("field_salesperson")
    [found] = [f for f in lint(Playbook.model_validate(data)) if f.rule == "R14"]
    assert (found.severity, "Anna" in found.sentence or "anna" in found.path) == ("error", True)
