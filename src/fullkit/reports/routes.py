"""The pictures of an event log: what follows what, which ways cases take, what is done again, who has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fullkit.flow import graph
from fullkit.reports.gallery import Asked, picture
from fullkit.reports.pictures import Bar, Bars, Picture, Steps, number, percent

SHOWN = 12


def pictures(asked: Asked) -> list[Picture | None]:
    """All of them; None where the data lacks it."""
    return [_case_time(asked), _follows(asked), _variants(asked), _repeats(asked), *_hands(asked)]


def _case_time(asked: Asked) -> Picture | None:
    rows = asked.rows(graph.CASE_TIME)
    if not rows:
        return None
    row = rows[0]
    says = (
        f"Half of {row['packets']:,} {asked.noun} took at most {number(row['median_days'])} days, 85 % at most "
        f"{number(row['p85_days'])}; the mean is {number(row['mean_days'])}, the longest "
        f"{number(row['longest_days'])}."
    )
    return picture(graph.CASE_TIME, (says, (), row["packets"]), rows, unit="days")


def _follows(asked: Asked) -> Picture | None:
    rows = asked.rows(graph.DIRECTLY_FOLLOWS)
    if not rows:
        return None
    total = sum(row["times"] for row in rows)
    top = rows[0]
    slow = max((r for r in rows if r["times"] >= 0.01 * total), key=lambda r: r["median_hours"] or 0)
    says = (
        f"{len(rows):,} ways from one activity to the next, {total:,} steps. Commonest: {top['activity']}, then "
        f"{top['next']} ({top['times']:,}). Longest wait among the common ones: from {slow['activity']} to "
        f"{slow['next']}, a median of {number((slow['median_hours'] or 0) / 24)} days."
    )
    edges = [
        (r["activity"], r["next"], r["times"], None if r["median_hours"] is None else r["median_hours"] / 24)
        for r in rows
    ]
    steps = Steps(edges=edges, order=_order(rows))
    return picture(graph.DIRECTLY_FOLLOWS, (says, (steps,), total), rows)


def _order(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Activities by how much more often they come before others than after them, the commonest kept."""
    out: dict[str, int] = {}
    into: dict[str, int] = {}
    for row in rows:
        if row["activity"] != row["next"]:
            out[row["activity"]] = out.get(row["activity"], 0) + row["times"]
            into[row["next"]] = into.get(row["next"], 0) + row["times"]
    names = sorted({*out, *into}, key=lambda a: -(out.get(a, 0) + into.get(a, 0)))[:SHOWN]
    return sorted(names, key=lambda a: (into.get(a, 0) - out.get(a, 0), a))


def _variants(asked: Asked) -> Picture | None:
    rows = asked.rows(graph.VARIANTS)
    if not rows:
        return None
    cases = round(rows[0]["packets"] / rows[0]["share"])
    says = (
        f"{rows[0]['variants']:,} ways for {cases:,} {asked.noun}; the commonest is taken by "
        f"{percent(rows[0]['share'])}, "
        f"the {min(5, len(rows))} commonest by {percent(sum(r['share'] for r in rows[:5]))}."
    )
    bars = Bars(
        bars=[Bar(name=_way(r["activities"], n + 1), value=r["packets"], says=f"({percent(r['share'])})")
              for n, r in enumerate(rows[:8])],
        x_title=asked.noun,
    )  # fmt: skip
    return picture(graph.VARIANTS, (says, (bars,), cases), rows)


def _way(activities: Sequence[str], place: int) -> str:
    return f"{place}. {' › '.join(activities)}"


def _repeats(asked: Asked) -> Picture | None:
    rows = asked.rows(graph.REPEATS)
    if not rows:
        return None
    top = rows[0]
    says = (
        f"Done again after something else most often: {top['activity']}, {top['loops']:,} times; "
        f"{percent(top['share'])} of the {asked.noun} that have it have it more than once."
    )
    bars = Bars(
        bars=[Bar(name=r["activity"], value=r["loops"]) for r in rows[:10] if r["loops"]],
        x_title="times done again after something else",
    )
    return picture(graph.REPEATS, (says, (bars,) if bars.bars else (), sum(r["loops"] for r in rows)), rows)


def _hands(asked: Asked) -> list[Picture | None]:
    found: list[Picture | None] = []
    for measure, what in ((graph.HANDS_OF_DEPARTMENTS, "departments"), (graph.HANDS_OF_PEOPLE, "people")):
        rows = asked.rows(measure)
        if not rows or not rows[0]["packets"]:
            continue
        row = rows[0]
        says = (
            f"{row['handoffs'] or 0:,} handoffs between {what} on {row['handed_over']:,} of {row['packets']:,} "
            f"{asked.noun}; {row['returns'] or 0:,} came straight back, on {row['ping_ponged']:,} of them."
        )
        found.append(picture(measure, (says, (), row["packets"]), rows))
    return found
