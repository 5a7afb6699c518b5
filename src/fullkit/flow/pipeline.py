"""The pipeline weighted by stage, as CRMs draw it: a plain rival of the forecast, and no forecast of ours.

Each open packet counts for the share that had been won of all that ended after being in its stage. It knows no date:
what will come in a month and what will come in a year weigh alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from fullkit.flow.lives import Ints, Lives
from fullkit.flow.measure import Measure
from fullkit.flow.parts import OURS, statement

STAGES = Measure(
    key="stages",
    title="When did each packet enter which stage?",
    definition=(
        "Each entry of a packet of the process into a stage, by the company's day, in the order in which they were "
        "recorded. What was never moved from its first stage is not in it."
    ),
    sql=statement(
        OURS,
        answer="""
SELECT packet, day, to_stage AS stage
FROM log JOIN ours USING (packet)
WHERE kind = 'stage.advanced' AND to_stage IS NOT NULL AND day <= $until
ORDER BY "at", id""",
    ),
    columns=("packet", "day", "stage"),
)


@dataclass(frozen=True)
class Entries:
    """Entries into stages in the order in which they happened, all (entries,)."""

    packet: Ints
    """The place of the packet among those of `Lives`."""
    day: Ints
    """Day numbers."""
    stage: Ints
    """0 is the stage before the first entry."""


def entries(rows: Sequence[tuple[int, date, str]]) -> Entries:
    """From rows of (place among `Lives`, day, stage), in order."""
    codes: dict[str, int] = {}
    return Entries(
        np.array([r[0] for r in rows], dtype=np.int64),
        np.array([r[1].toordinal() for r in rows], dtype=np.int64),
        np.array([codes.setdefault(r[2], len(codes) + 1) for r in rows], dtype=np.int64),
    )


def weighted(packets: Lives, moves: Entries, today: int) -> float:
    """How many wins the open packets of that day (a day number) are worth, by what was known then."""
    there = packets.opened <= today
    over = there & (packets.closed > 0) & (packets.closed <= today)
    before = moves.day <= today
    packet, stage = moves.packet[before], moves.stage[before]
    many = int(moves.stage.max(initial=0)) + 1
    seen = np.zeros((len(packets.opened), many), dtype=bool)
    seen[:, 0] = True
    seen[packet, stage] = True
    here = np.zeros(len(packets.opened), dtype=np.int64)
    here[packet] = stage  # in order, so the last entry stays
    ended = seen[over].sum(axis=0)
    won = seen[over & packets.wanted].sum(axis=0)
    share = np.divide(won, ended, out=np.zeros(many), where=ended > 0)
    return float(share[here[there & ~over]].sum())
