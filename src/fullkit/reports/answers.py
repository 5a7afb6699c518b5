"""One sentence per measure: what its rows say to someone who has ten seconds, and how many cases stand behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fullkit.reports.words import Words

Row = dict[str, Any]
Rows = list[Row]
Answer = tuple[str, int]
"""The sentence, and the number of cases behind it."""


@dataclass(frozen=True)
class Told:
    """What the sentences are about: the week they speak of, the company's words, and the other measures' rows."""

    week: date
    when: str
    """`last week`, or `this week so far` while no week is whole."""
    weeks: int
    words: Words
    rows: Mapping[str, Rows]

    def of_week(self, rows: Rows) -> Rows:
        return [row for row in rows if row["week"] == self.week]

    def whole(self, rows: Rows) -> Rows:
        """The rows of whole weeks, up to the one that is spoken of."""
        return [row for row in rows if row["week"] <= self.week]


def answer(key: str, told: Told) -> Answer:
    """The sentence of a measure and its number of cases."""
    return _ANSWERS[key](told.rows[key], told)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _hours(hours: float) -> str:
    return f"{hours:.1f}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _sum(rows: Rows, column: str) -> Any:
    return sum(row[column] or 0 for row in rows)


# --- selling -------------------------------------------------------------------------------------------------


def _opportunity_flow(rows: Rows, told: Told) -> Answer:
    (week,) = told.of_week(rows)
    rate = "" if week["per_day"] is None else f", {week['per_day']:.1f} a working day"
    verb = "was" if week["processed"] == 1 else "were"
    many = _count(week["processed"], "opportunity", "opportunities")
    return f"{many} {verb} processed {told.when}{rate}.", week["processed"]


def _interactions(rows: Rows, told: Told) -> Answer:
    (week,) = told.of_week(rows)
    rate = "" if week["per_day"] is None else f", {week['per_day']:.1f} a working day"
    many = _count(week["interactions"], "meaningful selling interaction")
    return f"{many} {told.when}{rate}.", week["interactions"]


def _released_and_open(rows: Rows, told: Told) -> Answer:
    now = rows[-1]["open"] if rows else 0
    return f"{_count(now, 'opportunity', 'opportunities')} released and open now.", now


def _opportunity_time(rows: Rows, told: Told) -> Answer:
    (week,) = told.of_week(rows)
    if not week["closed"]:
        return f"No released opportunity was closed {told.when}.", 0
    return (
        f"Opportunities closed {told.when} took a median of {_hours(week['median_hours'])} working hours; "
        f"85 % were done within {_hours(week['p85_hours'])} h."
    ), week["closed"]


def _starvation(rows: Rows, told: Told) -> Answer:
    (week,) = told.of_week(rows)
    if not week["readings"]:
        return f"No queue was read {told.when}.", 0
    return (
        f"{week['starved']} of {_count(week['readings'], 'queue reading')} {told.when} stood below one day's "
        "consumption."
    ), week["readings"]


def _conversion(rows: Rows, told: Told) -> Answer:
    captured, released = _sum(rows, "captured"), _sum(rows, "released")
    if not captured and not released:
        return f"No opportunity was captured or released in these {told.weeks} weeks.", 0
    parts = [
        f"of {n:,} {what} {_sum(rows, won)} won by now ({percent(_sum(rows, won) / n)})"
        for what, n, won in (
            ("opportunities captured", captured, "won_of_captured"),
            ("released", released, "won_of_released"),
        )
        if n
    ]
    return (
        f"{', '.join(parts)}; {_sum(rows, 'still_open')} of those released still open.".capitalize(),
        released,
    )


def _conversion_by_time(rows: Rows, told: Told) -> Answer:
    if not rows:
        return f"No released opportunity was closed in these {told.weeks} weeks.", 0
    first, last, n = rows[0], rows[-1], _sum(rows, "closed")

    def said(row: Row) -> str:
        return "within a week of release" if row["weeks"] == 0 else f"after {_count(row['weeks'], 'week')}"

    if first is last:
        return f"{percent(first['share'])} of those closed {said(first)} were won.", n
    return (
        f"{percent(first['share'])} of those closed {said(first)} were won, {percent(last['share'])} of those closed "
        f"{said(last)}{' or more' if last['weeks'] == 8 else ''}."
    ), n


def _stage_time(rows: Rows, told: Told) -> Answer:
    if not rows:
        return f"No stage was ended by a customer in these {told.weeks} weeks.", 0
    slowest, n = rows[0], _sum(rows, "ended")
    name = told.words.said("stage", slowest["stage"])
    return f"The longest wait is in {name}: a median of {_hours(slowest['median_hours'])} working hours.", n


# --- inboxes -------------------------------------------------------------------------------------------------


def _on_time(rows: Rows, told: Told) -> Answer:
    week = told.of_week(rows)
    black, n = _sum(week, "black_backlog"), _sum(week, "promised")
    late = f"{_count(black, 'open packet')} past {'its' if black == 1 else 'their'} promise at its end"
    if not n:
        return f"Nothing with a promise was closed {told.when}; {late}.", 0
    types = sorted((r for r in week if r["promised"]), key=lambda r: -r["promised"])[:3]
    named = ", ".join(
        f"{told.words.said('packet_type', r['packet_type'])} {r['on_time']} of {r['promised']}" for r in types
    )
    return f"On time {told.when}: {named}; {late}.", n


def _inbox_time(rows: Rows, told: Told) -> Answer:
    week = sorted((r for r in told.of_week(rows) if r["closed"]), key=lambda r: -r["closed"])
    if not week:
        return f"Nothing was closed {told.when}.", 0
    first, n = week[0], _sum(week, "closed")
    name = told.words.said("packet_type", first["packet_type"])
    rest = "".join(
        f" {told.words.said('packet_type', r['packet_type'])}: {_hours(r['median_hours'])} h and "
        f"{_hours(r['p85_hours'])} h."
        for r in week[1:3]
    )
    return (
        f"{name} took a median of {_hours(first['median_hours'])} working hours {told.when}; 85 % were done within "
        f"{_hours(first['p85_hours'])} h.{rest}"
    ), n


def _per_week(verb: str, column: str) -> Callable[[Rows, Told], Answer]:
    def said(rows: Rows, told: Told) -> Answer:
        (week,) = told.of_week(rows)
        whole = told.whole(rows)
        mean = _sum(whole, column) / len(whole)
        return f"{_count(week[column], 'packet')} {verb} {told.when}; {mean:.1f} in a mean week.", week[
            column
        ]

    return said


def _work_in_process(rows: Rows, told: Told) -> Answer:
    if not rows:
        return "Nothing has happened yet.", 0
    first, now = rows[0], rows[-1]
    then = f"{first['day']:%d} {first['day']:%b}".lstrip("0")
    return f"{_count(now['open'], 'packet')} open now, {first['open']:,} on {then}.", now["open"]


def _red_causes(rows: Rows, told: Told) -> Answer:
    week = told.of_week(rows)
    if not week:
        return f"No cause of red was named {told.when}.", 0
    top, n = week[0], _sum(week, "packets")
    reason = told.words.reason(top["reason"], "promise.cause_named")
    return f"The commonest cause of red {told.when}: {reason}, {_count(top['packets'], 'packet')} of {n}.", n


def _skips(rows: Rows, told: Told) -> Answer:
    if not rows:
        return f"Nothing was skipped in these {told.weeks} weeks.", 0
    top, n = rows[0], _sum(rows, "skips")
    reason = told.words.reason(top["reason"] or "", "packet.skipped")
    return f"Skipped most often: {reason}, {top['skips']} of {_count(n, 'skip')}.", n


# --- handoffs ------------------------------------------------------------------------------------------------


def _kind(row: Row, told: Told) -> str:
    return str(told.words.said("handoff_kind", row["handoff_kind"]))


def _first_time_full_kit(rows: Rows, told: Told) -> Answer:
    if not rows:
        return f"No handoff was begun in these {told.weeks} weeks.", 0
    low, n = rows[0], _sum(rows, "offered")
    lead = "Lowest: " if len(rows) > 1 else ""
    return (
        f"{lead}{_kind(low, told)}, {percent(low['share'])} of {_count(low['offered'], 'kit')} full when first "
        "offered."
    ), n


def _full_kit_by_week(rows: Rows, told: Told) -> Answer:
    week = told.of_week(rows)
    n = _sum(week, "offered")
    if not n:
        return f"No handoff was begun {told.when}.", 0
    return f"{_sum(week, 'full_kits')} of {_count(n, 'kit')} full when first offered {told.when}.", n


def _missing_items(rows: Rows, told: Told) -> Answer:
    offered = _sum(told.rows.get("first_time_full_kit", []), "offered")
    if not rows:
        what = "No kit item was missing" if offered else "No handoff was begun"
        return f"{what} in these {told.weeks} weeks.", offered
    top = rows[0]
    item = told.words.item(top["item"], top["handoff_kind"])
    return (
        f"Missing most: {item}, in {percent(top['share'])} of the kits of {_kind(top, told)} "
        f"({_count(top['times'], 'time')})."
    ), offered


def _offer_to_accept(rows: Rows, told: Told) -> Answer:
    done = [row for row in rows if row["accepted"]]
    if not done:
        return f"No handoff was accepted in these {told.weeks} weeks.", 0
    slow = max(done, key=lambda row: row["median_hours"])
    lead = "Slowest: " if len(done) > 1 else ""
    return (
        f"{lead}{_kind(slow, told)}, a median of {_hours(slow['median_hours'])} working hours from begin to full "
        f"kit; 85 % within {_hours(slow['p85_hours'])} h."
    ), _sum(done, "accepted")


def _rework(rows: Rows, told: Told) -> Answer:
    n = _sum(rows, "accepted")
    if not n:
        return f"No handoff was accepted in these {told.weeks} weeks.", 0
    touches, upheld = _sum(rows, "touches"), _sum(rows, "upheld")
    return (
        f"Per 100 accepted handoffs {100 * touches / n:.1f} favours about kit items and {100 * upheld / n:.1f} "
        "upheld disputes."
    ), n


def _ping_pong(rows: Rows, told: Told) -> Answer:
    (week,) = told.of_week(rows)
    n = week["returns"]
    if not n:
        return f"Nothing came back to a department that had it {told.when}.", 0
    return f"Work came back to a department that had it {_count(n, 'time')} {told.when}; the target is 0.", n


def _connectors(rows: Rows, told: Told) -> Answer:
    week = told.of_week(rows)
    named = ", ".join(f"{_kind(row, told)} {row['accepted']}" for row in week)
    return f"Crossings {told.when}: {named}.", _sum(week, "accepted")


# --- hours ---------------------------------------------------------------------------------------------------


def _selling_share(rows: Rows, told: Told) -> Answer:
    (week,) = told.of_week(rows)
    if week["minutes"] is None:
        return f"Nobody logged time {told.when}.", 0
    return (
        f"Selling was {percent(week['selling'])} of {_hours(week['minutes'] / 60)} logged hours {told.when}; "
        f"repairing order-to-delivery took {percent(week['repair'])}."
    ), round(week["minutes"])


def _time_mix(rows: Rows, told: Told) -> Answer:
    week = sorted(told.of_week(rows), key=lambda row: -row["share"])
    if not week:
        return f"Nobody logged time {told.when}.", 0
    named = ", ".join(f"{row['category']} {percent(row['share'])}" for row in week)
    return f"{named} {told.when}.".capitalize(), round(_sum(week, "minutes"))


def _borrowed(rows: Rows, told: Told) -> Answer:
    (week,) = told.of_week(rows)
    if not week["times"]:
        return f"Business as usual borrowed no growth hours {told.when}.", 0
    return f"Business as usual borrowed {_hours(week['hours'])} growth hours {told.when}.", week["times"]


_ANSWERS: dict[str, Callable[[Rows, Told], Answer]] = {
    "opportunity_flow": _opportunity_flow,
    "interactions": _interactions,
    "released_and_open": _released_and_open,
    "opportunity_time": _opportunity_time,
    "starvation": _starvation,
    "conversion": _conversion,
    "conversion_by_time": _conversion_by_time,
    "stage_time": _stage_time,
    "on_time": _on_time,
    "inbox_time": _inbox_time,
    "arrivals": _per_week("arrived", "arrived"),
    "throughput": _per_week("closed", "closed"),
    "work_in_process": _work_in_process,
    "red_causes": _red_causes,
    "skips": _skips,
    "first_time_full_kit": _first_time_full_kit,
    "full_kit_by_week": _full_kit_by_week,
    "missing_items": _missing_items,
    "offer_to_accept": _offer_to_accept,
    "rework": _rework,
    "ping_pong": _ping_pong,
    "connectors": _connectors,
    "selling_share": _selling_share,
    "time_mix": _time_mix,
    "borrowed": _borrowed,
}
