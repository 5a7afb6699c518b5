"""From the rows of a measure to its picture: the answer in a sentence, and what is drawn.

A measure that nobody has made a drawing for is a table, which is also an answer. `Asked` is one side of one log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow import spc
from fullkit.flow.evidence import Weighed
from fullkit.flow.forecast import HowMany
from fullkit.flow.graph import LARGE, ONE_PASS
from fullkit.flow.measure import Measure, NotInThisData, run
from fullkit.flow.people import Comparison
from fullkit.flow.review import Answer
from fullkit.reports.pictures import Drawing, Picture

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
    cannot: list[str] = field(default_factory=list)
    """What the data could not say, a sentence each."""
    answers: dict[str, list[Row]] = field(default_factory=dict)
    """Rows found so far, by measure."""
    charts: dict[str, spc.Chart] = field(default_factory=dict)
    """Control charts, by what they count."""
    reviewed: dict[str, Answer] = field(default_factory=dict)
    comparison: Comparison | None = None
    forecast: HowMany | None = None
    weighed: Weighed | None = None

    def rows(self, measure: Measure) -> list[Row] | None:
        """The answer, or None with a sentence in `cannot`."""
        if measure.key in self.answers:
            return self.answers[measure.key]
        absent = [name for name in measure.params if name not in self.params]
        if absent:
            return None
        try:
            found = self._found(measure, {name: self.params[name] for name in measure.params})
        except NotInThisData as missing:
            self.cannot.append(str(missing))
            return None
        self.answers[measure.key] = found
        return found

    def _found(self, measure: Measure, given: dict[str, Any]) -> list[Row]:
        if measure in ONE_PASS and self._events() >= LARGE:
            from fullkit.flow import kernel  # the compiler takes its time to load

            with suppress(kernel.TooManyActivities):
                self.answers |= kernel.run(self.con, **given)
                return self.answers[measure.key]
        return run(self.con, measure, **given)

    def _events(self) -> int:
        counted = self.con.execute("SELECT count(*) FROM log").fetchone()
        return int(counted[0]) if counted else 0


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
