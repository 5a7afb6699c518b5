"""An event log: rows of case, activity and time into the event table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from duckdb import DuckDBPyConnection

from fullkit.flow import schema
from fullkit.flow.reading import values, worktime
from fullkit.flow.reading.account import Ledger
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.mapping import Mapping
from fullkit.flow.reading.opportunities import drop
from fullkit.flow.reading.sheets import name, text

WORDS = ("case", "activity", "lifecycle", "instance", "resource", "group", "case_type")


def clean(con: DuckDBPyConnection, fields: frozenset[str], mapping: Mapping, ledger: Ledger) -> list[str]:
    """The table `clean` (file, line, case, activity, begun, at, ...) from `raw`; returns what was assumed."""
    dated = [f for f in ("at", "start") if f in fields]
    how = values.dates(con, "raw", dated, zone=mapping.zone, order=mapping.dates)
    kept = ["file", "line", *(name(f) for f in WORDS if f in fields)]
    times = [f"{values.sane(how[f].sql, None)} AS {name(f)}, {name(f)} AS {f}_text" for f in dated]
    con.execute(f"CREATE OR REPLACE TEMP TABLE clean AS SELECT {', '.join([*kept, *times])} FROM raw")
    con.execute("DROP TABLE raw")
    _faults(con, dated, ledger)
    if "start" not in fields:
        con.execute("ALTER TABLE clean ADD COLUMN start TIMESTAMP")
    if "at" not in fields:
        con.execute('ALTER TABLE clean ADD COLUMN "at" TIMESTAMP')
    if "at" in fields and "start" in fields:
        ledger.repair(
            "ended before it began: taken to have taken no time",
            'SELECT file, line, start_text, at_text FROM clean WHERE "at" < start',
        )
        con.execute('UPDATE clean SET start = "at" WHERE "at" < start')
    return [s for d in how.values() for s in d.says]


def _faults(con: DuckDBPyConnection, dated: Sequence[str], ledger: Ledger) -> None:
    timeless = f"coalesce({', '.join(map(name, dated))}) IS NULL"
    said = f"coalesce({', '.join(f'{f}_text' for f in dated)}, '')"
    for condition, why, value in (
        ('"case" IS NULL', "no case: what it happened to cannot be told", "activity"),
        ("activity IS NULL", "no activity: what happened cannot be told", '"case"'),
        (timeless, "no time that can be read", said),
    ):
        ledger.reject(why, f"SELECT file, line, coalesce({value}, '') FROM clean WHERE {condition}")
        drop(con, "clean")
    for f in dated:
        ledger.repair(
            f"{f}: no date that can be read, left empty",
            f"SELECT file, line, {f}_text, '' FROM clean WHERE {name(f)} IS NULL AND {f}_text IS NOT NULL",
        )


def activities(con: DuckDBPyConnection, fields: frozenset[str], mapping: Mapping) -> list[str]:
    """The table `done` (file, line, case, activity, start, at, resource, group): one row for each activity.

    A row that says an activity starts and the row that says it is complete are one activity: the k-th start of an
    activity in a case belongs to its k-th completion, or by the instance where the log numbers them.
    """
    paired = False
    if "lifecycle" in fields and mapping.lifecycle != "all":
        seen = {r[0] for r in con.execute("SELECT DISTINCT lower(lifecycle) FROM clean").fetchall()}
        paired = {"start", "complete"} <= seen
    others = [name(f) for f in ("resource", "group", "case_type") if f in fields]
    if not paired:
        held = ", ".join(["file", "line", '"case"', "activity", *others])
        con.execute(
            f'CREATE OR REPLACE TEMP TABLE done AS SELECT {held}, start, coalesce("at", start) AS "at" FROM clean'
        )
        con.execute("DROP TABLE clean")
        return []
    of = 'instance, "case", activity' if "instance" in fields else '"case", activity'
    kept = ", ".join(f"c.{f}" for f in ("file", "line", '"case"', "activity", *others))
    same = " AND ".join(f"s.{f} = c.{f}" for f in [*of.split(", "), "k"])
    con.execute(
        f"""
CREATE OR REPLACE TEMP TABLE done AS
WITH marks AS (
    SELECT *, lower(lifecycle) AS mark,
           row_number() OVER (PARTITION BY {of}, lower(lifecycle) ORDER BY "at", file, line) AS k
    FROM clean WHERE lower(lifecycle) IN ('start', 'complete')
)
SELECT {kept}, coalesce(c.start, CASE WHEN s."at" <= c."at" THEN s."at" END) AS start, c."at"
FROM (SELECT * FROM marks WHERE mark = 'complete') AS c
     LEFT JOIN (SELECT * FROM marks WHERE mark = 'start') AS s
     ON {same}"""
    )
    rows, complete = con.execute(
        "SELECT (SELECT count(*) FROM clean), (SELECT count(*) FROM done)"
    ).fetchall()[0]
    con.execute("DROP TABLE clean")
    return [
        f"Rows that say an activity starts and rows that say it is complete are one activity:"
        f" {rows:,} rows, {complete:,} activities. Write `lifecycle: all` in the mapping to count rows."
    ]


def tables(con: DuckDBPyConnection, fields: frozenset[str], mapping: Mapping) -> tuple[date, date]:
    """`items` (one row per case), `people`, `customers`; returns the first and the last day."""
    if not con.execute("SELECT count(*) FROM done").fetchall()[0][0]:
        raise Unreadable(
            "The log", "has no row that can be read.", "Look at its columns of case, activity and time."
        )
    ends = f"bool_or(activity IN ({', '.join(map(text, mapping.endings))}))" if mapping.endings else "true"
    kind = "any_value(case_type)" if "case_type" in fields else "'case'"
    day = {f: f"{worktime.local(f, mapping.zone)}::DATE" for f in ("arrived_at", "closed_at")}
    con.execute(
        f"""
CREATE OR REPLACE TEMP TABLE items AS
WITH cases AS (
    SELECT "case" AS key, min(least("at", start)) AS arrived_at, CASE WHEN {ends} THEN max("at") END AS closed_at,
           count(*) AS activities, {kind} AS packet_type, min((file, line)) AS first
    FROM done GROUP BY "case"
)
SELECT row_number() OVER (ORDER BY first) AS packet, key, packet_type, activities,
       {day["arrived_at"]} AS created_on,
       {day["closed_at"]} AS closed_on, CASE WHEN closed_at IS NOT NULL THEN 'done' END AS outcome,
       arrived_at, closed_at
FROM cases"""
    )
    con.execute("CREATE OR REPLACE TEMP TABLE customers (id BIGINT, name VARCHAR)")
    con.execute("CREATE OR REPLACE TEMP TABLE people (id BIGINT, name VARCHAR, team VARCHAR)")
    if "resource" in fields:
        con.execute(
            "INSERT INTO people SELECT id, any_value(name), NULL FROM spelt_resource GROUP BY id ORDER BY id"
        )
    stamp = worktime.local('"at"', mapping.zone)
    first, last = con.execute(
        f"SELECT (SELECT min(created_on) FROM items), (SELECT max({stamp})::DATE FROM done)"
    ).fetchall()[0]
    return first, last


def log(con: DuckDBPyConnection, fields: frozenset[str], mapping: Mapping) -> None:
    """The table `log` and the view `packets`, from `done`, `items` and `worked_before`."""
    person, group = "resource" in fields, "group" in fields
    timed = con.execute("SELECT count(start) > 0 FROM done").fetchall()[0][0]
    stamp = worktime.local("s.stamp", mapping.zone)
    made = {
        "id": "s.id",
        "packet": "s.packet",
        "kind": "CASE s.step WHEN 1 THEN 'packet.arrived' WHEN 2 THEN 'stage.advanced' ELSE 'packet.closed' END",
        "at": "s.stamp",
        "process": "NULL::VARCHAR",
        "chain": "'bau'",
        "packet_type": "s.packet_type",
        "stage": "s.activity",
        "outcome": "CASE s.step WHEN 3 THEN 'done' END",
        "activity": "s.activity",
        "day": f"{stamp}::DATE",
        "week": f"date_trunc('week', {stamp})::DATE",
        "worked": worktime.worked(stamp, mapping.hours),
    }
    made |= {"actor": "s.actor"} if person else {}
    made |= {"department": "s.department"} if group else {}
    made |= {"minutes": "s.minutes"} if timed else {}
    known = [c.name for c in schema.LOG]
    order = [c for c in known if c in made] + [c for c in made if c not in known]
    act = ("p.id" if person else "NULL::BIGINT") + (', d."group"' if group else ", NULL::VARCHAR")
    who = " LEFT JOIN spelt_resource AS p ON p.v = d.resource" if person else ""
    columns = ", ".join(f'{made[c]} AS "{c}"' for c in order)
    con.execute(
        f"""
CREATE OR REPLACE TEMP TABLE log AS
WITH steps AS (
    SELECT packet, packet_type, 1 AS step, arrived_at AS stamp, NULL::VARCHAR AS activity, NULL::BIGINT AS actor,
           NULL::VARCHAR AS department, NULL::DOUBLE AS minutes, 0 AS file, 0::BIGINT AS line FROM items
    UNION ALL
    SELECT i.packet, i.packet_type, 2, d."at", d.activity, {act},
           epoch_ms(d."at" - d.start) / 60000.0, d.file, d.line
    FROM done AS d JOIN items AS i ON i.key = d."case"{who}
    UNION ALL
    SELECT packet, packet_type, 3, closed_at, NULL, NULL, NULL, NULL, 0, 0 FROM items WHERE closed_at IS NOT NULL
)
SELECT {columns}
FROM (SELECT row_number() OVER (ORDER BY stamp, step, file, line) AS id, * FROM steps) AS s
     JOIN worked_before AS w ON w.day = {stamp}::DATE
ORDER BY s.id"""
    )
    con.execute("DROP TABLE done")
    schema.packets(con)
