"""When things were written down, how fresh what is known is, and what cannot be true (R84, R90, rulebook 4.7)."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, statement
from fullkit.flow.quality import ENDS, keys

LAG = Measure(
    key="logging_lag",
    title="How long after it happened is it written down?",
    definition=(
        "From the moment something happened to the moment it was recorded, over all events of these packets "
        "that a person made: the median and the 85 % point in clock hours, and the share recorded more than "
        "a day later."
    ),
    sql=statement(
        OURS,
        """
lags AS (
    SELECT greatest(epoch(recorded_at) - epoch("at"), 0) / 3600 AS hours FROM log JOIN ours USING (packet)
    WHERE actor IS NOT NULL AND "at" BETWEEN $since AND $until + INTERVAL 1 DAY
)""",
        answer="""
SELECT count(hours) AS events, median(hours) AS median_hours, quantile_cont(hours, 0.85) AS p85_hours,
       count(*) FILTER (hours > 24) / nullif(count(hours), 0) AS share_late
FROM lags""",
    ),
    columns=("events", "median_hours", "p85_hours", "share_late"),
)

LATE_LOGGED = Measure(
    key="late_logged",
    title="Are opportunities written down when they are found, or when a quote is due?",
    definition=(
        "Closed packets by who closed them: those first recorded within one day before their first request "
        "for a quote or their closing, whichever came first, or after it. Those whose first record is not in "
        "the log are left out."
    ),
    sql=statement(
        OURS,
        """
firsts AS (
    SELECT packet, min(recorded_at) FILTER (kind = 'packet.arrived') AS known,
           least(min("at") FILTER (kind = 'handoff.opened' AND handoff_kind = $quote),
                 max("at") FILTER (kind = 'packet.closed')) AS due,
           arg_max(actor, id) FILTER (kind = 'packet.closed') AS person
    FROM log JOIN ours USING (packet)
    GROUP BY packet
    HAVING count(*) FILTER (kind = 'packet.closed') > 0
)""",
        answer="""
SELECT person::VARCHAR AS person, count(*) AS packets, count(*) FILTER (known >= due - INTERVAL 1 DAY) AS late
FROM firsts
WHERE known IS NOT NULL
GROUP BY person
ORDER BY packets DESC, person""",
    ),
    columns=("person", "packets", "late"),
)

LATE_CREATED = Measure(
    key="late_created",
    title="Are opportunities entered when they are found, or when they are decided?",
    definition=(
        "Closed packets with both dates, by owner: those created within one day before their closing, or "
        "after it. An owner who enters only what is nearly decided seems to win more often."
    ),
    sql=statement(
        OURS,
        answer="""
SELECT items.owner::VARCHAR AS person, count(*) AS packets,
       count(*) FILTER (items.created_on::DATE >= items.closed_on::DATE - 1) AS late
FROM items JOIN ours USING (packet)
WHERE items.created_on IS NOT NULL AND items.closed_on IS NOT NULL
GROUP BY ALL
ORDER BY packets DESC, person""",
    ),
    columns=("person", "packets", "late"),
)

ENTRY = Measure(
    key="entry_lag",
    title="How long before it is entered was it opened?",
    definition=(
        "Packets with both dates: days from the date on which it was opened to that on which it was created "
        "in the system. Created before it was opened counts as no lag."
    ),
    sql=statement(
        OURS,
        """
lags AS (
    SELECT greatest(items.created_on::DATE - items.opened_on::DATE, 0) AS days FROM items JOIN ours USING (packet)
    WHERE items.created_on IS NOT NULL AND items.opened_on IS NOT NULL
)""",
        answer="""
SELECT count(*) AS packets, median(days) AS median_days, quantile_cont(days, 0.85) AS p85_days,
       count(*) FILTER (days > 1) / nullif(count(*), 0) AS share_late
FROM lags""",
    ),
    columns=("packets", "median_days", "p85_days", "share_late"),
)

FRESHNESS = Measure(
    key="freshness",
    title="How old is what is known about the open ones?",
    definition=(
        "Open packets: days since the last conversation or customer action on record, the median, the 85 % "
        "point, and the share with one in the last week. Those without any are counted apart. Arriving is "
        "not evidence. When nothing of the kind is in the log at all, no age is claimed."
    ),
    sql=statement(
        OURS,
        ENDS,
        """
seen AS (
    SELECT packet, max(day) AS seen FROM log JOIN ours USING (packet)
    WHERE kind IN ('conversation.held', 'stage.advanced') AND day <= $until
    GROUP BY packet
),
ages AS (
    SELECT $until - seen AS days FROM ends LEFT JOIN seen USING (packet)
    WHERE ended IS NULL AND began <= $until AND EXISTS (FROM seen)
)""",
        answer="""
SELECT count(*) AS open, count(days) AS with_evidence, median(days) AS median_days,
       quantile_cont(days, 0.85) AS p85_days, count(*) FILTER (days <= 7) / nullif(count(*), 0) AS share_fresh
FROM ages""",
    ),
    columns=("open", "with_evidence", "median_days", "p85_days", "share_fresh"),
)

ZOMBIES = Measure(
    key="zombies",
    title="How much of what is open will hardly ever close?",
    definition=(
        "Open packets older than 95 % of the closed ones ever became, in calendar days since arrival. At least 20 "
        "closed ones must stand behind the limit; with fewer there is none."
    ),
    sql=statement(
        OURS,
        ENDS,
        """
limits AS (
    SELECT CASE WHEN count(*) >= 20 THEN quantile_cont(over - began, 0.95) END AS limit_days,
           CASE WHEN count(*) >= 20 THEN median(over - began) END AS median_days
    FROM ends WHERE over IS NOT NULL AND over <= $until
)""",
        answer="""
SELECT any_value(limit_days) AS limit_days, any_value(median_days) AS closed_median_days,
       count(*) FILTER (ended IS NULL AND began <= $until) AS open,
       CASE WHEN any_value(limit_days) IS NOT NULL
            THEN count(*) FILTER (ended IS NULL AND $until - began > limit_days) END AS zombies,
       zombies / nullif(open, 0) AS share,
       median($until - began) FILTER (ended IS NULL AND began <= $until) AS open_median_days
FROM ends CROSS JOIN limits""",
    ),
    columns=("limit_days", "closed_median_days", "open", "zombies", "share", "open_median_days"),
)


def _fact(key: str, title: str, definition: str, *, of: str, when: str) -> Measure:
    """A contradiction: how many packets show it, and of how many that could."""
    return Measure(
        key=key,
        title=title,
        definition=definition,
        sql=statement(
            OURS,
            ENDS,
            answer=f"""
SELECT count(*) FILTER ({when}) AS packets, count(*) AS looked_at
FROM items JOIN ours USING (packet) JOIN ends USING (packet)
WHERE {of}""",
        ),
        columns=("packets", "looked_at"),
    )


PAST_CLOSE = _fact(
    "expected_close_past",
    "Are open ones expected to close in the past?",
    "Open packets with an expected close before the last day of the data.",
    of="ended IS NULL AND items.expected_close IS NOT NULL",
    when="items.expected_close::DATE < $until",
)
SAYS_WON = _fact(
    "next_step_says_won",
    "Does the next step say won when it is not?",
    "Packets that are not won and have a next step: those in which it says won, by the word, without `not` before it.",
    of="ended IS DISTINCT FROM $won AND trim(items.next_step) <> ''",
    when="regexp_matches(lower(items.next_step), '\\bwon\\b') "
    "AND NOT regexp_matches(lower(items.next_step), '\\b(not|be|if|when|until|once) (\\w+ )?won\\b')",
)
NO_VALUE = _fact(
    "won_without_amount",
    "Is anything won that brought nothing?",
    "Won packets: those without an amount, or with an amount of nothing.",
    of="ended = $won",
    when="coalesce(items.amount, 0) <= 0",
)
BACKWARDS = _fact(
    "closed_before_opened",
    "Is anything closed before it began?",
    "Packets with both dates: those closed on a day before the one on which they were opened.",
    of="items.closed_on IS NOT NULL AND items.opened_on IS NOT NULL",
    when="items.closed_on::DATE < items.opened_on::DATE",
)
CERTAIN = _fact(
    "certain_but_open",
    "Is anything certain and yet open?",
    "Open packets with a probability: those at 0, or at 100 %.",
    of="ended IS NULL AND items.probability IS NOT NULL",
    when="items.probability <= 0 OR items.probability >= "
    "(SELECT CASE WHEN max(probability) > 1 THEN 100 ELSE 1 END FROM items)",
)
IMPOSSIBLE = (PAST_CLOSE, SAYS_WON, NO_VALUE, BACKWARDS, CERTAIN)
"""What cannot be true, or cannot stay so. Each answers (packets, looked_at)."""

ALL = keys((LAG, LATE_LOGGED, LATE_CREATED, ENTRY, FRESHNESS, ZOMBIES, *IMPOSSIBLE))
