"""How long it takes, whether promises are kept, and what the hours go on."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, STEPS, WEEKS, statement

OPPORTUNITY_TIME = Measure(
    key="opportunity_time",
    title="How long does an opportunity take?",
    definition=(
        "Working time of the company from release to closing, with any outcome, by week of closing: the median and "
        "the time within which 85 % were done. One that went back to the pool starts anew with its next release. "
        "What is still open is not in it; what was never released is left out. A week without closings has none."
    ),
    sql=statement(
        OURS,
        """
releases AS (
    SELECT packet, id, worked FROM log
    WHERE kind = 'handoff.accepted' AND handoff_kind = $release
),
done AS (
    SELECT closed.week, (closed.worked - max_by(r.worked, r.id)) / 60 AS hours
    FROM log AS closed JOIN ours USING (packet) JOIN releases AS r ON r.packet = closed.packet AND r.id < closed.id
    WHERE closed.kind = 'packet.closed'
    GROUP BY closed.id, closed.week, closed.worked
)""",
        WEEKS,
        answer="""
SELECT week, count(hours) AS closed, median(hours) AS median_hours, quantile_cont(hours, 0.85) AS p85_hours
FROM weeks LEFT JOIN done USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "closed", "median_hours", "p85_hours"),
)

INBOX_TIME = Measure(
    key="inbox_time",
    title="How long does it take from arrival to done?",
    definition=(
        "Working time of the company from arrival in the inbox to closing, by type and week of closing: the median "
        "and the time within which 85 % were done. What another department hands over arrives when its kit is "
        "full. The clock does not stop for anyone, the customer included; one opened again keeps its first start. "
        "What is still open is not in it. A week without closings has none."
    ),
    sql=statement(
        OURS,
        STEPS,
        """
done AS (
    SELECT type, week, change,
           (worked - min(worked) OVER (PARTITION BY packet ORDER BY "at", id)) / 60 AS hours
    FROM steps
)""",
        WEEKS,
        """
types AS (SELECT DISTINCT type FROM done WHERE change = -1)""",
        answer="""
SELECT week, type AS packet_type, count(hours) AS closed, median(hours) AS median_hours,
       quantile_cont(hours, 0.85) AS p85_hours
FROM weeks CROSS JOIN types
     LEFT JOIN (SELECT * FROM done WHERE change = -1) USING (week, type)
GROUP BY week, type
ORDER BY type, week""",
    ),
    columns=("week", "packet_type", "closed", "median_hours", "p85_hours"),
    without=("source", "due_at"),
)

ON_TIME = Measure(
    key="on_time",
    title="Are promises kept?",
    definition=(
        "Of the packets closed in a week that had a promise, the share closed no later than promised, by type. "
        "Beside it the black backlog: packets open at the end of the week whose promise was already broken, so "
        "that lateness cannot hide in open work. Closings without a promise are left out; a week without any "
        "promised closing has no share."
    ),
    sql=statement(
        OURS,
        STEPS,
        """
closings AS (
    SELECT week, type, ("at" <= due_at)::INTEGER AS on_time
    FROM steps WHERE change = -1 AND due_at IS NOT NULL
),
colours AS (  -- a promise is broken, until the packet is over or gets a new promise
    SELECT packet, id, "at", week, ours.packet_type AS type, (kind = 'promise.broken')::INTEGER AS black
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('promise.broken', 'packet.closed', 'packet.reopened', 'packet.triaged',
                   'handoff.accepted', 'dispute.upheld')
),
turns AS (
    SELECT week, type, black - lag(black, 1, 0) OVER (PARTITION BY packet ORDER BY "at", id) AS change
    FROM colours
),
types AS (SELECT type FROM closings UNION SELECT type FROM turns WHERE change <> 0),
backlog AS (
    SELECT week, type, sum(coalesce(sum(change), 0)) OVER (PARTITION BY type ORDER BY week)::BIGINT AS black
    FROM (SELECT DISTINCT week FROM calendar) CROSS JOIN types LEFT JOIN turns USING (week, type)
    GROUP BY week, type
)""",
        WEEKS,
        answer="""
SELECT week, type AS packet_type, count(on_time) AS promised, coalesce(sum(on_time), 0)::BIGINT AS on_time,
       avg(on_time) AS share, any_value(black) AS black_backlog
FROM weeks CROSS JOIN types LEFT JOIN closings USING (week, type) LEFT JOIN backlog USING (week, type)
GROUP BY week, type
ORDER BY type, week""",
    ),
    columns=("week", "packet_type", "promised", "on_time", "share", "black_backlog"),
    without=("source",),
)

TIME_MIX = Measure(
    key="time_mix",
    title="What do the hours go on?",
    definition=(
        "Minutes logged by people in these roles, by week and category; the shares of a week add up to all that "
        "was logged. What nobody logged is not in it, and weeks in which nobody logged are absent."
    ),
    sql="""
SELECT week, category, sum(minutes) AS minutes,
       sum(minutes) / sum(sum(minutes)) OVER (PARTITION BY week) AS share
FROM log
WHERE kind = 'time.logged' AND list_contains($roles, role) AND day BETWEEN $since AND $until
GROUP BY week, category
ORDER BY week, category
""".lstrip(),
    columns=("week", "category", "minutes", "share"),
    about="people",
)
"""What R16 watches; the share of transactions among salespeople is the leak of R44."""


SELLING_SHARE = Measure(
    key="selling_share",
    title="How much of the logged time is selling?",
    definition=(
        "Minutes of the category selling over all minutes that people in these roles logged in a week, and beside "
        "it the share that went on repairing order-to-delivery. A week in which nobody logged has no share."
    ),
    sql=statement(
        """
logged AS (
    SELECT week, category, minutes FROM log
    WHERE kind = 'time.logged' AND list_contains($roles, role)
)""",
        WEEKS,
        answer="""
SELECT week, sum(minutes) AS minutes,
       coalesce(sum(minutes) FILTER (category = 'selling'), 0) / sum(minutes) AS selling,
       coalesce(sum(minutes) FILTER (category = 'repair'), 0) / sum(minutes) AS repair
FROM weeks LEFT JOIN logged USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "minutes", "selling", "repair"),
    about="people",
)

BORROWED = Measure(
    key="borrowed",
    title="How many growth hours does business as usual borrow?",
    definition=(
        "Hours that people of the growth chain logged on transactions or on repairing order-to-delivery, by week. "
        "Any hour is an alarm: pooled with it, business as usual takes precedence and growth goes to zero."
    ),
    sql=statement(
        """
loans AS (SELECT week, id, minutes FROM log WHERE kind = 'growth.borrowed')""",
        WEEKS,
        answer="""
SELECT week, count(id) AS times, coalesce(sum(minutes), 0) / 60 AS hours
FROM weeks LEFT JOIN loans USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "times", "hours"),
    about="border",
)

ALL = (OPPORTUNITY_TIME, INBOX_TIME, ON_TIME, TIME_MIX, SELLING_SHARE, BORROWED)
