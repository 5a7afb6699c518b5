"""Statements put together once.

Of a question that finds one row by an index the ORM spends nine tenths on putting its words together, every time.
What every verb asks or writes is put together once per process and only carried out afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from django.db import connection, models
from django.db.models import query

from fullkit.rules.fields import clean_money
from fullkit.rules.refusal import Invalid
from fullkit.rules.text import clean_text

M = TypeVar("M")

_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda place: -7_000_001 - place,
    str: lambda place: f"\x01{place}",
    datetime: lambda place: datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=place),
}
"""Values that no question uses otherwise: they show which parameter of the statement is which argument."""


_FIRST_YEAR, _LAST_YEAR = 1990, 2190
"""Times that are no mistyping; well within what the calendar and both databases know."""
_AS_IT_IS = (str, int, float, bool)


def insert(row: models.Model) -> None:
    """`row.save(force_insert=True)` in one plain statement, for tables whose id the database gives."""
    statement, fields = _insert(type(row))
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_given(field, getattr(row, field.attname)) for field in fields])
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


Pointing = tuple[models.Model, str]
"""A row, and the field that shall hold the id of another."""


def insert_with(row: models.Model, *then: Pointing) -> None:
    """Insert a row and those that point to it; each gets its id. On PostgreSQL in one statement."""
    if connection.vendor != "postgresql":
        insert(row)
        for other, field in then:
            setattr(other, field, row.pk)
            insert(other)
        return
    parts, given = _made(row, "", "")
    clauses = [f"r0 AS ({parts})"]
    for place, (other, field) in enumerate(then, 1):
        statement, values = _made(other, field, "(SELECT id FROM r0)")
        clauses.append(f"r{place} AS ({statement})")
        given += values
    ids = ", ".join(f"(SELECT id FROM r{place})" for place in range(len(clauses)))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(clauses)} SELECT {ids}", given)
        numbers = cursor.fetchone()
    row.pk = numbers[0]
    for (other, field), number in zip(then, numbers[1:], strict=True):
        setattr(other, field, row.pk)
        other.pk = number
    for one in (row, *(other for other, _ in then)):
        one._state.adding, one._state.db = False, connection.alias


def _made(row: models.Model, pointing: str, expression: str) -> tuple[str, list[Any]]:
    """The statement that inserts a row, with an expression in place of the value of one field."""
    statement, fields = _insert_where(type(row), pointing, expression)
    return statement, [as_given(field, getattr(row, field.attname)) for field in fields]


@lru_cache(maxsize=64)
def _insert_where(table: type[models.Model], pointing: str, expression: str) -> tuple[str, list[Any]]:
    fields = [f for f in table._meta.concrete_fields if not f.primary_key]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    values = ", ".join(expression if f.attname == pointing else "%s" for f in fields)
    named = [f for f in fields if f.attname != pointing]
    return f'INSERT INTO "{table._meta.db_table}" ({columns}) VALUES ({values}) RETURNING id', named


def changed_with(statement: str, given: list[Any], rows: Sequence[models.Model]) -> bool:
    """Carry out an UPDATE of one row that RETURNs its id, and insert the rows; nothing if it found none.

    On PostgreSQL in one statement. The rows get no ids here.
    """
    if connection.vendor != "postgresql" or not rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            found = cursor.fetchone() is not None
        for row in rows if found else ():
            insert(row)
        return found
    clauses, values = [f"moved AS ({statement})"], list(given)
    for place, row in enumerate(rows):
        inserting, fields = _insert(type(row))
        head, _, tail = inserting.partition(" VALUES (")
        marks = tail.removesuffix(") RETURNING id")
        # A row that stands beside another one is written after it: ids are given in the order of the history.
        after = f", w{place - 1}" if place else ""
        clauses.append(f"w{place} AS ({head} SELECT {marks} FROM moved{after} RETURNING id)")
        values += [as_given(field, getattr(row, field.attname)) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(clauses)} SELECT id FROM moved", values)
        return cursor.fetchone() is not None


def put(row: models.Model, *, unique: tuple[str, ...]) -> None:
    """Insert it, or replace the row that has the same values in the `unique` fields. Its id stays unknown here."""
    statement, fields = _put(type(row), unique)
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_given(field, getattr(row, field.attname)) for field in fields])


def update(row: models.Model, *names: str) -> None:
    """`row.save(update_fields=names)` in one plain statement."""
    statement, fields = _update(type(row), names)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(as_given(f, getattr(row, f.attname)) for f in fields), row.pk])


@lru_cache(maxsize=64)
def _insert(table: type[models.Model]) -> tuple[str, list[Any]]:
    fields = [f for f in table._meta.concrete_fields if not f.primary_key]
    columns, marks = ", ".join(f'"{f.column}"' for f in fields), ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{table._meta.db_table}" ({columns}) VALUES ({marks}) RETURNING id', fields


@lru_cache(maxsize=64)
def _put(table: type[models.Model], unique: tuple[str, ...]) -> tuple[str, list[Any]]:
    inserting, fields = _insert(table)
    same = {table._meta.get_field(name) for name in unique}
    key = ", ".join(f'"{f.column}"' for f in fields if f in same)
    rest = ", ".join(f'"{f.column}" = excluded."{f.column}"' for f in fields if f not in same)
    return f"{inserting.removesuffix(' RETURNING id')} ON CONFLICT ({key}) DO UPDATE SET {rest}", fields


@lru_cache(maxsize=256)
def _update(table: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    fields = [table._meta.get_field(name) for name in names]
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)  # type: ignore[union-attr]
    return f'UPDATE "{table._meta.db_table}" SET {sets} WHERE id = %s', fields


def as_given(field: Any, value: Any) -> Any:
    """A value as its column keeps it. What already is so need not be asked of the field.

    Raises Invalid for what no column keeps, and names the field: this is the last door that everything passes.
    """
    if value is None:
        return None
    if isinstance(value, str):
        _fits(field, value)
    elif isinstance(value, Decimal):
        clean_money(field.name, value)
    elif isinstance(value, datetime) and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise Invalid(
            field=field.name,
            problem=f"{value:%Y-%m-%d} is out of range.",
            cure=f"Give a year from {_FIRST_YEAR} to {_LAST_YEAR}.",
        )
    if isinstance(value, _AS_IT_IS) and not isinstance(field, models.JSONField):
        return value
    return field.get_db_prep_save(value.pk if isinstance(value, models.Model) else value, connection)


def _fits(field: Any, text: str) -> None:
    if not (text.isascii() and text.isprintable()):
        clean_text(text, field=field.name, longest=len(text))
    if field.max_length is not None and len(text) > field.max_length:
        raise Invalid(
            field=field.name,
            problem=f"{len(text)} characters are too many.",
            cure=f"Write at most {field.max_length}.",
        )


def _as_stored(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


class Prepared(Generic[M]):
    """`Prepared(lambda person: Packet.objects.filter(person=person), int)(7)` is a list of packets.

    Of a question with `values_list` it is a list of tuples. `kinds` are the types of the arguments: int, str or
    datetime. The question must not depend on their values, and each has to be used as it is given, in a comparison.
    """

    def __init__(self, ask: Callable[..., models.QuerySet[Any, M]], *kinds: type) -> None:
        self._ask, self._kinds = ask, kinds
        self._ready: tuple[str, list[tuple[int | None, Any]], Any, Any] | None = None

    def __call__(self, *given: Any) -> list[M]:
        sql, places, compiler, converters = self._ready or self._prepare()
        with connection.cursor() as cursor:
            values = [_as_stored(value) for value in given]
            cursor.execute(sql, [value if place is None else values[place] for place, value in places])
            rows = cursor.fetchall()
        if converters:
            rows = list(compiler.apply_converters(rows, converters))
        if not self._rows_are_objects:
            return cast("list[M]", [tuple(row) for row in rows])
        return [self._hydrate(compiler, row) for row in rows]

    def _prepare(self) -> tuple[str, list[tuple[int | None, Any]], Any, Any]:
        unlike_any = [_STAND_INS[kind](place) for place, kind in enumerate(self._kinds)]
        asked = self._ask(*unlike_any)
        self._rows_are_objects = issubclass(asked._iterable_class, query.ModelIterable)
        compiler = asked.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        stand_ins = [_as_stored(value) for value in unlike_any]
        places = [(stand_ins.index(p) if p in stand_ins else None, p) for p in params]
        if {place for place, _ in places if place is not None} != set(range(len(stand_ins))):
            raise ValueError("Every argument of a prepared question is used as it is given.")
        converters = compiler.get_converters([s[0] for s in compiler.select])
        if self._rows_are_objects:
            populators: Any = query.get_related_populators  # its stubs are of a later Django
            self._populators = populators(compiler.klass_info, compiler.select, connection.alias)
            fields = compiler.klass_info["select_fields"]
            self._from, self._to = fields[0], fields[-1] + 1
            self._names = [f[0].target.attname for f in compiler.select[self._from : self._to]]
        self._ready = sql, places, compiler, converters
        return self._ready

    def _hydrate(self, compiler: Any, row: Any) -> M:
        made = compiler.klass_info["model"].from_db(connection.alias, self._names, row[self._from : self._to])
        for populator in self._populators:
            populator.populate(row, made)
        return cast(M, made)
