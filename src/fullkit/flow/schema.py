"""The event table that every measure reads, whoever wrote it: the live log, an imported export, a simulation.

Three tables: `log`, one row per event; `packets`, one row per packet as the log knows it by now; and `calendar`,
one row per day of the company. Times are UTC without a zone. `day` and `week` are the company's dates, and `worked`
counts its working minutes, so that a measure subtracts and groups and never converts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its SQL type, and one sentence on what it means."""

    name: str
    type: str
    says: str


RECORDED = (
    Column("id", "BIGINT", "The event's number; a later one was written later."),
    Column("packet", "BIGINT", "The packet it happened to; none for what concerns a person or the company."),
    Column("kind", "VARCHAR", "What happened, such as `packet.arrived`."),
    Column("at", "TIMESTAMP", "When it happened, UTC."),
    Column("recorded_at", "TIMESTAMP", "When it was written down, UTC."),
    Column("actor", "BIGINT", "Who did it; none when it happened by itself."),
    Column("role", "VARCHAR", "The first role of who did it."),
    Column("department", "VARCHAR", "The department that had the packet when it happened."),
    Column("to_department", "VARCHAR", "The department it went, or is to go, to."),
    Column("customer", "BIGINT", "The customer it is about."),
    Column("person", "BIGINT", "Whom it concerns besides who did it: the receiver, the one asked, the queue's owner."),
    Column("process", "VARCHAR", "The process of the packet (hunting, farming); none for inbox work."),
    Column("chain", "VARCHAR", "growth or bau."),
    Column("packet_type", "VARCHAR", "What the packet was when it happened."),
    Column("stage", "VARCHAR", "The stage it was in."),
    Column("to_stage", "VARCHAR", "The stage that begins."),
    Column("outcome", "VARCHAR", "How a packet or a conversation ended."),
    Column("reason", "VARCHAR", "Why, as a key of the playbook."),
    Column("item", "VARCHAR", "The kit item or the fact it is about."),
    Column("missing", "VARCHAR", "Items a kit lacked when it was first offered, joined by commas; empty: it was full."),
    Column("handoff", "BIGINT", "The handoff it belongs to."),
    Column("handoff_kind", "VARCHAR", "The kind of that handoff."),
    Column("inertia", "VARCHAR", "Whom inertia favours: us, competitor or undecided."),
    Column("family", "VARCHAR", "The product family."),
    Column("zone", "VARCHAR", "The colour of a promise or of a queue."),
    Column("state", "VARCHAR", "What the packet is from here on: waiting, held, parked or closed."),
    Column("holder", "BIGINT", "Whose the packet is from here on; none in a shared inbox."),
    Column("step", "VARCHAR", "The next step that was sold or promised."),
    Column("category", "VARCHAR", "The category of time: selling, transactional, admin, travel, repair."),
    Column("counterpart", "VARCHAR", "The role of the customer's person in a conversation."),
    Column("minutes", "DOUBLE", "How long it took."),
    Column("value", "DECIMAL(14, 2)", "Money, in the company's currency."),
    Column("level", "DOUBLE", "What a queue held."),
    Column("target", "DOUBLE", "What it should hold."),
    Column("due_at", "TIMESTAMP", "By when it is promised, UTC."),
    Column("source", "VARCHAR", "The door it came through; `handoff` when another packet made it."),
    Column("playbook", "INTEGER", "The version of the playbook in force."),
)  # fmt: skip
"""What the log records, in its order. What only a person reads (`details`) is not here, so no measure can."""

DERIVED = (
    Column("day", "DATE", "The company's date when it happened."),
    Column("week", "DATE", "The Monday of that week."),
    Column("worked", "DOUBLE", "Working minutes of the company until then; a difference is working time."),
    Column("activity", "VARCHAR", "What was done to the packet, in the words of whoever wrote the log."),
)  # fmt: skip
"""What the company's time zone and calendar add, and what was done: in the live log that is the kind; in an imported
one the name there, on the rows that stand for an activity."""

LOG = RECORDED + DERIVED

CALENDAR = (
    Column("day", "DATE", "A day of the company, from its first event on."),
    Column("week", "DATE", "The Monday of its week."),
    Column("minutes", "DOUBLE", "Working minutes of that day; 0 when the company was closed."),
)

PACKETS = """
SELECT packet, packet_type, chain, process
FROM log
WHERE kind IN ('packet.arrived', 'packet.triaged')
QUALIFY row_number() OVER (PARTITION BY packet ORDER BY id DESC) = 1
""".strip()
"""`packets`: what a packet arrived as, or became by triage. So an arrival counts as what it turned out to be."""


def create(con: DuckDBPyConnection, name: str, columns: Iterable[Column], *, temporary: bool = False) -> None:
    """An empty table of these columns."""
    body = ", ".join(f'"{c.name}" {c.type}' for c in columns)
    con.execute(f"CREATE OR REPLACE {'TEMP ' * temporary}TABLE {name} ({body})")


def fill(
    con: DuckDBPyConnection, name: str, columns: Iterable[Column], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Append rows to a table made by `create`; what a row does not say is absent. For small tables."""
    names = [c.name for c in columns]
    given = list(rows)
    marks = f"({', '.join('?' * len(names))})"
    if given:
        con.execute(
            f"INSERT INTO {name} VALUES {', '.join([marks] * len(given))}",
            [row.get(n) for row in given for n in names],
        )


def calendar(con: DuckDBPyConnection, days: Iterable[tuple[date, float]]) -> None:
    """The table `calendar` from (day, working minutes)."""
    create(con, "calendar", CALENDAR, temporary=True)
    found = list(days)
    if found:
        values = ", ".join(f"(DATE '{day:%Y-%m-%d}', {float(minutes)!r})" for day, minutes in found)
        con.execute(
            f"INSERT INTO calendar SELECT day, date_trunc('week', day)::DATE, minutes"
            f" FROM (VALUES {values}) AS given (day, minutes)"
        )


def packets(con: DuckDBPyConnection) -> None:
    """The view `packets` over `log`."""
    con.execute(f"CREATE OR REPLACE TEMP VIEW packets AS {PACKETS}")
