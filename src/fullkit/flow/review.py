"""The quality of the data in sentences: each measure asked, and told as it is, or why it cannot be told (R83, R84)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow import anom, defects, quality, timeliness
from fullkit.flow.chance import share_interval
from fullkit.flow.measure import Measure, NotInThisData

Row = dict[str, Any]
WRITTEN_AT_END = 0.5
"""A fact filled in less often than this among what is open, as a part of the share among what ended, is filled in on
the way to the end: its absence tells how something ended and did not cause it."""
FEWEST_OPEN = 20
NEVER_A_CAUSE = frozenset(
    {"closed_on", "outcome", "loss_reason", "expected_close", "probability", "next_step", "stage"}
)


@dataclass(frozen=True)
class Answer:
    """A measure's rows and what they say. When it is withheld there is a reason and nothing else."""

    measure: Measure
    rows: Sequence[Row] = ()
    says: str = ""
    withheld: str = ""
    """Why this data gives no answer, a sentence; empty when it does."""
    told_apart: bool = False
    """Whether what it says is more than chance would make it."""
    facts: Mapping[str, Any] = field(default_factory=dict)


def review(
    con: DuckDBPyConnection,
    *,
    chain: str,
    process: str | None,
    until: date,
    since: date | None = None,
    won: str = "won",
    quote: str = "request_quote",
) -> dict[str, Answer]:
    """All of them about one process, by the measure's key, in the order in which they are to be read."""
    given = {
        "chain": chain, "process": process, "since": since or date(1900, 1, 1), "until": until, "won": won,
        "quote": quote,
    }  # fmt: skip
    found: dict[str, Answer] = {}
    for measure in (*quality.ALL.values(), *timeliness.ALL.values()):
        if measure is quality.COST:
            found[measure.key] = _cost(con, found["completeness"], given)
        else:
            found[measure.key] = _answer(con, measure, given)
    return found


def _answer(con: DuckDBPyConnection, measure: Measure, given: Mapping[str, Any]) -> Answer:
    try:
        rows = quality.ask(con, measure, **given)
    except NotInThisData as absent:
        return Answer(measure, withheld=str(absent))
    return _TOLD.get(measure.key, _contradiction)(measure, rows)


def _cost(con: DuckDBPyConnection, fields: Answer, given: Mapping[str, Any]) -> Answer:
    """What missing facts cost, counting only those that could have been known beforehand."""
    measure = quality.COST
    if fields.withheld:
        return Answer(measure, withheld=fields.withheld)
    most_open = max((int(r["open"]) for r in fields.rows), default=0)
    if most_open < FEWEST_OPEN:
        return Answer(
            measure, withheld=f"What missing facts cost cannot be said: only {most_open} are open, so facts "
            "written down "
            "at the end cannot be told from facts known before.",
        )  # fmt: skip
    counted = [str(r["field"]) for r in fields.rows if _known_before(r)]
    if not counted:
        return Answer(
            measure,
            withheld="What missing facts cost cannot be said: every fact that is ever missing is "
            "filled in only on the way to the end.",
        )
    rows = quality.ask(con, measure, **given, fields=counted)
    cost = defects.cost(rows)
    if cost.win_rate is None:
        return Answer(measure, rows, withheld=cost.says, facts={"cost": cost, "fields": counted})
    apart = cost.win_rate.told_apart or bool(cost.cycle_time and cost.cycle_time.told_apart)
    said = f"{cost.says} Counted: {', '.join(_plain(f) for f in counted)}."
    return Answer(measure, rows, said, told_apart=apart, facts={"cost": cost, "fields": counted})


def _known_before(row: Row) -> bool:
    """Whether a fact is sometimes missing, and no less often while something is open than at its end."""
    if row["field"] in NEVER_A_CAUSE or row["share"] in {0.0, 1.0} or row["share_open"] is None:
        return False
    ended = [s for s in (row["share_won"], row["share_other"]) if s is not None]
    return bool(ended) and row["share_open"] >= WRITTEN_AT_END * max(ended) and min(ended) > 0


# --- in words ------------------------------------------------------------------------------------------------


def _completeness(measure: Measure, rows: list[Row]) -> Answer:
    required, filled = (sum(int(r[name]) for r in rows) for name in ("required", "filled"))
    if not required:
        return Answer(measure, withheld="No packet of this process is in the table of facts.")
    worst = [r for r in rows if r["share"] < 1][:3]
    lacks = ", ".join(f"{_plain(r['field'])} {r['share']:.0%} of {r['required']:,}" for r in worst)
    said = f"{filled / required:.1%} of the facts that should be there are."
    return Answer(
        measure, rows, f"{said} Least often filled: {lacks}." if worst else said,
        facts={"share": filled / required},
    )  # fmt: skip


def _defects(measure: Measure, rows: list[Row]) -> Answer:
    if not rows:
        return Answer(measure, withheld="No packet of this process is in the table of facts.")
    whole = sum(float(r["share"]) for r in rows if r["defects"] == 0)
    return Answer(measure, rows, f"{whole:.0%} of packets lack nothing.", facts={"complete": whole})


def _unknown(measure: Measure, rows: list[Row]) -> Answer:
    if not rows:
        return Answer(measure, rows, "No cell says only that something is unknown.")
    top = rows[0]
    return Answer(
        measure, rows, f"{_plain(top['field'])}: {top['share']:.1%} of {top['filled']:,} filled cells say "
        "nothing."
    )  # fmt: skip


def _duplicates(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["packets"]:
        return Answer(
            measure, withheld="No packet has both a customer and a title, so nothing can be compared."
        )
    return Answer(
        measure, rows, f"{row['groups']:,} groups with the same customer and title; {row['again']:,} of "
        f"{row['packets']:,} packets may be there twice.", facts=row,
    )  # fmt: skip


def _price(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["won"]:
        return Answer(measure, withheld="Nothing that was won has both an amount and a list price.")
    return Answer(
        measure, rows, f"What is won brings {row['mean_ratio']:.1%} of the list price on average; half of "
        "the prices are "
        f"more than {row['median_error']:.1%} away from it.", facts=row,
    )  # fmt: skip


def _value(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["won"]:
        return Answer(measure, withheld="No won packet has a value on record before its closing.")
    return Answer(
        measure, rows, f"Half of {row['won']:,} won packets came in at less than {row['median_ratio']:.2f} "
        "times the first "
        f"estimate; half were off by more than {row['median_error']:.0%}.", facts=row,
    )  # fmt: skip


def _close(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["closed"]:
        return Answer(
            measure, withheld="No closed packet still has the date on which it was expected to close."
        )
    if not row["differing"] and row["closed"] >= defects.SMALLEST:
        return Answer(
            measure,
            withheld="The expected close equals the real one in all closed packets: the export keeps "
            "only one date, so the forecast made at the time is gone.",
        )
    return Answer(
        measure, rows, f"Closings come {row['median_days']:+.0f} days from the expected date in the middle, "
        f"{row['low_days']:+.0f} to {row['high_days']:+.0f} in 85 % of {row['closed']:,}; "
        f"{row['share_late']:.0%} are late.",
        facts=row,
    )  # fmt: skip


def _heaped(measure: Measure, rows: list[Row]) -> Answer:
    days = [(r["day"], int(r[measure.columns[1]])) for r in rows if r["day"] is not None]
    if not days:
        return Answer(measure, withheld=f"Nothing in this data can show it: {measure.title}")
    months, quarters = defects.heaped(days), defects.heaped(days, quarters=True)
    facts = {"months": months, "quarters": quarters}
    if months is None or months.times is None:
        return Answer(
            measure, rows, withheld="Fewer than six whole months of dates: whether they heap at month ends "
            "cannot be said.",
            facts=facts,
        )  # fmt: skip
    said = f"On the last three days of a month lie {months.share:.0%} of {months.of:,}, {_against(months)}."
    if quarters and quarters.times:
        said += f" Of a quarter: {quarters.share:.0%}, {_against(quarters)}."
    return Answer(
        measure, rows, said + " Test: ratio to the mean of the same weekdays, months as the sample, 95 % interval.",
        told_apart=any(h is not None and h.times is not None and h.times.low > 1 for h in (months, quarters)),
        facts=facts,
    )  # fmt: skip


def _against(heap: defects.Heap) -> str:
    times = heap.times
    assert times is not None
    between = f"{times.value:.1f} times what is to be expected ({times.low:.1f} to {times.high:.1f})"
    return between if times.told_apart else f"{between}, which cannot be told apart from chance"


def _rounded(measure: Measure, rows: list[Row]) -> Answer:
    heap = defects.rounded(rows[0])
    if heap is None or heap.times is None:
        return Answer(measure, withheld=f"Fewer than {defects.SMALLEST} amounts of 1,000 and more.")
    return Answer(
        measure, rows, f"{heap.share:.0%} of {heap.of:,} amounts are round, {_against(heap)}. Test: exact "
        "95 % interval.",
        told_apart=heap.times.low > 1, facts={"heap": heap},
    )  # fmt: skip


def _lag(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["events"]:
        return Answer(
            measure, withheld="Nothing that a person did is in the log with the time it was recorded."
        )
    return Answer(
        measure, rows, f"Half is written down within {_hours(row['median_hours'])}, 85 % within "
        f"{_hours(row['p85_hours'])}; {row['share_late']:.1%} more than a day later.", facts=row,
    )  # fmt: skip


def _late(measure: Measure, rows: list[Row]) -> Answer:
    packets, late = (sum(int(r[name]) for r in rows) for name in ("packets", "late"))
    if not packets:
        return Answer(
            measure, withheld="No closed packet has both the time it was found and the time it closed."
        )
    low, high = share_interval(late, packets)
    between = f"{late / packets:.0%}, {low:.0%} to {high:.0%}"
    said = f"{late:,} of {packets:,} ({between}) appear only when they are decided."
    alike, words = _alike(rows)
    return Answer(
        measure, rows, f"{said} {words}", told_apart=alike is False,
        facts={"share": late / packets, "low": low, "high": high, "alike": alike},
    )  # fmt: skip


def _alike(rows: Sequence[Row]) -> tuple[bool | None, str]:
    """Whether people log alike: a verdict about all of them, which names nobody."""
    enough = [r for r in rows if r["person"] is not None and r["packets"] >= 10]
    late, tries = [int(r["late"]) for r in enough], [int(r["packets"]) for r in enough]
    if len(enough) < 2:
        return None, "Whether people differ in this cannot be said: fewer than two have ten or more."
    if sum(late) in {0, sum(tries)}:
        return True, "People do not differ in this."
    if anom.of_shares(late, tries).outside:
        return False, (
            "People differ in this by more than chance (analysis of means, family error 5 %), so their win "
            "rates do not "
            "mean the same thing and are not to be compared."
        )
    return True, "People differ in this by no more than chance would make them."


def _entry(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["packets"]:
        return Answer(
            measure, withheld="No packet has both the date it was opened and the date it was entered."
        )
    return Answer(
        measure, rows, f"Half is entered within {row['median_days']:.0f} days of opening, 85 % within "
        f"{row['p85_days']:.0f}; {row['share_late']:.0%} more than a day later.", facts=row,
    )  # fmt: skip


def _fresh(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["open"]:
        return Answer(
            measure,
            withheld="Not in this data: conversations or customer actions of what is open, so how fresh it is.",
        )
    if not row["with_evidence"]:
        return Answer(
            measure,
            rows,
            f"None of {row['open']:,} open packets has a conversation or a customer action.",
            facts=row,
        )
    return Answer(
        measure, rows, f"{row['share_fresh']:.0%} of {row['open']:,} open packets heard of the customer in "
        "the last week; the "
        f"last word is {row['median_days']:.0f} days old in the middle; "
        f"{row['open'] - row['with_evidence']:,} have none.",
        facts=row,
    )  # fmt: skip


def _zombies(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if row["limit_days"] is None:
        return Answer(measure, withheld="Fewer than 20 have closed, so no age is old.")
    if not row["open"]:
        return Answer(measure, rows, "Nothing is open.", facts=row)
    low, high = share_interval(int(row["zombies"]), int(row["open"]))
    return Answer(
        measure, rows, f"{row['zombies']:,} of {row['open']:,} open ones ({row['share']:.0%}) are older "
        "than the "
        f"{row['limit_days']:g} days within which 95 % of the closed ones closed.",
        told_apart=low > 0.05, facts={**row, "low": low, "high": high},
    )  # fmt: skip


def _contradiction(measure: Measure, rows: list[Row]) -> Answer:
    row = rows[0]
    if not row["looked_at"]:
        return Answer(measure, withheld=f"Nothing in this data can show it: {measure.title}")
    words = _CONTRADICTS[measure.key]
    said = f"{row['packets']:,}" if row["packets"] else "None"
    return Answer(
        measure, rows, f"{said} of {row['looked_at']:,} {words}.", told_apart=bool(row["packets"]), facts=row
    )  # fmt: skip


_CONTRADICTS: Mapping[str, str] = {
    "expected_close_past": "open ones are expected to close in the past",
    "next_step_says_won": "that are not won say in their next step that they are",
    "won_without_amount": "won ones brought nothing",
    "closed_before_opened": "were closed before they were opened",
    "certain_but_open": "open ones are at 0 or at 100 %, and so not open at all",
}


def _plain(column: str) -> str:
    return column.replace("_", " ")


def _hours(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


_TOLD: Mapping[str, Callable[[Measure, list[Row]], Answer]] = {
    "completeness": _completeness,
    "defects": _defects,
    "unknown": _unknown,
    "duplicates": _duplicates,
    "price_error": _price,
    "value_error": _value,
    "close_date_error": _close,
    "closings_by_day": _heaped,
    "expected_by_day": _heaped,
    "round_values": _rounded,
    "logging_lag": _lag,
    "late_logged": _late,
    "late_created": _late,
    "entry_lag": _entry,
    "freshness": _fresh,
    "zombies": _zombies,
}
