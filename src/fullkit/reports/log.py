"""The Parquet mirror of the log, kept beside the database, and the event table that measures read.

DuckDB never opens the live database. `refresh` copies events that are settled into part files, each sorted by
(packet, at); `table` reads these files and, with one query, the newer rows, so that an answer is never stale.

A part exists when the manifest names it. Files are written under another name, flushed and renamed, the manifest
last; whoever dies in between leaves a file that nobody reads. Parts are merged like the digits of a binary
counter: a new event is rewritten a logarithmic number of times, and a day's events cost in proportion to the day.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
from django.conf import settings
from django.db import OperationalError, connection, transaction
from duckdb import DuckDBPyConnection

from fullkit.flow import schema
from fullkit.models import Event
from fullkit.reports import method
from fullkit.reports.columns import RECORDED, arrays, midnights
from fullkit.rules.calendar import WorkTime

CHUNK = 25_000
"""Rows copied at a time: what bounds the memory of a first copy."""
LONG_TAIL = 2_000
"""Rows newer than the mirror beyond which a question first has them copied."""
FORGET_AFTER = 600.0
"""Seconds for which a part that was merged away stays: a question may still be reading it."""
FORM = 2
"""Raise it when the files of an older version must not be read."""
_WAIT = "200ms"
_ORDER = 'ORDER BY packet, "at", id'


@dataclass(frozen=True)
class Part:
    """One file of the mirror."""

    file: str
    rows: int


@dataclass(frozen=True)
class Mirror:
    """What the manifest says: which parts there are, how far they reach, and what they were made from."""

    form: str
    last: int = 0
    """The last event that is in the parts."""
    stamp: str = ""
    """What that event looked like: a database that was restored or replaced has another one there."""
    parts: tuple[Part, ...] = field(default=())

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


# --- keeping it ----------------------------------------------------------------------------------------------


def refresh() -> int:
    """Copy the settled events that the mirror lacks; returns how many.

    Returns 0 at once when another process is at it. What cannot be used any more (another calendar, another
    database, an older form) is copied anew.
    """
    with _lock() as mine:
        if not mine:
            return 0
        work = method.working_time()
        mirror = _usable(_read(), work)
        upto, copied = _settled(), 0
        while mirror.last < upto and (rows := _rows(mirror.last, upto, CHUNK)):
            mirror = _append(mirror, rows, work)
            copied += len(rows)
        _forget(mirror)
        return copied


def _append(mirror: Mirror, rows: Sequence[tuple[Any, ...]], work: WorkTime) -> Mirror:
    given = arrays(rows, work)  # DuckDB finds it by this name
    with _database().cursor() as con:
        con.execute(f"CREATE TEMP TABLE fresh AS {_cast('given')}")
        parts = [*mirror.parts, _write(con, "SELECT * FROM fresh", len(rows))]
        while len(parts) > 1 and parts[-2].rows <= parts[-1].rows:
            one, two = parts[-2:]
            both = f"SELECT * FROM read_parquet({_paths([one, two])})"
            parts[-2:] = [_write(con, both, one.rows + two.rows)]
    del given
    grown = replace(mirror, last=rows[-1][0], stamp=_stamp(rows[-1][0]), parts=tuple(parts))
    _write_manifest(grown)
    return grown


def _write(con: DuckDBPyConnection, select: str, rows: int) -> Part:
    part = Part(f"part-{uuid4().hex}.parquet", rows)
    draft = _folder() / f"{part.file}.draft"
    con.execute(f"COPY ({select} {_ORDER}) TO '{draft}' (FORMAT parquet, COMPRESSION zstd)")
    _keep(draft, _folder() / part.file)
    return part


def _write_manifest(mirror: Mirror) -> None:
    draft = _folder() / "manifest.draft"
    draft.write_text(json.dumps(asdict(mirror), indent=1), encoding="utf-8")
    _keep(draft, _folder() / "manifest.json")


def _keep(draft: Path, path: Path) -> None:
    """Let a file appear under its name whole or not at all, also after a power cut."""
    for place in (draft, draft.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
            if place == draft:
                os.replace(draft, path)
        finally:
            os.close(handle)


def _forget(mirror: Mirror) -> None:
    """Remove what the manifest does not name, once it can no longer be in use."""
    named, now = {part.file for part in mirror.parts}, time.time()
    for path in _folder().glob("part-*"):
        if path.name in named:
            os.utime(path)  # so that its age counts from the moment it was last named
        elif now - path.stat().st_mtime > FORGET_AFTER:
            path.unlink(missing_ok=True)


def _settled() -> int:
    """The last event such that no event with a lower number can still appear.

    On PostgreSQL numbers are given before transactions commit, so a lower one may become visible after a higher
    one. For an instant no writer may be under way: a share lock waits for those that are, briefly, and else the
    mirror stays as it is until the next time. SQLite has one writer at a time.
    """
    newest = "SELECT max(id) FROM fullkit_event"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"SET LOCAL lock_timeout = '{_WAIT}'")
                cursor.execute("LOCK TABLE fullkit_event IN SHARE MODE")
            cursor.execute(newest)
            return cursor.fetchone()[0] or 0
    except OperationalError:
        if connection.vendor != "postgresql":
            raise
        return 0


@contextmanager
def _lock() -> Iterator[bool]:
    """Whether this process may change the mirror; released when it ends, however it ends."""
    handle = os.open(_folder() / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


# --- reading it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reach:
    """How far a table reaches: the same reach over the same database gives the same answers."""

    form: str
    last: int
    rows: int


def table(*, at: datetime) -> tuple[DuckDBPyConnection, Reach]:
    """A connection with the view `log`, complete to this instant, and the table `calendar` up to `at`'s day.

    The connection is the caller's; close it when done.
    """
    work = method.working_time()
    mirror = _usable(_read(), work)
    tail = _rows(mirror.last, None, LONG_TAIL + 1)
    if len(tail) > LONG_TAIL:
        refresh()
        mirror = _usable(_read(), work)
        tail = _rows(mirror.last, None, None)
    con = _database().cursor()
    _view(con, mirror, tail, work)
    first = con.execute("SELECT min(day) FROM log").fetchone()
    today = work.day_of(at)
    schema.calendar(con, _days(work, min(first[0] or today, today) if first else today, today))
    return con, Reach(mirror.form, max(mirror.last, tail[-1][0] if tail else 0), mirror.rows + len(tail))


def reach() -> Reach:
    """How far a table would reach now, without building it: one query."""
    mirror = _usable(_read(), method.working_time())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(id) FROM fullkit_event WHERE id > %s", [mirror.last])
        count, newest = cursor.fetchone()
    return Reach(mirror.form, max(mirror.last, newest or 0), mirror.rows + count)


def _view(con: DuckDBPyConnection, mirror: Mirror, tail: Sequence[tuple[Any, ...]], work: WorkTime) -> None:
    schema.create(con, "tail", schema.LOG, temporary=True)
    if tail:
        given = arrays(tail, work)
        con.execute(f"INSERT INTO tail {_cast('given')}")
        del given
    both = "SELECT * FROM tail"
    if mirror.parts:
        both = f"SELECT * FROM read_parquet({_paths(mirror.parts)}) UNION ALL {both}"
    con.execute(f"CREATE TEMP VIEW log AS {both}")
    schema.packets(con)


@lru_cache(maxsize=8)
def _days(work: WorkTime, first: date, last: date) -> tuple[tuple[date, float], ...]:
    starts = midnights(work.zone, first, last + timedelta(days=1))
    return tuple(
        (first + timedelta(days=i), work.minutes_between(starts[i], starts[i + 1]))
        for i in range(len(starts) - 1)
    )


_guard = threading.Lock()
_databases: dict[int, DuckDBPyConnection] = {}


def _database() -> DuckDBPyConnection:
    """One in-memory DuckDB per process; each question gets a cursor with temporary tables of its own.

    A forked child leaves its parent's alone: the threads behind it are not there to be stopped.
    """
    with _guard:
        if os.getpid() not in _databases:
            con = duckdb.connect(config={"threads": 2, "temp_directory": str(_folder() / "spill")})
            con.execute(
                "SET GLOBAL pandas_analyze_sample = 0"
            )  # object columns are text, whatever they begin with
            _databases[os.getpid()] = con
        return _databases[os.getpid()]


# --- strokes -------------------------------------------------------------------------------------------------


def _folder() -> Path:
    folder = Path(settings.VAR) / "log"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _read() -> Mirror | None:
    """The manifest, or None when there is none or it cannot be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        found = json.loads((_folder() / "manifest.json").read_text(encoding="utf-8"))
        parts = tuple(Part(**part) for part in found.pop("parts"))
        if all((_folder() / part.file).exists() for part in parts):
            return Mirror(**found, parts=parts)
    return None


def _usable(mirror: Mirror | None, work: WorkTime) -> Mirror:
    """The mirror if it was made from this log with this calendar, else an empty one."""
    form = _form(work)
    if mirror is None or mirror.form != form or (mirror.last and mirror.stamp != _stamp(mirror.last)):
        return Mirror(form)
    return mirror


def _form(work: WorkTime) -> str:
    base = connection.settings_dict
    place = [str(base.get(name)) for name in ("ENGINE", "NAME", "HOST", "PORT")]
    return _digest(FORM, place, [(c.name, c.type) for c in schema.LOG], _calendar_of(work))


@lru_cache(maxsize=8)
def _calendar_of(work: WorkTime) -> str:
    return _digest(work.zone, sorted((day, list(s)) for day, s in work.hours.items()), sorted(work.closed))


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


def _stamp(event: int) -> str:
    found = Event.objects.filter(pk=event).values_list("recorded_at", "kind", "packet_id").first()
    return "" if found is None else f"{found[0].astimezone(UTC).isoformat()} {found[1]} {found[2]}"


def _rows(after: int, upto: int | None, limit: int | None) -> list[tuple[Any, ...]]:
    """Events after a number, in the order of RECORDED."""
    found = Event.objects.filter(pk__gt=after).order_by("pk").values_list(*RECORDED)
    if upto is not None:
        found = found.filter(pk__lte=upto)
    return list(found[:limit] if limit else found)


def _cast(name: str) -> str:
    columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in schema.LOG)
    return f"SELECT {columns} FROM {name}"


def _paths(parts: Sequence[Part]) -> str:
    return "[" + ", ".join(f"'{_folder() / part.file}'" for part in parts) + "]"
