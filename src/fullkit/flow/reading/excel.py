"""Workbooks (.xlsx, .xlsb, .ods, .xls): each sheet that holds a table, as text."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from fullkit.flow.reading import text
from fullkit.flow.reading.errors import Unreadable

LARGEST = 2 << 30
"""Bytes that a workbook may unpack to: it is read into memory as a whole."""


def checked(path: Path, name: str) -> None:
    """Raises Unreadable for a packed file that is broken, a bomb, or no workbook."""
    try:
        with zipfile.ZipFile(path) as packed:
            total = sum(entry.file_size for entry in packed.infolist())
            text.safe(name, path.stat().st_size, total)
            if total > LARGEST:
                raise Unreadable(name, "unpacks to more than 2 GB.", "Export it as CSV.")
            if not any(e.filename.startswith(("xl/", "content.xml")) for e in packed.infolist()):
                raise Unreadable(
                    name, "is a zip archive, not a workbook.", "Unpack it and name the files in it."
                )
            broken = packed.testzip()  # also finds entries that are longer than they say
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise Unreadable(
            name, "is a broken workbook; it ends too early or was damaged.", "Save it again."
        ) from error
    if broken:
        raise Unreadable(name, "is a broken workbook; it ends too early or was damaged.", "Save it again.")


def tables(path: Path, room: Path, name: str) -> Iterator[tuple[str, Path]]:
    """The sheets that have at least a header, each as (name to call it by, CSV file)."""
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            for i, sheet in enumerate(names):
                target = room / f"sheet-{i}.csv"
                if _write(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False), target):
                    yield (f"{name}, sheet {sheet!r}" if len(names) > 1 else name), target
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(
            name, "is a broken workbook; it ends too early or was damaged.", "Save it again."
        ) from error


def _write(rows: list[list[Any]], target: Path) -> bool:
    filled = [any(cell not in ("", None) for cell in row) for row in rows]
    if not any(filled):
        return False
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerows([_cell(c) for c in row] for row, full in zip(rows, filled, strict=True) if full)
    return True


def _cell(value: Any) -> str:
    """A cell as a person would read it: whole numbers without a point, dates as ISO."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds() / 86400)
    return "" if value is None else str(value)
