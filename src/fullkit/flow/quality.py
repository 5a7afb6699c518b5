"""Can the data be relied on? Completeness, precision, timeliness and what cannot be true (R83, R84, rulebook 4.7).

Beside `log` these measures read `items`: one row per packet with the columns of the export that were recognised. What
an export lacks is absent from `items` too, so the answer is "not in this data" and never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from duckdb import DuckDBPyConnection

from fullkit.flow.measure import Measure, NotInThisData, run
from fullkit.flow.parts import OURS, statement

ENDS = """
ends AS (  -- how and when each packet ended; one that was opened again has not
    SELECT packet, min(day) FILTER (kind = 'packet.arrived') AS began,
           CASE WHEN arg_max(kind, id) FILTER (kind <> 'packet.arrived') = 'packet.closed'
                THEN arg_max(outcome, id) FILTER (kind = 'packet.closed') END AS ended,
           CASE WHEN ended IS NOT NULL THEN arg_max(day, id) FILTER (kind = 'packet.closed') END AS over
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.arrived', 'packet.closed', 'packet.reopened')
    GROUP BY packet
)"""

_FACTS = """'^(packet|owner|customer|product|amount|source|type|created_on|opened_on|stage|closed_on|outcome|'
              || 'loss_reason|expected_close|probability|next_step)$'"""
"""What people fill in, and the packet, so that there is always one."""

REQUIRED = f"""
known AS (  -- the facts that the export has, and not only empty
    SELECT field
    FROM (SELECT count(nullif(trim(COLUMNS(
              {_FACTS})::VARCHAR), '')) AS '\\0'
          FROM items)
         UNPIVOT (filled FOR field IN (*))
    WHERE filled > 0 AND field <> 'packet'
),
cells AS (  -- one row per packet and fact
    SELECT key AS packet, began, ended, over, field, nullif(trim(value), '') AS value
    FROM (SELECT packet AS key, began, ended, over, COLUMNS(
              {_FACTS})::VARCHAR
          FROM items JOIN ours USING (packet) JOIN ends USING (packet))
         UNPIVOT INCLUDE NULLS (value FOR field IN (* EXCLUDE (key, began, ended, over)))
),
asked AS (  -- what its stage asks for: an end only of what has ended, a forecast only of what is open
    SELECT packet, field, value, began, ended, over
    FROM cells
    WHERE field IN (SELECT field FROM known)
      AND CASE WHEN field IN ('closed_on', 'outcome') THEN ended IS NOT NULL
               WHEN field = 'loss_reason' THEN ended <> $won
               WHEN field IN ('expected_close', 'probability', 'next_step') THEN ended IS NULL
               ELSE TRUE END
)"""

FIELDS = Measure(
    key="completeness",
    title="Which facts are filled in?",
    definition=(
        "For each fact that people fill in, as far as the export has it, the packets that should have it, "
        "and those that do: the closing date and the outcome once it is over, the reason once it is lost, "
        "the expected close, the probability and the next step while it is open, all else always. Blank text "
        "is empty; zero is not. Columns that the export lacks, or leaves empty throughout, are absent, and so "
        "are packets without any date. Beside it the share filled among what is open, won, and ended otherwise."
    ),
    sql=statement(
        OURS,
        ENDS,
        REQUIRED,
        answer="""
SELECT field, count(*) AS required, count(value) AS filled, filled / required AS share,
       count(*) FILTER (ended IS NULL) AS open, count(value) FILTER (ended IS NULL) / nullif(open, 0) AS share_open,
       count(value) FILTER (ended = $won) / nullif(count(*) FILTER (ended = $won), 0) AS share_won,
       count(value) FILTER (ended <> $won) / nullif(count(*) FILTER (ended <> $won), 0) AS share_other
FROM asked
GROUP BY field
ORDER BY share, field""",
    ),
    columns=("field", "required", "filled", "share", "open", "share_open", "share_won", "share_other"),
)

DEFECTS = Measure(
    key="defects",
    title="How many facts does a packet lack?",
    definition=(
        "Packets by the number of facts they should have and lack, with the share that are complete by that "
        "count; which facts, as under completeness."
    ),
    sql=statement(
        OURS,
        ENDS,
        REQUIRED,
        """
lacks AS (SELECT packet, count(*) FILTER (value IS NULL) AS defects FROM asked GROUP BY packet)""",
        answer="""
SELECT defects, count(*) AS packets, count(*) / sum(count(*)) OVER () AS share
FROM lacks
GROUP BY defects
ORDER BY defects""",
    ),
    columns=("defects", "packets", "share"),
)

COST = Measure(
    key="defect_cost",
    title="What do missing facts cost?",
    definition=(
        "Packets that ended, by how many of the facts named they lack and by source: how many were won, and "
        "the calendar days from arrival to closing (their logarithm; less than a day counts as one). A fact "
        "that is filled in only when or while something closes cannot have caused how it ends and is not "
        "counted. What is open is not in it. A difference is an association: who takes care may differ in "
        "more than that."
    ),
    sql=statement(
        OURS,
        ENDS,
        REQUIRED,
        """
each AS (
    SELECT packet, any_value(ended) AS ended, any_value(greatest(over - began, 1)) AS days,
           count(*) FILTER (value IS NULL AND list_contains($fields, field)) AS defects,
           max(value) FILTER (field = 'source') AS source
    FROM asked
    WHERE ended IS NOT NULL
    GROUP BY packet
)""",
        answer="""
SELECT source, defects, count(*) AS closed, count(*) FILTER (ended = $won) AS won, count(days) AS timed,
       avg(ln(days)) AS mean_log_days, var_samp(ln(days)) AS spread
FROM each
GROUP BY source, defects
ORDER BY source, defects""",
    ),
    columns=("source", "defects", "closed", "won", "timed", "mean_log_days", "spread"),
)

UNKNOWN = Measure(
    key="unknown",
    title="How often is the answer `unknown`?",
    definition=(
        "Of the cells filled in, by column, those that say nothing: unknown, other, n/a, none, to be "
        "decided, a dash or a question mark, in capitals or not. Columns without any are left out."
    ),
    sql=statement(
        OURS,
        ENDS,
        REQUIRED,
        answer="""
SELECT field, count(value) AS filled,
       count(*) FILTER (regexp_full_match(lower(value),
           '(unknown|others?|misc\\.?|n/?a|n\\.a\\.|none|null|tbd|tba|to be determined|not (set|specified)|[-?.]+)'
       )) AS unknown,
       unknown / nullif(filled, 0) AS share
FROM asked
GROUP BY field
HAVING unknown > 0
ORDER BY share DESC, field""",
    ),
    columns=("field", "filled", "unknown", "share"),
)

DUPLICATES = Measure(
    key="duplicates",
    title="Is the same thing in it twice?",
    definition=(
        "Packets with the same customer and the same title, in capitals or not, both filled in: groups, and "
        "packets beyond the first of each. A customer may well ask for the same thing again, so these are to "
        "be looked at."
    ),
    sql=statement(
        OURS,
        """
alike AS (
    SELECT items.customer, lower(trim(items.title)) AS title, count(*) AS many
    FROM items JOIN ours USING (packet)
    WHERE items.customer IS NOT NULL AND trim(items.title) <> ''
    GROUP BY ALL
)""",
        answer="""
SELECT count(*) FILTER (many > 1) AS groups, coalesce(sum(many - 1), 0)::BIGINT AS again,
       coalesce(sum(many), 0)::BIGINT AS packets, again / nullif(packets, 0) AS share
FROM alike""",
    ),
    columns=("groups", "again", "packets", "share"),
)

PRICE = Measure(
    key="price_error",
    title="How far is the price from the list?",
    definition=(
        "Of what was won and has both an amount and a list price above zero: the mean and the standard "
        "deviation of amount over list price, and the median of |ln(amount / list price)|."
    ),
    sql=statement(
        OURS,
        ENDS,
        answer="""
SELECT count(*) AS won, avg(items.amount / items.list_price) AS mean_ratio,
       stddev_samp(items.amount / items.list_price) AS spread,
       median(abs(ln(items.amount / items.list_price))) AS median_error
FROM items JOIN ours USING (packet) JOIN ends USING (packet)
WHERE ended = $won AND items.amount > 0 AND items.list_price > 0""",
    ),
    columns=("won", "mean_ratio", "spread", "median_error"),
)

VALUE_ERROR = Measure(
    key="value_error",
    title="How far was the first estimate of the value from what came?",
    definition=(
        "Of what was won: the first value on record before the closing against the value at the closing, "
        "both above zero: the median of |ln(actual / estimate)|, and the median of actual over estimate. "
        "Something without an earlier value is left out."
    ),
    sql=statement(
        OURS,
        """
ends AS (
    SELECT packet, max(id) AS id, arg_max("value", id) AS actual FROM log JOIN ours USING (packet)
    WHERE kind = 'packet.closed' AND outcome = $won
    GROUP BY packet
),
firsts AS (
    SELECT packet, arg_min(log."value", log.id) AS estimate, any_value(actual) AS actual
    FROM log JOIN ends USING (packet)
    WHERE log.id < ends.id AND log."value" > 0
    GROUP BY packet
)""",
        answer="""
SELECT count(*) AS won, median(abs(ln(actual / estimate))) AS median_error, median(actual / estimate) AS median_ratio
FROM firsts
WHERE actual > 0""",
    ),
    columns=("won", "median_error", "median_ratio"),
)

CLOSE_ERROR = Measure(
    key="close_date_error",
    title="How far was the expected close from the real one?",
    definition=(
        "Closed packets with both dates: days from the expected close to the real one, the median and the "
        "time within which the middle 85 % lie, and the share later than expected. How often the date "
        "slipped before is not in a snapshot. When both columns are the same everywhere the export keeps "
        "only one date."
    ),
    sql=statement(
        OURS,
        """
errors AS (
    SELECT items.closed_on::DATE - items.expected_close::DATE AS days FROM items JOIN ours USING (packet)
    WHERE items.closed_on IS NOT NULL AND items.expected_close IS NOT NULL
)""",
        answer="""
SELECT count(*) AS closed, count(*) FILTER (days <> 0) AS differing, median(days) AS median_days,
       quantile_cont(days, 0.075) AS low_days, quantile_cont(days, 0.925) AS high_days,
       count(*) FILTER (days > 0) / nullif(closed, 0) AS share_late
FROM errors""",
    ),
    columns=("closed", "differing", "median_days", "low_days", "high_days", "share_late"),
)

CLOSINGS = Measure(
    key="closings_by_day",
    title="On which days are things closed?",
    definition="Closings by day of the company, with any outcome. Days without one are left out.",
    sql=statement(
        OURS,
        answer="""
SELECT day, count(*) AS closed
FROM log JOIN ours USING (packet)
WHERE kind = 'packet.closed'
GROUP BY day
ORDER BY day""",
    ),
    columns=("day", "closed"),
)

EXPECTED = Measure(
    key="expected_by_day",
    title="For which days are closings expected?",
    definition="Packets by the date on which they are expected to close, closed or not. Days without one are left out.",
    sql=statement(
        OURS,
        answer="""
SELECT items.expected_close::DATE AS day, count(*) AS expected
FROM items JOIN ours USING (packet)
WHERE items.expected_close IS NOT NULL
GROUP BY ALL
ORDER BY day""",
    ),
    columns=("day", "expected"),
)

ROUND = Measure(
    key="round_values",
    title="How many amounts are round?",
    definition=(
        "Amounts of 1,000 and more: those with nothing but zeros after the first two digits, and how many "
        "would be so if the later digits were left to chance (one in ten for each further digit). Prices "
        "from a list repeat, and may be round for that reason."
    ),
    sql=statement(
        OURS,
        """
prices AS (
    SELECT items.amount::DOUBLE AS amount, pow(10, floor(log10(items.amount::DOUBLE + 1e-6)) - 1) AS unit
    FROM items JOIN ours USING (packet)
    WHERE items.amount >= 1000
)""",
        answer="""
SELECT count(*) AS amounts, count(*) FILTER (abs(amount / unit - round(amount / unit)) * unit < 0.005) AS round,
       round / nullif(amounts, 0) AS share, avg(1 / unit) AS share_by_chance
FROM prices""",
    ),
    columns=("amounts", "round", "share", "share_by_chance"),
)


def required(measure: Measure) -> tuple[str, ...]:
    """The columns of `items` that a measure cannot do without."""
    return tuple(dict.fromkeys(re.findall(r"\bitems\.(\w+)", measure.sql)))


def held(con: DuckDBPyConnection) -> frozenset[str]:
    """The columns of `items` in this data; none when there is no such table."""
    found = con.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = 'items'").fetchall()
    return frozenset(name for (name,) in found)


def ask(con: DuckDBPyConnection, measure: Measure, **params: Any) -> list[dict[str, Any]]:
    """The answer as `measure.run` gives it; parameters that are not the measure's are left aside.

    Raises NotInThisData also for what `items` lacks.
    """
    if re.search(r"\bitems\b", measure.sql):
        known = held(con)
        absent = tuple(name for name in required(measure) if name not in known)
        if absent or not known:
            raise NotInThisData(measure, absent or ("a table of the packets' facts",))
    return run(con, measure, **{name: params[name] for name in measure.params})


def keys(measures: Iterable[Measure]) -> dict[str, Measure]:
    """By key."""
    return {m.key: m for m in measures}


ALL = keys(
    (FIELDS, DEFECTS, COST, UNKNOWN, DUPLICATES, PRICE, VALUE_ERROR, CLOSE_ERROR, CLOSINGS, EXPECTED, ROUND)
)
