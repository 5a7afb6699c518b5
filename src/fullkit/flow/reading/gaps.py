"""What an import cannot say, in sentences: columns that are missing and rows that stay out of the flow."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from fullkit.flow.reading.lives import DATED, Shape
from fullkit.flow.reading.opportunities import Clean


def of_pipeline(con: DuckDBPyConnection, clean: Clean, shape: Shape) -> list[str]:
    """What is missing in a pipeline."""
    held = clean.fields
    says = []
    rows, undated, unclosed = con.execute(
        f"SELECT count(*), count(*) FILTER (arrived_at IS NULL),"
        f" count(*) FILTER (arrived_at IS NOT NULL AND NOT ({DATED})) FROM items"
    ).fetchall()[0]
    if undated == rows:
        says.append(
            "No opportunity has a date on which it began, so nothing can be said about time: how long anything takes,"
            " how much is open, what comes in and goes out, whether it changes."
        )
    elif undated:
        says.append(
            f"{undated:,} of {rows:,} opportunities have no date on which they began; they are counted as items and"
            " stand in no chart of time."
        )
    if unclosed and undated < rows:
        says.append(
            f"{unclosed:,} opportunities have ended, but no date says when; they are counted as items and stand in no"
            " chart of time."
        )
    if not clean.has_outcome:
        says.append("No column says how an opportunity ended, so nothing can be said about winning.")
    if not shape.history:
        says.append("There is no history of stages, so nothing can be said about the time in each stage.")
    if "owner" not in held:
        says.append("No column names a salesperson, so nothing can be said about people.")
    if "created" not in held and "opened" in held:
        says.append(
            "There is no date of creation apart from the opening, so nothing can be said about waiting before it."
        )
    if "amount" not in held:
        says.append("There are no amounts.")
    return says


def of_log(fields: frozenset[str], con: DuckDBPyConnection) -> list[str]:
    """What is missing in an event log."""
    says = []
    held = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE log)").fetchall()}
    if "minutes" not in held:
        says.append("Only one time stands with each activity, so work cannot be told from waiting.")
    if "resource" not in fields:
        says.append("No column names who did it.")
    if "group" not in fields:
        says.append(
            "No column names a department, so nothing can be said about handoffs between departments."
        )
    return says
