"""A history of stages beside the pipeline: which stage began when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from fullkit.flow.reading import sheets, values, words, worktime
from fullkit.flow.reading.account import Ledger
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.mapping import Mapping
from fullkit.flow.reading.recognise import Taken


@dataclass(frozen=True)
class History:
    """The table `changes` (file, line, packet, stage, from_stage, stamp)."""

    last: date | None
    says: tuple[str, ...]


def load(con: DuckDBPyConnection, taken: Taken, mapping: Mapping, ledger: Ledger) -> History:
    """The changes of stage in a file, each read or rejected."""
    for needed in ("packet", "stage", "changed"):
        if needed not in taken.columns:
            raise Unreadable(
                taken.sheet.name,
                f"is a stage history without a column for `{needed}`.",
                "Name it in the mapping.",
                line=1,
            )
    sheets.load(con, taken.sheet, "told_changes", taken.columns, ledger)
    if "changed_field" in taken.columns:
        other = "lower(replace(changed_field, ' ', '')) NOT IN ('stagename', 'stage', 'stageid', 'dealstage')"
        ledger.reject(
            "a change of something else than the stage",
            f"SELECT file, line, changed_field FROM told_changes WHERE {other}",
        )
        con.execute(f"DELETE FROM told_changes WHERE {other}")
    how = values.dates(con, "told_changes", ["changed"], zone=mapping.zone, order=mapping.dates)["changed"]
    before = "from_stage" if "from_stage" in taken.columns else "NULL::VARCHAR AS from_stage"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE changes AS SELECT file, line, packet, stage, {before}, changed,"
        f" {values.sane(how.sql, None)} AS stamp FROM told_changes"
    )
    for lacking, why in (
        ("packet IS NULL", "no number: whose stage this is cannot be told"),
        ("packet IS NOT NULL AND stage IS NULL", "no stage"),
        ("packet IS NOT NULL AND stage IS NOT NULL AND stamp IS NULL", "no date on which the stage began"),
    ):
        ledger.reject(why, f"SELECT file, line, coalesce(changed, packet, '') FROM changes WHERE {lacking}")
    con.execute("DELETE FROM changes WHERE packet IS NULL OR stage IS NULL OR stamp IS NULL")
    last = con.execute(f"SELECT max({worktime.local('stamp', mapping.zone)})::DATE FROM changes").fetchall()[
        0
    ][0]
    return History(last, how.says)


def moves(con: DuckDBPyConnection, mapping: Mapping, ledger: Ledger) -> None:
    """The table `moves` (id, packet, stamp, stage, to_stage) of the changes that happened while a deal was open.

    The first stage of a deal is where it began, not a move; the last, won or lost, is its closing.
    """
    ledger.reject(
        "a stage of an opportunity that is not in the pipeline",
        "SELECT file, line, packet FROM changes ANTI JOIN items ON items.key = changes.packet",
    )
    stages = [row[0] for row in con.execute("SELECT DISTINCT stage FROM changes ORDER BY 1").fetchall()]
    given = mapping.outcomes.model_dump() if mapping.outcomes else None
    ends = [s for s in stages if (any(s in ws for ws in given.values()) if given else words.outcome(s))]
    closing = f"to_stage IN ({', '.join(map(sheets.text, ends))})" if ends else "false"
    con.execute(
        f"""
CREATE OR REPLACE TEMP TABLE moves AS
WITH steps AS (
    SELECT i.packet, greatest(c.stamp, i.arrived_at) AS stamp, c.stage AS to_stage, i.closed_at, c.file, c.line,
           coalesce(c.from_stage, lag(c.stage) OVER (PARTITION BY i.packet ORDER BY c.stamp, c.file, c.line)) AS stage
    FROM changes AS c JOIN items AS i ON i.key = c.packet
)
SELECT row_number() OVER (ORDER BY packet, stamp, file, line) AS id, packet, stamp, stage, to_stage
FROM steps
WHERE stage IS NOT NULL AND stage <> to_stage AND NOT ({closing}) AND (closed_at IS NULL OR stamp <= closed_at)"""
    )
