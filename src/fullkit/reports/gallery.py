"""From the rows of a measure to its picture: the answer in a sentence, and what is drawn.

A measure that nobody has made a drawing for is a table, which is also an answer. `Asked` is one side of one log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow import spc
from fullkit.flow.measure import Measure, NotInThisData, run
from fullkit.reports import judged
from fullkit.reports.pictures import Drawing, Line, Picture, Series

Row = dict[str, Any]
Rows = Sequence[Row]
Told = tuple[str, Sequence[Drawing], int]
"""The sentence, the drawings, the number of cases."""


@dataclass
class Asked:
    """One side of a log: its connection, the parameters that keep it apart, and the rows found so far."""

    con: DuckDBPyConnection
    params: Mapping[str, Any]
    noun: str = "opportunities"
    """What its packets are called, in the plural."""
    until: date = date.max
    """The day on which everything that is open still was."""
    hours: bool = False
    """Whether elapsed time is the company's working time; else calendar days."""
    cannot: list[str] = field(default_factory=list)
    """What the data could not say, a sentence each."""

    def rows(self, measure: Measure) -> list[Row] | None:
        """The answer, or None with a sentence in `cannot`."""
        absent = [name for name in measure.params if name not in self.params]
        if absent:
            return None
        try:
            return run(self.con, measure, **{name: self.params[name] for name in measure.params})
        except NotInThisData as missing:
            self.cannot.append(str(missing))
            return None

    def whole(self, rows: Rows) -> list[Row]:
        """Rows of weeks that are over: a week that still runs, or that the data ends in, would look like a fall."""
        return [row for row in rows if row["week"] + timedelta(days=6) <= self.until]


def picture(measure: Measure, told: Told, rows: Rows, *, unit: str = "", key: str = "") -> Picture:
    """A measure with its answer."""
    says, drawn, n = told
    return Picture(
        key=key or measure.key.replace("_", "-"),
        title=measure.title,
        says=says,
        definition=measure.definition,
        columns=measure.columns,
        rows=[tuple(row[c] for c in measure.columns) for row in rows],
        unit=unit,
        sql=measure.sql.strip(),
        n=n,
        drawn=drawn,
    )


def weekly(
    rows: Rows, value: str, *, what: spc.What, name: str = "", sizes: str = "", scale: float = 1.0
) -> tuple[Series, spc.Chart] | None:
    """A column by week against its own limits; None when there is nothing in it."""
    values = [None if row[value] is None else float(row[value]) for row in rows]
    if not any(v is not None for v in values):
        return None
    weeks = [row["week"] for row in rows]
    tries = [float(row[sizes] or 0) for row in rows] if sizes else []
    chart = spc.chart(spc.Series(what, values, weeks, tries))
    details = [f"{row[sizes]:,} in all" if sizes else "" for row in rows]
    return judged.drawn(chart, name=name, scale=scale, details=details), chart


def level(series: Series) -> Line | None:
    """The centre line of a series."""
    return next((line for line in series.lines if line.kind == "centre"), None)


Maker = Callable[[Asked], Picture | None]
"""Asks what it needs and makes a picture; None where the data lacks it, which `Asked.cannot` then tells."""
