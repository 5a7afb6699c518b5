"""What is open and how old it is, how work accumulates, and whether the numbers agree with one another."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import CLOCK, OURS, SPANS, WEEKS, statement

_AGES = """
closed AS (
    SELECT packet_type, quantile_cont(date_diff('day', began, ended), 0.5) AS p50,
           quantile_cont(date_diff('day', began, ended), 0.85) AS p85,
           quantile_cont(date_diff('day', began, ended), 0.95) AS p95
    FROM spans
    WHERE began IS NOT NULL AND ended BETWEEN $since AND $until
    GROUP BY packet_type
),
aged AS (
    SELECT packet, packet_type, date_diff('day', began, $until) AS age, p50, p85, p95,
           CASE WHEN p50 IS NULL THEN 'nothing closed' WHEN age <= p50 THEN 'to p50' WHEN age <= p85 THEN 'to p85'
                WHEN age <= p95 THEN 'to p95' ELSE 'over p95' END AS band
    FROM spans LEFT JOIN closed USING (packet_type)
    WHERE began IS NOT NULL AND ended IS NULL
)"""

AGEING = Measure(
    key="ageing",
    title="How old is what is open, against what closed?",
    definition=(
        f"{CLOCK}. Packets open at the end of the period, by type and by where their age in days lies among the days "
        "that the packets closed in the period took: up to the median, the 85th or the 95th percentile, or over it. "
        "What is over the 95th has lasted longer than all but one in twenty that ended."
    ),
    sql=statement(
        OURS,
        SPANS,
        _AGES,
        answer="""
SELECT packet_type, band, count(*) AS open, min(age) AS youngest, max(age) AS oldest,
       any_value(p50) AS p50_days, any_value(p85) AS p85_days, any_value(p95) AS p95_days
FROM aged
GROUP BY packet_type, band
ORDER BY packet_type, youngest, band""",
    ),
    columns=("packet_type", "band", "open", "youngest", "oldest", "p50_days", "p85_days", "p95_days"),
    without=("handoff_kind",),
)

OLDEST = Measure(
    key="oldest",
    title="Which packets have been open longest?",
    definition=(
        f"{CLOCK}. The hundred packets that have been open longest at the end of the period, with where their age lies "
        "among the days that the packets of their type closed in the period took."
    ),
    sql=statement(
        OURS,
        SPANS,
        _AGES,
        answer="""
SELECT packet, packet_type, age, band
FROM aged
ORDER BY age DESC, packet
LIMIT 100""",
    ),
    columns=("packet", "packet_type", "age", "band"),
    without=("handoff_kind",),
)

CUMULATIVE_FLOW = Measure(
    key="cumulative_flow",
    title="How does work flow in and out?",
    definition=(
        "Packets that have arrived, been released and been closed by the end of each day, each counted at the first "
        "time it got there. The height between two lines is what is in between; the distance across is how long it "
        "takes. Lines start at the first event, not at the period. Opening again moves no line."
    ),
    sql=statement(
        OURS,
        """
firsts AS (
    SELECT min(day) FILTER (kind = 'packet.arrived') AS arrived,
           min(day) FILTER (kind = 'handoff.accepted' AND handoff_kind = $release) AS released,
           min(day) FILTER (kind = 'packet.closed') AS closed
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.arrived', 'handoff.accepted', 'packet.closed') AND day <= $until
    GROUP BY packet
),
moves AS (
    SELECT arrived AS day, 1 AS arrived, 0 AS released, 0 AS closed FROM firsts WHERE arrived IS NOT NULL
    UNION ALL SELECT released, 0, 1, 0 FROM firsts WHERE released IS NOT NULL
    UNION ALL SELECT closed, 0, 0, 1 FROM firsts WHERE closed IS NOT NULL
),
days AS (
    SELECT day, sum(coalesce(sum(arrived), 0)) OVER (ORDER BY day)::BIGINT AS arrived,
           sum(coalesce(sum(released), 0)) OVER (ORDER BY day)::BIGINT AS released,
           sum(coalesce(sum(closed), 0)) OVER (ORDER BY day)::BIGINT AS closed
    FROM (SELECT DISTINCT day FROM calendar) LEFT JOIN moves USING (day)
    GROUP BY day
)""",
        answer="""
SELECT day, arrived, released, closed
FROM days
WHERE day BETWEEN $since AND $until
ORDER BY day""",
    ),
    columns=("day", "arrived", "released", "closed"),
    without=("handoff_kind",),
)

STAGE_FLOW = Measure(
    key="stage_flow",
    title="How does work flow through the stages?",
    definition=(
        "Packets that have entered each stage by the end of each day, each counted at its first entry: it entered by "
        "the step into it, or by leaving it when nothing says how it came there. Days without an entry are absent, "
        "and the line stays where it was."
    ),
    sql=statement(
        OURS,
        """
entries AS (
    SELECT packet, to_stage AS stage, day FROM log JOIN ours USING (packet)
    WHERE kind = 'stage.advanced' AND to_stage IS NOT NULL AND day <= $until
    UNION ALL
    SELECT packet, stage, day FROM log JOIN ours USING (packet)
    WHERE kind = 'stage.advanced' AND stage IS NOT NULL AND day <= $until
),
firsts AS (SELECT packet, stage, min(day) AS day FROM entries GROUP BY packet, stage),
days AS (
    SELECT day, stage, count(*) AS entered, sum(count(*)) OVER (PARTITION BY stage ORDER BY day)::BIGINT AS cumulative
    FROM firsts
    GROUP BY day, stage
)""",
        answer="""
SELECT day, stage, entered, cumulative
FROM days
WHERE day >= $since
ORDER BY stage, day""",
    ),
    columns=("day", "stage", "entered", "cumulative"),
)

LITTLE = Measure(
    key="little",
    title="Do the numbers agree with one another?",
    definition=(
        f"{CLOCK}. Little's law as a check of the data: packets open at the end of a day, on average over the period, "
        "against packets closed a day times the mean days that they took. More than 20 % apart over a long period, "
        "what is open holds packets that nobody will close, dates are written down late, or the process is growing "
        "or shrinking; beside it what was open at both ends tells the last from the others."
    ),
    sql=statement(
        OURS,
        SPANS,
        """
sums AS (
    SELECT date_diff('day', $since, $until) + 1 AS days,
           sum(greatest(0, date_diff('day', greatest(began, $since), least(coalesce(ended, $until + 1), $until + 1))))
               AS open_days,
           count(*) FILTER (ended BETWEEN $since AND $until) AS closed,
           avg(date_diff('day', began, ended)) FILTER (ended BETWEEN $since AND $until) AS mean_days,
           count(*) FILTER (began < $since AND (ended IS NULL OR ended >= $since)) AS open_before,
           count(*) FILTER (ended IS NULL) AS open_after
    FROM spans
    WHERE began <= $until
    HAVING count(*) > 0
)""",
        answer="""
SELECT days, open_days / days AS mean_open, closed, closed / days AS closed_per_day, mean_days,
       closed / days * mean_days AS implied, closed / days * mean_days / nullif(open_days / days, 0) - 1 AS gap,
       abs(closed / days * mean_days / nullif(open_days / days, 0) - 1) > 0.2 AS flagged, open_before, open_after
FROM sums""",
    ),
    columns=(
        "days", "mean_open", "closed", "closed_per_day", "mean_days", "implied", "gap", "flagged", "open_before",
        "open_after",
    ),
    without=('handoff_kind',),
)  # fmt: skip
"""Section 4.1 of the method: a gap that stays above 20 % means zombies or late logging."""

TAKT = Measure(
    key="takt",
    title="Is there time enough for each opportunity?",
    definition=(
        "Minutes of selling that people in these roles logged in a week over the opportunities required in a week "
        "(takt), beside the minutes over the opportunities that were closed in it (pace). A pace above the takt is too "
        "slow for what is required. A week in which nobody logged has no takt; one without closings has no pace."
    ),
    sql=statement(
        OURS,
        """
logged AS (
    SELECT week, sum(minutes) AS minutes FROM log
    WHERE kind = 'time.logged' AND category = 'selling' AND list_contains($roles, role)
    GROUP BY week
),
done AS (
    SELECT week, count(DISTINCT packet) AS closed FROM log JOIN ours USING (packet)
    WHERE kind = 'packet.closed'
    GROUP BY week
)""",
        WEEKS,
        answer="""
SELECT week, minutes AS selling_minutes, coalesce(closed, 0) AS closed, minutes / $required AS takt_minutes,
       minutes / closed AS pace_minutes
FROM weeks LEFT JOIN logged USING (week) LEFT JOIN done USING (week)
ORDER BY week""",
    ),
    columns=("week", "selling_minutes", "closed", "takt_minutes", "pace_minutes"),
)

STARVED_HOURS = Measure(
    key="starved_hours",
    title="For how many hours did salespeople have too little to work on?",
    definition=(
        "Working hours of the days on whose morning a queue of the department stood below one day's consumption, "
        "summed over its queues, by week. What was replenished during the day is not seen, so this is the most it "
        "can have been. A week without readings has no hours; times the throughput of a selling hour it is what was "
        "lost."
    ),
    sql=statement(
        """
readings AS (
    SELECT id, week, day, level FROM log
    WHERE kind = 'queue.read' AND department = $department
),
lengths AS (SELECT day, max(minutes) AS minutes FROM calendar GROUP BY day)""",
        WEEKS,
        answer="""
SELECT week, count(id) AS readings, count(*) FILTER (level < $consumption) AS starved,
       sum(CASE WHEN level < $consumption THEN minutes ELSE 0 END) FILTER (id IS NOT NULL) / 60 AS hours
FROM weeks LEFT JOIN readings USING (week) LEFT JOIN lengths USING (day)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "readings", "starved", "hours"),
    about="queue",
)

ALL = (AGEING, OLDEST, CUMULATIVE_FLOW, STAGE_FLOW, LITTLE, TAKT, STARVED_HOURS)
