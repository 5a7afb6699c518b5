"""OCEL 2.0 as a SQLite file: the standard's tables, one more for each type of event and of object."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow import ocel
from fullkit.flow.ocel import Attribute, Written

_ROWS, _EVENTS = 10_000, 50_000
_CACHE = 65_536
"""Kilobytes of the file that SQLite may hold."""
_TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT REFERENCES event (ocel_id), ocel_object_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)
);
CREATE TABLE object_object (
    ocel_source_id TEXT REFERENCES object (ocel_id), ocel_target_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)
);
"""
_SQL_TYPES = {"integer": "INTEGER", "float": "REAL", "time": "TIMESTAMP"}


def write(con: DuckDBPyConnection, draft: Path, names: bool) -> Written:
    """Fill `draft`; `con` holds `exported` and what ocel.objects reads beside it."""
    ocel.objects(con, names=names)
    with closing(sqlite3.connect(draft, isolation_level=None)) as out:
        out.execute("PRAGMA journal_mode = OFF")  # who dies leaves a draft that nobody reads
        out.execute("PRAGMA synchronous = OFF")
        out.execute(f"PRAGMA cache_size = -{_CACHE}")
        out.executescript(_TABLES)
        out.execute("BEGIN")
        _events(con, out)
        _objects(con, out)
        relations = _related(con, out)
        out.execute("COMMIT")
    return Written(ocel.count(con, "exported"), ocel.count(con, "object"), relations)


def tables_for(kinds: Iterable[str]) -> dict[str, str]:
    """A name made of letters and digits for each type, all different, also to SQLite, which ignores case."""
    found: dict[str, str] = {}
    for kind in kinds:
        plain = "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", kind)) or "Type"
        name, more = plain, 1
        while name.lower() in {other.lower() for other in found.values()}:
            more += 1
            name = f"{plain}{more}"
        found[kind] = name
    return found


def _events(con: DuckDBPyConnection, out: sqlite3.Connection) -> None:
    kinds, said = ocel.kinds_of_events(con), ocel.attributes()
    time = _moment('"at"')
    for kind, name in _mapped(out, "event", kinds).items():
        _table(out, f"event_{name}", kinds[kind], first="ocel_id TEXT PRIMARY KEY, ocel_time TIMESTAMP")
        values = "".join(f", {_plain(said[a.name], a)}" for a in kinds[kind])
        found = con.execute(
            f"SELECT 'event:' || id, {time}{values} FROM exported WHERE kind = $kind",
            {"kind": kind},
        )
        for rows in _batches(found):
            _insert(out, "event", [(row[0], kind) for row in rows])
            _insert(out, f"event_{name}", rows)


def _objects(con: DuckDBPyConnection, out: sqlite3.Connection) -> None:
    """A row for what an object always was, and one for each change, which names its field."""
    kinds = ocel.kinds_of_objects(con)
    for kind, name in _mapped(out, "object", kinds).items():
        known = [a.name for a in kinds[kind]]
        first = "ocel_id TEXT REFERENCES object (ocel_id), ocel_time TIMESTAMP, ocel_changed_field TEXT"
        _table(out, f"object_{name}", kinds[kind], first=first)
        of_kind = {"kind": kind}
        _pour(out, "object", con.execute("SELECT id, type FROM object WHERE type = $kind", of_kind))
        _pour(out, f"object_{name}", con.execute(_always(known), of_kind))
        _pour(out, f"object_{name}", con.execute(_changes(known), of_kind))


def _always(known: Iterable[str]) -> str:
    values = "".join(f", any_value(value) FILTER (name = '{name}')" for name in known)
    return f"""
        SELECT id, '{_BEGINNING}', NULL{values}
        FROM object LEFT JOIN change ON change.object = object.number AND "at" = {ocel.ALWAYS}
        WHERE type = $kind GROUP BY number, id ORDER BY number"""


def _changes(known: Iterable[str]) -> str:
    values = "".join(f", CASE WHEN name = '{name}' THEN value END" for name in known)
    return f"""
        SELECT id, {_moment('"at"')}, name{values}
        FROM object JOIN change ON change.object = object.number
        WHERE type = $kind AND "at" <> {ocel.ALWAYS} ORDER BY number, "at", place, name"""


def _related(con: DuckDBPyConnection, out: sqlite3.Connection) -> int:
    """Some events after the other, which is nearly the order of the table's key: SQLite hardly ever goes back."""
    each = " UNION ALL ".join(
        f"SELECT id, {sql} AS object, '{qualifier}' AS qualifier FROM these"
        for qualifier, sql in ocel.related().items()
    )
    relations = 0
    for since in range(0, ocel.count(con, "exported"), _EVENTS):
        relations += _pour(
            out,
            "event_object",
            con.execute(
                f"""WITH these AS (SELECT * FROM exported WHERE rowid BETWEEN {since} AND {since + _EVENTS - 1})
                    SELECT 'event:' || id AS event, object, qualifier FROM ({each}) WHERE object IS NOT NULL
                    ORDER BY event, object, qualifier"""
            ),
        )
    sql = "SELECT id, target, qualifier FROM relation JOIN object ON number = source ORDER BY ALL"
    _pour(out, "object_object", con.execute(sql))
    return relations


# --- strokes -------------------------------------------------------------------------------------------------


def _moment(value: str) -> str:
    """A time as SQLite and its readers write one, with its zone."""
    return f"strftime({value}, '%Y-%m-%d %H:%M:%S.%f+00:00')"


_BEGINNING = "1970-01-01 00:00:00.000000+00:00"


def _plain(sql: str, attribute: Attribute) -> str:
    if attribute.type == "time":
        return _moment(f'"{attribute.name}"')
    return sql


def _mapped(out: sqlite3.Connection, side: str, kinds: Iterable[str]) -> dict[str, str]:
    tables = tables_for(kinds)
    _insert(out, f"{side}_map_type", list(tables.items()))
    return tables


def _table(out: sqlite3.Connection, name: str, known: Sequence[Attribute], *, first: str) -> None:
    rest = "".join(f', "{a.name}" {_SQL_TYPES.get(a.type, "TEXT")}' for a in known)
    out.execute(f'CREATE TABLE "{name}" ({first}{rest})')


def _pour(out: sqlite3.Connection, table: str, found: DuckDBPyConnection) -> int:
    """Move the rows of an answer into a table; returns how many."""
    moved = 0
    for rows in _batches(found):
        _insert(out, table, rows)
        moved += len(rows)
    return moved


def _batches(found: DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    while rows := found.fetchmany(_ROWS):
        yield rows


def _insert(out: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        out.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
