"""The log for other tools: as Parquet, and as an object-centric event log (OCEL 2.0) in JSON or SQLite.

DuckDB makes the file in a database of its own, in a folder beside the target: what goes beyond MEMORY waits there on
the disk, so a longer log takes longer and more disk, not more memory. A file appears whole or not at all, and never
takes the place of one that is there.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import duckdb
from duckdb import DuckDBPyConnection

from fullkit.flow import export_json, export_sqlite, ocel, schema
from fullkit.flow.ocel import Form, Written

FORMS: tuple[Form, ...] = get_args(Form)
MEMORY = "384MB"
"""What DuckDB may hold at a time; the interpreter and the buffers of files come on top."""
_THREADS = min(4, os.cpu_count() or 1)
_GROUP = 20_480
"""Rows that each thread gathers before it writes them."""
_CALENDAR = "fullkit_calendar"


class CannotExport(Exception):
    """What keeps the file from being written, as a sentence with the cure."""


@dataclass(frozen=True)
class Window:
    """Which events, by the company's date, both ends included; None is from the first or to the last."""

    since: date | None = None
    until: date | None = None

    @property
    def condition(self) -> str:
        """As SQL over the column `day`."""
        ends = [
            f"day >= DATE '{self.since:%Y-%m-%d}'" if self.since else "",
            f"day <= DATE '{self.until:%Y-%m-%d}'" if self.until else "",
        ]
        return " AND ".join(filter(None, ends)) or "true"


def write(
    con: DuckDBPyConnection, target: Path, *, form: Form, window: Window | None = None, names: bool = False
) -> Written:
    """Write the log to `target`; returns what is in it.

    `con` holds `log`, `packets` and `calendar`, and for the object-centric forms, where they are known,
    `parents (packet, parent)`, `people (id, name)` and `customers (id, name)`. Names go into the file only
    with `names`. Raises CannotExport when the file is there, cannot be written, or would be without events.
    """
    window = window or Window()
    if names and form == "parquet":
        raise CannotExport(
            "A Parquet file has the columns of the log, and names are none of them."
            " Leave the names out, or choose ocel-json or ocel-sqlite."
        )
    if window.since and window.until and window.since > window.until:
        raise CannotExport(f"The time ends ({window.until}) before it begins ({window.since}). Swap the two.")
    if not con.execute(f"SELECT 1 FROM log WHERE {window.condition} LIMIT 1").fetchone():
        raise CannotExport(
            "Nothing happened in that time, so there is nothing to write. Choose another time."
        )
    with _draft(target) as draft, _workshop(draft.parent) as shop:
        if form == "parquet":
            return _parquet(con, shop, draft, window)
        _bring(con, shop, draft.parent, window, names=names)
        return _WRITE[form](shop, draft, names)


def open_parquet(con: DuckDBPyConnection, path: Path) -> None:
    """The tables of flow/schema.py over a Parquet file that `write` made, with the calendar it carries.

    Raises CannotExport when it is not such a file.
    """
    try:
        con.execute(f"CREATE OR REPLACE TEMP VIEW log AS SELECT * FROM read_parquet({_text(str(path))})")
        days = calendar_in(con, path)
    except duckdb.Error:
        raise CannotExport(f"{path} is not a log that `fullkit export --format parquet` wrote.") from None
    schema.packets(con)
    schema.calendar(con, days)


def calendar_in(con: DuckDBPyConnection, path: Path) -> list[tuple[date, float]]:
    """The (day, working minutes) that a Parquet file carries beside its rows; empty when it carries none."""
    found = con.execute(
        "SELECT value FROM parquet_kv_metadata($path) WHERE key = $key", {"path": str(path), "key": _CALENDAR}
    ).fetchone()
    return (
        [(date.fromisoformat(day), float(minutes)) for day, minutes in json.loads(found[0])] if found else []
    )


# --- strokes -------------------------------------------------------------------------------------------------


def _absent(con: DuckDBPyConnection) -> str:
    """The columns that this log lacks, empty, so that one set of statements is enough."""
    held = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE log)").fetchall()}
    return "".join(f', NULL::{c.type} AS "{c.name}"' for c in schema.LOG if c.name not in held)


def _parquet(con: DuckDBPyConnection, shop: DuckDBPyConnection, draft: Path, window: Window) -> Written:
    days = con.execute("SELECT day::VARCHAR, minutes FROM calendar ORDER BY day").fetchall()
    _carry(con, shop, draft.parent, "carried", f"SELECT * FROM log WHERE {window.condition}")
    shop.execute(
        f"""
        COPY (SELECT * FROM carried ORDER BY packet, "at", id) TO {_text(str(draft))}
        (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{_CALENDAR}: {_text(json.dumps(days))}}})
        """
    )
    return Written(events=ocel.count(shop, "carried"))


_WRITE: dict[Form, Callable[[DuckDBPyConnection, Path, bool], Written]] = {
    "ocel-json": export_json.write,
    "ocel-sqlite": export_sqlite.write,
}


def _bring(
    con: DuckDBPyConnection, shop: DuckDBPyConnection, folder: Path, window: Window, *, names: bool
) -> None:
    """Make in the workshop `exported`, in the order of time, and what is known beside it."""
    select = f"SELECT *{_absent(con)} FROM log WHERE {window.condition}"
    _carry(con, shop, folder, "carried", select)
    shop.execute('CREATE TABLE exported AS SELECT * FROM carried ORDER BY "at", id')
    known = ocel.known(con)
    for table in ("packets", "parents", *(("people", "customers") if names else ())):
        if table in known:
            _carry(con, shop, folder, table, f"SELECT * FROM {table}")
    schema.calendar(shop, con.execute("SELECT day, minutes FROM calendar").fetchall())


def _carry(con: DuckDBPyConnection, shop: DuckDBPyConnection, folder: Path, name: str, select: str) -> None:
    """Rows from one database to the other by files, one a thread and in any order, so that none waits in memory."""
    rows = folder / name
    options = f"FORMAT parquet, PER_THREAD_OUTPUT true, ROW_GROUP_SIZE {_GROUP}"
    con.execute(f"COPY ({select}) TO {_text(str(rows))} ({options})")
    shop.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_text(f'{rows}/*.parquet')})")


@contextmanager
def _workshop(folder: Path) -> Iterator[DuckDBPyConnection]:
    """A database whose limits are its own, so that the caller's keeps its settings."""
    with duckdb.connect(
        folder / "workshop.duckdb",
        config={"memory_limit": MEMORY, "temp_directory": str(folder / "spilled"), "threads": _THREADS},
    ) as shop:
        yield shop


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A name to write under, in a folder for all that is needed meanwhile; what is there in the end gets its real
    name, flushed, at once."""
    if target.exists():
        raise CannotExport(f"{target} is there already. Choose another name; nothing is overwritten.")
    if not target.parent.is_dir():
        raise CannotExport(f"There is no folder {target.parent}. Make it, or choose another place.")
    folder = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        folder.mkdir(mode=0o700)  # it holds what people did
        draft = folder / "whole"
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
        with draft.open("rb") as whole:
            os.fsync(whole.fileno())
        os.link(draft, target)  # a rename would overwrite what somebody else put there meanwhile
    except FileExistsError:
        raise CannotExport(f"{target} is there already. Choose another name.") from None
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException, sqlite3.OperationalError) as error:
        said = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise CannotExport(f"{target} cannot be written: {said}. Choose another place.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _text(value: str) -> str:
    """As a literal of DuckDB."""
    return "'" + value.replace("'", "''") + "'"
