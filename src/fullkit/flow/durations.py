"""How long it takes when what is still open is counted as open: what flow/survival.py estimates from."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import CLOCK, OURS, SPANS, statement

CYCLE_TIME = Measure(
    key="cycle_time",
    title="How long does it take, with what is still open counted?",
    definition=(
        f"{CLOCK}. Packets whose clock started in the period, by calendar days and how they ended. What is open at "
        "its end counts with the days it has lasted so far, as not over: leaving it out would make a slow process "
        "look fast."
    ),
    sql=statement(
        OURS,
        SPANS,
        answer="""
SELECT date_diff('day', began, coalesce(ended, $until)) AS days, ended IS NOT NULL AS is_over, outcome,
       count(*) AS packets
FROM spans
WHERE began BETWEEN $since AND $until
GROUP BY ALL
ORDER BY days, is_over, outcome""",
    ),
    columns=("days", "is_over", "outcome", "packets"),
    without=("handoff_kind",),
)
"""Durations with their event flags; `flow.survival` makes the curves of it."""

CYCLE_HOURS = Measure(
    key="cycle_hours",
    title="How many working hours does it take, with what is still open counted?",
    definition=(
        "Working time of the company from the first release (arrival, where packets of that type are never released) "
        "to the last closing, to the minute. One opened again afterwards is open and keeps its first start. Packets "
        "whose clock started in the period; what is open at its end counts until the last event then in the log, as "
        "not over."
    ),
    sql=statement(
        OURS,
        """
lives AS (
    SELECT packet, ours.packet_type,
           min(day) FILTER (kind = 'packet.arrived') AS arrived_on,
           min(worked) FILTER (kind = 'packet.arrived') AS arrived,
           min(day) FILTER (kind = 'handoff.accepted' AND handoff_kind = $release) AS released_on,
           min(worked) FILTER (kind = 'handoff.accepted' AND handoff_kind = $release) AS released,
           max(worked) FILTER (kind = 'packet.closed') AS closed,
           max_by(outcome, id) FILTER (kind = 'packet.closed') AS outcome,
           max_by(kind, id) FILTER (kind IN ('packet.closed', 'packet.reopened')) AS last
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.arrived', 'handoff.accepted', 'packet.closed', 'packet.reopened') AND day <= $until
    GROUP BY packet, ours.packet_type
),
spans AS (
    SELECT last IS NOT DISTINCT FROM 'packet.closed' AS is_over, closed, outcome,
           CASE WHEN count(released) OVER kind > 0 THEN released_on ELSE arrived_on END AS began_on,
           CASE WHEN count(released) OVER kind > 0 THEN released ELSE arrived END AS began
    FROM lives
    WINDOW kind AS (PARTITION BY packet_type)
),
latest AS (SELECT max(worked) AS seen FROM log WHERE day <= $until)""",
        answer="""
SELECT round(CASE WHEN is_over THEN closed ELSE seen END - began) / 60 AS hours, is_over,
       CASE WHEN is_over THEN outcome END AS outcome, count(*) AS packets
FROM spans CROSS JOIN latest
WHERE began_on BETWEEN $since AND $until
GROUP BY ALL
ORDER BY hours, is_over, outcome""",
    ),
    columns=("hours", "is_over", "outcome", "packets"),
    without=("handoff_kind",),
)

CLOSED_TIME = Measure(
    key="closed_time",
    title="How long did what was closed take?",
    definition=(
        f"{CLOCK}. Packets closed in the period, by type: the median and the days within which 85 % were done. What is "
        "still open is not in it, so this flatters whenever the slow ones are the ones still open; the curve beside "
        "it does not."
    ),
    sql=statement(
        OURS,
        SPANS,
        answer="""
SELECT packet_type, count(*) AS closed, median(date_diff('day', began, ended)) AS median_days,
       quantile_cont(date_diff('day', began, ended), 0.85) AS p85_days
FROM spans
WHERE began IS NOT NULL AND ended BETWEEN $since AND $until
GROUP BY packet_type
ORDER BY packet_type""",
    ),
    columns=("packet_type", "closed", "median_days", "p85_days"),
    without=("handoff_kind",),
)

COHORTS = Measure(
    key="cohorts",
    title="What becomes of the opportunities of a week?",
    definition=(
        f"{CLOCK}. Packets by the week in which their clock started, by how they ended and after how many days; what "
        "is open at the end of the period counts with the days it has lasted so far, as not over. So wins are held "
        "against what they came from, never against what came in the same month."
    ),
    sql=statement(
        OURS,
        SPANS,
        answer="""
SELECT date_trunc('week', began)::DATE AS week, date_diff('day', began, coalesce(ended, $until)) AS days,
       ended IS NOT NULL AS is_over, outcome, count(*) AS packets
FROM spans
WHERE began BETWEEN $since AND $until
GROUP BY ALL
ORDER BY week, days, is_over, outcome""",
    ),
    columns=("week", "days", "is_over", "outcome", "packets"),
    without=("handoff_kind",),
)
"""Conversion by cohort; `flow.survival.incidence` makes the cumulative incidence of each ending of it."""

STAGE_LEAD_TIME = Measure(
    key="stage_lead_time",
    title="How long does each stage last, with what still stands in it counted?",
    definition=(
        "Working hours in each stage, to the minute. A stage begins with the step into it, the first one with the "
        "release or, without one, with arrival; it ends when the next stage begins (advanced) or the packet is closed "
        "in it (closed). Reopening begins the stage anew. Stages begun in the period; one that lasts at its end counts "
        "until the last event then in the log, as not over."
    ),
    sql=statement(
        OURS,
        """
marks AS (
    SELECT packet, id, "at", kind, day, worked, stage, to_stage FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.arrived', 'stage.advanced', 'packet.closed', 'packet.reopened') AND day <= $until
       OR (kind = 'handoff.accepted' AND handoff_kind = $release) AND day <= $until
),
spans AS (
    SELECT kind, day AS began_on, worked AS began,
           coalesce(to_stage, CASE WHEN kind = 'stage.advanced' THEN lead(stage) OVER turns ELSE stage END) AS stage,
           lead(kind) OVER turns AS how, lead(worked) OVER turns AS ended
    FROM marks
    WINDOW turns AS (PARTITION BY packet ORDER BY "at", id)
),
latest AS (SELECT max(worked) AS seen FROM log WHERE day <= $until)""",
        answer="""
SELECT stage, round(coalesce(ended, seen) - began) / 60 AS hours, ended IS NOT NULL AS is_over,
       CASE how WHEN 'stage.advanced' THEN 'advanced' WHEN 'packet.closed' THEN 'closed' ELSE how END AS how,
       count(*) AS packets
FROM spans CROSS JOIN latest
WHERE kind <> 'packet.closed' AND stage IS NOT NULL AND began_on BETWEEN $since AND $until
  AND how IS DISTINCT FROM 'handoff.accepted'
GROUP BY ALL
ORDER BY stage, hours, is_over, how""",
    ),
    columns=("stage", "hours", "is_over", "how", "packets"),
    without=("handoff_kind",),
)

WAIT_SHARE = Measure(
    key="wait_share",
    title="How much of the time does nobody work on it?",
    definition=(
        f"{CLOCK}. Packets closed in the period, by type: 1 minus the time in which someone worked on it, over the "
        "time from start to closing, nights and weekends included, as the customer feels it. Every event with minutes "
        "is work that ended at its time. Work that ran side by side counts once, and how much ran side by side stands "
        "beside it, so the share cannot fall below 0. Work before the start or after the closing is left out, and so "
        "are packets that took no time."
    ),
    sql=statement(
        OURS,
        """
lives AS (
    SELECT packet, ours.packet_type,
           min("at") FILTER (kind = 'packet.arrived') AS arrived,
           min("at") FILTER (kind = 'handoff.accepted' AND handoff_kind = $release) AS released,
           max("at") FILTER (kind = 'packet.closed') AS closed,
           max(day) FILTER (kind = 'packet.closed') AS closed_on,
           max_by(kind, id) FILTER (kind IN ('packet.closed', 'packet.reopened')) AS last
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.arrived', 'handoff.accepted', 'packet.closed', 'packet.reopened') AND day <= $until
    GROUP BY packet, ours.packet_type
),
starts AS (
    SELECT *, CASE WHEN count(released) OVER (PARTITION BY packet_type) > 0 THEN released ELSE arrived END AS began
    FROM lives
),
spans AS (
    SELECT packet, packet_type, epoch_us(began) / 60e6 AS began, epoch_us(closed) / 60e6 AS ended
    FROM starts
    WHERE last = 'packet.closed' AND closed_on BETWEEN $since AND $until AND closed > began
),
touches AS (  -- what was worked, cut to the span of the packet
    SELECT packet, greatest(epoch_us("at") / 60e6 - minutes, began) AS first,
           least(epoch_us("at") / 60e6, ended) AS last
    FROM log JOIN spans USING (packet)
    WHERE minutes > 0 AND epoch_us("at") / 60e6 > began AND epoch_us("at") / 60e6 - minutes < ended
),
covered AS (  -- of each touch, what no earlier one covers already
    SELECT packet, last - first AS worked,
           greatest(0, last - greatest(first, coalesce(max(last) OVER earlier, first))) AS fresh
    FROM touches
    WINDOW earlier AS (PARTITION BY packet ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
each AS (SELECT packet, sum(worked) AS worked, sum(fresh) AS touched FROM covered GROUP BY packet)""",
        answer="""
SELECT packet_type, count(*) AS closed, sum(ended - began) / 60 AS elapsed_hours,
       coalesce(sum(touched), 0) / 60 AS touch_hours, coalesce(sum(worked - touched), 0) / 60 AS overlap_hours,
       1 - coalesce(sum(touched), 0) / sum(ended - began) AS wait_share
FROM spans LEFT JOIN each USING (packet)
GROUP BY packet_type
ORDER BY packet_type""",
    ),
    columns=("packet_type", "closed", "elapsed_hours", "touch_hours", "overlap_hours", "wait_share"),
    without=("handoff_kind",),
)

ALL = (CYCLE_TIME, CYCLE_HOURS, CLOSED_TIME, COHORTS, STAGE_LEAD_TIME, WAIT_SHARE)
