"""From paths to sheets: whatever a file is, a table of text comes out, or a sentence that says why not."""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from fullkit.flow.reading import text
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.sheets import Sheet, sniff

_NOT = {
    "pdf": "is a PDF, whatever its name says.",
    "html": "is a web page, whatever its name says.",
    "picture": "is a picture.",
    "archive": "is a packed archive.",
    "program": "is a program.",
    "document": "is a text document.",
}


def sheets(con: DuckDBPyConnection, path: Path, room: Path) -> list[Sheet]:
    """The tables in a file; `room` is a folder for what has to be written on the way."""
    room.mkdir(parents=True, exist_ok=True)
    what = text.kind(text.head(path))
    source = path
    if what == "gzip":
        source = text.unpacked(path, room / "unpacked")
        what = text.kind(text.head(source))
    if what in _NOT:
        raise Unreadable(path.name, _NOT[what], "Export the data as CSV or .xlsx.")
    if what == "text":
        plain, said = text.as_utf8(source, room / "text.csv", path.name)
        return [sniff(con, Sheet(path.name, plain, notes=(said,) if said else ()))]
    raise Unreadable(path.name, "is of a kind that is not read.", "Export the data as CSV or .xlsx.")
