"""A measure is its SQL: one readable statement over the event table, and the words that define it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import duckdb
from duckdb import DuckDBPyConnection

from fullkit.flow.once import shortened
from fullkit.flow.schema import LOG

About = Literal["packets", "queue", "people", "border"]
"""Whose measure it is, hence which parameters keep it from mixing what R99 and R59 keep apart:
`packets` takes $chain and $process, `queue` takes $department, `people` takes $roles; `border` measures count what
crosses between the processes or chains, and are the only ones that look at both sides."""


@dataclass(frozen=True)
class Measure:
    """A question, its operational definition in words, and the statement that answers it."""

    key: str
    title: str
    """A question."""
    definition: str
    """What starts the clock or counts, what stops it, what is excluded."""
    sql: str
    columns: tuple[str, ...]
    """The columns of the answer, in order."""
    about: About = "packets"
    without: tuple[str, ...] = ()
    """Columns it can do without: in a log that lacks them, what they would tell never happened."""

    @cached_property
    def params(self) -> tuple[str, ...]:
        """The names it wants, in the order in which the statement names them."""
        return tuple(dict.fromkeys(re.findall(r"\$(\w+)", self.sql)))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The columns of the log it reads."""
        words = set(re.findall(r"\w+", re.sub(r"'[^']*'|--.*", "", self.sql)))
        return tuple(c.name for c in LOG if c.name in words)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The event kinds it looks at."""
        return tuple(dict.fromkeys(re.findall(r"'([a-z_]+\.[a-z_]+)'", self.sql)))


class NotInThisData(Exception):
    """The log at hand lacks a column that the measure reads. That is an answer, and it is never zero."""

    def __init__(self, measure: Measure, absent: tuple[str, ...]) -> None:
        self.measure, self.absent = measure, absent
        super().__init__(f"Not in this data: {measure.title} It needs {', '.join(absent)}.")


def run(con: DuckDBPyConnection, measure: Measure, **params: Any) -> list[dict[str, Any]]:
    """The answer as rows by column name. `con` holds the tables of flow/schema.py.

    Raises TypeError when a parameter is missing or not the measure's, NotInThisData when the log lacks a column.
    """
    if set(params) != set(measure.params):
        raise TypeError(
            f"{measure.key} takes {', '.join(measure.params)}, not {', '.join(params) or 'nothing'}"
        )
    try:
        found = con.execute(*shortened(con, measure.sql, params))
    except duckdb.BinderException:
        held = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE log)").fetchall()}
        absent = tuple(name for name in measure.reads if name not in held)
        if not absent:
            raise
        found = _do_without(con, measure, absent, params)
    return [dict(zip(measure.columns, row, strict=True)) for row in found.fetchall()]


def _do_without(
    con: DuckDBPyConnection, measure: Measure, absent: tuple[str, ...], params: dict[str, Any]
) -> DuckDBPyConnection:
    spare = [c for c in LOG if c.name in absent and c.name in measure.without]
    if spare:
        try:
            return con.execute(completed(measure, [c.name for c in spare]), params)
        except duckdb.BinderException:
            absent = tuple(name for name in absent if name not in measure.without) or absent
    raise NotInThisData(measure, absent) from None


def completed(measure: Measure, absent: Iterable[str]) -> str:
    """The statement for a log that lacks columns which the measure can do without: there they are empty."""
    types = {c.name: c.type for c in LOG}
    empty = ", ".join(f'NULL::{types[name]} AS "{name}"' for name in absent)
    return re.sub(r"\bFROM log\b", f"FROM (SELECT *, {empty} FROM log) AS log", measure.sql)


def narrow(con: DuckDBPyConnection, measures: Iterable[Measure]) -> None:
    """Put tables in memory in the place of the views `log` and `packets`, with only what these measures read.

    Worth it before running several: the files are read once. Columns that the log lacks stay absent.
    """
    con.execute("CREATE TEMP TABLE known AS SELECT * FROM packets")
    con.execute("DROP VIEW packets")
    con.execute("ALTER TABLE known RENAME TO packets")
    wanted, kinds = set[str](), set[str]()
    for measure in measures:
        wanted.update(measure.reads)
        kinds.update(measure.kinds)
    held = [row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE log)").fetchall()]
    columns = ", ".join(f'"{name}"' for name in held if name in wanted)
    done = " OR activity IS NOT NULL" if "activity" in wanted & set(held) else ""
    con.execute(
        f"CREATE TEMP TABLE narrow AS SELECT {columns} FROM log WHERE list_contains($kinds, kind){done}",
        {"kinds": sorted(kinds)},
    )
    con.execute("DROP VIEW log")
    con.execute("ALTER TABLE narrow RENAME TO log")
