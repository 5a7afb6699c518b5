"""A log that `fullkit export --format parquet` wrote: nothing has to be recognised, and nothing is repaired."""

from __future__ import annotations

from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from fullkit.flow import schema
from fullkit.flow.export import CannotExport, open_parquet
from fullkit.flow.reading.account import Account, Tally
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.imported import Imported, Recognised


def imported(con: DuckDBPyConnection, path: Path, zone: str) -> Imported:
    """The event table of a Parquet file of our own. Raises Unreadable when it is another's, or has no events."""
    try:
        open_parquet(con, path)
    except (CannotExport, duckdb.Error):
        raise Unreadable(
            path.name,
            "is Parquet, which is read only as Fullkit's own export.",
            "Save it as CSV.",
        ) from None
    con.execute("CREATE TEMP TABLE ours AS SELECT * FROM log")
    con.execute("DROP VIEW packets; DROP VIEW log; ALTER TABLE ours RENAME TO log")
    schema.packets(con)
    last, rows, cases = con.execute("SELECT max(day), count(*), count(DISTINCT packet) FROM log").fetchall()[
        0
    ]
    if last is None:
        raise Unreadable(path.name, "holds no events.", "Export a period in which something happened.")
    return Imported(
        con=con,
        account=Account((Tally(path.name, rows, rows, 0, 0),), (), (), (path.name,), con),
        holds="events",
        files=(Recognised(path.name, "Fullkit's own log", {c.name: c.name for c in schema.LOG}),),
        as_of=last,
        as_of_why="the last event in the log",
        zone=zone,
        assumptions=(),
        offers=(),
        cannot=(),
        facts={"rows": rows, "cases": cases},
    )
