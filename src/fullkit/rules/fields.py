"""What people type, made clean: text, numbers, money, dates, choices. Errors name the field and the cure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from fullkit.rules.refusal import Invalid
from fullkit.rules.text import clean_text

MAX_MONEY = Decimal("999999999999.99")


class Spec(Protocol):
    """What a typed field declares."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def choices(self) -> tuple[str, ...]: ...
    @property
    def required(self) -> bool: ...


def typed(field: str, given: object, *, limit: int, required: bool = False, lines: bool = False) -> str:
    """Text that someone typed, clean (rules/text.py) and at most `limit` characters."""
    if not isinstance(given, str):
        raise Invalid(field=field, problem="is not text.", cure="Give words.")
    text = clean_text(given, field=field, longest=limit, lines=lines)
    if required and not text:
        raise Invalid(field=field, problem="is empty.", cure="Give a few words.")
    return text


def clean_money(field: str, given: object) -> Decimal:
    """An amount with at most two decimals, zero or more."""
    amount = clean_number(field, given)
    if amount < 0 or amount > MAX_MONEY:
        raise Invalid(field=field, problem=f"{amount} is not an amount.", cure=f"Give 0 to {MAX_MONEY}.")
    rounded = amount.quantize(Decimal("0.01"))
    if rounded != amount:
        raise Invalid(field=field, problem=f"{amount} has more than two decimals.", cure="Round it to cents.")
    return rounded


def clean_number(field: str, given: object) -> Decimal:
    """A finite decimal number; from text or an integer, never through binary floating point."""
    if isinstance(given, bool) or not isinstance(given, (str, int, float, Decimal)):
        raise Invalid(field=field, problem="is not a number.", cure="Give digits, such as 12.5.")
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        raise Invalid(
            field=field, problem=f"{given!r} is not a number.", cure="Give digits, such as 12.5."
        ) from None
    if not number.is_finite() or abs(number.adjusted()) > 18:
        raise Invalid(field=field, problem=f"{given!r} is out of range.", cure="Give an ordinary number.")
    return number


def clean_date(field: str, given: object) -> date:
    """A calendar day written year-month-day."""
    try:
        day = date.fromisoformat(str(given).strip())
    except ValueError:
        raise Invalid(
            field=field, problem=f"{given!r} is not a date.", cure="Write it like 2026-03-31."
        ) from None
    if not 1990 <= day.year <= 2100:
        raise Invalid(field=field, problem=f"{day} is out of range.", cure="Give a year from 1990 to 2100.")
    return day


def clean_fields(
    specs: Mapping[str, Spec], given: Mapping[str, Any], *, partial: bool = False
) -> dict[str, Any]:
    """The typed fields of a packet, ready to be stored as JSON. `partial` asks for no required ones."""
    unknown = sorted(set(given) - set(specs))
    if unknown:
        known = ", ".join(specs) or "none"
        raise Invalid(
            field=unknown[0], problem="is not a field of this type.", cure=f"Known fields: {known}."
        )
    out = {key: _clean(specs[key], value) for key, value in given.items() if value not in (None, "")}
    lacking = [s.name for s in specs.values() if s.required and s.key not in out]
    if lacking and not partial:
        raise Invalid(
            field=lacking[0], problem="is missing.", cure="It is required for something of this type."
        )
    return out


def _clean(spec: Spec, value: Any) -> Any:
    if spec.kind == "number":
        return str(clean_number(spec.name, value))
    if spec.kind == "money":
        return str(clean_money(spec.name, value))
    if spec.kind == "date":
        return clean_date(spec.name, value).isoformat()
    if spec.kind == "yes_no":
        return _yes_no(spec.name, value)
    text = typed(spec.name, value, limit=500)
    if spec.kind == "choice" and text not in spec.choices:
        raise Invalid(
            field=spec.name, problem=f"{text!r} is not a choice.", cure=f"One of {', '.join(spec.choices)}."
        )
    if spec.kind == "link" and not text.startswith(("https://", "http://")):
        raise Invalid(field=spec.name, problem=f"{text!r} is not a link.", cure="Begin with https://.")
    return text


def _yes_no(field: str, value: Any) -> bool:
    known = {True: True, False: False, "yes": True, "no": False, "true": True, "false": False, "on": True}
    if not isinstance(value, (bool, str)) or value not in known:
        raise Invalid(field=field, problem=f"{value!r} is neither yes nor no.", cure="Say yes or no.")
    return known[value]
