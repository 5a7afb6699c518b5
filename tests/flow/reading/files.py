"""Small files made by hand, and the way to the real ones when they are there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fullkit.flow.reading import Imported

SHARED = Path(__file__).parents[4] / "shared" / "data"


def real(*names: str) -> list[Path]:
    """Files of ../shared/data, or a skip that names the first one that is not there."""
    paths = [SHARED / name for name in names]
    for path in paths:
        if not path.exists():
            pytest.skip(f"../shared/data/{path.relative_to(SHARED)} is not there")
    return paths


def put(folder: Path, name: str, text: str, coding: str = "utf-8") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text.encode(coding))
    return path


def rows(found: Imported, query: str) -> list[tuple[Any, ...]]:
    """What a query over the import answers."""
    return found.con.execute(query).fetchall()


def kinds(found: Imported) -> dict[str, int]:
    """Events by kind, closings by outcome."""
    counted: Sequence[tuple[str, int]] = rows(
        found,
        "SELECT CASE WHEN kind = 'packet.closed' THEN outcome ELSE kind END, count(*) FROM log GROUP BY 1 ORDER BY 1",
    )
    return dict(counted)
