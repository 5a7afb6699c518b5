"""What many statements begin with, worked out once for a log that no longer changes.

A measure stays one statement that reads from top to end. Over a log of millions the same first steps, asked by a dozen
statements, cost more than everything else; here the first one that needs a step leaves its rows for the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import duckdb
from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Step:
    """A part of many statements, word for word, and the statement that gives its rows."""

    text: str
    sql: str
    stands: str
    """What stands in place of the text; `{}` is the table that holds the rows."""


@dataclass(frozen=True)
class _Kept:
    steps: Sequence[Step]
    places: dict[tuple[Any, ...], str | None]
    """The table of a step with its parameters; None for what this log cannot answer."""


_KEPT: WeakKeyDictionary[DuckDBPyConnection, _Kept] = WeakKeyDictionary()
_numbers = count(1)


def once(con: DuckDBPyConnection, steps: Sequence[Step]) -> None:
    """From now on these steps are worked out once for each set of parameters. `log` must not change any more."""
    _KEPT[con] = _Kept(steps, {})


def shortened(con: DuckDBPyConnection, sql: str, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The statement with what is worked out already in place of its steps, and the parameters that it still takes."""
    kept = _KEPT.get(con)
    if kept is None:
        return sql, params
    for step in kept.steps:
        if step.text in sql:
            place = _place(con, kept, step, {name: params[name] for name in _names(step.sql)})
            sql = sql.replace(step.text, step.stands.format(place)) if place else sql
    return sql, {name: params[name] for name in _names(sql)}


def _place(con: DuckDBPyConnection, kept: _Kept, step: Step, params: Mapping[str, Any]) -> str | None:
    key = (step.sql, *params.items())
    if key not in kept.places:
        place = f"once_{next(_numbers)}"
        try:
            con.execute(f"CREATE TEMP TABLE {place} AS {step.sql}", dict(params))
        except duckdb.BinderException:  # the log lacks a column; whoever asks learns which
            kept.places[key] = None
        else:
            kept.places[key] = place
    return kept.places[key]


def _names(sql: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"\$(\w+)", sql)))
