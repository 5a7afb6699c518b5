"""Every measure, by its key."""

from __future__ import annotations

from fullkit.flow import ageing, counts, durations, graph, handoffs, pursuit, queues, times, watch
from fullkit.flow.measure import Measure

ALL: dict[str, Measure] = {
    m.key: m for m in (*counts.ALL, *times.ALL, *handoffs.ALL, *queues.ALL, *pursuit.ALL)
}
"""Those with a place of their own among the manager's questions."""

WATCHED: dict[str, Measure] = {m.key: m for m in watch.ALL}
"""Those that are only held against a limit."""

STUDIED: dict[str, Measure] = {m.key: m for m in (*durations.ALL, *ageing.ALL, *graph.ALL)}
"""Those that a report shows, and a page where it has a picture of its own for them."""
