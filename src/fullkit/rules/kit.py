"""The kit of a handoff: objective items, what is missing, and what may be supplied (R1 to R5).

An item is one typed question whose answer two people give alike. A supply answers it, or a fact the packet
already carries does. Every question here has the same answer for the same arguments, whatever is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple, get_args

from fullkit.rules.files import file_type
from fullkit.rules.refusal import Invalid
from fullkit.rules.text import clean_text, one_of_these

Kind = Literal["present", "one_of", "between", "future_date", "file_of", "ticked"]

__all__ = [
    "Item", "Missing", "Supply", "as_date", "as_number", "check", "file_type", "is_full", "missing",
    "refuse_wrong_type", "storable",
]  # fmt: skip

KINDS: tuple[str, ...] = get_args(Kind)

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?")
_TICKED, _UNTICKED = ("true", "yes", "on"), ("false", "no", "off", "")


@dataclass(frozen=True)
class Item:
    """One item of a kit. `arg` is what its kind needs: choices, (least, most), file types; else None."""

    key: str
    name: str
    kind: str
    arg: object = None
    fact: str | None = None
    """A fact of the packet, such as `contact` or `field.drawing_no`, that answers it when nothing is supplied."""


@dataclass(frozen=True)
class Supply:
    """What somebody gave for an item: a value, or a file by its name and sniffed type; and where to check it."""

    value: object = None
    file_name: str = ""
    file_type: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Missing:
    """An item that is not met, and the sentence that says why and what to do."""

    key: str
    name: str
    problem: str

    def __str__(self) -> str:
        return self.name


class _Problem(NamedTuple):
    problem: str
    cure: str


def check(item: Item, supply: Supply | None, facts: Mapping[str, object], *, today: date) -> str | None:
    """None when the item is met; else the sentence that says what is missing or wrong, and the cure.

    What is supplied goes before the fact of the packet. `today` is the company's date.
    """
    wrong = _problem(item, _given(item, supply, facts), today)
    return f"{item.name}: {wrong.problem} {wrong.cure}" if wrong else None


def missing(
    kit: Sequence[Item], supplies: Mapping[str, Supply], facts: Mapping[str, object], *, today: date
) -> list[Missing]:
    """The items not met, in the order of the kit; empty means full."""
    problems = [(item, check(item, supplies.get(item.key), facts, today=today)) for item in kit]
    return [Missing(item.key, item.name, problem) for item, problem in problems if problem]


def is_full(
    kit: Sequence[Item], supplies: Mapping[str, Supply], facts: Mapping[str, object], *, today: date
) -> bool:
    """Whether every item is met, so that the receiver must accept (R2)."""
    return not missing(kit, supplies, facts, today=today)


def refuse_wrong_type(item: Item, supply: Supply, *, today: date | None = None) -> Supply:
    """Refuse a supply that cannot meet the item, at the moment it is entered; give it back cleaned.

    With `today` a date that has passed is refused too. Raises Invalid with `field`, `problem` and `cure`.
    """
    clean = Supply(
        value=_cleaned(item.key, supply.value),
        file_name=clean_text(supply.file_name, field=item.key, lines=False),
        file_type=supply.file_type.strip().lower(),
        evidence=clean_text(supply.evidence, field=item.key, lines=False),
    )
    wrong = _problem(item, clean, today or date.min)
    if wrong:
        raise Invalid(field=item.key, problem=f"{item.name}: {wrong.problem}", cure=wrong.cure)
    return clean


def storable(value: object) -> str | bool | None:
    """A supplied value as JSON keeps it: text, yes or no, or nothing. Numbers and dates are kept as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


# --- what each kind of item asks -----------------------------------------------------------------------------


def _given(item: Item, supply: Supply | None, facts: Mapping[str, object]) -> Supply:
    if supply is not None and not (_blank(supply.value) and not supply.file_name):
        return supply
    fact = facts.get(item.fact) if item.fact else None
    return Supply(value=fact) if not _blank(fact) else supply or Supply()


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, (str, list, tuple, dict)) and not str(value or "").strip())


def _cleaned(field: str, value: object) -> object:
    if isinstance(value, str):
        return clean_text(value, field=field)
    if value is None or isinstance(value, (bool, int, float, Decimal, date)):
        return value
    raise Invalid(
        field=field, problem="a list or an object is not an answer.", cure="Give one text, number or date."
    )


def _problem(item: Item, given: Supply, today: date) -> _Problem | None:
    match item.kind:
        case "present":
            return _present(given)
        case "one_of":
            return _one_of(_texts(item), given)
        case "between":
            return _between(item, given)
        case "future_date":
            return _future_date(given, today)
        case "file_of":
            return _file_of(_texts(item), given)
        case "ticked":
            return _ticked(given)
    raise ValueError(f"{item.key} is of the unknown kind {item.kind!r}; a kit asks for {', '.join(KINDS)}.")


def _present(given: Supply) -> _Problem | None:
    if _blank(given.value) and not given.file_name.strip():
        return _Problem("nothing is given yet.", "Give it.")
    return None


def _one_of(choices: Sequence[str], given: Supply) -> _Problem | None:
    cure = f"Choose one of: {', '.join(choices)}."
    if _blank(given.value):
        return _Problem("nothing is chosen yet.", cure)
    if str(given.value).strip() not in choices:
        return _Problem(f"{_quoted(given.value)} is not one of the choices.", cure)
    return None


def _between(item: Item, given: Supply) -> _Problem | None:
    least, most = _bounds(item)
    cure = f"Give a number from {least} to {most}."
    if _blank(given.value):
        return _Problem("no number is given yet.", cure)
    number = as_number(given.value)
    if number is None:
        return _Problem(
            f"{_quoted(given.value)} is not a number in plain digits.", f"{cure[:-1]}, such as 1250.50."
        )
    if not least <= number <= most:
        return _Problem(f"{number} is not from {least} to {most}.", cure)
    return None


def _future_date(given: Supply, today: date) -> _Problem | None:
    cure = (
        f"Give a date after {today}."
        if today > date.min
        else "Give a date as year-month-day, such as 2026-03-02."
    )
    if _blank(given.value):
        return _Problem("no date is given yet.", cure)
    day = as_date(given.value)
    if day is None:
        return _Problem(
            f"{_quoted(given.value)} is not a date.", "Give a date as year-month-day, such as 2026-03-02."
        )
    # A moment later today is still ahead; whoever books it holds it against the clock.
    if day < today or (day == today and not _has_time(given.value)):
        return _Problem(f"{day} is not in the future.", cure)
    return None


def _file_of(types: Sequence[str], given: Supply) -> _Problem | None:
    cure = f"Attach a file of type {one_of_these(types)}."
    if not given.file_name.strip():
        return _Problem("no file is attached yet.", cure)
    if given.file_type not in types:
        return _Problem(f"{given.file_name} is of type {given.file_type or 'unknown'}.", cure)
    return None


def _ticked(given: Supply) -> _Problem | None:
    said = given.value if isinstance(given.value, bool) else str(given.value or "").strip().lower()
    if said is not True and said not in _TICKED:
        if said is False or said in _UNTICKED:
            return _Problem("it is not ticked yet.", "Tick it, and say where that can be checked.")
        return _Problem(f"{_quoted(given.value)} is neither yes nor no.", "Answer yes or no.")
    if not given.evidence.strip():
        return _Problem("nothing shows that it is so.", "Give a link, a reference, or a name and a date.")
    return None


def as_number(value: object) -> Decimal | None:
    """The number a value is, exactly; None for a float, which has already lost cents, and for anything else."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        return None
    try:
        return Decimal(value.strip())
    except InvalidOperation:
        return None


def as_date(value: object) -> date | None:
    """The date of a date, a moment, or their ISO text; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        return None


def _has_time(value: object) -> bool:
    return isinstance(value, datetime) or (isinstance(value, str) and ":" in value)


def _texts(item: Item) -> tuple[str, ...]:
    if isinstance(item.arg, (tuple, list)):
        return tuple(str(one) for one in item.arg)
    raise ValueError(f"{item.key} needs its choices; the playbook gives none.")


def _bounds(item: Item) -> tuple[Decimal, Decimal]:
    if isinstance(item.arg, (tuple, list)) and len(item.arg) == 2:
        return Decimal(item.arg[0]), Decimal(item.arg[1])
    raise ValueError(f"{item.key} needs a least and a most; the playbook gives neither.")


def _quoted(value: object) -> str:
    text = str(value)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
