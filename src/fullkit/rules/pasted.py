"""Rows copied out of a spreadsheet: text in, named cells out. Nothing is guessed that could be wrong unnoticed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from fullkit.rules.refusal import Invalid, Refusal

MOST_ROWS = 300
"""Rows of one paste: as many as can be looked through before they are taken in."""


class TooManyRows(Refusal):
    says = "{count} rows at once are more than anyone looks through. Paste {most} at a time."


@dataclass(frozen=True)
class Row:
    """One row: its number in what was pasted, counted from 1, and its cells by column; or what is wrong with it."""

    number: int
    cells: Mapping[str, str]
    text: str
    """The row as it was pasted."""
    wrong: str = ""


@dataclass(frozen=True)
class Paste:
    """What was pasted: its rows, and the line before them when that names the columns."""

    rows: tuple[Row, ...]
    header: str = ""


def read(text: str, columns: Mapping[str, Sequence[str]], *, order: Sequence[str]) -> Paste:
    """The rows of pasted text, tab, semicolon or comma between the cells.

    `columns` maps a column to the words a first line may call it by; without such a line cells stand in `order`.
    """
    between = _delimiter(text)
    cells = [
        [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=between)
    ]
    lines = [row for row in cells if any(row)]
    if len(lines) > MOST_ROWS + 1:
        raise TooManyRows(count=len(lines), most=MOST_ROWS)
    header = _header(lines[0], columns) if lines else None
    names, rest = (header, lines[1:]) if header else (list(order), lines)
    rows = tuple(_row(number, row, names, between) for number, row in enumerate(rest, 1))
    return Paste(rows, header=_written(lines[0], between) if header else "")


def amount(field: str, text: str) -> Decimal | None:
    """An amount as people write it: `24000`, `$24,000`, `24.000,50 €`; None for nothing. Raises Invalid."""
    digits = "".join(c for c in text if c.isdigit() or c in ",.-")
    if not text.strip():
        return None
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        thousands = "," if digits.rindex(".") > digits.rindex(",") else "."
        digits = digits.replace(thousands, "")
    elif commas + points and all(len(part) == 3 for part in digits.replace(",", ".").split(".")[1:]):
        digits = digits.replace(",", "").replace(".", "")
    try:
        return Decimal(digits.replace(",", "."))
    except InvalidOperation:
        raise Invalid(
            field=field, problem=f"{text!r} is not an amount.", cure="Write it like 24000."
        ) from None


def _delimiter(text: str) -> str:
    """What stands between the cells: a tab when there is one (a spreadsheet copies so), else the commoner one."""
    first = text.split("\n", 1)[0]
    if "\t" in text:
        return "\t"
    return ";" if first.count(";") > first.count(",") else ","


def _header(cells: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[str] | None:
    """The columns named by a first line, when at least two of its cells are names of columns."""
    known = {word.casefold(): column for column, words in columns.items() for word in (column, *words)}
    found = [known.get(cell.casefold().replace("_", " "), known.get(cell.casefold(), "")) for cell in cells]
    return found if sum(map(bool, found)) >= min(2, len(cells)) else None


def _row(number: int, cells: Sequence[str], names: Sequence[str], between: str) -> Row:
    extra = [cell for cell in cells[len(names) :] if cell]
    named = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    wrong = f"It has {len(cells)} cells, {len(names)} are expected." if extra else ""
    return Row(number, named, _written(cells, between), wrong)


def _written(cells: Sequence[str], between: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=between, lineterminator="").writerow(cells)
    return out.getvalue()
