"""Text into a playbook, or every problem of the text at once, each with its place and a cure."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fullkit.playbook import reading
from fullkit.playbook.dump import dump, write
from fullkit.playbook.reading import Path, Source, shorten
from fullkit.playbook.references import Flaw, flaws, nearest
from fullkit.playbook.schema import Playbook

__all__ = ["PlaybookError", "Problem", "digest", "dump", "load", "load_stored"]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that keeps a text from being a playbook. Line and column count from one."""

    file: str
    line: int
    column: int
    path: str
    found: str
    expected: str
    cure: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}:{f' {self.path}:' if self.path else ''}"
        return f"{place} found {self.found}, expected {self.expected}. {self.cure}"


class PlaybookError(Exception):
    """The text is no playbook. `problems` are sorted by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@lru_cache(maxsize=8)
def load(text: str, *, name: str = "playbook.yaml") -> Playbook:
    """Read a playbook. `name` is what the problems call the file. The same text twice is read once.

    Raises PlaybookError, and nothing else, whatever the text.
    """
    source = reading.read(text)
    problems = [
        Problem(name, f.line, f.column, dotted(f.path), f.found, f.expected, f.cure) for f in source.faults
    ]
    playbook = None
    if source.complete:
        playbook, found = _validated(source)
        unreadable = [f.path for f in source.faults if f.path]
        for flaw in found:
            if not any(flaw.path[: len(path)] == path for path in unreadable):
                line, column = source.mark(flaw.path)
                problems.append(
                    Problem(name, line, column, dotted(flaw.path), flaw.found, flaw.expected, flaw.cure)
                )
    if playbook is None or problems:
        raise PlaybookError(sorted(set(problems), key=lambda p: (p.line, p.column, p.path, p.found)))
    return playbook


@lru_cache(maxsize=32)
def load_stored(text: str) -> tuple[Playbook, tuple[str, ...]]:
    """Read a version that an earlier or later release kept; also the keys in it that this release does not know.

    They are passed over and named, never fatal: an upgrade must not keep a company from opening in the morning.
    Whatever else is wrong raises PlaybookError, as in `load`.
    """
    try:
        return load(text), ()
    except PlaybookError:
        source, unknown = reading.read(text), []
        while paths := _unknown_paths(source.data):
            unknown += [dotted(path) for path in paths]
            for path in paths:
                del _at(source.data, path[:-1])[path[-1]]
        if source.faults or not unknown:
            raise
    return load(write(source.data)), tuple(unknown)


def _unknown_paths(data: Any) -> list[Path]:
    if not isinstance(data, dict):
        return []
    try:
        Playbook.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        return [tuple(d["loc"]) for d in error.errors(include_url=False) if d["type"] == "extra_forbidden"]
    return []


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def digest(text: str) -> str:
    """The SHA-256 of a playbook's text, by which two versions are told apart."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def dotted(path: Path) -> str:
    """`departments[2].works[0]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _validated(source: Source) -> tuple[Playbook | None, list[Flaw]]:
    if not isinstance(source.data, dict):
        cure = "Begin with `company:`; a preset shows the whole shape."
        return None, [Flaw((), _shown(source.data), "a playbook", cure)]
    loose = list(flaws(source.data))
    try:
        return Playbook.model_validate(source.data, by_alias=True, by_name=False), loose
    except ValidationError as error:
        return None, [*(_flaw(d) for d in error.errors(include_url=False) if not _follows(d)), *loose]


def _follows(detail: ErrorDetails) -> bool:
    """A list called too short only because some of its entries are wrong, which are named themselves."""
    given = detail["input"]
    return (
        detail["type"] == "too_short"
        and isinstance(given, list)
        and len(given) >= detail["ctx"]["min_length"]
    )


# --- pydantic's complaints in our words ----------------------------------------------------------------------

_EXPECTED = {
    "string_type": "text",
    "string_unicode": "text without lone surrogates",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a block of keys and values",
    "model_type": "a block of keys and values",
    "model_attributes_type": "a block of keys and values",
    "date_type": "a date like 2026-12-24",
    "date_parsing": "a date like 2026-12-24",
    "date_from_datetime_parsing": "a date like 2026-12-24",
    "date_from_datetime_inexact": "a date like 2026-12-24",
}
_BY_LIMIT = {
    "greater_than": ("gt", "more than {}"),
    "greater_than_equal": ("ge", "{} or more"),
    "less_than": ("lt", "less than {}"),
    "less_than_equal": ("le", "{} or less"),
    "too_short": ("min_length", "at least {} of them"),
    "too_long": ("max_length", "at most {} of them"),
    "string_too_short": ("min_length", "text of at least {} character"),
    "string_too_long": ("max_length", "text of at most {} characters"),
    "literal_error": ("expected", "{}"),
}
_BY_PATTERN = {
    r"^[a-z][a-z0-9_]{0,39}$": "a key: lower-case letters, digits and _, at most 40, a letter first",
    r"^[A-Z]{3}$": "a currency code of three capitals such as USD",
    r"^[A-Z]{1,4}$": "one to four capital letters",
    r"^[A-Z]{2}$": "a country code of two capitals such as US",
    r"^(customer|contact|value|family|field\.[a-z][a-z0-9_]*)$": "customer, contact, value, family or field.KEY",
    r"^[a-z0-9][a-z0-9._@+-]{0,79}$": "a sign-in name: lower-case letters, digits and . _ @ + -",
}


def _flaw(detail: ErrorDetails) -> Flaw:
    path: Path = tuple(step for step in detail["loc"] if step != "[key]")
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return Flaw(path, "nothing", f"`{path[-1]}`", f"Add `{path[-1]}:` with its value.")
    if kind == "extra_forbidden":
        return _unknown(path)
    expected = _EXPECTED.get(kind) or detail["msg"]
    if kind in _BY_LIMIT:
        name, words = _BY_LIMIT[kind]
        expected = words.format(context[name])
    elif kind == "string_pattern_mismatch":
        expected = _BY_PATTERN.get(context["pattern"]) or f"text like {context['pattern']}"
    elif kind == "value_error":
        expected = str(context["error"])
    return Flaw(path, _shown(detail["input"]), expected, _cure(kind, detail["input"], context, expected))


def _cure(kind: str, given: Any, context: dict[str, Any], expected: str) -> str:
    if kind == "string_type" and isinstance(given, (int, float)):
        return "Put quotation marks around it."
    if kind == "literal_error" and isinstance(given, str):
        choices = {w.strip("'") for w in str(context["expected"]).replace(" or ", ", ").split(", ")}
        if like := nearest(given, choices):
            return f"Did you mean {like}?"
    if kind == "too_short":
        return "Add one."
    return "Correct this value." if len(expected) > 60 else f"Write {expected}."


def _unknown(path: Path) -> Flaw:
    known = _keys_at(path[:-1])
    like = nearest(str(path[-1]), known)
    cure = f"Did you mean `{like}`?" if like else f"Remove it; known here are {', '.join(sorted(known))}."
    return Flaw(path, f"the unknown key `{shorten(str(path[-1]))}`", "a key that a playbook has here", cure)


def _shown(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, (dict, BaseModel)):
        return "a block of keys and values"
    if isinstance(given, (list, tuple)):
        return "a list" if given else "an empty list"
    if isinstance(given, bool):
        return str(given).lower()
    return shorten(repr(given))


def _keys_at(path: Path) -> set[str]:
    """The keys that the schema knows at a path."""
    kinds: list[Any] = [Playbook]
    for step in path:
        kinds = [inner for kind in kinds for inner in _inner(kind, step)]
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def _inner(kind: Any, step: str | int) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if step == (field.alias or name):
                yield from _plain(field.annotation)
    elif isinstance(step, int) or get_origin(kind) is dict:
        for argument in get_args(kind):
            if argument is not Ellipsis:
                yield from _plain(argument)


def _plain(kind: Any) -> Iterator[Any]:
    """A type without its annotations and without `| None`."""
    if get_origin(kind) is Annotated:
        yield from _plain(get_args(kind)[0])
    elif get_origin(kind) in (Union, types.UnionType):
        for argument in get_args(kind):
            yield from _plain(argument)
    else:
        yield kind
