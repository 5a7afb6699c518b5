"""The log as objects and what happened to them: OCEL 2.0, the standard of object-centric event logs.

Objects are the packets (their type is the packet's type), customers, departments, people, and the company, which is
what an event concerns that concerns no packet. Events are the log's, each with its recorded columns as attributes. An
event's relation to an object is qualified by the column that names the object, so the log can be rebuilt from the
file. How a packet stands (state, holder, stage, department, value, promise) are attributes that change over time;
so are the company's working minutes, day by day.

Source: Berti, Koren, Adams, Park, Knopp, Graves, Rafiei, Liss, Tacke genannt Unterberg, Zhang, Schwanen, Pegoraro,
van der Aalst: OCEL (Object-Centric Event Log) 2.0 Specification, RWTH Aachen, 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from duckdb import DuckDBPyConnection

from fullkit.flow.schema import LOG
from fullkit.rules.replay import MOVES

Form = Literal["parquet", "ocel-json", "ocel-sqlite"]

COMPANY = "company"
RELATED = {
    "packet": "packet",
    "customer": "customer",
    "actor": "person",
    "person": "person",
    "holder": "person",
    "department": "department",
    "to_department": "department",
}
"""Columns that name an object, and the kind of object; the column is the relation's qualifier."""

KINDS = ("packet", "customer", "department", "person", COMPANY)
"""Kinds of objects. All but packets are a type of objects each; packets have the type of the packet."""

_SPECIAL = {"id", "kind", "at", *RELATED}
_DERIVED_ELSEWHERE = {"week", "activity"}
"""Columns that follow from others and are left out."""
_TYPES = {"BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "float", "TIMESTAMP": "time"}

BEGINNING = "1970-01-01T00:00:00.000000Z"
"""When an attribute that never changes got its value, by the standard's convention."""
ALWAYS = "TIMESTAMP '1970-01-01'"
"""The same as SQL."""

_PROMISES = ("packet.arrived", "packet.triaged", "packet.closed", "handoff.accepted")
_CHANGING = {
    "type": "packet_type",
    "state": "state",
    "holder": "CASE WHEN state IS NOT NULL THEN coalesce('person:' || holder, '') END",
    "stage": "coalesce(to_stage, stage)",
    "department": f"coalesce(CASE WHEN kind IN {tuple(sorted(MOVES))} THEN to_department END, department)",
    "value": "CASE WHEN kind LIKE 'packet.%' THEN value END",
    "due_at": f"CASE WHEN kind IN {_PROMISES} THEN due_at END",
}
"""What a packet is from an event on, by attribute; absent where the event does not say."""


@dataclass(frozen=True)
class Written:
    """How much a file holds. Objects and relations are of the object-centric forms."""

    events: int
    objects: int = 0
    relations: int = 0


@dataclass(frozen=True)
class Attribute:
    """A named value of an event type or an object type."""

    name: str
    type: str
    """In the standard's words: string, time, integer, float."""


def attributes() -> dict[str, str]:
    """The attributes of events, as SQL over `exported` that gives text."""
    wanted = [c for c in LOG if c.name not in _SPECIAL | _DERIVED_ELSEWHERE]
    return {c.name: text(f'"{c.name}"', c.type) for c in wanted}


def types_of_attributes() -> dict[str, str]:
    """The standard's type of each attribute of events and of packets."""
    said = {c.name: _TYPES.get(c.type, "float" if c.type.startswith("DECIMAL") else "string") for c in LOG}
    return said | {"holder": "string", "minutes": "float"}


def text(value: str, type: str) -> str:
    """SQL that gives a value of this type as text; a time as ISO 8601, UTC."""
    if type == "TIMESTAMP":
        return instant(value)
    return value if type == "VARCHAR" else f"CAST({value} AS VARCHAR)"


def instant(value: str) -> str:
    return f"strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ')"


def related() -> dict[str, str]:
    """For each qualifier the object, as SQL over `exported`; absent where the event names none."""
    named = {column: f"'{kind}:' || \"{column}\"" for column, kind in RELATED.items()}
    return named | {COMPANY: f"CASE WHEN packet IS NULL THEN '{COMPANY}' END"}


def kinds_of_events(con: DuckDBPyConnection) -> dict[str, list[Attribute]]:
    """The event types there are, with the attributes that occur in each."""
    names, types = list(attributes()), types_of_attributes()
    counted = ", ".join(f'count("{name}")' for name in names)
    found = con.execute(f"SELECT kind, {counted} FROM exported GROUP BY kind ORDER BY kind").fetchall()
    return {
        kind: [Attribute(name, types[name]) for name, n in zip(names, counts, strict=True) if n]
        for kind, *counts in found
    }


def objects(con: DuckDBPyConnection, *, names: bool) -> None:
    """Make three tables from `exported` and what is known beside it: `object (number, id, type)`, numbered from 0
    by type and id; `change (object, name, value, at, place)`, in the order of objects and time; and
    `relation (source, target, qualifier)`. `change.object` and `source` are numbers, `target` is an id."""
    each = [
        f"""SELECT DISTINCT '{kind}:' || "{column}" AS id, '{kind}' AS type FROM exported
            WHERE "{column}" IS NOT NULL"""
        for column, kind in RELATED.items()
        if kind != "packet"
    ]
    reserved = ", ".join(f"'{kind}'" for kind in KINDS)
    con.execute(
        f"""
        CREATE TABLE object AS SELECT row_number() OVER (ORDER BY type, id) - 1 AS number, id, type FROM (
        SELECT 'packet:' || packet AS id,
               CASE WHEN packet_type IN ({reserved}) THEN 'packet ' || packet_type
                    ELSE coalesce(packet_type, 'packet') END AS type
        FROM (SELECT DISTINCT packet FROM exported WHERE packet IS NOT NULL) LEFT JOIN packets USING (packet)
        UNION {" UNION ".join(each)}
        UNION SELECT '{COMPANY}', '{COMPANY}') ORDER BY number
        """
    )
    con.execute(
        'CREATE TABLE told (object BIGINT, name VARCHAR, value VARCHAR, "at" TIMESTAMP, place BIGINT)'
    )
    _constants(con, names)
    _changes(con)
    con.execute('CREATE TABLE change AS SELECT * FROM told ORDER BY object, "at", place, name')
    con.execute("DROP TABLE told")
    _relations(con)


def kinds_of_objects(con: DuckDBPyConnection) -> dict[str, list[Attribute]]:
    """The object types there are, with the attributes that occur in each."""
    types = types_of_attributes()
    found = con.execute(
        """SELECT type, list(DISTINCT name ORDER BY name) FILTER (name IS NOT NULL)
           FROM object LEFT JOIN change ON change.object = object.number GROUP BY type ORDER BY type"""
    ).fetchall()
    return {kind: [Attribute(n, types.get(n, "string")) for n in names or []] for kind, names in found}


def count(con: DuckDBPyConnection, table: str) -> int:
    found = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0


def known(con: DuckDBPyConnection) -> set[str]:
    """The tables and views there are."""
    return {row[0] for row in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}


# --- strokes -------------------------------------------------------------------------------------------------


def _constants(con: DuckDBPyConnection, names: bool) -> None:
    """What never changes: the side a packet is on, names where they are wanted; and the company's working days."""
    for name in ("chain", "process"):
        con.execute(
            f"""INSERT INTO told SELECT number, '{name}', {name}, {ALWAYS}, 0
                FROM packets JOIN object ON object.id = 'packet:' || packet WHERE {name} IS NOT NULL"""
        )
    con.execute(
        f"""INSERT INTO told SELECT number, 'minutes', minutes::VARCHAR, day, 0
            FROM calendar, object WHERE type = '{COMPANY}'"""
    )
    held = known(con)
    for table, kind in (("people", "person"), ("customers", "customer")):
        if names and table in held:
            con.execute(
                f"""INSERT INTO told SELECT number, 'name', named.name, {ALWAYS}, 0
                    FROM {table} AS named JOIN object ON object.id = '{kind}:' || named.id
                    WHERE named.name IS NOT NULL"""
            )


def _changes(con: DuckDBPyConnection) -> None:
    """One attribute after the other, so that memory holds one of them."""
    types = {c.name: c.type for c in LOG}
    for name, value in _CHANGING.items():
        con.execute(
            f"""
            INSERT INTO told
            SELECT number, '{name}', {text("value", types.get(name, "VARCHAR"))}, "at", place
            FROM (SELECT packet, "at", id AS place, {value} AS value FROM exported WHERE packet IS NOT NULL)
            JOIN object ON object.id = 'packet:' || packet
            WHERE value IS NOT NULL
            QUALIFY value IS DISTINCT FROM lag(value) OVER (PARTITION BY packet ORDER BY "at", place)
            """
        )


def _relations(con: DuckDBPyConnection) -> None:
    con.execute(
        """CREATE TABLE relation AS
           SELECT number AS source, 'customer:' || customer AS target, 'customer' AS qualifier
           FROM (SELECT DISTINCT packet, customer FROM exported WHERE packet IS NOT NULL AND customer IS NOT NULL)
           JOIN object ON object.id = 'packet:' || packet"""
    )
    if "parents" in known(con):
        con.execute(
            """INSERT INTO relation
               SELECT one.number, other.id, 'parent' FROM parents
               JOIN object AS one ON one.id = 'packet:' || packet
               JOIN object AS other ON other.id = 'packet:' || parent"""
        )
