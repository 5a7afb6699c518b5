"""The log for other tools: as Parquet, and as an object-centric event log (OCEL 2.0) in JSON or SQLite.

DuckDB makes the file from the tables of flow/schema.py, streaming: what it needs of memory grows with the number of
packets and their changes, hardly with the events. A file appears whole or not at all, and never takes the place of
one that is there.
"""

from __future__ import annotations

import json
import os
import secrets
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
    absent = "" if form == "parquet" else _absent(con)
    con.execute(f"CREATE OR REPLACE TEMP VIEW exported AS SELECT *{absent} FROM log WHERE {window.condition}")
    if not con.execute("SELECT 1 FROM exported LIMIT 1").fetchone():
        raise CannotExport(
            "Nothing happened in that time, so there is nothing to write. Choose another time."
        )
    with _draft(target) as draft:
        return _WRITE[form](con, draft, names)


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


def _parquet(con: DuckDBPyConnection, draft: Path, names: bool) -> Written:
    days = con.execute("SELECT day::VARCHAR, minutes FROM calendar ORDER BY day").fetchall()
    con.execute(
        f"""
        COPY (SELECT * FROM exported ORDER BY packet, "at", id) TO {_text(str(draft))}
        (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{_CALENDAR}: {_text(json.dumps(days))}}})
        """
    )
    return Written(events=ocel.count(con, "exported"))


_WRITE: dict[Form, Callable[[DuckDBPyConnection, Path, bool], Written]] = {
    "parquet": _parquet,
    "ocel-json": export_json.write,
    "ocel-sqlite": export_sqlite.write,
}


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A name to write under; what is there in the end gets its real name, flushed, at once."""
    if target.exists():
        raise CannotExport(f"{target} is there already. Choose another name; nothing is overwritten.")
    if not target.parent.is_dir():
        raise CannotExport(f"There is no folder {target.parent}. Make it, or choose another place.")
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it holds what people did
        yield draft
        with draft.open("rb") as whole:
            os.fsync(whole.fileno())
        os.link(draft, target)  # a rename would overwrite what somebody else put there meanwhile
    except FileExistsError:
        raise CannotExport(f"{target} is there already. Choose another name.") from None
    except (OSError, duckdb.IOException) as error:
        said = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise CannotExport(f"{target} cannot be written: {said}. Choose another place.") from None
    finally:
        draft.unlink(missing_ok=True)


def _text(value: str) -> str:
    """As a literal of DuckDB."""
    return "'" + value.replace("'", "''") + "'"
