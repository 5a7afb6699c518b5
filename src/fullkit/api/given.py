"""What may be sent: types that refuse, with the field's name and a cure, what no database or clock can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from annotated_types import GroupedMetadata, MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from fullkit.rules.fields import clean_date, clean_money
from fullkit.rules.refusal import Invalid
from fullkit.rules.text import MAX_TEXT, clean_text

FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST = 2**63 - 1
"""The largest whole number that both databases store."""
MOST_SAID = 10**15
"""The largest number that answers a kit item: larger ones are a slip, and floats no longer count by ones."""


class Given(BaseModel):
    """A JSON body: nothing but the named fields, and no value turned into another type on the way."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _wrong(problem: str, cure: str) -> PydanticCustomError:
    return PydanticCustomError("not_usable", "{problem} {cure}", {"problem": problem, "cure": cure})


def _or_wrong(clean: Callable[[Any], Any], given: Any) -> Any:
    """A rule's refusal, said the way the schema says its own."""
    try:
        return clean(given)
    except Invalid as no:
        raise _wrong(no.facts["problem"], no.facts["cure"]) from None


def _text(given: str, *, lines: bool, required: bool) -> str:
    text: str = _or_wrong(partial(clean_text, field="", lines=lines), given)
    if required and not text:
        raise _wrong("is empty.", "Give a few words.")
    return text


@dataclass(frozen=True)
class Text(GroupedMetadata):
    """Text a person typed, of at most `longest` characters; `lines` allows line breaks."""

    longest: int
    required: bool = True
    lines: bool = False

    def __iter__(self) -> Iterator[Any]:
        yield MinLen(1 if self.required else 0)
        yield MaxLen(self.longest)
        yield AfterValidator(partial(_text, lines=self.lines, required=self.required))


def _instant(given: Any) -> datetime:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str):
        raise _wrong("is not a time.", "Write it like 2026-03-02T09:00:00-06:00.")
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        raise _wrong("is not a time.", "Write it like 2026-03-02T09:00:00-06:00.") from None
    if instant.tzinfo is None:
        raise _wrong("has no zone.", "Give a zone: end it with Z or with an offset such as -06:00.")
    if not FIRST_YEAR <= instant.year < LAST_YEAR:
        raise _wrong(f"{instant.year} is out of range.", f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return instant.astimezone(UTC)


def _day(given: Any) -> date:
    day: date = _or_wrong(lambda value: clean_date("", value), given)
    return day


def _money(given: Any) -> Decimal:
    if isinstance(given, (bool, float)):
        raise _wrong("is not an amount.", 'Write it as text, such as "1250.00", or as a whole number.')
    amount: Decimal = _or_wrong(lambda value: clean_money("", value), given)
    return amount


def _value(given: Any) -> str | bool | int | float | None:
    if isinstance(given, str):
        said: str = _or_wrong(partial(clean_text, field=""), given)
        return said
    if given is None or isinstance(given, bool):
        return given
    if not isinstance(given, (int, float)):
        raise _wrong("a list or an object is not an answer.", "Give one text or number, yes or no.")
    if not -MOST_SAID <= given <= MOST_SAID:  # false for what is not a number, too
        raise _wrong("is out of range.", f"Give a number from -{MOST_SAID:,} to {MOST_SAID:,}.")
    return given


Id = Annotated[int, Field(ge=1, le=MOST)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["inside_sales"])]
Choice = Annotated[str, Text(80)]
"""One of the playbook's keys, or a refusal that names them all."""
Line = Annotated[str, Text(200)]
Remark = Annotated[str, Text(4000, lines=True)]
NoRemark = Annotated[str, Text(4000, lines=True, required=False)]
Instant = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Money = Annotated[
    Decimal,
    BeforeValidator(_money),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"},
                {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
            ]
        }
    ),
]
Minutes = Annotated[float, Field(gt=0, le=1440)]
Value = Annotated[
    Any,
    BeforeValidator(_value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": MAX_TEXT},
                {"type": "number", "minimum": -MOST_SAID, "maximum": MOST_SAID},
                {"type": "boolean"},
                {"type": "null"},
            ]
        }
    ),
]
"""An answer to a kit item or a field of a packet."""
