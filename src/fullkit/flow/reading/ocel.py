"""Object-centric event logs: OCEL 2.0 (JSON, XML, SQLite) and OCEL 1 (JSON, CSV), flattened onto one type of object.

An event that touches three items is one event, not three. So one type is chosen to be the case; the others are
counted and left. Source: Berti et al.: OCEL (Object-Centric Event Log) 2.0 Specification, RWTH Aachen, 2023.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from fullkit.flow.reading.errors import Unreadable

LARGEST_JSON = 1 << 30
MOST_ATTRIBUTES = 100
SEVERAL = 0.05
"""Share of a type's events that may touch several objects of it."""


@dataclass
class Happened:
    """An event and the objects that it touches."""

    id: str
    activity: str
    at: str
    objects: list[str]
    attributes: dict[str, str]


@dataclass
class Log:
    """A whole object-centric log."""

    events: list[Happened] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    """Object to its type."""
    relations: int = 0
    between: int = 0
    """Relations of objects with each other."""
    changes: int = 0
    """Values of objects that changed after they were first set."""

    def counts(self) -> dict[str, int]:
        """What the format itself counts."""
        types = Counter(self.types.values())
        return {
            "events": len(self.events),
            "objects": len(self.types),
            "relations": self.relations,
            "relations of objects": self.between,
            "changes of objects": self.changes,
        } | {f"objects: {t}": n for t, n in sorted(types.items())}


def from_json(path: Path, name: str) -> Log:
    """Of either version; raises Unreadable when it is JSON of another kind."""
    if path.stat().st_size > LARGEST_JSON:
        raise Unreadable(name, "is more than 1 GB of JSON.", "Export it as OCEL 2.0 in SQLite.")
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise Unreadable(name, "is broken JSON.", "Export it again.", line=line) from error
    try:
        if isinstance(data, dict) and "ocel:events" in data:
            return _first(data)
        if isinstance(data, dict) and isinstance(data.get("events"), list):
            return _second(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            name, f"is no OCEL: {error!s} is missing or misplaced.", "Export it again."
        ) from error
    raise Unreadable(name, "is JSON, but no object-centric log.", "Export it as OCEL 2.0 or as CSV.")


def _first(data: dict[str, Any]) -> Log:
    log = Log(types={str(k): str(v["ocel:type"]) for k, v in data.get("ocel:objects", {}).items()})
    for key, e in data["ocel:events"].items():
        touched = [str(o) for o in e.get("ocel:omap", ())]
        log.relations += len(touched)
        extra = {str(k): _text(v) for k, v in e.get("ocel:vmap", {}).items()}
        log.events.append(
            Happened(str(key), str(e["ocel:activity"]), str(e["ocel:timestamp"]), touched, extra)
        )
    return log


def _second(data: dict[str, Any]) -> Log:
    log = Log()
    for o in data.get("objects", ()):
        log.types[str(o["id"])] = str(o["type"])
        log.between += len(o.get("relationships") or ())
        seen = Counter(a["name"] for a in o.get("attributes") or ())
        log.changes += sum(n - 1 for n in seen.values())
    for e in data["events"]:
        touched = [str(r["objectId"]) for r in e.get("relationships") or ()]
        log.relations += len(touched)
        extra = {str(a["name"]): _text(a.get("value")) for a in e.get("attributes") or ()}
        log.events.append(
            Happened(str(e["id"]), str(e["type"]), str(e["time"]), list(dict.fromkeys(touched)), extra)
        )
    return log


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


class _Xml:
    """Hears an OCEL 2.0 XML."""

    def __init__(self) -> None:
        self.log = Log()
        self.root = self.owner = self.attribute = ""
        self.seen: Counter[str] = Counter()
        self.event: Happened | None = None

    def start(self, tag: str, a: dict[str, str]) -> None:
        self.root = self.root or tag
        if tag == "object" and "id" in a:
            self.owner, self.event = a["id"], None
            self.log.types[a["id"]] = a.get("type", "")
            self.seen.clear()
        elif tag == "event" and "id" in a:
            self.event = Happened(a["id"], a.get("type", ""), a.get("time", ""), [], {})
            self.log.events.append(self.event)
        elif tag in ("relationship", "relobj") or (tag == "object" and "object-id" in a):
            self._related(a.get("object-id", ""))
        elif tag == "attribute" and "name" in a:
            self.attribute = a["name"]
            if self.event is None and self.owner and "time" in a:
                self.log.changes += self.seen[self.attribute] > 0
                self.seen[self.attribute] += 1

    def _related(self, other: str) -> None:
        if self.event is None:
            self.log.between += 1
            return
        self.log.relations += 1
        if other not in self.event.objects:
            self.event.objects.append(other)

    def data(self, text: str) -> None:
        if self.event is not None and self.attribute:
            self.event.attributes[self.attribute] = self.event.attributes.get(self.attribute, "") + text

    def end(self, tag: str) -> None:
        if tag == "attribute":
            self.attribute = ""


def is_xml(head: str) -> bool:
    """Whether an XML begins as an object-centric log rather than as XES."""
    return bool(re.search(r"<object-types|<ocel|<event-types|<objects[ >]", head))


def from_xml(path: Path, name: str) -> Log:
    """OCEL 2.0 in XML."""
    heard, parser = _Xml(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = heard.start, heard.end
    parser.CharacterDataHandler = heard.data
    parser.EntityDeclHandler = _refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        said = expat.errors.messages[error.code]
        raise Unreadable(name, f"is broken XML ({said}).", "Export it again.", line=error.lineno) from error
    except _Entities as error:
        raise Unreadable(
            name, "declares XML entities, which no log needs.", "Take out its DOCTYPE."
        ) from error
    return heard.log


class _Entities(Exception):
    """The XML declares entities."""


def _refuse(*_: Any) -> None:
    raise _Entities


def from_sqlite(path: Path, name: str) -> Log:
    """OCEL 2.0 in SQLite, opened so that nothing is written beside it."""
    try:
        con = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            return _tables(con, name)
        finally:
            con.close()
    except sqlite3.Error as error:
        raise Unreadable(name, f"is no readable SQLite database ({error}).", "Export it again.") from error


def _tables(con: sqlite3.Connection, name: str) -> Log:
    held = {row[0] for row in con.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    if not {"event", "object", "event_object", "event_map_type", "object_map_type"} <= held:
        raise Unreadable(name, "is a SQLite database, but no OCEL 2.0.", "Export it as OCEL 2.0 or as CSV.")
    log = Log(types=dict(con.execute("SELECT ocel_id, ocel_type FROM object")))
    touched: dict[str, list[str]] = {}
    for event, thing in con.execute("SELECT ocel_event_id, ocel_object_id FROM event_object"):
        log.relations += 1
        touched.setdefault(event, []).append(thing)
    if "object_object" in held:
        log.between = con.execute("SELECT count(*) FROM object_object").fetchone()[0]
    for table in _mapped(con, "object_map_type", "object_", held):
        if "ocel_changed_field" in _columns(con, table):
            changed = f"SELECT count(*) FROM {_quoted(table)} WHERE ocel_changed_field IS NOT NULL"
            log.changes += con.execute(changed).fetchone()[0]
    kinds = dict(con.execute("SELECT ocel_id, ocel_type FROM event"))
    for table in _mapped(con, "event_map_type", "event_", held):
        names = _columns(con, table)
        for row in con.execute(f"SELECT * FROM {_quoted(table)}"):
            given = dict(zip(names, row, strict=True))
            key, at = str(given.pop("ocel_id")), str(given.pop("ocel_time") or "")
            extra = {k: _text(v) for k, v in given.items()}
            things = list(dict.fromkeys(touched.get(key, ())))
            log.events.append(Happened(key, str(kinds.get(key, table)), at, things, extra))
    return log


def _mapped(con: sqlite3.Connection, table: str, prefix: str, held: set[str]) -> Iterator[str]:
    for (short,) in con.execute(f"SELECT DISTINCT ocel_type_map FROM {table}").fetchall():
        if f"{prefix}{short}" in held:
            yield f"{prefix}{short}"


def _columns(con: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in con.execute(f"PRAGMA table_info({_quoted(table)})")]


def _quoted(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'


def is_csv(header: Sequence[str]) -> bool:
    """Whether a header is that of OCEL 1 in CSV."""
    return "ocel:activity" in header and any(h.startswith("ocel:type:") for h in header)


_LISTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


def from_rows(header: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> Log:
    """OCEL 1 in CSV: a column of lists for each type of object."""
    log = Log()
    typed = {i: h.removeprefix("ocel:type:") for i, h in enumerate(header) if h.startswith("ocel:type:")}
    at = {h: i for i, h in enumerate(header)}
    plain = [(h, i) for h, i in at.items() if not h.startswith("ocel:") and h]
    for n, row in enumerate(rows):
        things: list[str] = []
        for i, kind in typed.items():
            for one, two in _LISTED.findall(row[i] or ""):
                things.append(one or two)
                log.types[one or two] = kind
        log.relations += len(things)
        key = (row[at["ocel:eid"]] if "ocel:eid" in at else None) or str(n + 1)
        extra = {h: row[i] or "" for h, i in plain}
        stamp = (row[at["ocel:timestamp"]] if "ocel:timestamp" in at else None) or ""
        log.events.append(
            Happened(key, row[at["ocel:activity"]] or "", stamp, list(dict.fromkeys(things)), extra)
        )
    return log


def leading(log: Log) -> tuple[str, int]:
    """The type of object that makes the best case, and in how many events exactly one of it takes part.

    A type of which an event often touches several would count that event several times, so it is taken only when
    there is no other. Among the rest it is the type that takes part in most events; then the one with more objects.
    """
    once: Counter[str] = Counter()
    several: Counter[str] = Counter()
    for event in log.events:
        for kind, n in Counter(log.types.get(o, "") for o in event.objects).items():
            (once if n == 1 else several)[kind] += 1
    held = Counter(log.types.values())
    kinds = [k for k in held if once[k]]
    if not kinds:
        return next(iter(held), ""), 0
    alone = [k for k in kinds if several[k] <= SEVERAL * (once[k] + several[k])]
    chosen = max(alone or kinds, key=lambda k: (once[k], held[k], k))
    return chosen, once[chosen]


def write(log: Log, chosen: Sequence[str], target: Path) -> None:
    """The events of these types of object as CSV: a row for each object of them that an event touches.

    An event that touches none has a row without a case.
    """
    wanted = set(chosen)
    extra = list(dict.fromkeys(k for e in log.events for k in e.attributes))[:MOST_ATTRIBUTES]
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("case:concept:name", "case_type", "concept:name", "time:timestamp", *extra))
        for e in log.events:
            for thing in [o for o in e.objects if log.types.get(o) in wanted] or [""]:
                row = (thing, log.types.get(thing, ""), e.activity, e.at)
                writer.writerow((*row, *(e.attributes.get(k, "") for k in extra)))


def says(log: Log, chosen: Sequence[str], exactly: int) -> tuple[str, ...]:
    """What was decided in flattening."""
    held = Counter(log.types.values())
    if len(chosen) > 1:
        return (
            "An event that touches several objects stands once for each of them, as `objects` in the mapping says.",
        )
    others = ", ".join(f"{t} ({n:,})" for t, n in sorted(held.items()) if t not in chosen) or "none"
    return (
        f"The case is the {chosen[0]}: {exactly:,} of {len(log.events):,} events touch exactly one."
        f" Other objects: {others}."
        " Write `objects` in the mapping to follow another type.",
    )
