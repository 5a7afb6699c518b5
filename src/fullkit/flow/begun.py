"""The steps that the measures of one log share, for flow/once.py."""

from __future__ import annotations

from fullkit.flow.lives import LIVES
from fullkit.flow.once import Step
from fullkit.flow.parts import OURS, SPANS, statement
from fullkit.flow.quality import ENDS

BEGUN = (
    Step(LIVES.sql.strip(), LIVES.sql, "FROM {}"),
    Step(SPANS.strip(), statement(OURS, SPANS, answer="FROM spans"), "spans AS (FROM {})"),
    Step(ENDS.strip(), statement(OURS, ENDS, answer="FROM ends"), "ends AS (FROM {})"),
)
"""When each packet began and ended, as forecasts, as durations and as the quality of the data look at it."""
