"""The order of things: whatever happens, happens in the order of its time, so that the log is in order too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush

Do = Callable[[datetime], object]


class Clock:
    """What is still to happen. Of two things at one instant the one noted first comes first."""

    def __init__(self) -> None:
        self._ahead: list[tuple[datetime, int, Do]] = []
        self._noted = 0

    def put(self, at: datetime, do: Do) -> None:
        heappush(self._ahead, (at, self._noted, do))
        self._noted += 1

    def run(self, *, until: datetime) -> None:
        """Let everything happen up to `until`; what lies beyond stays noted."""
        while self._ahead and self._ahead[0][0] <= until:
            at, _, do = heappop(self._ahead)
            do(at)
