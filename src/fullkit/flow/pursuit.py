"""What waiting does to opportunities (R17): less waiting comes before more training."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, statement

CONVERSION_BY_TIME = Measure(
    key="conversion_by_time",
    title="Do slow opportunities win less often?",
    definition=(
        "Opportunities closed in the period, by the whole weeks between their first release and their closing, "
        "eight and more as one, and the share of each that was won. What was never released is left out, and so is "
        "what is still open. Beside what is slow because it is hard, waiting shows here first."
    ),
    sql=statement(
        OURS,
        """
lives AS (
    SELECT packet,
           min(day) FILTER (kind = 'handoff.accepted' AND handoff_kind = $release) AS released,
           max(day) FILTER (kind = 'packet.closed') AS closed,
           max_by(outcome, id) FILTER (kind = 'packet.closed') AS ended,
           max_by(kind, id) FILTER (kind IN ('packet.closed', 'packet.reopened')) AS last
    FROM log JOIN ours USING (packet)
    GROUP BY packet
)""",
        answer="""
SELECT least((closed - released) // 7, 8) AS weeks, count(*) AS closed, count(*) FILTER (ended = $won) AS won,
       won / count(*) AS share
FROM lives
WHERE last = 'packet.closed' AND released IS NOT NULL AND closed BETWEEN $since AND $until
GROUP BY weeks
ORDER BY weeks""",
    ),
    columns=("weeks", "closed", "won", "share"),
)

STAGE_TIME = Measure(
    key="stage_time",
    title="Where do opportunities wait longest?",
    definition=(
        "Working time of the company from the beginning of a stage to its end by the customer's action, for stages "
        "ended in the period: the median and the time within which 85 % were over, the slowest first. The first "
        "stage begins with the release. Stages in which an opportunity was lost or still stands are left out."
    ),
    sql=statement(
        OURS,
        """
marks AS (
    SELECT packet, id, "at", kind, day, worked, stage FROM log JOIN ours USING (packet)
    WHERE kind = 'stage.advanced' OR (kind = 'handoff.accepted' AND handoff_kind = $release)
),
spans AS (
    SELECT kind, day, stage, worked - lag(worked) OVER (PARTITION BY packet ORDER BY "at", id) AS minutes
    FROM marks
)""",
        answer="""
SELECT stage, count(*) AS ended, median(minutes / 60) AS median_hours, quantile_cont(minutes / 60, 0.85) AS p85_hours
FROM spans
WHERE kind = 'stage.advanced' AND minutes IS NOT NULL AND day BETWEEN $since AND $until
GROUP BY stage
ORDER BY median_hours DESC, stage""",
    ),
    columns=("stage", "ended", "median_hours", "p85_hours"),
)

ALL = (CONVERSION_BY_TIME, STAGE_TIME)
