"""Every table at one instant, as plain rows, so that laws are checked without asking a verb or a question."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

Rows = list[tuple[Any, ...]]


def models() -> list[type[Model]]:
    """Every table of ours."""
    return sorted(apps.get_app_config("fullkit").get_models(), key=lambda m: m._meta.db_table)


class Snapshot:
    """All tables. Equal when every row of every table is."""

    def __init__(self) -> None:
        self.tables: dict[str, Rows] = {}
        self.columns: dict[str, list[str]] = {}
        with connection.cursor() as cursor:
            for model in models():
                fields = model._meta.concrete_fields
                columns = ", ".join(f'"{f.column}"' for f in fields)
                cursor.execute(f"SELECT {columns} FROM {model._meta.db_table}")
                rows = cursor.fetchall()
                rows.sort(key=lambda row: str(row[0]).zfill(20))
                self.tables[model.__name__] = rows
                self.columns[model.__name__] = [f.attname for f in fields]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.tables == other.tables

    __hash__ = None  # type: ignore[assignment]

    def rows(self, name: str) -> Iterator[SimpleNamespace]:
        """The rows of one table by their column names; times are aware, JSON is read."""
        model = next(m for m in models() if m.__name__ == name)
        readers = [_reader(f) for f in model._meta.concrete_fields]
        for row in self.tables[name]:
            values = (read(value) for read, value in zip(readers, row, strict=True))
            yield SimpleNamespace(**dict(zip(self.columns[name], values, strict=True)))

    def differences(self, other: Snapshot) -> dict[str, tuple[Rows, Rows]]:
        """By table: what only this one has, and what only the other has."""
        return {
            name: (
                [r for r in rows if r not in other.tables[name]],
                [r for r in other.tables[name] if r not in rows],
            )
            for name, rows in self.tables.items()
            if rows != other.tables[name]
        }

    def without(self, *names: str) -> dict[str, Rows]:
        """The tables but for these."""
        return {name: rows for name, rows in self.tables.items() if name not in names}


def _reader(field: Any) -> Callable[[Any], Any]:
    """What turns a raw column into what the model would hold."""
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        return _instant
    if kind == "JSONField":
        return lambda value: json.loads(value) if isinstance(value, str) else value
    if kind == "BooleanField":
        return lambda value: None if value is None else bool(value)
    if kind == "DecimalField":
        return lambda value: None if value is None else Decimal(str(value))
    return lambda value: value


def _instant(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromisoformat(value).replace(tzinfo=UTC)
