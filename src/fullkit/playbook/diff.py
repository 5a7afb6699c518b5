"""What differs between two playbooks, in sentences that a manager reads. Objects are matched by key, not by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from fullkit.playbook.load import dotted
from fullkit.playbook.schema import Playbook

Path = tuple[str | int, ...]


class _Nothing(Enum):
    """Stands for what one side does not have; `None` is a value."""

    NOTHING = 0


NOTHING: Literal[_Nothing.NOTHING] = _Nothing.NOTHING

MATCHED_BY = ("key", "sign_in", "term", "department", "role")
"""By which of its parts an entry of a list is known: the first that it has."""
_ONE = {
    "departments": "department",
    "roles": "role",
    "packet_types": "packet type",
    "handoffs": "handoff",
    "processes": "process",
    "terms": "term",
}
_SHORT = {"is": "what is checked", "from": "sender", "to": "receiver"}


@dataclass(frozen=True)
class Change:
    """One difference. The path names objects by key: `handoffs.release.kit.contact`."""

    path: str
    sentence: str


def diff(old: Playbook, new: Playbook) -> list[Change]:
    """Every difference in the order of the file; empty exactly when the two are equal."""
    before, after = old.model_dump(by_alias=True), new.model_dump(by_alias=True)
    speaker = _Speaker(old, new)
    return [Change(dotted(d.path), speaker.say(d)) for d in _compare((), before, after)]


@dataclass(frozen=True)
class _Difference:
    path: Path
    old: Any
    new: Any
    order_only: bool = False


# --- finding -------------------------------------------------------------------------------------------------


def _compare(path: Path, old: Any, new: Any) -> Iterator[_Difference]:
    if old == new:
        return
    by = _matched_by(old, new)
    if by:
        rows_old, rows_new = ({row[by]: row for row in rows} for rows in (old, new))
        yield from _compare_blocks(path, rows_old, rows_new)
        common = [
            [key for key in rows if key in rows_old and key in rows_new] for rows in (rows_old, rows_new)
        ]
        if common[0] != common[1]:
            yield _Difference(path, common[0], common[1], order_only=True)
    elif isinstance(old, dict) and isinstance(new, dict) and path[-1:] != ("is",):
        yield from _compare_blocks(path, old, new)
    else:
        yield _Difference(path, old, new)


def _compare_blocks(path: Path, old: dict[Any, Any], new: dict[Any, Any]) -> Iterator[_Difference]:
    for key in [*old, *(k for k in new if k not in old)]:
        here = (*path, str(key))
        if key in old and key in new:
            yield from _compare(here, old[key], new[key])
        else:
            yield _Difference(here, old.get(key, NOTHING), new.get(key, NOTHING))


def _matched_by(old: Any, new: Any) -> str | None:
    """The name by which the entries of two lists are told apart, if they have one."""
    if not (isinstance(old, tuple) and isinstance(new, tuple)):
        return None
    rows = [*old, *new]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return None
    for name in MATCHED_BY:
        if all(name in row for row in rows):
            distinct = all(len({row[name] for row in side}) == len(side) for side in (old, new))
            return name if distinct else None
    return None


# --- saying --------------------------------------------------------------------------------------------------


class _Speaker:
    """Knows what everything is called: by its new name, or the old one where it is gone."""

    def __init__(self, old: Playbook, new: Playbook) -> None:
        self.sides = (new, old)

    def say(self, change: _Difference) -> str:
        """The sentence for one difference."""
        what = self._whose(change.path)
        if change.order_only:
            return f"{what}: the order changed."
        if change.old is NOTHING or change.new is NOTHING:
            return self._came_or_went(change)
        if special := self._special(change):
            return special
        if _all_words(change.old) and _all_words(change.new):
            return _list_changed(what, change.old, change.new)
        return f"{what} is {_value(change.new)} instead of {_value(change.old)}."

    def _came_or_went(self, change: _Difference) -> str:
        came = change.old is NOTHING
        row = change.new if came else change.old
        name = self._name(*change.path)
        gains, gets = ("gains", "gets") if came else ("loses", "loses")
        match change.path:
            case ("people", _):
                roles = ", ".join(self._name("roles", key) for key in row["roles"])
                return f"{name} joins as {roles}." if came else f"{name} leaves ({roles})."
            case ("handoffs", key, "kit", _):
                return f"The kit of '{self._name('handoffs', key)}' {gains} '{name}'."
            case ("processes", key, "stages", _):
                return f"{self._name('processes', key)} {gains} the stage '{name}'."
            case ("packet_types", key, "fields", _):
                return f"{self._name('packet_types', key)} {gains} the field '{name}'."
            case ("reasons", _, _):
                return f"{self._whose(change.path[:2])} {gains} '{name}'."
            case ("departments", key, "closed", day):
                where = self._name("departments", key)
                return f"{where} closes on {day}: {row}." if came else f"{where} no longer closes on {day}."
            case ("queues", key):
                return f"{self._name('departments', key)} {gets} a queue."
            case ("slots", key):
                return f"{self._name('roles', key)} {gets} slots for meetings."
            case (listed, _) if listed in _ONE:
                return f"The {_ONE[str(listed)]} '{name}' is {'new' if came else 'gone'}."
        return f"{self._whose(change.path)} is {_value(row) if came else 'gone'}."

    def _special(self, change: _Difference) -> str | None:
        match change.path:
            case ("packet_types", key, "promise"):
                return self._promise(str(key), change)
            case ("people", key, "roles"):
                sides = (change.new, change.old)
                now, before = (", ".join(self._name("roles", k) for k in side) for side in sides)
                return f"{self._name('people', key)} is {now} instead of {before}."
            case (*_, "name"):
                return f"'{change.old}' is now called '{change.new}'."
        return None

    def _promise(self, key: str, change: _Difference) -> str:
        who = self._name("departments", self.sides[0].packet_type[key].home)
        what = self._name("packet_types", key)
        if change.new is None:
            return f"{who} no longer promises {what} in {change.old}."
        before = f" instead of {change.old}" if change.old else ""
        return f"{who} promises {what} in {change.new}{before}."

    def _whose(self, path: Path) -> str:
        """`The queue of Inside sales: cover days`, for the path `queues.inside_sales.cover_days`."""
        match path:
            case ("handoffs", key, "kit", _, *rest):
                owner = f"'{self._name(*path[:4])}' in the kit of '{self._name('handoffs', key)}'"
            case ("handoffs", key, "kit"):
                owner, rest = f"The kit of '{self._name('handoffs', key)}'", []
            case ("processes", key, "stages", _, *rest):
                owner = f"{self._name('processes', key)}, stage '{self._name(*path[:4])}'"
            case ("packet_types", key, "fields", _, *rest):
                owner = f"{self._name('packet_types', key)}, field '{self._name(*path[:4])}'"
            case ("reasons", kind, *rest):
                owner = f"The list of reasons '{_words(str(kind))}'"
            case ("queues", key, *rest):
                owner = f"The queue of {self._name('departments', key)}"
            case ("slots", key, *rest):
                owner = f"The calendar of {self._name('roles', key)}"
            case (
                "people" | "departments" | "roles" | "packet_types" | "handoffs" | "processes" | "terms",
                _,
                *rest,
            ):
                owner = self._name(*path[:2])
            case (first, *rest):
                owner = _words(str(first)).capitalize()
            case _:
                owner, rest = "The playbook", []
        return ": ".join([owner, *(_SHORT.get(str(step), _words(str(step))) for step in rest)])

    def _name(self, *path: str | int) -> str:
        """What stands at a path, by its name, else by the last word of the path."""
        for side in self.sides:
            part: Any = side
            for step in path:
                part = _entry(part, str(step))
            if name := getattr(part, "name", None) or getattr(part, "term", None):
                return str(name)
        return str(path[-1])


def _entry(part: Any, step: str) -> Any:
    if isinstance(part, tuple):
        return next((row for row in part if _key_of(row) == step), None)
    return getattr(part, step, None)


def _key_of(row: Any) -> Any:
    return next((getattr(row, name) for name in MATCHED_BY if hasattr(row, name)), None)


def _all_words(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(v, str) for v in value)


def _list_changed(what: str, old: tuple[str, ...], new: tuple[str, ...]) -> str:
    gained, lost = [v for v in new if v not in old], [v for v in old if v not in new]
    parts = [f"gains {_value(tuple(gained))}"] if gained else []
    parts += [f"loses {_value(tuple(lost))}"] if lost else []
    return f"{what} {' and '.join(parts) or f'is {_value(new)} instead of {_value(old)}'}."


def _words(key: str) -> str:
    return key.replace("_", " ")


def _value(value: Any) -> str:
    """A value as a person writes it."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        times = len(value) == 2 and all(isinstance(v, time) for v in value)
        return ("-" if times else ", ").join(map(_value, value))
    if isinstance(value, dict):
        said = {k: v for k, v in value.items() if v is not None}
        return "; ".join(
            _words(str(k)) if v is True else f"{_words(str(k))} {_value(v)}" for k, v in said.items()
        )
    return f"'{value}'" if " " in str(value) else str(value)
