"""What must hold after every verb, whatever was called. Written from the rulebook, not from the verbs."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from fullkit.actions import playbooks
from fullkit.playbook.plant import Plant
from fullkit.rules.replay import owners, replay
from tests.invariants.snapshot import Snapshot


def hold(now: Snapshot) -> None:
    """Every law that one instant can show."""
    packets = list(now.rows("Packet"))
    events = list(now.rows("Event"))
    one_owner(packets)
    hands(packets)
    arrived_is_open_plus_closed(packets, events)
    the_log_is_the_state(packets, events)
    ownership_has_no_gap(packets, events)
    slots_are_booked_once(now)
    nobody_is_stranded(now, packets)


def nobody_is_stranded(now: Snapshot, packets: list[SimpleNamespace]) -> None:
    """An open packet that is someone's is with someone who works there; in a personal inbox it is always someone's."""
    company = playbooks.current().playbook
    people = {p.id: p for p in now.rows("Person")}
    for p in packets:
        if p.state == "closed":
            continue
        if p.person_id is None:
            assert company.department[p.department].inbox == "shared", p
            continue
        roles = [company.role[r] for r in people[p.person_id].roles]
        assert any(r.department == p.department and "work" in r.may for r in roles), p


def one_owner(packets: list[SimpleNamespace]) -> None:
    """Exactly one department owns a packet, and it is one the company has."""
    known = set(playbooks.current().playbook.department)
    assert {p.department for p in packets} <= known


def hands(packets: list[SimpleNamespace]) -> None:
    """Held means a holder and a lease; nobody holds two."""
    for p in packets:
        assert (p.state == "held") == (p.lease_until is not None), p
        assert p.state != "held" or p.person_id is not None, p
        assert (p.state == "closed") == (p.closed_at is not None and p.outcome != ""), p
        assert p.state != "parked" or p.not_before is not None, p
    holders = Counter(p.person_id for p in packets if p.state == "held")
    assert all(n == 1 for n in holders.values()), holders


def arrived_is_open_plus_closed(packets: list[SimpleNamespace], events: list[SimpleNamespace]) -> None:
    """Nothing appears without arriving, and nothing vanishes."""
    kinds = Counter(e.kind for e in events)
    closed = sum(p.state == "closed" for p in packets)
    assert kinds["packet.arrived"] == len(packets)
    assert kinds["packet.closed"] - kinds["packet.reopened"] == closed


def the_log_is_the_state(packets: list[SimpleNamespace], events: list[SimpleNamespace]) -> None:
    """Folding the log gives what the tables say."""
    told = replay(events)
    assert set(told) == {p.id for p in packets}
    for p in packets:
        s = told[p.id]
        said = (s.department, s.holder, s.state, s.type, s.stage, s.outcome, s.zone)
        assert said == (p.department, p.person_id, p.state, p.type, p.stage, p.outcome, p.zone), (p.id, said)


def ownership_has_no_gap(packets: list[SimpleNamespace], events: list[SimpleNamespace]) -> None:
    """Ownership intervals are contiguous from arrival to now (R6)."""
    lines = owners(events)
    arrived = {e.packet_id: e.at for e in events if e.kind == "packet.arrived"}
    for p in packets:
        line = lines[p.id]
        assert line[0].since == arrived[p.id]
        assert all(a.until == b.since and a.department != b.department for a, b in pairwise(line))
        assert (line[-1].department, line[-1].until) == (p.department, None)


def slots_are_booked_once(now: Snapshot) -> None:
    booked = Counter(s.packet_id for s in now.rows("Slot") if s.packet_id is not None)
    assert all(n == 1 for n in booked.values())


# --- kits ----------------------------------------------------------------------------------------------------


def lacks(now: Snapshot, handoff: SimpleNamespace, packet: SimpleNamespace, at: datetime) -> list[str]:
    """What a kit lacks, worked out from the tables alone, by the version under which it was opened."""
    plant = playbooks.version(handoff.playbook)
    supplies = {s.item: s for s in now.rows("KitSupply") if s.handoff_id == handoff.id}
    files = {u.id: u for u in now.rows("Upload")}
    spec = plant.playbook.handoff[handoff.kind]
    today = plant.work.day_of(at)
    return [i.key for i in spec.kit if not _met(i, supplies.get(i.key), files, packet, today)]


def _met(item: Any, supply: Any, files: dict[int, Any], packet: SimpleNamespace, today: date) -> bool:
    value = supply.value if supply else None
    file = files.get(supply.file_id) if supply else None
    if value in (None, "") and file is None and item.fact:
        value = _fact(packet, item.fact)
    kind = item.is_.kind
    if kind == "present":
        return value not in (None, "") or file is not None
    if kind == "file_of":
        return file is not None and file.kind in item.is_.file_of
    if kind == "ticked":
        return str(value).lower() in ("true", "yes", "on") and bool(supply.evidence.strip())
    if value in (None, ""):
        return False
    if kind == "one_of":
        return value in item.is_.one_of
    if kind == "between":
        least, most = item.is_.between
        return bool(re.fullmatch(r"[+-]?\d+(\.\d+)?", str(value))) and least <= Decimal(str(value)) <= most
    assert kind == "future_date"
    day = date.fromisoformat(str(value)[:10])
    return day > today or (day == today and ":" in str(value))


def _fact(packet: SimpleNamespace, name: str) -> Any:
    if name.startswith("field."):
        return packet.fields.get(name.removeprefix("field."))
    return {"customer": packet.customer_id, "contact": packet.contact_id}.get(
        name, getattr(packet, name, None)
    )


def accepted_only_when_full(before: Snapshot, now: Snapshot, at: datetime) -> None:
    """R1: what was accepted just now had a full kit."""
    open_before = {h.id for h in before.rows("Handoff") if h.accepted_at is not None}
    packets = {p.id: p for p in now.rows("Packet")}
    for h in now.rows("Handoff"):
        if h.accepted_at is not None and h.id not in open_before:
            assert lacks(now, h, packets[h.packet_id], at) == [], h


def full_never_stays(now: Snapshot, at: datetime, *, swept: bool) -> None:
    """R2: a full kit is never with the sender beyond its grace. What a queue pulls waits in the pool (R24)."""
    packets = {p.id: p for p in now.rows("Packet")}
    released = {q.release for q in playbooks.current().playbook.queues}
    for h in now.rows("Handoff"):
        if h.accepted_at or h.withdrawn_at or h.kind in released:
            continue
        plant = playbooks.version(h.playbook)
        if lacks(now, h, packets[h.packet_id], at):
            continue
        grace = plant.handoff(h.kind).grace
        assert grace is not None, ("full and not handed over", h)
        assert h.full_at is not None, h
        if swept:
            assert plant.work.add(h.full_at, plant.minutes(grace)) > at, ("full beyond its grace", h)


# --- queues --------------------------------------------------------------------------------------------------


def ready(now: Snapshot, person: int, department: str, at: datetime, plant: Plant) -> int:
    """Released, untouched, open, and still fresh (R26)."""
    policy = plant.playbook.queue[department]
    kind = plant.playbook.handoff[policy.release].packet_type
    fresh = at - timedelta(days=policy.fresh_days)
    return sum(
        p.person_id == person
        and p.department == department
        and p.type == kind
        and p.state != "closed"
        and p.touched_at is None
        and p.released_at is not None
        and p.released_at >= fresh
        for p in now.rows("Packet")
    )


def target(now: Snapshot, person: Any, department: str, plant: Plant) -> float:
    """Consumption a day times cover days, unless advice changed it (R26, R29)."""
    changed = [t.target for t in now.rows("QueueTarget") if t.person_id == person.id]
    if changed:
        return float(changed[0])
    policy = plant.playbook.queue[department]
    entry = plant.playbook.person.get(person.sign_in)
    pace = (entry and entry.consumption) or policy.consumption
    return max(1, -(-pace * policy.cover_days // 1))


def nothing_released_past_target(before: Snapshot, now: Snapshot, at: datetime) -> None:
    """R24: whoever was at or above the target got nothing more, unless someone said why."""
    plant = playbooks.current()
    people = {p.id: p for p in now.rows("Person")}
    seen = {e.id for e in before.rows("Event")}
    new = [e for e in now.rows("Event") if e.id not in seen]
    overridden = {e.packet_id for e in new if e.kind == "queue.overridden"}
    for department, policy in plant.playbook.queue.items():
        got = Counter(
            e.person_id
            for e in new
            if e.kind == "handoff.accepted"
            and e.handoff_kind == policy.release
            and e.packet_id not in overridden
        )
        for person, count in got.items():
            level = ready(before, person, department, at, plant)
            assert level + count <= target(before, people[person], department, plant), (person, level, count)


def kept_its_version(before: Snapshot, now: Snapshot) -> None:
    """An open packet keeps the playbook it was kitted under until its next handoff."""
    seen = {e.id for e in before.rows("Event")}
    handed = {e.packet_id for e in now.rows("Event") if e.id not in seen and e.kind == "handoff.accepted"}
    was = {p.id: p.playbook for p in before.rows("Packet")}
    current = playbooks.current().number
    for p in now.rows("Packet"):
        if p.id not in was or (p.id in handed):
            assert p.playbook == current or p.playbook == was.get(p.id)
        else:
            assert p.playbook == was[p.id], p


def next_in_line(now: Snapshot, person: int, departments: list[str]) -> tuple[str, int | None]:
    """Who must be dealt now: ('held', id), ('own', None: any of their own), ('line', id) or ('none', None).

    The oldest within its zone, red and black before the rest; what this person skipped comes last; a pool is never
    dealt, and nor is what lies with someone else (R18, R53).
    """
    plant = playbooks.current()
    packets = list(now.rows("Packet"))
    held = [p.id for p in packets if p.state == "held" and p.person_id == person]
    if held:
        return "held", held[0]
    for department in departments:
        here = [p for p in packets if p.state == "waiting" and p.department == department]
        if any(p.person_id == person for p in here):
            return "own", None
        if plant.playbook.department[department].inbox != "shared":
            continue
        line = [p for p in here if p.person_id is None and p.type not in plant.pooled(department)]
        fresh = [p for p in line if p.skipped_by_id != person] or line
        if fresh:
            return "line", min(fresh, key=lambda p: (p.zone == "", p.queued_at, p.id)).id
    return "none", None
