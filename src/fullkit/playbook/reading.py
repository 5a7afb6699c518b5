"""YAML text into plain data, with the line and column of every part, and every fault of the text at once.

Read from the parser's events rather than composed: a playbook needs no aliases, so what makes YAML dangerous
(cycles, bombs of anchors, merge keys, tags that build objects) is refused where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

Path = tuple[str | int, ...]

DEEPEST = 24
LARGEST = 2 * 1024 * 1024
MOST_PARTS = 50_000
LONGEST_SHOWN = 80
_STANDARD_TAGS = frozenset(
    {f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null", "map", "seq")}
)
_INTEGER = re.compile(r"^[-+]?[0-9]{1,18}$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?$")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(frozen=True)
class Fault:
    """Something the text cannot be read with. Line and column count from one."""

    line: int
    column: int
    path: Path
    found: str
    expected: str
    cure: str


@dataclass
class Source:
    """What was read: plain data, where each part stands, and the faults. `complete` is false after a syntax error."""

    data: Any = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    complete: bool = True

    def mark(self, path: Path) -> tuple[int, int]:
        """Line and column of a part, or of the nearest part around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


class _Stop(Exception):
    """Reading on would only repeat the fault."""


def read(text: str) -> Source:
    """The text as data. Never raises: what cannot be read is a fault."""
    source = Source()
    if len(text) > LARGEST or len(text.encode("utf-8", "replace")) > LARGEST:
        source.faults.append(
            Fault(
                1,
                1,
                (),
                "more than 2 MB of text",
                "a playbook of at most 2 MB",
                "Take out what is not a playbook.",
            )
        )
        source.complete = False
        return source
    try:
        _Reader(source, YAML(typ="safe", pure=True).parse(text)).document()
    except _Stop:
        source.complete = False
    except YAMLError as error:
        source.faults.append(_syntax(error, text))
        source.complete = False
    except (
        ValueError,
        IndexError,
        OverflowError,
        UnicodeError,
        RecursionError,
        AttributeError,
        AssertionError,
    ):
        # The parser itself stumbles over a few texts that are no YAML at all, such as a lone surrogate.
        source.faults.append(
            Fault(1, 1, (), "text that is not YAML", "a YAML file in UTF-8", "Save the file as UTF-8.")
        )
        source.complete = False
    return source


def _syntax(error: YAMLError, text: str) -> Fault:
    if isinstance(error, ReaderError):  # a character that YAML does not allow
        before = text[: error.position]
        character = error.character if isinstance(error.character, int) else ord(error.character[:1] or "?")
        column = len(before) - before.rfind("\n")
        return Fault(
            before.count("\n") + 1,
            column,
            (),
            f"the character U+{character:04X}",
            "printable text",
            "Delete it.",
        )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = getattr(error, "problem", None) or getattr(error, "context", None) or "text that is not YAML"
    cure = "Look at this line and the one above: indentation, a missing colon or quotation marks."
    return Fault(line, column, (), shorten(str(said)), "YAML", cure)


def shorten(text: str) -> str:
    """A foreign text in one line that fits into a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"


class _Reader:
    """Builds data from events, one method per kind of part."""

    def __init__(self, source: Source, events: Iterator[Event]) -> None:
        self.source = source
        self.events = events

    def document(self) -> None:
        started = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if started:
                    self._fault(
                        event,
                        (),
                        "a second document",
                        "one playbook",
                        "Remove the line `---` and what follows.",
                    )
                    raise _Stop
                started = True
            elif isinstance(event, (ScalarEvent, AliasEvent, CollectionStartEvent)):
                self.source.data = self._part(event, ())

    def _part(self, event: Event, path: Path) -> Any:
        if path not in self.source.marks:
            self._mark(event, path)
        self._bounded(event, path)
        anchor, tag = getattr(event, "anchor", None), getattr(event, "ctag", None)
        if isinstance(event, AliasEvent):
            self._fault(event, path, f"the alias *{anchor}", "a value", "Write it out; aliases are not read.")
            return None
        if anchor:
            self._fault(event, path, f"the anchor &{anchor}", "a value", "Remove it; anchors are not read.")
        if tag is not None and str(tag) not in _STANDARD_TAGS:
            self._fault(event, path, f"the tag {tag}", "a value without a tag", "Remove the tag.")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event)

    def _bounded(self, event: Event, path: Path) -> None:
        """Deep and endless texts are given up early, since the parser is slow and the stack short."""
        if len(path) > DEEPEST:
            expected = f"at most {DEEPEST} levels"
            self._fault(event, path[:DEEPEST], "parts nested too deep", expected, "Check the brackets.")
            raise _Stop
        if len(self.source.marks) > MOST_PARTS:
            expected = f"at most {MOST_PARTS:,} parts"
            self._fault(event, path, "more parts than a company has", expected, "Check what was pasted.")
            raise _Stop

    def _mapping(self, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._key(event, path)
            if key is None:
                self._part(next(self.events), (*path, "?"))
                continue
            here = (*path, key)
            if key in made:
                first = self.source.marks[here][0]
                self._fault(
                    event,
                    here,
                    f"{key} again",
                    f"{key} once",
                    f"It stands in line {first} already; keep one.",
                )
                self._part(next(self.events), (*path, "?"))
                continue
            self._mark(event, here)
            made[key] = self._part(next(self.events), here)
        return made

    def _key(self, event: Event, path: Path) -> str | None:
        """A key is a word; a date stays the text it is."""
        if isinstance(event, ScalarEvent) and not getattr(event, "anchor", None):
            return str(event.value)
        self._fault(
            event, path, "a key that is not a word", "a word before the colon", "Write a word and a colon."
        )
        self._part(event, (*path, "?"))
        return None

    def _sequence(self, path: Path) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            made.append(self._part(event, (*path, len(made))))
        return made

    def _scalar(self, event: Event) -> Any:
        assert isinstance(event, ScalarEvent)
        text = str(event.value)
        if event.style:  # quoted or folded text is text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        return text

    def _mark(self, event: Event, path: Path) -> None:
        self.source.marks[path] = (event.start_mark.line + 1, event.start_mark.column + 1)

    def _fault(self, event: Event, path: Path, found: str, expected: str, cure: str) -> None:
        mark = event.start_mark
        self.source.faults.append(Fault(mark.line + 1, mark.column + 1, path, shorten(found), expected, cure))
