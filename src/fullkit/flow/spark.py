"""The same measures on Spark, for a log that outgrew one machine.

A measure stays the one statement that DuckDB runs. sqlglot puts it into Spark's words, and the handful of places where
the same word means something else there is mended below, each with its reason. The session is the caller's: this file
asks it to run SQL and nothing more, so it needs no PySpark itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Protocol

import sqlglot
from sqlglot import exp

from fullkit.flow import schema
from fullkit.flow.measure import Measure, NotInThisData


class Frame(Protocol):
    """What a session answers with."""

    @property
    def columns(self) -> list[str]: ...
    def collect(self) -> Sequence[Sequence[Any]]: ...


class Session(Protocol):
    """As much of `pyspark.sql.SparkSession` as is used here."""

    def sql(self, sqlQuery: str, args: Mapping[str, Any] | None = None) -> Any: ...


SETTINGS = {"spark.sql.ansi.enabled": "true", "spark.sql.session.timeZone": "UTC"}
"""What a session is told so that words mean what they mean in DuckDB: what cannot be converted stops the query
instead of silently becoming nothing, and times are UTC."""


CANNOT: dict[str, str] = {}
"""Measures whose statement cannot be put to Spark, by key, and why. None is known at present."""


def tables(session: Session, log: str, calendar: Iterable[tuple[date, float]]) -> None:
    """The views `log`, `packets` and `calendar` in the session.

    `log`: the address of the log as Parquet (a file or a folder of files, any address Spark can read), with the
    columns of flow/schema.py. `calendar`: (day, working minutes of the company), as for `schema.calendar`.
    """
    for name, value in SETTINGS.items():
        session.sql(f"SET {name} = {value}")
    place = log.replace("\\", "\\\\").replace("'", "\\'")
    session.sql(f"CREATE OR REPLACE TEMPORARY VIEW log USING parquet OPTIONS (path '{place}')")
    session.sql(f"CREATE OR REPLACE TEMPORARY VIEW packets AS {translated(schema.PACKETS)}")
    days = ", ".join(f"(DATE '{day:%Y-%m-%d}', {float(minutes)!r}D)" for day, minutes in calendar)
    session.sql(
        "CREATE OR REPLACE TEMPORARY VIEW calendar AS SELECT day, CAST(date_trunc('week', day) AS DATE) AS week,"
        f" minutes FROM (VALUES {days or '(CAST(NULL AS DATE), 0D)'}) AS given (day, minutes) WHERE day IS NOT NULL"
    )


def run(session: Session, measure: Measure, **params: Any) -> list[dict[str, Any]]:
    """The answer as rows by column name, equal to what `flow.measure.run` says of the same log.

    Raises TypeError when a parameter is missing or not the measure's, NotInThisData when the log lacks a column.
    """
    if set(params) != set(measure.params):
        raise TypeError(
            f"{measure.key} takes {', '.join(measure.params)}, not {', '.join(params) or 'nothing'}"
        )
    held = set(session.sql("SELECT * FROM log").columns)
    absent = tuple(name for name in measure.reads if name not in held)
    if absent:
        raise NotInThisData(measure, absent)
    found = session.sql(translated(measure.sql), args=params).collect()
    return [dict(zip(measure.columns, row, strict=True)) for row in found]


@cache
def translated(sql: str) -> str:
    """A DuckDB statement in Spark's words. Its `$names` become `:names`."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    for mend in MENDS:
        tree = mend(tree)
    return tree.sql(dialect="spark")


# --- where the same word means something else -----------------------------------------------------------------


def _quantiles(tree: exp.Expr) -> exp.Expr:
    """`quantile_cont(x, 0.85)`: Spark's `percentile_cont` is written otherwise; `percentile` is the same number."""
    for node in list(tree.find_all(exp.PercentileCont)):
        node.replace(exp.Anonymous(this="percentile", expressions=[node.this, node.expression]))
    return tree


def _latest(tree: exp.Expr) -> exp.Expr:
    """`max_by(x, y)`: DuckDB passes over the rows in which x is absent, Spark answers with them."""
    for node in list(tree.find_all(exp.ArgMax, exp.ArgMin)):
        known = node.this.copy().is_(exp.null()).not_()
        if isinstance(node.parent, exp.Filter):
            where = node.parent.expression
            where.set("this", exp.and_(where.this, known))
        else:
            node.replace(exp.Filter(this=node.copy(), expression=exp.Where(this=known)))
    return tree


def _divisions(tree: exp.Expr) -> exp.Expr:
    """`a / b`: by zero DuckDB gives infinity, or no number for 0 / 0, as IEEE 754 has it; Spark stops there."""
    for node in reversed(list(tree.find_all(exp.Div))):  # the inner ones first
        if not node.expression.is_number:
            endless = exp.cast(node.this.copy(), "double") * exp.cast(
                exp.Literal.string("Infinity"), "double"
            )
            by_zero = exp.EQ(this=exp.paren(node.expression.copy()), expression=exp.Literal.number(0))
            node.replace(exp.paren(exp.case().when(by_zero, endless).else_(node.copy()), copy=False))
    return tree


def _days_between(tree: exp.Expr) -> exp.Expr:
    """`date - date`: days in DuckDB, an interval in Spark. Which columns are dates follows from the event table's."""
    dates = {c.name for c in (*schema.LOG, *schema.CALENDAR) if c.type == "DATE"}
    for alias in tree.find_all(exp.Alias):
        node = alias.this
        while isinstance(
            node, exp.Filter | exp.Window | exp.Min | exp.Max | exp.AnyValue | exp.Lag | exp.Lead
        ):
            node = node.this
        if isinstance(node, exp.Column) and node.name in dates:
            dates.add(alias.alias)
    for node in list(tree.find_all(exp.Sub)):
        sides = (node.this, node.expression)
        if all(isinstance(side, exp.Column) and side.name in dates for side in sides):
            node.replace(exp.DateDiff(this=sides[0], expression=sides[1]))
    return tree


def _microseconds(tree: exp.Expr) -> exp.Expr:
    """`epoch_us(x)`: Spark counts from 1970 too, once it is told that a time without a zone is UTC."""
    for node in list(tree.find_all(exp.Anonymous)):
        if node.name.lower() == "epoch_us":
            instant = exp.cast(node.expressions[0], "timestampltz")
            node.replace(exp.Anonymous(this="unix_micros", expressions=[instant]))
    return tree


def _lists(tree: exp.Expr) -> exp.Expr:
    """`list(x ORDER BY y, z)`: in Spark any order, so what orders is listed too, sorted by, and dropped."""
    for node in list(tree.find_all(exp.ArrayAgg)):
        order = node.this
        if isinstance(order, exp.Order):
            if any(key.args.get("desc") for key in order.expressions):
                raise NotImplementedError("A list in falling order cannot be asked of Spark.")
            words = [key.this.sql(dialect="spark") for key in order.expressions]
            each = f"STRUCT({', '.join(words)}, {order.this.sql(dialect='spark')} AS said)"
            text = f"TRANSFORM(ARRAY_SORT(COLLECT_LIST({each})), each -> each.said)"
            node.replace(sqlglot.parse_one(text, read="spark"))
    return tree


def _looked_up(tree: exp.Expr) -> exp.Expr:
    """A question inside the answer of a GROUP BY: Spark wants to be told that its answer is one of each group."""
    for select in tree.find_all(exp.Select):
        if select.args.get("group"):
            for inner in [n for column in select.expressions for n in column.find_all(exp.Subquery)]:
                inner.replace(exp.Anonymous(this="first", expressions=[inner.copy()]))
    return tree


MENDS: tuple[Callable[[exp.Expr], exp.Expr], ...] = (
    _days_between,
    _quantiles,
    _latest,
    _microseconds,
    _lists,
    _looked_up,
    _divisions,
)
