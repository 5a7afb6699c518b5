"""What follows what: the ways that packets take, where they turn back, and how often they change hands.

These read the column `activity`: rows that stand for something done to the packet, in order of time, then number.
"""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, statement

_IN_PERIOD = (
    "Activities in the period, of each packet in order of time and, at the same instant, of writing. What happened "
    "before or after it is not looked at, so a packet that began earlier is seen from the middle"
)

DONE = """
done AS (  -- what was done to the packets, in the period
    SELECT packet, id, "at", day, activity
    FROM log JOIN ours USING (packet)
    WHERE activity IS NOT NULL AND day BETWEEN $since AND $until
)"""

DIRECTLY_FOLLOWS = Measure(
    key="directly_follows",
    title="What follows what?",
    definition=(
        f"{_IN_PERIOD}. How often one activity was directly followed by another on the same packet, and the median of "
        "the hours between the two, nights and weekends included. The same activity twice in a row counts."
    ),
    sql=statement(
        OURS,
        DONE,
        """
pairs AS (
    SELECT activity, lead(activity) OVER turns AS next,
           date_diff('microsecond', "at", lead("at") OVER turns) / 3600e6 AS hours
    FROM done
    WINDOW turns AS (PARTITION BY packet ORDER BY "at", id)
)""",
        answer="""
SELECT activity, next, count(*) AS times, median(hours) AS median_hours
FROM pairs
WHERE next IS NOT NULL
GROUP BY activity, next
ORDER BY times DESC, activity, next""",
    ),
    columns=("activity", "next", "times", "median_hours"),
)

VARIANTS = Measure(
    key="variants",
    title="Which ways do packets take?",
    definition=(
        f"{_IN_PERIOD}. Packets that went through the same activities in the same order are of one variant; the "
        "hundred commonest, with their share of all packets, and how many variants there are in all."
    ),
    sql=statement(
        OURS,
        DONE,
        """
ways AS (SELECT packet, list(activity ORDER BY "at", id) AS activities FROM done GROUP BY packet),
variants AS (SELECT activities, count(*) AS packets FROM ways GROUP BY activities)""",
        answer="""
SELECT activities, packets, packets / sum(packets) OVER () AS share, count(*) OVER () AS variants
FROM variants
ORDER BY packets DESC, activities
LIMIT 100""",
    ),
    columns=("activities", "packets", "share", "variants"),
)

CASE_TIME = Measure(
    key="case_time",
    title="How long is it from the first thing done to the last?",
    definition=(
        f"{_IN_PERIOD}. Days with their fractions from the first activity of a packet to its last: the median and the "
        "time within which 85 % lay. Whether a packet is over does not matter here; the curve of the cycle time "
        "counts what is open."
    ),
    sql=statement(
        OURS,
        DONE,
        """
times AS (
    SELECT date_diff('microsecond', min("at"), max("at")) / 86400e6 AS days FROM done GROUP BY packet
)""",
        answer="""
SELECT count(*) AS packets, median(days) AS median_days, quantile_cont(days, 0.85) AS p85_days,
       avg(days) AS mean_days, max(days) AS longest_days
FROM times
HAVING count(*) > 0""",
    ),
    columns=("packets", "median_days", "p85_days", "mean_days", "longest_days"),
)

ACTIVITY_FLOW = Measure(
    key="activity_flow",
    title="How does work flow through the activities?",
    definition=(
        f"{_IN_PERIOD}. Packets by the day on which each activity was done to them for the first time, and the sum up "
        "to that day. Days without a first time are absent, and the line stays where it was."
    ),
    sql=statement(
        OURS,
        DONE,
        """
firsts AS (SELECT packet, activity, min(day) AS day FROM done GROUP BY packet, activity)""",
        answer="""
SELECT day, activity, count(*) AS entered,
       sum(count(*)) OVER (PARTITION BY activity ORDER BY day)::BIGINT AS cumulative
FROM firsts
GROUP BY day, activity
ORDER BY activity, day""",
    ),
    columns=("day", "activity", "entered", "cumulative"),
)

LAST_DONE = Measure(
    key="last_done",
    title="On how many packets was the last thing done, day by day?",
    definition=(
        f"{_IN_PERIOD}. Packets by the day of the last activity. In a log of cases that are over this is the daily "
        "throughput; where packets are open, the last days hold them too."
    ),
    sql=statement(
        OURS,
        DONE,
        """
lasts AS (SELECT packet, max(day) AS day FROM done GROUP BY packet)""",
        answer="""
SELECT day, count(*) AS packets
FROM lasts
GROUP BY day
ORDER BY day""",
    ),
    columns=("day", "packets"),
)

REPEATS = Measure(
    key="repeats",
    title="What is done again?",
    definition=(
        f"{_IN_PERIOD}. For each activity that was done to a packet more than once: packets with it, packets to which "
        "it was done again, how often at once (directly after itself) and how often after something else had been done "
        "in between, which is a loop of rework unless the process wants it, as it wants several conversations."
    ),
    sql=statement(
        OURS,
        DONE,
        """
turns AS (
    SELECT packet, activity,
           lag(activity) OVER (PARTITION BY packet ORDER BY "at", id) AS before,
           row_number() OVER (PARTITION BY packet, activity ORDER BY "at", id) AS time
    FROM done
),
again AS (
    SELECT activity, count(DISTINCT packet) AS packets,
           count(DISTINCT packet) FILTER (time > 1) AS repeated,
           count(*) FILTER (time > 1 AND before = activity) AS at_once,
           count(*) FILTER (time > 1 AND before <> activity) AS loops
    FROM turns
    GROUP BY activity
)""",
        answer="""
SELECT activity, packets, repeated, repeated / packets AS share, at_once, loops
FROM again
WHERE repeated > 0
ORDER BY loops DESC, at_once DESC, activity""",
    ),
    columns=("activity", "packets", "repeated", "share", "at_once", "loops"),
)


def _hands(column: str, key: str, title: str, whose: str) -> Measure:
    return Measure(
        key=key,
        title=title,
        definition=(
            f"{_IN_PERIOD}. The {whose} of one activity after another; those without one are left out, and the same "
            "twice in a row counts once. Each change is a handoff; each return to the one before last (A, B, A) is a "
            "ping-pong."
        ),
        sql=statement(
            OURS,
            f"""
hands AS (
    SELECT packet, id, "at", {column} AS hand
    FROM log JOIN ours USING (packet)
    WHERE activity IS NOT NULL AND {column} IS NOT NULL AND day BETWEEN $since AND $until
),
changes AS (
    SELECT * FROM hands
    QUALIFY hand IS DISTINCT FROM lag(hand) OVER (PARTITION BY packet ORDER BY "at", id)
),
turns AS (
    SELECT packet, hand = lag(hand, 2) OVER (PARTITION BY packet ORDER BY "at", id) AS back FROM changes
),
each AS (SELECT packet, count(*) - 1 AS handoffs, count(*) FILTER (back) AS returns FROM turns GROUP BY packet)""",
            answer="""
SELECT count(*) AS packets, sum(handoffs)::BIGINT AS handoffs, count(*) FILTER (handoffs > 0) AS handed_over,
       sum(returns)::BIGINT AS returns, count(*) FILTER (returns > 0) AS ping_ponged,
       median(handoffs) AS median_handoffs
FROM each
HAVING count(*) > 0""",
        ),
        columns=("packets", "handoffs", "handed_over", "returns", "ping_ponged", "median_handoffs"),
    )


HANDS_OF_DEPARTMENTS = _hands(
    "department",
    "hands_of_departments",
    "How often does work change departments, and come back?",
    "department",
)
HANDS_OF_PEOPLE = _hands(
    "actor", "hands_of_people", "How often does work change hands, and come back?", "person"
)

ALL = (
    DIRECTLY_FOLLOWS, VARIANTS, CASE_TIME, ACTIVITY_FLOW, LAST_DONE, REPEATS, HANDS_OF_DEPARTMENTS, HANDS_OF_PEOPLE,
)  # fmt: skip

ONE_PASS = frozenset({DIRECTLY_FOLLOWS, VARIANTS, CASE_TIME, ACTIVITY_FLOW, LAST_DONE})
"""Those that flow/kernel.py answers together, in one pass over a large log."""
LARGE = 500_000
"""Events from which the pass is worth the half second that its machine code takes to load."""
