"""From paths to sheets: whatever a file is, a table of text comes out, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from fullkit.flow.reading import excel, ocel, sheets, text, xes
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.sheets import Sheet, sniff

_NOT = {
    "pdf": "is a PDF, whatever its name says.",
    "html": "is a web page, whatever its name says.",
    "picture": "is a picture.",
    "archive": "is a packed archive.",
    "program": "is a program.",
    "document": "is a text document.",
    "parquet": "is Parquet, which is read only as Fullkit's own export.",
}


def tables(con: DuckDBPyConnection, path: Path, room: Path, objects: Sequence[str]) -> list[Sheet]:
    """The tables in a file; `room` is a folder for what has to be written on the way.

    `objects` are the types of object that are the cases of an object-centric log; empty: the best is chosen.
    """
    room.mkdir(parents=True, exist_ok=True)
    what = text.kind(text.head(path))
    source = path
    if what == "gzip":
        source = text.unpacked(path, room / "unpacked")
        what = text.kind(text.head(source))
    if what in _NOT:
        raise Unreadable(path.name, _NOT[what], "Export the data as CSV or .xlsx.")
    if what in ("zip", "xls"):
        return _workbook(source, room, path.name)
    if what == "xml" and not ocel.is_xml(text.decoded(text.head(source))):
        target = room / "events.csv"
        counts = xes.to_table(source, target, path.name)
        return [sniff(Sheet(path.name, target, origin="XES", counts=counts, delimiter=","))]
    if what in ("xml", "json", "sqlite"):
        how = {"xml": ocel.from_xml, "json": ocel.from_json, "sqlite": ocel.from_sqlite}[what]
        return [_flat(how(source, path.name), path.name, room, objects)]
    return [_text(con, source, room, path.name, objects)]


def _text(con: DuckDBPyConnection, source: Path, room: Path, name: str, objects: Sequence[str]) -> Sheet:
    plain, said = text.as_utf8(source, room / "text.csv", name)
    sheet = sniff(Sheet(name, plain, notes=(said,) if said else ()))
    if not ocel.is_csv(sheet.header):
        return sheet
    return _flat(ocel.from_rows(sheet.header, sheets.sample(con, sheet, 2**62)), name, room, objects)


def _flat(log: ocel.Log, name: str, room: Path, objects: Sequence[str]) -> Sheet:
    types = sorted(set(log.types.values()))
    if unknown := [o for o in objects if o not in types]:
        raise Unreadable(
            name, f"has no objects of type {unknown[0]!r}.", f"Its types are {', '.join(types)}."
        )
    best, exactly = ocel.leading(log)
    chosen = list(objects) or [best]
    if not log.events or not best:
        raise Unreadable(name, "has no event that touches an object.", "Export it again.")
    if len(objects) == 1:
        exactly = sum(sum(log.types.get(o) == objects[0] for o in e.objects) == 1 for e in log.events)
    target = room / "flat.csv"
    ocel.write(log, chosen, target)
    notes = ocel.says(log, chosen, exactly)
    return sniff(Sheet(name, target, notes=notes, origin="OCEL", counts=log.counts(), delimiter=","))


def _workbook(path: Path, room: Path, name: str) -> list[Sheet]:
    if text.kind(text.head(path)) == "zip":
        excel.checked(path, name)
    found = [
        sniff(Sheet(n, target, origin="Excel", delimiter=",")) for n, target in excel.tables(path, room, name)
    ]
    if not found:
        raise Unreadable(name, "has no sheet with anything in it.", "Save it again with its data.")
    return found
