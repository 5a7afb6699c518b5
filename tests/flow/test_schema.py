"""The event table is the log, column by column, and what the calendar adds."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from django.db import models

from fullkit.flow import schema
from fullkit.models import Event
from fullkit.rules import events


def test_the_recorded_columns_are_those_of_the_log_in_its_order() -> None:
    stored = [f.name for f in Event._meta.get_fields() if f.concrete]  # type: ignore[union-attr]
    # Django's `id` comes first; what only people read is no column of a measure.
    assert [c.name for c in schema.RECORDED] == [name for name in stored if name != "details"]


def test_every_fact_that_may_fill_a_column_has_one() -> None:
    assert {c.name for c in schema.RECORDED} >= events.COLUMNS


def test_each_column_is_explained_in_one_sentence() -> None:
    for column in schema.LOG + schema.CALENDAR:
        assert column.says.endswith("."), column.name


@pytest.mark.parametrize("column", schema.RECORDED, ids=lambda c: c.name)
def test_the_types_are_those_of_the_log(column: schema.Column) -> None:
    stored = Event._meta.get_field(column.name)
    kinds = {
        models.DateTimeField: "TIMESTAMP",
        models.FloatField: "DOUBLE",
        models.DecimalField: "DECIMAL(14, 2)",
        models.CharField: "VARCHAR",
        models.TextField: "VARCHAR",
        models.ForeignKey: "BIGINT",
        models.BigAutoField: "BIGINT",
        models.PositiveBigIntegerField: "BIGINT",
        models.PositiveIntegerField: "INTEGER",
    }
    assert kinds[type(stored)] == column.type


def test_a_table_can_be_made_and_filled_with_what_a_row_says() -> None:
    with duckdb.connect() as con:
        schema.create(con, "log", schema.LOG)
        schema.fill(con, "log", schema.LOG, [{"id": 1, "kind": "packet.arrived"}])
        assert con.execute("SELECT id, kind, minutes FROM log").fetchall() == [(1, "packet.arrived", None)]


def test_the_week_of_a_calendar_day_is_its_monday() -> None:
    with duckdb.connect() as con:
        schema.calendar(con, [(date(2026, 3, 8), 0), (date(2026, 3, 9), 480)])
        assert con.execute("SELECT week FROM calendar ORDER BY day").fetchall() == [
            (date(2026, 3, 2),),
            (date(2026, 3, 9),),
        ]
