"""When an opportunity opened and ended, up to which day the data goes, and what contradicts itself."""

from __future__ import annotations

from datetime import date

from duckdb import DuckDBPyConnection

from fullkit.flow.reading import worktime
from fullkit.flow.reading.account import Ledger
from fullkit.flow.reading.mapping import Mapping
from fullkit.flow.reading.opportunities import Clean, drop
from fullkit.flow.reading.sheets import name


def dates(con: DuckDBPyConnection, clean: Clean, mapping: Mapping, ledger: Ledger) -> None:
    """The columns `arrived_at`, `opened_at`, `closed_at` and `expects` of `clean`, none of which contradict."""
    held = clean.fields
    con.execute(
        "ALTER TABLE clean ADD COLUMN arrived_at TIMESTAMP; ALTER TABLE clean ADD COLUMN opened_at TIMESTAMP;"
        " ALTER TABLE clean ADD COLUMN closed_at TIMESTAMP; ALTER TABLE clean ADD COLUMN expects TIMESTAMP"
    )
    actual = [f for f in ("closed",) if f in held]
    actual += [
        f"CASE ended WHEN '{end}' THEN {f} END"
        for f, end in (("won_on", "won"), ("lost_on", "lost"))
        if f in held
    ]
    ended = "ended IS NOT NULL" if clean.has_outcome else "true"
    if "close" in held:
        actual.append(f'CASE WHEN {ended} THEN "close" END')
        if clean.has_outcome:
            clean.says.append(
                "The closing date of an open deal is taken as the date on which it is expected to close."
            )
    expected = ["expected_close"] if "expected_close" in held else []
    expected += ['CASE WHEN ended IS NULL THEN "close" END'] if "close" in held and clean.has_outcome else []
    closed = f"CASE WHEN {ended} THEN {_first(actual)} END"
    begun: list[str] = [f for f in ("created", "opened") if f in held]
    arrived = f"least({', '.join(begun)})" if len(begun) > 1 else (begun or ["NULL::TIMESTAMP"])[0]
    opened = _first([f for f in ("opened", "created") if f in held])
    con.execute(
        f"UPDATE clean SET arrived_at = {arrived}, opened_at = {opened}, closed_at = {closed},"
        f" expects = {_first(expected)}"
    )
    _order(con, mapping, ledger, "opened" in held and "created" in held)


def _first(choices: list[str]) -> str:
    return f"coalesce({', '.join(choices)})" if len(choices) > 1 else (choices or ["NULL::TIMESTAMP"])[0]


def _order(con: DuckDBPyConnection, mapping: Mapping, ledger: Ledger, both: bool) -> None:
    """A closing on the day of opening is after it; one on an earlier day is repaired or rejected."""
    day = {c: f"{worktime.local(c, mapping.zone)}::DATE" for c in ("opened_at", "closed_at", "arrived_at")}
    con.execute(
        "UPDATE clean SET closed_at = opened_at"
        f" WHERE closed_at < opened_at AND {day['closed_at']} = {day['opened_at']}"
    )
    if both:
        fits = f"closed_at < opened_at AND {day['closed_at']} >= {day['arrived_at']}"
        ledger.repair(
            "opened after it closed: taken as opened when it was created",
            f"SELECT file, line, opened_at::DATE, arrived_at::DATE FROM clean WHERE {fits}",
        )
        con.execute(
            f"UPDATE clean SET opened_at = arrived_at, closed_at = greatest(closed_at, arrived_at) WHERE {fits}"
        )
    ledger.reject(
        "closed before it was opened",
        "SELECT file, line, opened_at::DATE || ' to ' || closed_at::DATE FROM clean WHERE closed_at < opened_at",
    )
    drop(con, "clean")


def as_of(
    con: DuckDBPyConnection,
    clean: Clean,
    mapping: Mapping,
    ledger: Ledger,
    *,
    today: date | None,
    written: date,
    more: date | None,
) -> tuple[date, str]:
    """The day up to which the data goes, and why; what closes later is read as still open.

    `more` is the last day of a stage history, `written` the day of the file, for data without any date.
    """
    zone = mapping.zone
    marks = [c for c in ("arrived_at", "opened_at", "closed_at") if c] + (
        ["updated"] if "updated" in clean.fields else []
    )
    latest = ", ".join(
        f"max({worktime.local(c, zone)}::DATE) FILTER ({_not_after(c, today, zone)})" for c in marks
    )
    found = con.execute(f"SELECT {latest} FROM clean").fetchall()[0]
    known = [(d, c) for d, c in zip(found, marks, strict=True) if d] + (
        [(more, "the stage history")] if more else []
    )
    if mapping.today:
        day, why = mapping.today, "as the mapping says"
    elif known:
        day, mark = max(known)
        what = {
            "arrived_at": "creation",
            "opened_at": "opening",
            "closed_at": "closing",
            "updated": "change",
        }.get(mark, mark)
        why = f"the last {what} in the data" if mark != "the stage history" else f"the last change in {mark}"
    else:
        day, why = today or written, "the day it was read" if today else "the day the file was written"
        why += ", since nothing in it is dated"
    _cut(con, day, zone, ledger)
    return day, why


def _cut(con: DuckDBPyConnection, day: date, zone: str, ledger: Ledger) -> None:
    """What closes after the last day is open on it; what begins after it is not there yet."""
    later = f"{worktime.local('closed_at', zone)}::DATE > DATE '{day}'"
    ledger.repair(
        f"closes after {day}, up to which the data goes: read as still open",
        f"SELECT file, line, closed_at::DATE, '' FROM clean WHERE {later}",
    )
    con.execute(
        f"UPDATE clean SET expects = coalesce(expects, closed_at), closed_at = NULL, ended = NULL WHERE {later}"
    )
    ledger.reject(
        f"begins after {day}, up to which the data goes",
        "SELECT file, line, arrived_at::DATE FROM clean"
        f" WHERE {worktime.local('arrived_at', zone)}::DATE > DATE '{day}'",
    )
    drop(con, "clean")


def _not_after(column: str, today: date | None, zone: str) -> str:
    return f"{worktime.local(name(column), zone)}::DATE <= DATE '{today}'" if today else "true"
