"""Clean items into the event table: what happened to each opportunity, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from fullkit.flow import schema
from fullkit.flow.reading import worktime
from fullkit.flow.reading.mapping import Mapping
from fullkit.flow.reading.opportunities import Clean
from fullkit.flow.reading.sheets import text

NAMED = ("owner", "customer", "product")


@dataclass(frozen=True)
class Shape:
    """What the items hold besides their dates."""

    named: frozenset[str]
    """Those of owner, customer and product that there are."""
    priced: bool
    """Whether list prices came from a table of products."""
    history: bool


def tables(con: DuckDBPyConnection, clean: Clean, shape: Shape, mapping: Mapping) -> None:
    """`items`, `people` and `customers` from `clean` and its settled names."""
    held, zone = clean.fields, mapping.zone
    day = {c: f"{worktime.local(c, zone)}::DATE" for c in ("created", "opened", "closed_at", "expects")}
    columns = ["c.n AS packet", "c.file", "c.line"]
    columns += ["c.packet AS key"] if "packet" in held else []
    columns += [
        f"c.{f}"
        for f in ("title", "stage", "next_step", "source", "loss_reason", "type", "team")
        if f in held
    ]
    columns += [f"s_{f}.name AS {f}" for f in sorted(shape.named)]
    columns += [f"c.{f}" for f in ("amount", "probability") if f in held]
    listed = [
        p
        for p, there in (("c.list_price", "list_price" in held), ("s_product.list_price", shape.priced))
        if there
    ]
    columns += [f"coalesce({', '.join(listed)}) AS list_price"] if listed else []
    columns += [f"{day[f]} AS {f}_on" for f in ("created", "opened") if f in held]
    columns += [f"{day['closed_at']} AS closed_on"] if _closes(held) else []
    columns += [f"{day['expects']} AS expected_close"] if held & {"expected_close", "close"} else []
    columns += [f"{_ended(clean)} AS outcome", "c.arrived_at", "c.opened_at", "c.closed_at"]
    columns += [f"s_{f}.id AS {f}_id" for f in ("owner", "customer") if f in shape.named]
    columns += [f"{_process(held, mapping)} AS process"]
    joins = "".join(f" LEFT JOIN spelt_{f} AS s_{f} ON s_{f}.v = c.{f}" for f in sorted(shape.named))
    con.execute(f"CREATE OR REPLACE TEMP TABLE items AS SELECT {', '.join(columns)} FROM clean AS c{joins}")
    con.execute("DROP TABLE clean")
    for table, f, more in (("people", "owner", "team"), ("customers", "customer", "")):
        _named(con, table, f, more, shape)


def _named(con: DuckDBPyConnection, table: str, f: str, more: str, shape: Shape) -> None:
    type_ = f", {more} VARCHAR" if more else ""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (id BIGINT, name VARCHAR{type_})")
    if f in shape.named:
        held = {row[0] for row in con.execute(f"SELECT column_name FROM (DESCRIBE spelt_{f})").fetchall()}
        extra = f", any_value({more})" if more in held else (", NULL" if more else "")
        con.execute(
            f"INSERT INTO {table} SELECT id, any_value(name){extra} FROM spelt_{f} GROUP BY id ORDER BY id"
        )


def _closes(held: frozenset[str]) -> bool:
    return bool(held & {"closed", "close", "won_on", "lost_on"})


def _ended(clean: Clean) -> str:
    return "c.ended" if clean.has_outcome else "CASE WHEN c.closed_at IS NOT NULL THEN 'done' END"


def _process(held: frozenset[str], mapping: Mapping) -> str:
    if mapping.farming and "type" in held:
        farming = ", ".join(map(text, mapping.farming))
        return f"CASE WHEN c.type IN ({farming}) THEN 'farming' ELSE {text(mapping.process)} END"
    return text(mapping.process)


DATED = "arrived_at IS NOT NULL AND NOT (outcome IS NOT NULL AND closed_at IS NULL)"
"""Items that are in the flow: they began on a known day and, if they ended, ended on one."""


def log(con: DuckDBPyConnection, held: frozenset[str], shape: Shape, mapping: Mapping) -> None:
    """The table `log` and the view `packets`, from `items`, `moves` (a stage history) and `worked_before`."""
    steps = [
        f"SELECT 1 AS step, arrived_at AS stamp, packet, NULL::BIGINT AS move FROM items WHERE {DATED}",
        f"SELECT 2, opened_at, packet, NULL FROM items WHERE {DATED}",
        f"SELECT 4, closed_at, packet, NULL FROM items WHERE {DATED} AND closed_at IS NOT NULL",
    ]
    if shape.history:
        steps.append(
            f"SELECT 3, m.stamp, packet, m.id FROM moves AS m JOIN items USING (packet) WHERE {DATED}"
        )
    con.execute(  # sorted while it is narrow
        "CREATE OR REPLACE TEMP TABLE steps AS SELECT row_number() OVER (ORDER BY stamp, packet, step) AS id, *"
        f" FROM ({' UNION ALL '.join(steps)})"
    )
    joined = " JOIN items AS i USING (packet)"
    joined += " LEFT JOIN moves AS m ON m.id = s.move" if shape.history else ""
    clock = worktime.local("s.stamp", mapping.zone)
    given = _columns(held, shape) | {
        "day": f"{clock}::DATE",
        "week": f"date_trunc('week', {clock})::DATE",
        "worked": worktime.worked(clock, mapping.hours),
    }
    known = [c.name for c in schema.LOG]
    order = [c for c in known if c in given] + [c for c in given if c not in known]
    made = ", ".join(f'{given[c]} AS "{c}"' for c in order)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE log AS SELECT {made} FROM steps AS s{joined}"
        f" JOIN worked_before AS w ON w.day = {clock}::DATE"
    )
    con.execute("DROP TABLE steps")
    schema.packets(con)


def _columns(held: frozenset[str], shape: Shape) -> dict[str, str]:
    """The columns of the log that these items can fill, as SQL over the steps `s` and the items `i`."""
    made = {
        "id": "s.id",
        "packet": "s.packet",
        "kind": "CASE s.step WHEN 1 THEN 'packet.arrived' WHEN 2 THEN 'handoff.accepted'"
        " WHEN 3 THEN 'stage.advanced' ELSE 'packet.closed' END",
        "at": "s.stamp",
        "to_department": "CASE s.step WHEN 2 THEN 'sales' END",
        "process": "i.process",
        "chain": "'growth'",
        "packet_type": "'opportunity'",
        "handoff_kind": "CASE s.step WHEN 2 THEN 'release' END",
        "outcome": "CASE s.step WHEN 4 THEN i.outcome END",
    }
    if "customer" in shape.named:
        made["customer"] = "i.customer_id"
    if "owner" in shape.named:
        made |= {
            "actor": "CASE WHEN s.step >= 3 THEN i.owner_id END",
            "person": "CASE WHEN s.step = 2 THEN i.owner_id END",
        }
    if "loss_reason" in held:
        made["reason"] = "CASE s.step WHEN 4 THEN i.loss_reason END"
    if "amount" in held:
        made["value"] = "CASE s.step WHEN 4 THEN i.amount::DECIMAL(14, 2) END"
    if "source" in held:
        made["source"] = "CASE s.step WHEN 1 THEN i.source END"
    if shape.history:
        made |= {"stage": "m.stage", "to_stage": "m.to_stage"}
    return made
