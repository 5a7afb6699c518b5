"""What each place of the chain is given, and what it gets done: the evidence for where the constraint is (R20, R27)."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, WEEKS, statement

TALKS_EACH = Measure(
    key="talks_each",
    title="How many selling conversations does a salesperson hold a day?",
    definition=(
        "Meaningful selling interactions held by people in these roles, by week: over the days on which the "
        "company worked, for each person who held any that week. A meeting counts as one. Weeks without any "
        "are left out, as it is not known who was there."
    ),
    sql=statement(
        """
held AS (
    SELECT week, actor, count(*) AS talks FROM log
    WHERE kind = 'conversation.held' AND list_contains($roles, role) AND actor IS NOT NULL
    GROUP BY week, actor
)""",
        WEEKS,
        answer="""
SELECT week, count(*) AS people, sum(talks)::BIGINT AS talks,
       sum(talks) / nullif(count(*) * any_value(working_days), 0) AS per_person_day
FROM weeks JOIN held USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "people", "talks", "per_person_day"),
    about="people",
)

SLOTS = Measure(
    key="slots",
    title="Are the meeting slots filled?",
    definition=(
        "Slots by the week for which they were offered, and those of them that were booked and not cancelled "
        "after. Each slot is one person at one time."
    ),
    sql="""
WITH slots AS (
    SELECT person, due_at, date_trunc('week', due_at)::DATE AS week,
           arg_max(kind, id) = 'slot.booked' AS taken
    FROM log
    WHERE kind IN ('slot.offered', 'slot.booked', 'slot.cancelled') AND due_at::DATE BETWEEN $since AND $until
    GROUP BY person, due_at
)
SELECT week, count(*) AS offered, count(*) FILTER (taken) AS booked, booked / offered AS share
FROM slots
GROUP BY week
ORDER BY week
""".lstrip(),
    columns=("week", "offered", "booked", "share"),
    about="border",
)

DELIVERY = Measure(
    key="delivery",
    title="Is as much delivered as is ordered?",
    definition=(
        "Packets of these types (orders, and what else delivers what was sold) that arrived in a week and "
        "that were closed in it; one opened again arrives again. Whole weeks."
    ),
    sql=statement(
        """
moves AS (
    SELECT week, kind <> 'packet.closed' AS came FROM log JOIN packets USING (packet)
    WHERE kind IN ('packet.arrived', 'packet.reopened', 'packet.closed')
      AND list_contains($types, packets.packet_type)
)""",
        WEEKS,
        answer="""
SELECT week, count(*) FILTER (came) AS ordered, count(*) FILTER (NOT came) AS delivered
FROM weeks LEFT JOIN moves USING (week)
GROUP BY week
HAVING EXISTS (FROM moves)
ORDER BY week""",
    ),
    columns=("week", "ordered", "delivered"),
    about="border",
)

QUEUE_READINGS = Measure(
    key="queue_readings",
    title="Were the queues empty, right or too full?",
    definition=(
        "Readings of the queues of a department, each morning before the run: below one day's consumption is "
        "starved, above the target is too full."
    ),
    sql="""
SELECT count(*) AS readings, count(*) FILTER (level < $consumption) AS starved,
       count(*) FILTER (level > target) AS over
FROM log
WHERE kind = 'queue.read' AND department = $department AND day BETWEEN $since AND $until
""".lstrip(),
    columns=("readings", "starved", "over"),
    about="queue",
)

SHORT = Measure(
    key="short",
    title="How many opportunities were missing from the queues?",
    definition=(
        "Opportunities by which queues of a department stayed short of their target after the morning's run, "
        "added up over the period, and the throughput lost by that as it was recorded then."
    ),
    sql="""
SELECT count(*) AS times, sum(greatest(target - level, 0)) AS short, sum("value") AS lost
FROM log
WHERE kind = 'queue.starved' AND department = $department AND day BETWEEN $since AND $until
""".lstrip(),
    columns=("times", "short", "lost"),
    about="queue",
)

EARNED = Measure(
    key="earned",
    title="What did the decided opportunities bring?",
    definition=(
        "Opportunities closed in the period by whether they were won, and the value of what was won, with "
        "the number of won ones that have a value. Values are as they were recorded: money, not yet "
        "throughput, unless the company records throughput."
    ),
    sql=statement(
        OURS,
        answer="""
SELECT count(*) AS decided, count(*) FILTER (outcome = $won) AS won,
       sum("value") FILTER (outcome = $won) AS earned,
       count("value") FILTER (outcome = $won) AS with_value,
       count(DISTINCT week) AS weeks
FROM log JOIN ours USING (packet)
WHERE kind = 'packet.closed' AND day BETWEEN $since AND $until""",
    ),
    columns=("decided", "won", "earned", "with_value", "weeks"),
)

SELLING_HOURS = Measure(
    key="selling_hours",
    title="How many hours went on selling?",
    definition="Hours of the category selling that people in these roles logged in the period; none logged, no hours.",
    sql="""
SELECT sum(minutes) / 60 AS hours
FROM log
WHERE kind = 'time.logged' AND category = 'selling' AND list_contains($roles, role) AND day BETWEEN $since AND $until
""".lstrip(),
    columns=("hours",),
    about="people",
)

ALL = {m.key: m for m in (TALKS_EACH, SLOTS, DELIVERY, QUEUE_READINGS, SHORT, EARNED, SELLING_HOURS)}
