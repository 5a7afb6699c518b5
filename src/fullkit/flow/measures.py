"""Every measure, by its key."""

from __future__ import annotations

from fullkit.flow import counts, handoffs, pursuit, queues, times
from fullkit.flow.measure import Measure

ALL: dict[str, Measure] = {
    m.key: m for m in (*counts.ALL, *times.ALL, *handoffs.ALL, *queues.ALL, *pursuit.ALL)
}
