"""Working time: when the company is open, and how many working minutes lie between two instants.

Hours are what the clock on the wall shows: on the night the clocks change, a span loses or gains the hour as
the people who work it do. Instants are aware datetimes; everything returned is UTC. A span may end at 24:00,
written `time(0)`.

The spans of whole years are laid out once in UTC with the working time up to each, so that every question is
a binary search.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from math import isfinite
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Years the calendar knows. A bound, so that a mistyped year cannot make a question take minutes."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_MINUTE = 60_000_000

Spans = tuple[tuple[time, time], ...]
_Week = tuple[Spans, ...]


@dataclass(frozen=True)
class WorkTime:
    """The working hours of a company or department: a zone, hours per weekday, days on which it is closed."""

    zone: str
    hours: Mapping[str, Spans]
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if unknown := set(self.hours) - set(WEEKDAYS):
            raise ValueError(f"{sorted(unknown)[0]!r} is not a weekday; write {', '.join(WEEKDAYS)}.")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{self.zone!r} is no time zone; write one such as America/Chicago.") from error

    def __hash__(self) -> int:
        return hash((self.zone, self._week, self.closed))

    def is_open(self, at: datetime) -> bool:
        """Whether work goes on at this instant; a span is open at its start and closed at its end."""
        instant = _ticks(at)
        table = self._table(at)
        i = bisect_right(table.opens, instant) - 1
        return i >= 0 and instant < table.closes[i]

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Working minutes from `start` to `end`; 0 when `end` is not after `start`."""
        first, last = _ticks(start), _ticks(end)
        if last <= first:
            return 0.0
        table = self._table(start, end)
        return (table.worked(last) - table.worked(first)) / _MINUTE

    def add(self, start: datetime, minutes: float) -> datetime:
        """The first instant at which that many working minutes have passed since `start`, in UTC.

        It is the end of Friday rather than the start of Monday, and `start` itself for 0 minutes. Raises
        ValueError when the calendar never opens again long enough.
        """
        if not (isfinite(minutes) and minutes >= 0):
            raise ValueError(f"{minutes} working minutes cannot be added; give 0 or more.")
        instant, wanted = _ticks(start), round(minutes * _MINUTE)
        if wanted == 0:
            return start.astimezone(UTC)
        table = self._table(start)
        while table.left_from(instant) < wanted:
            table = self._longer(table, start, minutes)
        target = table.worked(instant) + wanted
        i = bisect_left(table.done, target)
        return _from_ticks(table.closes[i] - (table.done[i] - target))

    @cached_property
    def day_minutes(self) -> float:
        """Mean working minutes of a weekday that has any, by the wall clock."""
        days = [sum(_length(span) for span in spans) for spans in self._week if spans]
        if not days:
            raise ValueError(f"{self._name} has no working hours; give at least one weekday some.")
        return sum(days) / len(days)

    def day_of(self, at: datetime) -> date:
        """The company's date at this instant."""
        _ticks(at)
        return at.astimezone(ZoneInfo(self.zone)).date()

    def start_of_day(self, day: date) -> datetime | None:
        """The first working instant of that day in UTC; None when the day is not worked."""
        spans = _day(self.zone, self._week[day.weekday()], day) if day not in self.closed else ()
        return _from_ticks(spans[0][0]) if spans else None

    def working_days_between(self, a: datetime, b: datetime) -> float:
        """Working time from `a` to `b` in days of `day_minutes`; 0 when `b` is not after `a`."""
        return self.minutes_between(a, b) / self.day_minutes

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when work goes on, else the next start of work, in UTC."""
        instant = _ticks(at)
        table = self._table(at)
        while not table.closes or table.closes[-1] <= instant:
            table = self._longer(table, at, 0)
        i = bisect_right(table.closes, instant)
        return _from_ticks(max(instant, table.opens[i]))

    def spans(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The working spans that lie wholly or partly between `start` and `end`, in UTC and in order."""
        first, last = _ticks(start), _ticks(end)
        table = self._table(start, end)
        found = range(bisect_right(table.closes, first), bisect_left(table.opens, last))
        return [(_from_ticks(table.opens[i]), _from_ticks(table.closes[i])) for i in found]

    @property
    def _name(self) -> str:
        return f"The calendar in {self.zone}"

    @cached_property
    def _week(self) -> _Week:
        return tuple(tuple(self.hours.get(day, ())) for day in WEEKDAYS)

    @cached_property
    def _tables(self) -> list[_Table]:
        return _tables(self.zone, self._week, frozenset(self.closed))

    def _table(self, *instants: datetime) -> _Table:
        """The widest table so far, covering a year either side of the given instants."""
        table = self._tables[0]
        first, last = min(at.year for at in instants) - 1, max(at.year for at in instants) + 1
        if table.first <= first and last <= table.last:
            return table
        for year in (first + 1, last - 1):
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise ValueError(f"{self._name} knows the years {FIRST_YEAR} to {LAST_YEAR}, not {year}.")
        return self._stretch(min(first, table.first), max(last, table.last))

    def _longer(self, table: _Table, since: datetime, minutes: float) -> _Table:
        """A table that reaches twice as far ahead, or a sentence when there is no more to come."""
        if not any(self._week):
            raise ValueError(f"{self._name} has no working hours; give at least one weekday some.")
        if table.last > LAST_YEAR:
            raise ValueError(
                f"{self._name} has no {minutes:g} working minutes between {since:%Y-%m-%d} and the year "
                f"{LAST_YEAR}; check its closed days and the promise."
            )
        return self._stretch(table.first, min(2 * table.last - table.first + 1, LAST_YEAR + 1))

    def _stretch(self, first: int, last: int) -> _Table:
        self._tables[0] = _lay_out(self.zone, self._week, frozenset(self.closed), first, last)
        return self._tables[0]


@dataclass(frozen=True)
class _Table:
    """Spans of the years first..last in ticks since 1970: opens, closes, and working ticks up to each close.

    Immutable and replaced by a wider one, so that threads never see half of a change.
    """

    first: int
    last: int
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    done: tuple[int, ...]

    def worked(self, instant: int) -> int:
        """Working ticks from the table's beginning to `instant`."""
        i = bisect_right(self.opens, instant) - 1
        return self.done[i] - max(0, self.closes[i] - instant) if i >= 0 else 0

    def left_from(self, instant: int) -> int:
        """Working ticks from `instant` to the table's end."""
        return self.done[-1] - self.worked(instant) if self.done else 0


@lru_cache(maxsize=64)
def _tables(zone: str, week: _Week, closed: frozenset[date]) -> list[_Table]:
    """The one table of a calendar, in a box: every WorkTime that describes this calendar shares it."""
    year = 2026  # any will do: the table grows to what is asked
    return [_lay_out(zone, week, closed, year, year)]


def _lay_out(zone: str, week: _Week, closed: frozenset[date], first: int, last: int) -> _Table:
    spans = [span for year in range(first, last + 1) for span in _year(zone, week, closed, year)]
    return _Table(
        first,
        last,
        opens=tuple(start for start, _ in spans),
        closes=tuple(end for _, end in spans),
        done=tuple(accumulate(end - start for start, end in spans)),
    )


@lru_cache(maxsize=512)
def _year(zone: str, week: _Week, closed: frozenset[date], year: int) -> tuple[tuple[int, int], ...]:
    day = date(year, 1, 1)
    spans: list[tuple[int, int]] = []
    while day.year == year:
        if day not in closed and week[day.weekday()]:
            spans += _day(zone, week[day.weekday()], day)
        day += timedelta(days=1)
    return tuple(spans)


def _day(zone: str, hours: Spans, day: date) -> tuple[tuple[int, int], ...]:
    """The spans of one day in ticks; a span that the clocks jump over is left out."""
    spans = []
    for start, end in hours:
        opens = _wall(zone, datetime.combine(day, start))
        ends_on = day if end > time.min else day + timedelta(days=1)
        closes = _wall(zone, datetime.combine(ends_on, end))
        if opens < closes:
            spans.append((opens, closes))
    return tuple(spans)


def _wall(zone: str, local: datetime) -> int:
    """The first instant at which the clock on the wall shows `local` or later."""
    tz = ZoneInfo(zone)
    before = _ticks(local.replace(tzinfo=tz))
    after = _ticks(local.replace(tzinfo=tz, fold=1))
    if after >= before:  # an ordinary time, or the first of two
        return before
    # The clock jumps over this time somewhere between `after` and `before`: find where it jumps.
    offset = (local.replace(tzinfo=tz)).utcoffset()
    while before - after > 1:
        middle = (before + after) // 2
        if _from_ticks(middle).astimezone(tz).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return before


def _length(span: tuple[time, time]) -> float:
    start, end = (60 * t.hour + t.minute + t.second / 60 for t in span)
    return (end or 24 * 60) - start


def _ticks(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone; give an instant with one, such as {at:%Y-%m-%dT%H:%M}Z.")
    return (at - _EPOCH) // _TICK


def _from_ticks(ticks: int) -> datetime:
    return _EPOCH + ticks * _TICK
