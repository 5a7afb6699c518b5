"""The account of an import: every row of every file ends as read, repaired or rejected, and the counts add up."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from fullkit.playbook.reading import shorten

EXAMPLES = 3
"""Rows shown for each kind of repair or rejection."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Example:
    """One row that was repaired or rejected: its line as a spreadsheet counts it, and the value in question."""

    line: int
    value: str
    became: str = ""


@dataclass(frozen=True)
class Note:
    """What was done to the rows of a file, or why they were refused, how often, and where to look."""

    file: str
    what: str
    count: int
    """Values repaired, or rows rejected."""
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Tally:
    """How the rows of one file ended. `rows` is the sum of the other three."""

    file: str
    rows: int
    read: int
    repaired: int
    rejected: int


@dataclass(frozen=True)
class Account:
    """How every row ended."""

    files: tuple[Tally, ...]
    repairs: tuple[Note, ...]
    rejections: tuple[Note, ...]
    names: tuple[str, ...]
    """The files by their number in the table `rejected`."""
    con: DuckDBPyConnection

    @property
    def rows(self) -> int:
        return sum(f.rows for f in self.files)

    @property
    def read(self) -> int:
        return sum(f.read for f in self.files)

    @property
    def repaired(self) -> int:
        return sum(f.repaired for f in self.files)

    @property
    def rejected(self) -> int:
        return sum(f.rejected for f in self.files)

    def write_rejected(self, path: Path) -> int:
        """A CSV of the rejected rows (file, line, why, value); returns how many.

        What a spreadsheet would run as a formula is written as text (an apostrophe before it, as OWASP advises).
        """
        found = self.con.execute("SELECT file, line, why, value FROM rejected ORDER BY file, line")
        count = 0
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("file", "line", "why", "value"))
            while rows := found.fetchmany(10_000):
                writer.writerows(
                    [harmless(self.names[row[0]]), row[1], harmless(row[2]), harmless(row[3])] for row in rows
                )
                count += len(rows)
        return count


def harmless(cell: object) -> object:
    """The cell, made text when a spreadsheet would take it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


class Ledger:
    """Where the steps of an import write down what they did to which row. Files go by number, from 0."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self.con = con
        self.names: list[str] = []
        self.rows: list[int] = []
        con.execute(
            "CREATE TEMP TABLE repaired (file UTINYINT, line BIGINT, what VARCHAR, value VARCHAR, became VARCHAR)"
        )
        con.execute("CREATE TEMP TABLE rejected (file UTINYINT, line BIGINT, why VARCHAR, value VARCHAR)")

    def file(self, name: str) -> int:
        """A number for this file."""
        self.names.append(name)
        self.rows.append(0)
        return len(self.names) - 1

    def repair(self, what: str, select: str) -> int:
        """Repaired, as a SELECT of (file, line, value, became); returns how many."""
        return self._put("repaired", "became", what, select)

    def reject(self, why: str, select: str) -> int:
        """Rejected, as a SELECT of (file, line, value); returns how many. A row is rejected once, by the first."""
        return self._put("rejected", "", why, select)

    def _put(self, table: str, more: str, words: str, select: str) -> int:
        extra = f", {more}" if more else ""
        found = self.con.execute(
            f"INSERT INTO {table} SELECT file, line, $words, value{extra} FROM ({select})"
            f" AS found (file, line, value{extra})",
            {"words": words},
        ).fetchall()
        return int(found[0][0])

    def close(self) -> Account:
        """The account. A row that was repaired and then rejected is rejected."""
        repaired = self._count(
            "SELECT file, count(DISTINCT line) FROM repaired ANTI JOIN rejected USING (file, line) GROUP BY file"
        )
        rejected = self._count("SELECT file, count(DISTINCT line) FROM rejected GROUP BY file")
        files = tuple(
            Tally(
                name,
                rows,
                rows - repaired.get(i, 0) - rejected.get(i, 0),
                repaired.get(i, 0),
                rejected.get(i, 0),
            )
            for i, (name, rows) in enumerate(zip(self.names, self.rows, strict=True))
        )
        kept = "repaired ANTI JOIN rejected USING (file, line)"
        return Account(
            files,
            self._notes(kept, "what", "became"),
            self._notes("rejected", "why", "''"),
            tuple(self.names),
            self.con,
        )

    def _count(self, query: str) -> dict[int, int]:
        return dict(self.con.execute(query).fetchall())

    def _notes(self, table: str, kind: str, became: str) -> tuple[Note, ...]:
        """Counts by file and kind, with the first rows of the first few different values."""
        found = self.con.execute(
            f"WITH given AS (SELECT file, line, {kind} AS kind, coalesce(value, '') AS value, {became} AS became"
            f" FROM {table}), firsts AS ("
            "SELECT file, kind, value, min(line) AS line, any_value(became) AS became, count(*) AS n"
            " FROM given GROUP BY file, kind, value)"
            " SELECT file, kind, sum(n)::BIGINT,"
            f" min({{'line': line, 'value': value, 'became': became}}, {EXAMPLES})"
            " FROM firsts GROUP BY file, kind ORDER BY file, sum(n) DESC, kind"
        ).fetchall()
        return tuple(
            Note(
                self.names[file],
                what,
                count,
                tuple(Example(e["line"], shorten(e["value"]), shorten(e["became"] or "")) for e in shown),
            )
            for file, what, count, shown in found
        )
