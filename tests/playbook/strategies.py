"""Random valid playbooks, and texts with something broken."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fullkit.playbook import presets
from fullkit.playbook.schema import Playbook
from tests.playbook.small import SMALL

KEYS = ("a", "b_1", "inside_sales", "on", "yes_2")

_letters = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufeff")
names = st.text(_letters, min_size=1, max_size=40).map(lambda s: " ".join(s.split())).filter(bool)
sentences = st.text(_letters, min_size=1, max_size=120).map(lambda s: " ".join(s.split())).filter(bool)
durations = st.sampled_from(["30m", "4h", "2d", "1.5h"])
dates = st.dates().map(str)
numbers = st.one_of(
    st.integers(-(10**12), 10**12), st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str)
)


def _maybe(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


def _both(one: st.SearchStrategy[dict[str, Any]], two: st.SearchStrategy[dict[str, Any]]) -> Any:
    return st.builds(lambda a, b: {**a, **b}, one, two)


predicates = st.one_of(
    st.sampled_from(
        [{"present": True}, {"future_date": True}, {"ticked": True}, {"file_of": ["pdf", "csv"]}]
    ),
    st.lists(names, min_size=1, max_size=3).map(lambda words: {"one_of": words}),
    st.tuples(st.integers(-5, 5), st.integers(6, 10**15)).map(lambda pair: {"between": list(pair)}),
    st.decimals(0, 1, places=9).map(lambda d: {"between": [str(d), 2]}),
)


@st.composite
def _kits(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "name": draw(names),
            "is": draw(predicates),
            "criterion": draw(sentences),
            "test": draw(sentences),
            "decision": draw(sentences),
            **draw(_maybe(fact=st.sampled_from(["customer", "value", "field.f"]))),
        }
        for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=3))
    ]


@st.composite
def _stages(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "name": draw(names),
            "customer_action": draw(sentences),
            "evidence": {"kind": "file", "says": draw(sentences)},
            "sells": draw(sentences),
            **draw(_maybe(chance=st.floats(0, 1), promised_minutes=st.integers(1, 480))),
        }
        for key in draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=3))
    ]


@st.composite
def _reasons(draw: st.DrawFn) -> dict[str, Any]:
    return {
        kind: [
            {"key": k, "name": draw(names)}
            for k in draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=2))
        ]
        for kind in ("skip", "put_back", "not_sold", "lost", "red", "attempt", "repair")
    }


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    """A playbook that loads: two departments and what stands between them, otherwise anything."""
    hours = st.sampled_from(["08:00-17:00", ["8:00-12:00", "12:30-23:59"], []])
    fields = [{"key": "f", "name": draw(names), **draw(_maybe(required=st.booleans()))}]
    types = [
        {
            "key": "job",
            "name": draw(names),
            "prefix": "J",
            "home": "pool",
            "process": "hunt",
            "fields": fields,
        }
        | draw(_maybe(promise=durations, chain=st.sampled_from(["growth", "bau"]), repair=st.booleans())),
        {
            "key": "case",
            "name": draw(names),
            "prefix": "C",
            "home": "desk",
            "fields": fields,
            "outcomes": ["ok"],
        },
    ]
    handoff = {"from": "pool", "to": "desk", "name": draw(names)}
    return Playbook.model_validate(
        {
            "company": {"name": draw(names), "currency": "EUR", "zone": "Europe/Berlin"}
            | draw(_maybe(margin=st.decimals("0.01", 1, places=4).map(str))),
            "calendar": {
                "hours": {"mon": "08:00-17:00", **draw(_maybe(tue=hours, sun=hours))},
                "holidays": draw(
                    _maybe(
                        country=st.just("DE"),
                        extra=st.dictionaries(dates, names, max_size=2),
                        worked=st.lists(dates, max_size=2),
                    )
                ),
            },
            "departments": [
                {"key": "pool", "name": draw(names), "chain": "growth", "works": ["job"]}
                | draw(_maybe(closed=st.dictionaries(dates, names, max_size=2), lease=durations)),
                {
                    "key": "desk",
                    "name": draw(names),
                    "chain": "bau",
                    "inbox": "personal",
                    "works": ["job", "case"],
                },
            ],
            "roles": [{"key": "r", "name": draw(names), "department": "desk"}],
            "people": [
                {"sign_in": s, "name": draw(names), "roles": ["r"]}
                | draw(_maybe(consumption=st.floats(0.25, 200)))
                for s in draw(st.lists(st.sampled_from(["anna", "0", "true", "1.5"]), unique=True))
            ],
            "packet_types": types,
            "handoffs": [
                {**handoff, "key": "r", "moves": "job", "kit": draw(_kits())},
                {**handoff, "key": "m", "makes": "case", "makes_from": ["job"], "kit": draw(_kits())},
            ],
            "processes": [
                {
                    "key": "hunt",
                    "name": draw(names),
                    "kind": "hunting",
                    "chain": "growth",
                    "stages": draw(_stages()),
                }
            ],
            "queues": [
                {"department": "desk", "release": "r"}
                | draw(
                    _maybe(consumption=st.floats(0.1, 200), retry_after=durations, incident=st.just("job"))
                )
            ],
            "arrivals": {"yours_to_win": "job", "undecided": "case"},
            "reasons": draw(_reasons()),
            "terms": [
                {
                    "term": t,
                    "criterion": draw(sentences),
                    "test": draw(sentences),
                    "decision": draw(sentences),
                    "owner": "r",
                }
                | draw(_maybe(examples_in=st.lists(sentences, max_size=2)))
                for t in draw(st.lists(names, unique=True, max_size=3))
            ],
        }
    )


@st.composite
def broken_playbooks(draw: st.DrawFn) -> str:
    """A playbook with a few lines or characters removed, repeated, moved or replaced."""
    lines = draw(st.sampled_from([SMALL, SMALL, SMALL, presets.read("1-service-desk")])).splitlines()
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["drop", "repeat", "swap", "type", "indent"]))
        if kind == "drop":
            del lines[at]
        elif kind == "repeat":
            lines.insert(at, lines[draw(st.integers(0, len(lines) - 1))])
        elif kind == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == "type":
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = (
                lines[at][:cut] + draw(st.text(max_size=3)) + lines[at][cut + draw(st.integers(0, 4)) :]
            )
        else:
            lines[at] = " " * draw(st.integers(0, 8)) + lines[at].strip()
    return "\n".join(lines)
