"""The changes that forms make. Each returns a new playbook, read back from its own text, so that it is one.

A part is named by keys, as in the paths of `diff`: `packet_types.quote.promise`, `handoffs.release.kit.contact`.
Every function raises PlaybookError when there is no such part or when the result would be no playbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from fullkit.playbook import reading
from fullkit.playbook.diff import MATCHED_BY
from fullkit.playbook.dump import dump, write
from fullkit.playbook.load import PlaybookError, Problem, load
from fullkit.playbook.schema import Playbook

Path = str | tuple[str, ...]
ReasonKind = Literal["skip", "put_back", "not_sold", "lost", "red", "attempt", "repair"]


# --- any part ------------------------------------------------------------------------------------------------


def replace_in(playbook: Playbook, path: Path, value: Any) -> Playbook:
    """Give a part another value; None takes it away, so that its default holds again."""
    data, steps = _data(playbook), _steps(path)
    _put(data, steps, value)
    return load(write(data))


def add_to(playbook: Playbook, path: Path, row: Mapping[str, Any], *, place: int | None = None) -> Playbook:
    """Add an entry to a list, at the end or at a place counted from nought."""
    data = _data(playbook)
    *steps, last = _steps(path)
    owner = _inside(data, steps)
    rows = owner.setdefault(last, []) if isinstance(owner, dict) else None
    if not isinstance(rows, list):
        raise _no_such([*steps, last], f"{last}, which is no list")
    rows.insert(len(rows) if place is None else place, dict(row))
    return load(write(data))


def remove_from(playbook: Playbook, path: Path) -> Playbook:
    """Take an entry out of its list."""
    data = _data(playbook)
    *steps, key = _steps(path)
    rows = _inside(data, steps)
    if not isinstance(rows, list):
        raise _no_such([*steps, key], f"{key}, which is no entry of a list")
    rows.remove(_inside(data, [*steps, key]))
    return load(write(data))


# --- the commonest -------------------------------------------------------------------------------------------


def add_kit_item(
    playbook: Playbook, handoff: str, item: Mapping[str, Any], *, place: int | None = None
) -> Playbook:
    """Ask for one more thing. `item` is written as in the file: key, name, is, criterion, test, decision, fact."""
    return add_to(playbook, ("handoffs", handoff, "kit"), item, place=place)


def change_kit_item(playbook: Playbook, handoff: str, item: str, changes: Mapping[str, Any]) -> Playbook:
    """Word an item differently, or check it differently (`is`)."""
    return _several(playbook, ("handoffs", handoff, "kit", item), changes)


def remove_kit_item(playbook: Playbook, handoff: str, item: str) -> Playbook:
    """Stop asking for an item."""
    return remove_from(playbook, ("handoffs", handoff, "kit", item))


def change_promise(playbook: Playbook, packet_type: str, promise: str | None) -> Playbook:
    """Promise another working time such as `4h`; None promises none."""
    return replace_in(playbook, ("packet_types", packet_type, "promise"), promise)


def change_queue(playbook: Playbook, department: str, changes: Mapping[str, Any]) -> Playbook:
    """Change a queue's consumption, cover_days, in_play or any other of its parts."""
    return _several(playbook, ("queues", department), changes)


def add_stage(
    playbook: Playbook, process: str, stage: Mapping[str, Any], *, place: int | None = None
) -> Playbook:
    """Add a stage: key, name, customer_action, evidence, sells."""
    return add_to(playbook, ("processes", process, "stages"), stage, place=place)


def rename_stage(playbook: Playbook, process: str, stage: str, name: str) -> Playbook:
    """Call a stage differently. Its key, which the log stores, stays."""
    return replace_in(playbook, ("processes", process, "stages", stage, "name"), name)


def remove_stage(playbook: Playbook, process: str, stage: str) -> Playbook:
    """Take a stage out of a process."""
    return remove_from(playbook, ("processes", process, "stages", stage))


def add_reason(playbook: Playbook, kind: ReasonKind, *, key: str, name: str) -> Playbook:
    """Offer one more reason to choose."""
    return add_to(playbook, ("reasons", kind), {"key": key, "name": name})


def remove_reason(playbook: Playbook, kind: ReasonKind, key: str) -> Playbook:
    """Stop offering a reason."""
    return remove_from(playbook, ("reasons", kind, key))


def add_person(playbook: Playbook, *, sign_in: str, name: str, roles: Sequence[str]) -> Playbook:
    """Someone joins."""
    return add_to(playbook, ("people",), {"sign_in": sign_in, "name": name, "roles": list(roles)})


def change_roles(playbook: Playbook, sign_in: str, roles: Sequence[str]) -> Playbook:
    """Someone works in other roles, and by them perhaps in another department."""
    return replace_in(playbook, ("people", sign_in, "roles"), list(roles))


def remove_person(playbook: Playbook, sign_in: str) -> Playbook:
    """Someone leaves; what they did stays in the log."""
    return remove_from(playbook, ("people", sign_in))


def close_department(playbook: Playbook, department: str, day: date, why: str) -> Playbook:
    """A department does not work on a day."""
    closed = {**playbook.department[department].closed} if department in playbook.department else {}
    texts = {d.isoformat(): reason for d, reason in {**closed, day: why}.items()}
    return replace_in(playbook, ("departments", department, "closed"), texts)


# --- underneath ----------------------------------------------------------------------------------------------


def _data(playbook: Playbook) -> dict[str, Any]:
    data: dict[str, Any] = reading.read(dump(playbook)).data
    return data


def _steps(path: Path) -> list[str]:
    return path.split(".") if isinstance(path, str) else list(path)


def _several(playbook: Playbook, path: tuple[str, ...], changes: Mapping[str, Any]) -> Playbook:
    data = _data(playbook)
    for name, value in changes.items():
        _put(data, [*path, name], value)
    return load(write(data))


def _put(data: dict[str, Any], steps: list[str], value: Any) -> None:
    *before, last = steps
    owner = _inside(data, before)
    if not isinstance(owner, dict):
        raise _no_such(steps, f"{last}, an entry of a list, which is added or removed")
    if value is None:
        owner.pop(last, None)
    else:
        owner[last] = value


def _inside(data: Any, steps: list[str]) -> Any:
    """The block or list at a path, made where its defaults left it out."""
    part = data
    for step in steps:
        if isinstance(part, list):
            part = next((row for row in part if _key_of(row) == step), None)
        elif isinstance(part, dict):
            part = part.setdefault(step, [] if part is data and step == "people" else {})
        if not isinstance(part, (dict, list)):
            raise _no_such(steps, f"no {step}")
    return part


def _key_of(row: Any) -> Any:
    return next((row[name] for name in MATCHED_BY if name in row), None) if isinstance(row, dict) else None


def _no_such(steps: list[str], found: str) -> PlaybookError:
    cure = "Reload the page; the playbook may have changed."
    return PlaybookError(
        [Problem("playbook.yaml", 1, 1, ".".join(steps), found, "a part of this playbook", cure)]
    )
