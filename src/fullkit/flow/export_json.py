"""OCEL 2.0 as JSON: one object with four lists, of which DuckDB writes the long ones."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from duckdb import DuckDBPyConnection

from fullkit.flow import ocel
from fullkit.flow.ocel import Attribute, Written


def write(con: DuckDBPyConnection, draft: Path, names: bool) -> Written:
    """Fill `draft`; its long lists are written beside it first and then joined."""
    ocel.objects(con, names=names)
    lists = {"objects": _objects(), "events": _events()}
    parts = {name: draft.with_name(f"{draft.name}.{name}") for name in lists}
    try:
        for name, select in lists.items():
            con.execute(f"COPY ({select}) TO '{_escaped(parts[name])}' (FORMAT json, ARRAY true)")
        with draft.open("wb") as whole:
            whole.write(f'{{"eventTypes": {_types(ocel.kinds_of_events(con))},\n'.encode())
            whole.write(f'"objectTypes": {_types(ocel.kinds_of_objects(con))}'.encode())
            for name, part in parts.items():
                whole.write(f',\n"{name}": '.encode())
                with part.open("rb") as source:
                    shutil.copyfileobj(source, whole, 1 << 20)
            whole.write(b"}\n")
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return Written(ocel.count(con, "exported"), ocel.count(con, "object"), _relations(con))


def _events() -> str:
    said = ", ".join(f"{{'name': '{name}', 'value': {sql}}}" for name, sql in ocel.attributes().items())
    about = ", ".join(f"{{'objectId': {sql}, 'qualifier': '{q}'}}" for q, sql in ocel.related().items())
    return f"""
        SELECT 'event:' || id AS id, kind AS type, {ocel.instant('"at"')} AS time,
               list_filter([{said}], lambda a: a.value IS NOT NULL) AS attributes,
               list_filter([{about}], lambda r: r.objectId IS NOT NULL) AS relationships
        FROM (SELECT * FROM exported ORDER BY "at", id)"""


def _objects() -> str:
    return """
        SELECT id, type, coalesce(attributes, []) AS attributes, coalesce(relationships, []) AS relationships
        FROM object
        LEFT JOIN (
            SELECT object AS id, list({'name': name, 'value': value, 'time': time} ORDER BY time, place, name)
                   AS attributes
            FROM change GROUP BY object
        ) USING (id)
        LEFT JOIN (
            SELECT source AS id, list({'objectId': target, 'qualifier': qualifier} ORDER BY qualifier, target)
                   AS relationships
            FROM relation GROUP BY source
        ) USING (id)
        ORDER BY type, id"""


def _relations(con: DuckDBPyConnection) -> int:
    each = " + ".join(f"count({sql})" for sql in ocel.related().values())
    found = con.execute(f"SELECT {each} FROM exported").fetchone()
    return int(found[0]) if found else 0


def _types(kinds: dict[str, list[Attribute]]) -> str:
    return json.dumps([{"name": k, "attributes": [asdict(a) for a in said]} for k, said in kinds.items()])


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
