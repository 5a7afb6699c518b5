"""The log is append-only, has one door, and everything above the doors is told what time it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

import fullkit
from fullkit.models import Event
from fullkit.rules import replay
from tests.invariants import laws
from tests.invariants.snapshot import Snapshot
from tests.world import World

SRC = Path(fullkit.__file__).parent
TELLS_NO_TIME = ("rules", "playbook", "flow", "models", "actions", "reports")
"""Rooms in which nothing may look at a clock: what happens, happens at the time it is told."""
CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"),
}  # fmt: skip


def _sql(statement: str) -> Callable[[Event], Any]:
    def run(event: Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [event.pk])

    return run


def _saved(event: Event) -> None:
    event.reason = "rewritten"
    event.save()


def _bulk(event: Event) -> None:
    event.reason = "rewritten"
    Event.objects.bulk_update([event], ["reason"])


CHANGES: dict[str, Callable[[Event], Any]] = {
    "UPDATE": _sql("UPDATE fullkit_event SET reason = 'rewritten' WHERE id = %s"),
    "DELETE": _sql("DELETE FROM fullkit_event WHERE id = %s"),
    "save": _saved,
    "delete": lambda event: event.delete(),
    "queryset.update": lambda event: Event.objects.filter(pk=event.pk).update(reason="rewritten"),
    "queryset.delete": lambda event: Event.objects.filter(pk=event.pk).delete(),
    "bulk_update": _bulk,
    "UPDATE of nothing new": _sql("UPDATE fullkit_event SET reason = reason WHERE id = %s"),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_row_of_the_log_is_never_changed_or_deleted(world: World, how: str) -> None:
    world.arrives()
    event = Event.objects.exclude(packet=None).first()
    before = Snapshot()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CHANGES[how](event)
    assert Snapshot() == before


def test_sqlite_cannot_replace_a_row_either(world: World) -> None:
    """INSERT OR REPLACE deletes without asking the DELETE trigger unless recursive triggers are on."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    world.arrives()
    event = Event.objects.order_by("pk").first()
    before = Snapshot()
    columns = ", ".join(f'"{f.column}"' for f in Event._meta.concrete_fields)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT OR REPLACE INTO fullkit_event ({columns}) SELECT {columns} FROM fullkit_event"
            " WHERE id = %s",
            [event.pk],
        )
    assert Snapshot() == before


def test_the_rows_of_the_log_can_be_added(world: World) -> None:
    """Otherwise the tests above would pass on a log that takes nothing."""
    count = Event.objects.count()
    world.arrives()
    assert Event.objects.count() > count


# --- one door ------------------------------------------------------------------------------------------------


def _files(*rooms: str) -> Iterator[Path]:
    for path in sorted(SRC.rglob("*.py")):
        room = path.relative_to(SRC).parts[0]
        if not rooms or room in rooms:
            yield path


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def _dotted(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Attribute):
        return (*_dotted(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ("?",)


WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "acreate", "abulk_create", "write"}


def test_only_the_log_makes_events() -> None:
    """`Event(...)` of the models, and every manager method that writes one, stands in actions/log.py alone."""
    found = []
    for path in _files():
        text = path.read_text(encoding="utf-8")
        if "fullkit.models" not in text or path.name == "log.py":
            continue
        names = _event_names(ast.parse(text))
        for call in _calls(path):
            parts = _dotted(call.func)
            made = parts[-1:] in [(n,) for n in names] and len(parts) == 1
            written = len(parts) > 2 and parts[0] in names and parts[1] == "objects" and parts[-1] in WRITES
            if made or written:
                found.append(f"{path.relative_to(SRC)}:{call.lineno}")
    assert found == []


def _event_names(tree: ast.AST) -> set[str]:
    """What the table's class is called here, if it is imported."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fullkit.models")
        for alias in node.names
        if alias.name == "Event"
    }


def test_nobody_writes_the_table_of_the_log_by_hand() -> None:
    found = [
        f"{path.relative_to(SRC)}"
        for path in _files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(
            f"{verb} fullkit_event" in " ".join(node.value.lower().split())
            for verb in ("into", "update", "from")
        )
        and "insert into" in node.value.lower()
    ]
    assert set(found) <= {"migrations/0002_log_is_append_only.py", "models/log.py"}


def test_nothing_below_the_doors_looks_at_a_clock() -> None:
    found = []
    for path in _files(*TELLS_NO_TIME):
        for call in _calls(path):
            if _dotted(call.func)[-2:] in CLOCKS:
                found.append(path.relative_to(SRC).as_posix())
    # The one is recorded_at; the other is the age of the mirror's files, not of anything that happened.
    assert sorted(set(found)) == ["actions/log.py", "reports/log.py"]


def test_the_search_finds_a_clock_and_an_event(tmp_path: Path) -> None:
    """The tests above must be able to fail."""
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from fullkit.models import Event as E\nE(kind='x')\nE.objects.create()\ndatetime.now(UTC)\n"
    )
    assert _event_names(ast.parse(bad.read_text())) == {"E"}
    assert [_dotted(c.func) for c in _calls(bad)] == [("E",), ("E", "objects", "create"), ("datetime", "now")]


# --- replaying -----------------------------------------------------------------------------------------------


def test_replaying_the_log_gives_the_tables(world: World) -> None:
    world.quote_asked()
    world.arrives()
    world.in_pool(full=False)
    laws.hold(Snapshot())


def test_replaying_refuses_a_log_with_a_gap(world: World) -> None:
    """R6: a row in a department that does not own the packet, and a packet that never arrived."""
    child = world.quote_asked()
    rows = [r for r in Snapshot().rows("Event") if r.packet_id == child.pk]
    with pytest.raises(replay.LogBroken, match="before it arrived"):
        replay.replay(rows[1:])
    without_handover = [r for r in rows if r.kind != "handoff.accepted"]
    from fullkit.actions import inbox

    inbox.deal(world.sara, at=world.now)
    dealt = [r for r in Snapshot().rows("Event") if r.packet_id == child.pk][-1]
    with pytest.raises(replay.LogBroken, match="inside_sales owned it"):
        replay.replay([*without_handover, dealt])
    dealt.state = "waiting"
    with pytest.raises(replay.LogBroken, match="it is waiting, not held"):
        replay.replay([*rows, dealt])
