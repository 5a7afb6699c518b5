"""The mapping file: what the columns of an export mean, when they do not say so themselves."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fullkit.flow.reading import words
from fullkit.flow.reading.errors import Unreadable
from fullkit.playbook import reading as yaml

Holds = Literal["opportunities", "history", "events", "people", "customers", "products", "nothing"]
WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

FIELDS: dict[str, tuple[str, ...]] = {
    "opportunities": tuple(words.OPPORTUNITIES),
    "history": tuple(words.HISTORY),
    "events": tuple(words.EVENTS),
    "people": ("key", "name", "team"),
    "customers": ("key", "name"),
    "products": ("key", "name", "list_price"),
    "nothing": (),
}
"""What the columns of each kind of file can mean."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileMapping(_Part):
    """What one file holds."""

    name: str
    """The file's name, or a pattern such as `deals-*.csv`."""
    holds: Holds
    columns: dict[str, str] = Field(default_factory=dict)
    """Our word to the file's header."""


class Outcomes(_Part):
    """The words that end a deal. Every other word leaves it open."""

    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    no_decision: tuple[str, ...] = ()


class Hours(_Part):
    """When work goes on."""

    days: tuple[Weekday, ...] = WORKING_DAYS  # type: ignore[assignment]
    start: int = Field(8, ge=0, le=23)
    """The hour of the day at which work begins."""
    hours: float = Field(8, gt=0, le=24)


class Mapping(_Part):
    """A mapping file. Everything in it has a default; what it does not say is told from the columns."""

    zone: str = "UTC"
    today: date | None = None
    """The day the export was made: what is open then is open so far."""
    dates: Literal["dmy", "mdy"] | None = None
    hours: Hours = Hours()
    process: str = "hunting"
    farming: tuple[str, ...] = ()
    """Words of the column `type` that mean business with existing customers."""
    outcomes: Outcomes | None = None
    endings: tuple[str, ...] = ()
    """The activities that end a case of an event log. Empty: every case ends with its last event."""
    lifecycle: Literal["pair", "complete", "all"] = "pair"
    """What to do with `start` and `complete` rows of one activity."""
    objects: tuple[str, ...] = ()
    """Of an object-centric log, the types of object that are the cases."""
    spelling: dict[str, dict[str, str]] = Field(default_factory=dict)
    """For owner, customer or product: a spelling to the right one."""
    files: tuple[FileMapping, ...] = ()

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone; write one such as Europe/Berlin") from None
        return value

    def of(self, file: str) -> FileMapping | None:
        """What is said about a file, by its name or pattern."""
        return next((f for f in self.files if f.name == file or fnmatch(file, f.name)), None)


def load_mapping(path: Path) -> Mapping:
    """The mapping in a YAML file. Raises Unreadable with the line, the key and the cure."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(
            path.name, f"cannot be read ({_short(error)}).", "Save it as text in UTF-8."
        ) from error
    return parse_mapping(text, path.name)


def parse_mapping(text: str, name: str) -> Mapping:
    """The mapping in a YAML text."""
    source = yaml.read(text)
    if source.faults:
        fault = source.faults[0]
        raise Unreadable(
            name, f"found {fault.found} where {fault.expected} was expected.", fault.cure, line=fault.line
        )
    if not isinstance(source.data, dict):
        raise Unreadable(name, "is no mapping.", "Let `fullkit diagnose --propose FILE` write one.", line=1)
    try:
        mapping = Mapping.model_validate(source.data)
    except ValidationError as error:
        first = error.errors()[0]
        path = tuple(first["loc"])
        raise Unreadable(
            name, f"`{'.'.join(map(str, path))}`: {_why(first)}.", _cure(path), line=source.mark(path)[0]
        ) from error
    for i, file in enumerate(mapping.files):
        for field in file.columns:
            if field not in FIELDS[file.holds]:
                raise Unreadable(
                    name,
                    f"`{field}` is nothing that {file.holds} have.",
                    f"Write one of {', '.join(FIELDS[file.holds])}.",
                    line=source.mark(("files", i, "columns", field))[0],
                )
    return mapping


def _why(error: Any) -> str:
    said = str(error["msg"]).removeprefix("Value error, ")
    return "is no key of a mapping" if error["type"] == "extra_forbidden" else said[:1].lower() + said[1:]


def _cure(path: tuple[str | int, ...]) -> str:
    model: type[BaseModel] = FileMapping if path[:1] == ("files",) else Mapping
    if path[:1] == ("files",) and len(path) > 2 and path[2] == "holds":
        return f"Write one of {', '.join(FIELDS)}."
    return f"Known keys: {', '.join(model.model_fields)}."


def _short(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
