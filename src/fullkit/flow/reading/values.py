"""What a column of text means: its dates and its numbers, decided by the whole column and said in a sentence.

Each decision gives a SQL expression; the cleaning itself is one vectorised statement over all rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from duckdb import DuckDBPyConnection

from fullkit.flow.reading.sheets import name

Order = Literal["dmy", "mdy"]
FIRST_YEAR, LAST_YEAR = 1902, 2099
"""A date outside these years stands for no date: 1900-01-01, 2999-12-31 and 9999-12-31 are what forms fill in."""
FAR = 30
"""Years from the middle of its column beyond which a date is a slip of the keyboard."""
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S", " %H:%M:%S.%g", "T%H:%M:%S.%g")


@dataclass(frozen=True)
class Dates:
    """How a column of dates is read."""

    column: str
    sql: str
    """An expression of a UTC TIMESTAMP over the column; NULL where it holds no date."""
    whole_days: bool
    """Whether no value has a time of day."""
    says: tuple[str, ...] = ()
    """What was assumed."""
    other_order: str = ""
    """A condition that holds where a value was read in the other order of day and month."""
    serial: str = ""
    """A condition that holds where a stray number was read as a date of a spreadsheet."""


@dataclass(frozen=True)
class _Seen:
    """What a column holds, counted by DuckDB."""

    n: int
    iso: int
    offset: int
    slashed: int
    first_over_12: int
    second_over_12: int
    dotted: int
    strokes: int
    hyphens: int
    blanks: int
    digits: int
    digits_min: float
    digits_max: float
    timed: int


def dates(
    con: DuckDBPyConnection, table: str, columns: Sequence[str], *, zone: str, order: Order | None
) -> dict[str, Dates]:
    """How to read these columns of dates. Columns whose order cannot be told take that of the others."""
    seen = {c: _look(con, table, c) for c in columns}
    known = order or _shared_order(seen.values())
    return {c: _decide(c, s, zone, order, known) for c, s in seen.items()}


_PARTS = r"'^(\d{1,2})([-/. ])(\d{1,2})[-/. ](\d{2}|\d{4})(\D.*)?$'"

_MIDNIGHT = r"'[ T]00:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?$'"


def _look(con: DuckDBPyConnection, table: str, column: str) -> _Seen:
    """Counts over the distinct values, each by how often it stands there."""
    found = con.execute(
        f"""
WITH given AS (SELECT {name(column)} AS v, count(*) AS n FROM {table} WHERE {name(column)} IS NOT NULL GROUP BY 1),
parts AS (
    SELECT v, n, v[5] IN ('-', '/') AND try_cast(replace(v, '/', '-') AS TIMESTAMP) IS NOT NULL AS iso,
           try_cast(v AS DOUBLE) AS number,
           CASE WHEN v[5] NOT IN ('-', '/') THEN regexp_extract(v, {_PARTS}, ['a', 'm', 'b', 'c', 'd']) END AS p
    FROM given
)
SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (iso), 0),
       coalesce(sum(n) FILTER (iso AND length(v) > 16 AND regexp_matches(v, '(Z|[+-]\\d\\d(:?\\d\\d)?)$')), 0),
       coalesce(sum(n) FILTER (p.a <> ''), 0),
       coalesce(sum(n) FILTER (try_cast(p.a AS INTEGER) > 12), 0),
       coalesce(sum(n) FILTER (try_cast(p.b AS INTEGER) > 12), 0),
       coalesce(sum(n) FILTER (p.m = '.'), 0), coalesce(sum(n) FILTER (p.m = '/'), 0),
       coalesce(sum(n) FILTER (p.m = '-'), 0), coalesce(sum(n) FILTER (p.m = ' '), 0),
       coalesce(sum(n) FILTER (number IS NOT NULL), 0), coalesce(min(number), 0), coalesce(max(number), 0),
       coalesce(sum(n) FILTER (contains(v, ':') AND NOT regexp_matches(v, {_MIDNIGHT})), 0)
FROM parts"""
    ).fetchone()
    assert found is not None
    return _Seen(*found)


def _shared_order(seen: Iterable[_Seen]) -> Order | None:
    """The order that the columns of a file agree on."""
    columns = list(seen)
    first, second = sum(s.first_over_12 for s in columns), sum(s.second_over_12 for s in columns)
    if first == second:
        return None
    return "dmy" if first > second else "mdy"


def _decide(column: str, s: _Seen, zone: str, order: Order | None, known: Order | None) -> Dates:
    v, says, choices = name(column), list[str](), list[str]()
    other = serial = ""
    if s.iso:
        choices.append(_iso(v, s, zone))
    if s.digits:
        sql, sentence = _number(v, s)
        choices.append(sql)
        says += [f"{column}: {sentence}"] if sentence and s.digits * 2 >= s.n else []
        serial = f"try_cast({v} AS DOUBLE) IS NOT NULL" if s.digits * 2 < s.n else ""
    if s.slashed:
        chosen, sentence = _order(s, order, known)
        says += [f"{column}: {sentence}"] if sentence else []
        back: Order = "mdy" if chosen == "dmy" else "dmy"
        mine, theirs = (_strptime(v, o, s, zone) for o in (chosen, back))
        choices += [mine, theirs] if s.first_over_12 and s.second_over_12 else [mine]
        other = f"{mine} IS NULL AND {theirs} IS NOT NULL" if len(choices) and theirs in choices else ""
    if s.iso + s.digits + s.slashed < s.n:
        choices.append(_worded(v, zone))
    read = f"coalesce({', '.join(choices)})" if len(choices) > 1 else (choices or ["NULL::TIMESTAMP"])[0]
    return Dates(column, read, s.timed == 0 and not s.digits, tuple(says), other, serial)


def _iso(v: str, s: _Seen, zone: str) -> str:
    guarded = f"CASE WHEN {v}[5] IN ('-', '/') THEN replace({v}, '/', '-') END"
    if s.offset:  # the session's zone is the company's, so a value without an offset is the company's time
        return f"(try_cast({guarded} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
    return utc(f"try_cast({guarded} AS TIMESTAMP)", zone)


def utc(local: str, zone: str) -> str:
    """The UTC time of a local one, as SQL."""
    return local if zone == "UTC" else f"timezone('UTC', timezone('{zone}', {local}))"


def _number(v: str, s: _Seen) -> tuple[str, str]:
    number = f"try_cast({v} AS DOUBLE)"
    if s.digits_min >= 19_000_101 and s.digits_max <= 99_991_231:
        return f"try_strptime({v}, '%Y%m%d')", "eight digits are year, month and day"
    if s.digits_max >= 1e14:
        return f"make_timestamp(try_cast({v} AS BIGINT))", "numbers are microseconds since 1970"
    if s.digits_max >= 1e11:
        return f"epoch_ms(try_cast({number} AS BIGINT))", "numbers are milliseconds since 1970"
    if s.digits_max >= 1e8:
        return f"epoch_ms(try_cast({number} * 1000 AS BIGINT))", "numbers are seconds since 1970"
    inside = f"CASE WHEN {number} BETWEEN 1 AND 2958465 THEN {number} END"
    days = f"(TIMESTAMP '1899-12-30' + to_milliseconds(round({inside} * 86400) * 1000))"
    return days, "numbers are days of a spreadsheet, counted from 1899-12-30"


def _order(s: _Seen, given: Order | None, known: Order | None) -> tuple[Order, str]:
    if given:
        return given, ""
    if s.first_over_12 != s.second_over_12:
        return ("dmy", "") if s.first_over_12 > s.second_over_12 else ("mdy", "")
    cure = "If that is wrong, write `dates: mdy` or `dates: dmy` in the mapping."
    said = {"dmy": "the day before the month", "mdy": "the month before the day"}
    if known:
        return (
            known,
            f"every date reads both ways; read with {said[known]}, as the other dates of the file. {cure}",
        )
    chosen: Order = "dmy" if s.dotted else "mdy"
    return chosen, f"every date reads both ways; read with {said[chosen]}. {cure}"


def _strptime(v: str, order: Order, s: _Seen, zone: str) -> str:
    """Short years first: a long one does not fit them, while a short one is to the others one of the first century."""
    day = {"dmy": "%d{0}%m{0}", "mdy": "%m{0}%d{0}"}[order]
    times = _TIMES if s.timed else ("",)
    marks = [m for m, n in (("/", s.strokes), ("-", s.hyphens), (".", s.dotted), (" ", s.blanks)) if n]
    forms = [f"'{day.format(m)}{year}{t}'" for t in times for m in marks for year in ("%y", "%Y")]
    return utc(f"try_strptime({v}, [{', '.join(forms)}])", zone)


def _worded(v: str, zone: str) -> str:
    """Months in letters; short years first, as above."""
    days = [
        f"{d}{y}"
        for y in ("%y", "%Y")
        for d in ("%d-%b-", "%d %b ", "%b %d, ", "%d %B ", "%B %d, ", "%d. %B ")
    ]
    forms = ", ".join(
        f"'{d}{t}'" for d in days for t in ("", " %H:%M:%S", " %H:%M", " %I:%M %p", ", %I:%M %p")
    )
    return utc(f"try_strptime({v}, [{forms}])", zone)


def sane(stamp: str, middle: date | None) -> str:
    """The expression, NULL where its year is none that a company can have meant."""
    low, high = FIRST_YEAR, LAST_YEAR
    if middle:
        low, high = max(low, middle.year - FAR), min(high, middle.year + FAR)
    return f"CASE WHEN {stamp} BETWEEN TIMESTAMP '{low}-01-01' AND TIMESTAMP '{high}-12-31 23:59:59' THEN {stamp} END"


@dataclass(frozen=True)
class Numbers:
    """How a column of numbers is read."""

    column: str
    sql: str
    says: tuple[str, ...] = ()


_CORE = r"regexp_replace({v}, '[^0-9,.()\-]', '', 'g')"
_SIGNS = "$€£¥₹%''’ \u00a0\u202f"
"""What may stand around a number without meaning anything."""


def numbers(con: DuckDBPyConnection, table: str, column: str) -> Numbers:
    """How to read a column of numbers: signs of currency, thousands, decimal commas, negatives in brackets."""
    v = name(column)
    n, plain, dot3, dots = _counts(
        con,
        f"SELECT count({v}), count(try_cast({v} AS DOUBLE)),"
        f" count(*) FILTER (contains({v}, '.') AND regexp_matches({v}, '^-?[1-9]\\d{{0,2}}(\\.\\d{{3}})+$')),"
        f" count(*) FILTER (contains({v}, '.')) FROM {table}",
    )
    if n == plain and not (dots > 2 and dots == dot3):
        return Numbers(column, finite(f"try_cast({v} AS DOUBLE)"))
    comma, says = _comma(con, table, column)
    core = _CORE.format(v=v)
    drop, point = (".", ",") if comma else (",", ".")
    quick = f"try_cast(replace(translate({v}, '{_SIGNS}{drop}', ''), '{point}', '.') AS DOUBLE)"
    cleaned = f"replace(replace({core}, '{drop}', ''), '{point}', '.')"
    bare = f"try_cast(regexp_replace({cleaned}, '[()-]', '', 'g') AS DOUBLE)"
    sign = f"CASE WHEN regexp_matches({core}, '^\\(.*\\)$|^-|-$') THEN -1 ELSE 1 END"
    slow = f"CASE WHEN regexp_matches({v}, '[0-9]') THEN {sign} * {bare} END"
    return Numbers(column, finite(f"coalesce({quick}, {slow})"), says)


def _comma(con: DuckDBPyConnection, table: str, column: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the comma is the decimal mark, by the whole column, and what had to be assumed."""
    thousands = "'^\\D*[1-9]\\d{0,2}(" + "{}\\d{{3}})+\\D*$'"
    commas, points = (thousands.replace("{}", mark).replace("{{3}}", "{3}") for mark in (",", "\\."))
    both_comma, both_dot, comma, comma3, dots, dot3, many = _counts(
        con,
        f"""
WITH c AS (SELECT {name(column)} AS c FROM {table}),
m AS (SELECT c, strpos(c, ',') AS comma, strpos(c, '.') AS dot FROM c WHERE contains(c, ',') OR contains(c, '.'))
SELECT count(*) FILTER (comma > dot AND dot > 0), count(*) FILTER (dot > comma AND comma > 0),
       count(*) FILTER (comma > 0), count(*) FILTER (comma > 0 AND dot = 0 AND regexp_matches(c, {commas})),
       count(*) FILTER (dot > 0), count(*) FILTER (dot > 0 AND comma = 0 AND regexp_matches(c, {points})),
       count(*) FILTER (dot > 0 AND contains(c[dot + 1:], '.')) FROM m""",
    )
    if both_comma or both_dot:
        return both_comma > both_dot, ()
    if comma:
        return comma != comma3, (
            f"{column}: a comma before three digits marks thousands.",
        ) if comma == comma3 else ()
    if many or (dots > 2 and dots == dot3):
        return True, (f"{column}: a point before three digits marks thousands.",)
    return False, ()


def finite(number: str) -> str:
    """The number, NULL where it is none (`nan`, `inf`) or larger than money is."""
    return f"CASE WHEN abs({number}) < 1e12 THEN {number} END"


def _counts(con: DuckDBPyConnection, query: str) -> tuple[int, ...]:
    found = con.execute(query).fetchone()
    assert found is not None
    return tuple(int(v or 0) for v in found)
