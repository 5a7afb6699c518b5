"""At most five findings from all that was measured, and what the data could not say.

Every candidate is sure before it may compete: an interval that leaves chance out, enough cases, no limits that are
still provisional. Then those that say where to act come before those that say what to mind, and of one theme one is
told first; a second one stands back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow.ageing import LITTLE
from fullkit.flow.durations import CYCLE_TIME, STAGE_LEAD_TIME
from fullkit.flow.graph import DIRECTLY_FOLLOWS
from fullkit.flow.handoffs import FIRST_TIME_FULL_KIT, MISSING_ITEMS
from fullkit.flow.measure import Measure, NotInThisData, run
from fullkit.flow.pursuit import CONVERSION_BY_TIME
from fullkit.flow.queues import STARVATION
from fullkit.flow.times import ON_TIME
from fullkit.reports import acting, minding
from fullkit.reports.gallery import Asked
from fullkit.reports.known import Candidate, Known, Theme
from fullkit.reports.pictures import Picture
from fullkit.reports.report import MOST_FINDINGS, Finding

__all__ = ["MEASURES", "Known", "ask", "choose", "known", "withheld"]

MEASURES: tuple[Measure, ...] = (
    CYCLE_TIME, STAGE_LEAD_TIME, CONVERSION_BY_TIME, LITTLE, DIRECTLY_FOLLOWS, FIRST_TIME_FULL_KIT, MISSING_ITEMS,
    ON_TIME, STARVATION,
)  # fmt: skip
"""Those whose rows findings are made from; what cannot be asked of a log is left out of `Known.rows`."""

SHOWS = {"cycle_time": "how-long", "owners": "people", "lives": "forecast"}
"""Measures whose picture has another key than theirs."""


def known(asked: Asked, pictures: Sequence[Picture], *, elsewhere: Mapping[str, str] | None = None) -> Known:
    """Everything that was asked of a side, and where it is shown; `elsewhere`: pictures that others have made."""
    keys = {one.key for one in pictures}
    shown = {key: place for key, place in SHOWS.items() if place in keys}
    shown |= {one.key.replace("-", "_"): one.key for one in pictures} | dict(elsewhere or {})
    found = Known(
        noun=asked.noun,
        weighed=asked.weighed,
        rows=asked.answers,
        charts=asked.charts,
        reviewed=asked.reviewed,
        comparison=asked.comparison,
        forecast=asked.forecast,
        pictures=shown,
    )
    return ask(asked.con, found, asked.params)


def ask(con: DuckDBPyConnection, known: Known, given: Mapping[str, Any]) -> Known:
    """`known` with the answers of MEASURES that it lacks, as far as the log and the parameters given have them."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = dict(known.rows)
    for measure in MEASURES:
        if measure.key in rows or any(name not in given for name in measure.params):
            continue
        try:
            rows[measure.key] = run(con, measure, **{name: given[name] for name in measure.params})
        except NotInThisData:
            continue
    return replace(known, rows=rows)


SECOND = 2
"""By how much a second finding of the same theme ranks lower than the first."""


def choose(known: Known, *, most: int = MOST_FINDINGS) -> tuple[Finding, ...]:
    """The findings, the most telling first; more of one theme stand back behind other themes."""
    found = sorted((c for maker in (*acting.ALL, *minding.ALL) for c in maker(known)), key=_order)
    seen: dict[Theme, int] = {}
    stepped = []
    for one in found:
        stepped.append(replace(one, rank=one.rank - SECOND * seen.get(one.theme, 0)))
        seen[one.theme] = seen.get(one.theme, 0) + 1
    return tuple(c.finding for c in sorted(stepped, key=_order)[:most])


def _order(one: Candidate) -> tuple[int, float, str]:
    return -one.rank, -one.size, one.finding.says


def withheld(known: Known) -> tuple[str, ...]:
    """What the data could not say, and why, each once."""
    said = [a.withheld for a in known.reviewed.values() if a.withheld]
    if known.weighed and known.weighed.verdict.place is None:
        said.append(known.weighed.verdict.says)
    for chart in known.charts.values():
        if chart.withheld and not chart.wave:
            said.append(chart.withheld)
    if known.comparison:
        said += known.comparison.withheld
    if known.forecast and known.forecast.refused:
        said.append(f"No forecast: {known.forecast.refused.removeprefix('No forecast. ')}")
    return tuple(dict.fromkeys(said))
