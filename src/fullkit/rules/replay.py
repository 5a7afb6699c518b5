"""Replaying the log: who had what, when. The tables are a cache of this, and `fullkit verify` compares the two.

Every row that changes a packet says how it stands from there on, so the fold is short. What it also checks is
that one row follows from the one before: ownership leaves no gap and no overlap (R6), and a kind leaves a packet
in the state that the kind means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

MOVES = frozenset(
    {
        "handoff.accepted",
        "dispute.upheld",
        "packet.returned_to_pool",
        "packet.classified",
        "packet.left_behind",
    }
)
"""Kinds that may take a packet from one department to another."""

_LEAVES = {
    "packet.dealt": "held",
    "packet.put_back": "waiting",
    "packet.lease_ran_out": "waiting",
    "packet.woke": "waiting",
    "packet.parked": "parked",
    "packet.closed": "closed",
    "packet.reopened": "waiting",
    "packet.returned_to_pool": "waiting",
    "handoff.accepted": "waiting",
    "dispute.upheld": "waiting",
}
_CHANGES = MOVES | set(_LEAVES) | {"packet.arrived", "packet.skipped", "packet.triaged", "stage.advanced"}
_NEW_PROMISE = frozenset({"packet.reopened", "packet.triaged", "handoff.accepted", "dispute.upheld"})
_COLOURS = frozenset({"promise.reddened", "promise.broken"})


class Row(Protocol):
    """One row of the log, by the columns that replaying reads."""

    packet_id: int | None
    kind: str
    at: datetime
    department: str | None
    to_department: str | None
    packet_type: str | None
    stage: str | None
    to_stage: str | None
    state: str | None
    holder: int | None
    outcome: str | None
    zone: str | None


@dataclass(frozen=True)
class Stand:
    """How one packet stands. `holder` is a person's id; None is the department's shared inbox."""

    department: str
    holder: int | None
    state: str
    type: str
    stage: str = ""
    outcome: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Owned:
    """That a department owned a packet from one row of the log to another; `until` None is up to now."""

    department: str
    since: datetime
    until: datetime | None


class LogBroken(ValueError):
    """One row of the log does not follow from those before it."""


def replay(rows: Iterable[Row]) -> dict[int, Stand]:
    """How each packet stands after these rows, which come in the order they were written. Raises LogBroken."""
    stands: dict[int, Stand] = {}
    for row in rows:
        if row.packet_id is not None:
            stands[row.packet_id] = follow(stands.get(row.packet_id), row)
    return stands


def follow(before: Stand | None, row: Row) -> Stand:
    """How a packet stands after one more row."""
    if before is None:
        return _arrive(row)
    if row.kind in _COLOURS:
        return replace(before, zone=row.zone or "")
    if row.kind not in _CHANGES:
        return before
    _check(before, row)
    after = replace(before, state=row.state or "", holder=row.holder)
    if row.kind in MOVES:
        after = replace(after, department=row.to_department or before.department)
    if row.kind in ("packet.classified", "packet.triaged"):
        after = replace(after, type=row.packet_type or "", stage=row.stage or "")
    if (row.kind == "packet.classified" and row.to_department) or row.kind in _NEW_PROMISE:
        after = replace(after, zone="")
    if row.kind == "stage.advanced" and row.to_stage != "won":
        after = replace(after, stage=row.to_stage or "")
    if row.kind in ("packet.closed", "packet.reopened"):
        after = replace(after, outcome=row.outcome or "")
    return after


def owners(rows: Iterable[Row]) -> dict[int, list[Owned]]:
    """Who owned each packet from when to when: intervals without gap and without overlap (R6). Raises LogBroken."""
    owned: dict[int, list[Owned]] = defaultdict(list)
    stands: dict[int, Stand] = {}
    for row in rows:
        if row.packet_id is None:
            continue
        before = stands.get(row.packet_id)
        after = stands[row.packet_id] = follow(before, row)
        line = owned[row.packet_id]
        if before is None:
            line.append(Owned(after.department, row.at, None))
        elif before.department != after.department:
            line[-1] = replace(line[-1], until=row.at)
            line.append(Owned(after.department, row.at, None))
    return dict(owned)


def _arrive(row: Row) -> Stand:
    if row.kind != "packet.arrived":
        raise LogBroken(f"Packet {row.packet_id}: {row.kind} before it arrived.")
    return Stand(
        department=row.department or "",
        holder=row.holder,
        state=row.state or "",
        type=row.packet_type or "",
        stage=row.stage or "",
    )


def _check(before: Stand, row: Row) -> None:
    if row.kind == "packet.arrived":
        raise LogBroken(f"Packet {row.packet_id}: it arrived twice.")
    if row.department != before.department:
        raise LogBroken(
            f"Packet {row.packet_id}: {row.kind} in {row.department}, but {before.department} owned it."
        )
    wanted = _LEAVES.get(row.kind)
    if wanted is not None and row.state != wanted:
        raise LogBroken(f"Packet {row.packet_id}: after {row.kind} it is {row.state}, not {wanted}.")
    if row.kind == "stage.advanced" and row.stage != before.stage:
        raise LogBroken(f"Packet {row.packet_id}: it left {row.stage}, but it was in {before.stage}.")
