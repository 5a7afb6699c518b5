"""Whether the constraint has what it needs (R26 to R28)."""

from __future__ import annotations

from fullkit.flow.measure import Measure
from fullkit.flow.parts import WEEKS, statement

STARVATION = Measure(
    key="starvation",
    title="Do salespeople have enough to work on?",
    definition=(
        "Readings of the queues of a department, taken each morning before the run, by week: those that stood below "
        "one day's consumption are starved. A week without readings has no share."
    ),
    sql=statement(
        """
levels AS (
    SELECT id, week, level, target FROM log
    WHERE kind = 'queue.read' AND department = $department
)""",
        WEEKS,
        answer="""
SELECT week, count(id) AS readings, count(*) FILTER (level < $consumption) AS starved,
       starved / nullif(readings, 0) AS share, median(level) AS median_level, median(target) AS median_target
FROM weeks LEFT JOIN levels USING (week)
GROUP BY week
ORDER BY week""",
    ),
    columns=("week", "readings", "starved", "share", "median_level", "median_target"),
    about="queue",
)

ALL = (STARVATION,)
