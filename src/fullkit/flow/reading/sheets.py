"""A table in a file: its header and how its text is written. DuckDB reads it; nothing here parses a row."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from duckdb import DuckDBPyConnection

from fullkit.flow.reading.account import Ledger
from fullkit.flow.reading.errors import Unreadable

WIDEST = 2_000
"""Columns; the widest exports that people have hold a few hundred."""
SAMPLE = 20_480
"""Rows looked at before a file is read."""
DELIMITERS = (",", ";", "\t", "|")
_LINES = 30
_LOOKED_AT = 1 << 20
_LONGEST_LINE = 4 * 1024 * 1024


@dataclass(frozen=True)
class Sheet:
    """A table as text in UTF-8, and how to read it."""

    name: str
    """What the person calls it: the file's name, and the sheet's in a workbook."""
    path: Path
    header: tuple[str, ...] = ()
    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    skip: int = 0
    """Lines before the header."""
    notes: tuple[str, ...] = ()
    """What was assumed in opening it, as sentences."""
    origin: str = "csv"
    """The format it comes from: csv, excel, xes, ocel."""
    counts: dict[str, int] = field(default_factory=dict)
    """What the format itself counts, such as the objects of an object-centric log."""

    def source(self) -> str:
        """The FROM clause that reads it as text in columns c0, c1, ... and passes over broken rows."""
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(self.header)))
        return (
            f"read_csv({text(str(self.path))}, delim={text(self.delimiter)}, quote={text(self.quote)},"
            f" escape={text(self.escape)}, skip={self.skip}, header=true, auto_detect=false, null_padding=false,"
            f" ignore_errors=true, store_rejects=true, max_line_size={_LONGEST_LINE},"
            f" columns={{{columns}}})"
        )


def text(value: str) -> str:
    """A SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A SQL identifier."""
    return '"' + value.replace('"', '""') + '"'


def sniff(sheet: Sheet) -> Sheet:
    """The same sheet with its delimiter, escape and header found out from its first lines.

    Raises Unreadable for a file without a header or with too many columns.
    """
    with sheet.path.open(encoding="utf-8", newline="") as file:
        first = file.read(_LOOKED_AT).lstrip("\ufeff")
    lines = first.splitlines()[:_LINES]
    delimiter = max(DELIMITERS, key=lambda mark: _columns(lines, mark)) if lines else ","
    skip = _before(lines, delimiter)
    header = _header(first.splitlines()[skip:], delimiter)
    if not any(header):
        raise Unreadable(sheet.name, "has no header.", "The first line must name the columns.", line=skip + 1)
    if len(header) > WIDEST:
        raise Unreadable(
            sheet.name,
            f"has {len(header):,} columns; at most {WIDEST:,} are read.",
            "Export only the columns of the pipeline.",
            line=skip + 1,
        )
    escape = "\\" if first.count('\\"') > first.count('""') else '"'
    return replace(sheet, delimiter=delimiter, escape=escape, skip=skip, header=header)


def _counts(lines: Sequence[str], mark: str) -> list[int]:
    """How often a mark stands outside quotation marks, line by line."""
    return [sum(part.count(mark) for part in line.split('"')[::2]) for line in lines]


def _columns(lines: Sequence[str], mark: str) -> tuple[int, int]:
    """How well a mark divides these lines: on how many alike, and into how many cells."""
    counts = [n for n in _counts(lines, mark) if n]
    if not counts:
        return 0, 0
    usual = max(set(counts), key=lambda n: (counts.count(n), n))
    return counts.count(usual), usual


def _before(lines: Sequence[str], delimiter: str) -> int:
    """Lines before the header: titles, which have less than half the cells of the rows."""
    counts = _counts(lines, delimiter)
    usual = _columns(lines, delimiter)[1]
    filled = (i for i, n in enumerate(counts) if n * 2 >= usual and lines[i].strip())
    return next(filled, 0)


def _header(lines: Sequence[str], delimiter: str) -> tuple[str, ...]:
    cells = next(csv.reader(lines, delimiter=delimiter), [])
    return tuple(cell.strip() for cell in cells)


def sample(con: DuckDBPyConnection, sheet: Sheet, rows: int = SAMPLE) -> list[tuple[str | None, ...]]:
    """The first rows as text; fewer of a wide table."""
    rows = max(min(rows, 1_000_000 // len(sheet.header)), 1_000) if rows == SAMPLE else rows
    source = sheet.source().replace("store_rejects=true, ", "")
    found: list[tuple[str | None, ...]] = con.execute(f"SELECT * FROM {source} LIMIT {rows}").fetchall()
    return found


def load(
    con: DuckDBPyConnection,
    sheet: Sheet,
    table: str,
    columns: Mapping[str, int],
    ledger: Ledger,
    blank: Sequence[str] = (),
) -> int:
    """A table of text: `file`, `line`, and a column for each of `columns` (name to position in the file).

    Empty cells are NULL, blanks at the ends are dropped; words that stand for nothing are NULL in the columns of
    `blank`. Rows that the file itself breaks (too few or too many
    cells, a quotation mark that is not closed) are rejected. Returns the file's number.
    """
    number = ledger.file(sheet.name)
    wanted = "".join(
        f", CASE WHEN trim(c{at}) NOT IN {_NOTHING if field in blank else _EMPTY} THEN trim(c{at}) END AS {name(field)}"
        for field, at in columns.items()
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {number}::UTINYINT AS file,"
        f" row_number() OVER () + {sheet.skip + 1} AS line{wanted} FROM {sheet.source()}"
    )
    kept = int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    broken = _broken(con, number, ledger)
    if broken:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT t.* REPLACE (t.line + coalesce(s.n, 0) AS line)"
            f" FROM {table} AS t ASOF LEFT JOIN shifts AS s ON t.line >= s.t ORDER BY t.line"
        )
    ledger.rows[number] = kept + broken
    return number


def _broken(con: DuckDBPyConnection, number: int, ledger: Ledger) -> int:
    """Reject what DuckDB refused, and lay out in `shifts` by how much the lines after it move."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE refused AS SELECT line::BIGINT AS line, min(error_type::VARCHAR) AS error,"
        " any_value(csv_line) AS value FROM reject_errors GROUP BY line"
    )
    for error, why in _ERRORS.items():
        ledger.reject(why, f"SELECT {number}, line, value FROM refused WHERE error = '{error}'")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE shifts AS SELECT t, max(n) AS n FROM ("
        "SELECT line - n + 1 AS t, n FROM (SELECT line, row_number() OVER (ORDER BY line) AS n FROM refused))"
        " GROUP BY t"
    )
    con.execute("DROP TABLE reject_errors")
    con.execute("DROP TABLE IF EXISTS reject_scans")
    return int(con.execute("SELECT count(*) FROM refused").fetchall()[0][0])


_EMPTY = "('')"
_NOTHING = (
    "('', 'NULL', 'null', 'Null', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'None', 'none', '-', '--', '\\N', '(blank)',"
    " '0000-00-00', '0000-00-00 00:00:00')"
)
_ERRORS = {
    "MISSING COLUMNS": "fewer cells than the header names",
    "TOO MANY COLUMNS": "more cells than the header names",
    "UNQUOTED VALUE": "a quotation mark that is not closed",
    "LINE SIZE OVER MAXIMUM": "a line longer than 4 MB",
    "INVALID ENCODING": "bytes that are no text",
    "INVALID STATE": "quotation marks in the middle of a cell",
    "CAST": "a cell that is no text",
}
