"""OCEL 2.0 as JSON: one object with four lists, of which DuckDB writes the items of the long ones."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from duckdb import DuckDBPyConnection

from fullkit.flow import ocel
from fullkit.flow.ocel import Attribute, Written

_OBJECTS, _EVENTS = 5_000, 20_000
"""How many at a time: their lists are gathered in memory, and lines that are to keep their order wait there."""
_BYTES = 1 << 20


def write(con: DuckDBPyConnection, draft: Path, names: bool) -> Written:
    """Fill `draft`, part by part; `con` holds `exported` and what ocel.objects reads beside it."""
    ocel.objects(con, names=names)
    events, objects = ocel.count(con, "exported"), ocel.count(con, "object")
    with draft.open("wb") as whole:
        whole.write(f'{{"eventTypes": {_types(ocel.kinds_of_events(con))},\n'.encode())
        whole.write(f'"objectTypes": {_types(ocel.kinds_of_objects(con))}'.encode())
        for name, select, step, all in (
            ("objects", _objects, _OBJECTS, objects),
            ("events", _events, _EVENTS, events),
        ):
            whole.write(f',\n"{name}": [\n'.encode())
            for since in range(0, all, step):
                _append(con, whole, draft.with_name("part"), select(since, since + step), first=since == 0)
            whole.write(b"\n]")
        whole.write(b"}\n")
    return Written(events, objects, _relations(con))


def _append(con: DuckDBPyConnection, whole: BinaryIO, part: Path, select: str, *, first: bool) -> None:
    """The rows of a statement as items of a list. DuckDB writes one a line, and no line break within."""
    con.execute(f"COPY ({select}) TO '{_escaped(part)}' (FORMAT json, ARRAY false)")
    left = part.stat().st_size
    if not first:
        whole.write(b",\n")
    with part.open("rb") as lines:
        while read := lines.read(min(_BYTES, left - 1)):  # all but the last line break
            left -= len(read)
            whole.write(read.replace(b"\n", b",\n"))
    part.unlink()


def _events(since: int, until: int) -> str:
    """The events from the place `since` on, in the order of time, to before `until`."""
    said = ", ".join(f"{{'name': '{name}', 'value': {sql}}}" for name, sql in ocel.attributes().items())
    about = ", ".join(f"{{'objectId': {sql}, 'qualifier': '{q}'}}" for q, sql in ocel.related().items())
    return f"""
        SELECT 'event:' || id AS id, kind AS type, {ocel.instant('"at"')} AS time,
               list_filter([{said}], lambda a: a.value IS NOT NULL) AS attributes,
               list_filter([{about}], lambda r: r.objectId IS NOT NULL) AS relationships
        FROM exported WHERE rowid BETWEEN {since} AND {until - 1}"""


def _objects(since: int, until: int) -> str:
    """The objects numbered from `since` to before `until`."""
    these = f"BETWEEN {since} AND {until - 1}"
    return f"""
        SELECT id, type, coalesce(attributes, []) AS attributes, coalesce(relationships, []) AS relationships
        FROM object
        LEFT JOIN (
            SELECT object AS number,
                   list({{'name': name, 'value': value, 'time': {ocel.instant('"at"')}}}
                        ORDER BY "at", place, name) AS attributes
            FROM change WHERE object {these} GROUP BY object
        ) USING (number)
        LEFT JOIN (
            SELECT source AS number,
                   list({{'objectId': target, 'qualifier': qualifier}} ORDER BY qualifier, target)
                   AS relationships
            FROM relation WHERE source {these} GROUP BY source
        ) USING (number)
        WHERE number {these}
        ORDER BY number"""


def _relations(con: DuckDBPyConnection) -> int:
    each = " + ".join(f"count({sql})" for sql in ocel.related().values())
    found = con.execute(f"SELECT {each} FROM exported").fetchone()
    return int(found[0]) if found else 0


def _types(kinds: dict[str, list[Attribute]]) -> str:
    return json.dumps([{"name": k, "attributes": [asdict(a) for a in said]} for k, said in kinds.items()])


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
