"""What the parts of a playbook say of each other: every key that is named exists, and stands once.

Checked on the plain data rather than on the models, so that a playbook with a wrong type somewhere still gets all
of its loose ends named in the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from fullkit.playbook.reading import Path


class Flaw(NamedTuple):
    """A problem without its place in the file."""

    path: Path
    found: str
    expected: str
    cure: str


# Where a key is named -> the list in which it has to stand.
NAMED = {
    "departments/*/works/*": "packet_types",
    "roles/*/department": "departments",
    "people/*/roles/*": "roles",
    "packet_types/*/home": "departments",
    "packet_types/*/process": "processes",
    "handoffs/*/from": "departments",
    "handoffs/*/to": "departments",
    "handoffs/*/moves": "packet_types",
    "handoffs/*/makes": "packet_types",
    "handoffs/*/makes_from/*": "packet_types",
    "processes/*/charter/owner": "roles",
    "queues/*/department": "departments",
    "queues/*/release": "handoffs",
    "queues/*/incident": "packet_types",
    "slots/*/role": "roles",
    "slots/*/handoff": "handoffs",
    "arrivals/yours_to_win": "packet_types",
    "arrivals/undecided": "packet_types",
    "terms/*/owner": "roles",
}

# A list -> what may stand in it only once.
ONCE = (
    ("departments", "key"),
    ("roles", "key"),
    ("people", "sign_in"),
    ("packet_types", "key"),
    ("packet_types", "prefix"),
    ("packet_types/*/fields", "key"),
    ("handoffs", "key"),
    ("handoffs/*/kit", "key"),
    ("processes", "key"),
    ("processes/*/stages", "key"),
    ("queues", "department"),
    ("slots", "role"),
    ("reasons/*", "key"),
    ("terms", "term"),
)


def flaws(data: dict[str, Any]) -> Iterator[Flaw]:
    """Every loose end. Never raises, whatever the data are."""
    for pattern, listed in NAMED.items():
        known = _keys(data, listed)
        for path, value in _walk(data, pattern):
            if isinstance(value, str) and value not in known:
                yield _missing(path, value, known, listed)
    for pattern, name in ONCE:
        for path, rows in _walk(data, pattern):
            yield from _repeated(path, rows, name)
    for index, handoff in enumerate(_rows(data, "handoffs")):
        yield from _handoff(data, index, handoff)
    for index, queue in enumerate(_rows(data, "queues")):
        yield from _queue(data, index, queue)
    for index, slots in enumerate(_rows(data, "slots")):
        yield from _slots(data, index, slots)


def nearest(word: str, known: set[str]) -> str | None:
    """The known word most like this one, if any is like it."""
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=0.6)), None)


def _missing(path: Path, value: str, known: set[str], listed: str) -> Flaw:
    like = nearest(value, known)
    cure = f"Did you mean {like}?" if like else f"Known are: {', '.join(sorted(known)) or 'none yet'}."
    return Flaw(path, repr(value), f"one of {listed}", cure)


def _repeated(path: Path, rows: Any, name: str) -> Iterator[Flaw]:
    if not isinstance(rows, list):
        return
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        value = row.get(name) if isinstance(row, dict) else None
        if not isinstance(value, str):
            continue
        if value in seen:
            cure = f"Entry {seen[value] + 1} of this list has it already; rename or remove one."
            yield Flaw((*path, index, name), f"{value!r} again", f"{name} once in the list", cure)
        seen.setdefault(value, index)


def _handoff(data: dict[str, Any], index: int, handoff: dict[str, Any]) -> Iterator[Flaw]:
    carried = handoff.get("moves") or handoff.get("makes")
    type_ = _find(data, "packet_types", carried)
    known = _words(row.get("key") for row in _rows(type_, "fields")) if type_ else None
    for place, item in enumerate(_rows(handoff, "kit")):
        fact = item.get("fact")
        if known is None or not isinstance(fact, str) or not fact.startswith("field."):
            continue
        if (field := fact.removeprefix("field.")) not in known:
            path: Path = ("handoffs", index, "kit", place, "fact")
            yield _missing(path, field, known, f"the fields of {carried}")
    outcome = handoff.get("automatic_on")
    if isinstance(outcome, str):
        served = handoff.get("makes_from") or sorted(_keys(data, "packet_types"))
        ends = [_find(data, "packet_types", key) for key in served] if isinstance(served, list) else []
        outcomes = _words(o for end in ends if end for o in _list(end.get("outcomes", ["done", "cancelled"])))
        if ends and outcome not in outcomes:
            yield _missing(("handoffs", index, "automatic_on"), outcome, outcomes, "outcomes of makes_from")


def _queue(data: dict[str, Any], index: int, queue: dict[str, Any]) -> Iterator[Flaw]:
    release = _find(data, "handoffs", queue.get("release"))
    department = _find(data, "departments", queue.get("department"))
    path: Path = ("queues", index, "release")
    if release and department and (release.get("to") != department.get("key") or not release.get("moves")):
        cure = "Name the handoff that moves packets from the pool into this department."
        yield Flaw(
            path, repr(queue["release"]), f"a handoff that moves packets to {queue['department']}", cure
        )
    type_ = _find(data, "packet_types", release.get("moves")) if release else None
    outcome = queue.get("gives_up_as")
    if type_ and isinstance(outcome, str):
        outcomes = _words(_list(type_.get("outcomes", ["done", "cancelled"])))
        if outcome not in outcomes:
            yield _missing(("queues", index, "gives_up_as"), outcome, outcomes, f"outcomes of {type_['key']}")
    if department and department.get("inbox", "shared") != "personal":
        cure = f"Write `inbox: personal` at {queue['department']}, or remove the queue."
        yield Flaw(
            ("queues", index, "department"), "a shared inbox", "a department with a personal inbox", cure
        )


def _slots(data: dict[str, Any], index: int, slots: dict[str, Any]) -> Iterator[Flaw]:
    handoff = _find(data, "handoffs", slots.get("handoff"))
    item = slots.get("item")
    if handoff is None or not isinstance(item, str):
        return
    known = _words(row.get("key") for row in _rows(handoff, "kit"))
    if item not in known:
        yield _missing(("slots", index, "item"), item, known, f"the kit of {slots['handoff']}")


# --- walking data of unknown shape ---------------------------------------------------------------------------


def _walk(data: Any, pattern: str) -> Iterator[tuple[Path, Any]]:
    """Every part at a pattern such as `departments/*/works/*`, with its path."""
    found: list[tuple[Path, Any]] = [((), data)]
    for step in pattern.split("/"):
        found = [pair for path, value in found for pair in _step(path, value, step)]
    yield from found


def _step(path: Path, value: Any, step: str) -> Iterator[tuple[Path, Any]]:
    if step != "*":
        if isinstance(value, dict) and step in value:
            yield (*path, step), value[step]
    elif isinstance(value, list):
        yield from (((*path, i), v) for i, v in enumerate(value))
    elif isinstance(value, dict):
        yield from (((*path, k), v) for k, v in value.items())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _rows(data: dict[str, Any], listed: str) -> list[dict[str, Any]]:
    """The list, with an empty row for each entry that is none, so that positions stay true."""
    return [row if isinstance(row, dict) else {} for row in _list(data.get(listed))]


def _words(values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def _keys(data: dict[str, Any], listed: str) -> set[str]:
    return _words(row.get("key") for row in _rows(data, listed))


def _find(data: dict[str, Any], listed: str, key: Any) -> dict[str, Any] | None:
    return next((row for row in _rows(data, listed) if isinstance(key, str) and row.get("key") == key), None)
