"""The live log as a file for other tools, with what the database knows beside the log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
from django.db import DatabaseError
from duckdb import DuckDBPyConnection

from fullkit.flow import export
from fullkit.flow.export import CannotExport, Window
from fullkit.flow.ocel import Form
from fullkit.models import Customer, Packet, Person
from fullkit.reports import log


def write(
    target: Path, *, form: Form, at: datetime, window: Window | None = None, names: bool = False
) -> str:
    """Write the log as it is at `at` to `target`; says what is in it.

    People and customers are numbers in it, unless `names`. Raises CannotExport with a sentence.
    """
    try:
        con, _ = log.table(at=at)
    except DatabaseError:
        raise CannotExport("There is no company here yet. Start it once with `fullkit up`.") from None
    with con:
        if form != "parquet":
            _beside(con, names=names)
        written = export.write(con, target, form=form, window=window, names=names)
    if form == "parquet":
        return f"{target}: {written.events} events."
    return (
        f"{target}: {written.events} events, {written.objects} objects, {written.relations} relations"
        f"{'' if names else ', no names'}."
    )


def _beside(con: DuckDBPyConnection, *, names: bool) -> None:
    """What the log does not say: for which packet another was made, and, if wanted, what people are called."""
    pairs = Packet.objects.filter(parent__isnull=False).order_by("pk").values_list("pk", "parent_id")
    found = np.fromiter(pairs.iterator(), dtype=np.dtype((np.int64, 2)))
    given = {"packet": found[:, 0], "parent": found[:, 1]}  # DuckDB finds it by this name
    con.execute("CREATE OR REPLACE TEMP TABLE parents AS SELECT * FROM given")
    del given
    if names:
        for table, model in (("people", Person), ("customers", Customer)):
            con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (id BIGINT, name VARCHAR)")
            rows = list(model._default_manager.order_by("pk").values_list("pk", "name"))
            if rows:
                con.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
