"""XES (IEEE 1849) event logs, plain or packed, as a table of text; read once, in memory that does not grow."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from fullkit.flow.reading.errors import Unreadable

BUFFERED = 20_000
"""Events looked at before the columns are settled; an attribute seen only later is not read."""
_VALUES = frozenset(("string", "date", "int", "float", "boolean", "id"))
_LATER = ("concept:name", "time:timestamp", "org:resource", "org:group", "org:role", "lifecycle:transition")


class _Reader:
    """Hears the parser and writes a row for each event, the attributes of its case before its own."""

    def __init__(self, out: IO[str]) -> None:
        self.writer = csv.writer(out)
        self.columns: list[str] = []
        self.waiting: list[dict[str, str]] = []
        self.case: dict[str, str] = {}
        self.event: dict[str, str] | None = None
        self.path: list[str] = []
        self.traces = self.events = 0
        self.root = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1]
        self.root = self.root or tag
        inside = self.path[-1] if self.path else ""
        if tag == "trace":
            self.traces += 1
            self.case = {"case:concept:name": f"trace {self.traces}"}
        elif tag == "event":
            self.event = {}
        elif tag in _VALUES and "key" in attributes:
            if inside == "event" and self.event is not None:
                self.event[attributes["key"]] = attributes.get("value", "")
            elif inside == "trace":
                self.case[f"case:{attributes['key']}"] = attributes.get("value", "")
        self.path.append(tag)

    def end(self, _tag: str) -> None:
        if self.path.pop() == "event" and self.event is not None:
            self.events += 1
            self._row(self.case | self.event)
            self.event = None

    def _row(self, row: dict[str, str]) -> None:
        if self.columns:
            self.writer.writerow([row.get(c, "") for c in self.columns])
            return
        self.waiting.append(row)
        if len(self.waiting) >= BUFFERED:
            self.settle()

    def settle(self) -> None:
        """Write the header and what waited for it."""
        if self.columns:
            return
        seen = dict.fromkeys(key for row in self.waiting for key in row)
        self.columns = list(dict.fromkeys(("case:concept:name", *_LATER, *seen)))[:500]
        self.writer.writerow(self.columns)
        self.writer.writerows([row.get(c, "") for c in self.columns] for row in self.waiting)
        self.waiting.clear()


def to_table(source: Path, target: Path, name: str) -> dict[str, int]:
    """Write the events of a XES file as CSV; returns how many cases and events it has.

    Raises Unreadable for XML that is broken, declares entities (the way XML bombs do) or is no XES.
    """
    parser = expat.ParserCreate()
    with target.open("w", encoding="utf-8", newline="") as out, source.open("rb") as file:
        reader = _Reader(out)
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.EntityDeclHandler = _refuse
        try:
            parser.ParseFile(file)
        except expat.ExpatError as error:
            raise Unreadable(
                name,
                f"is broken XML ({expat.errors.messages[error.code]}).",
                "Export it again.",
                line=error.lineno,
            ) from error
        except _Entities as error:
            raise Unreadable(
                name, "declares XML entities, which no log needs.", "Take out its DOCTYPE."
            ) from error
        if reader.root != "log" or not reader.events:
            raise Unreadable(
                name, "is XML, but holds no events of XES or OCEL.", "Export it as XES, OCEL or CSV."
            )
        reader.settle()
    return {"cases": reader.traces, "events": reader.events}


class _Entities(Exception):
    """The XML declares entities."""


def _refuse(*_: Any) -> None:
    raise _Entities
