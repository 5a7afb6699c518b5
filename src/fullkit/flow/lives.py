"""Lives of packets, counted: how many were open at which age, and how many ended there, step by step of the calendar.

What a forecast is made from. A step is a week unless said otherwise; counts of one step use nothing that happened
later, so the same table serves every origin of a backtest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fullkit.flow.limits import Floats
from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, statement

Ints = NDArray[np.int64]
OLDEST = 400
"""Packets that opened more steps ago than this are counted as if they had opened then."""

LIVES = Measure(
    key="lives",
    title="When did each packet begin and end?",
    definition=(
        "Each packet of the process: the company's day on which it first arrived and that on which it was last closed, "
        "with its outcome. One opened again after its last closing is open; what arrived later is left out."
    ),
    sql=statement(
        OURS,
        """
begun AS (
    SELECT packet, min(day) AS opened
    FROM log JOIN ours USING (packet)
    WHERE kind = 'packet.arrived' AND day <= $until
    GROUP BY packet
),
turns AS (
    SELECT packet, arg_max(kind, id) AS last, arg_max(day, id) AS day, arg_max(outcome, id) AS outcome
    FROM log JOIN ours USING (packet)
    WHERE kind IN ('packet.closed', 'packet.reopened') AND day <= $until
    GROUP BY packet
)""",
        answer="""
SELECT packet, opened, CASE WHEN last = 'packet.closed' THEN day END AS closed,
       CASE WHEN last = 'packet.closed' THEN outcome END AS outcome
FROM begun LEFT JOIN turns USING (packet)
ORDER BY packet""",
    ),
    columns=("packet", "opened", "closed", "outcome"),
)
"""What a forecast is made from; one row per packet, so it has no place among the charts."""


@dataclass(frozen=True)
class Lives:
    """Packets as days, all (packets,)."""

    opened: Ints
    """Day numbers, as of `date.toordinal`."""
    closed: Ints
    """Day numbers; 0 for what is open."""
    wanted: NDArray[np.bool_]
    """Whether it ended with the outcome that is asked about, such as won. False for what is open."""


def lives(rows: list[tuple[date, date | None, bool]]) -> Lives:
    """From rows of (opened, closed or None, whether it ended as wanted)."""
    return Lives(
        np.array([r[0].toordinal() for r in rows], dtype=np.int64),
        np.array([r[1].toordinal() if r[1] else 0 for r in rows], dtype=np.int64),
        np.array([bool(r[1] and r[2]) for r in rows], dtype=bool),
    )


@dataclass(frozen=True)
class Steps:
    """The counts. Steps are the axis 0; a packet that opened in step i has age w - i in step w."""

    first: int
    """The day number on which step 0 begins."""
    days: int
    """Days to a step."""
    wanted: Ints
    """(steps, steps): how many opened in step i and ended as wanted in step j."""
    other: Ints
    """(steps, steps): the same for any other end."""
    surviving: Ints
    """(steps, steps + 1): how many opened in step i and had not ended when step j began; all those of i at j = i."""

    def __len__(self) -> int:
        return len(self.wanted)

    def day(self, step: int) -> date:
        """The first day of a step."""
        return date.fromordinal(self.first) + timedelta(days=step * self.days)

    @cached_property
    def arrivals(self) -> Ints:
        """(steps,)"""
        return np.asarray(np.diagonal(self.surviving), dtype=np.int64)

    @cached_property
    def done(self) -> tuple[Ints, Ints]:
        """How many ended as wanted, and otherwise, in each step. Both (steps,)."""
        return self.wanted.sum(axis=0), self.other.sum(axis=0)

    def by_age(self, counts: Ints, start: int, end: int, ages: int) -> Floats:
        """(end - start, ages): of `counts` in steps start to before end, those at each age; the last: all older."""
        table = np.zeros((end - start, ages))
        for row, step in enumerate(range(start, end)):
            column = counts[: step + 1, step][::-1]
            kept = min(len(column), ages)
            table[row, :kept] = column[:kept]
            table[row, ages - 1] += column[ages:].sum()
        return table

    def open_at(self, step: int, ages: int) -> Ints:
        """(ages,): what was open when this step began, by age; age 0 is empty."""
        column = self.surviving[:step, step][::-1]
        found = np.zeros(ages, dtype=np.int64)
        kept = min(len(column), ages - 1)
        found[1 : kept + 1] = column[:kept]
        found[ages - 1] += column[ages - 1 :].sum()
        return found


def count(packets: Lives, today: date, *, days: int = 7) -> Steps:
    """Count packets in steps of so many days, the last of which ends with today. Nothing after today is looked at.

    A packet that closed before it opened counts as closed at once.
    """
    end = today.toordinal() + 1
    known = packets.opened < end
    opened, closed, wanted = packets.opened[known], packets.closed[known], packets.wanted[known]
    span = end - int(opened.min()) if len(opened) else 0
    steps = min(-(-span // days), OLDEST)
    first = end - steps * days
    start = np.maximum((opened - first) // days, 0)
    over = (closed > 0) & (closed < end)
    stop = np.where(over, np.maximum((closed - first) // days, start), steps)
    before = over & (closed < first)  # over before the first step that is counted
    start, stop, wanted, over = (a[~before] for a in (start, stop, wanted, over))
    tables = [
        np.bincount(start[which] * steps + stop[which], minlength=steps * steps).reshape(steps, steps)
        for which in (over & wanted, over & ~wanted)
    ]
    ended = tables[0] + tables[1]
    still = np.bincount(start[~over], minlength=steps)
    later = np.flip(np.cumsum(np.flip(ended, axis=1), axis=1), axis=1) + still[:, None]
    surviving = np.concatenate([later, still[:, None]], axis=1)
    return Steps(first, days, tables[0], tables[1], np.asarray(surviving * _lower(steps), dtype=np.int64))


def _lower(steps: int) -> Ints:
    """1 where a packet can be open at all: not before it opened."""
    return np.asarray(np.arange(steps + 1)[None, :] >= np.arange(steps)[:, None], dtype=np.int64)
