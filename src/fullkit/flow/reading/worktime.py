"""The company's days, and how many working minutes lie before an instant: in SQL, over all rows at once."""

from __future__ import annotations

from datetime import date

from duckdb import DuckDBPyConnection

from fullkit.flow import schema
from fullkit.flow.reading.mapping import Hours

_ISO = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
_LONGEST = 366 * 130


def calendar(con: DuckDBPyConnection, first: date, last: date, hours: Hours) -> None:
    """The table `calendar` from the first to the last day, and `worked_before` with the minutes before each day."""
    schema.create(con, "calendar", schema.CALENDAR, temporary=True)
    worked = ", ".join(str(_ISO[d]) for d in hours.days)
    minutes = min(hours.hours, 24 - hours.start) * 60
    con.execute(
        f"INSERT INTO calendar SELECT day::DATE, date_trunc('week', day)::DATE,"
        f" CASE WHEN isodow(day) IN ({worked}) THEN {minutes!r} ELSE 0 END"
        " FROM range($first::TIMESTAMP, $last::TIMESTAMP + INTERVAL 1 DAY, INTERVAL 1 DAY) AS days (day)",
        {"first": first, "last": last},
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE worked_before AS SELECT day, minutes,"
        " coalesce(sum(minutes) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before"
        " FROM calendar"
    )


def local(stamp: str, zone: str) -> str:
    """The company's time of a UTC one, as SQL."""
    return stamp if zone == "UTC" else f"timezone('{zone}', timezone('UTC', {stamp}))"


def worked(clock: str, hours: Hours) -> str:
    """Working minutes until a local time, as SQL; its day is joined from `worked_before` as w."""
    since = f"(epoch({clock}) - epoch({clock}::DATE::TIMESTAMP)) / 60 - {hours.start * 60}"
    return f"(w.before + least(greatest({since}, 0), w.minutes))::DOUBLE"


def sentence(hours: Hours) -> str:
    """What is assumed about working time."""
    days = ", ".join(hours.days) if hours.days != ("mon", "tue", "wed", "thu", "fri") else "Monday to Friday"
    until = min(hours.start + hours.hours, 24)
    return (
        f"Working time is taken as {days}, {hours.start:02d}:00 to {int(until):02d}:{int(until % 1 * 60):02d},"
        " without holidays: the files do not say when work went on."
    )
