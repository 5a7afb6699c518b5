"""The clock of the pages, stopped at the world's time."""

from __future__ import annotations

import pytest

from tests.world import World

STEMS = ("sign_in", "next", "packet", "handoff", "inbox", "favours", "customers", "search", "today", "time")


def stop(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Every page of the working day takes its time from the world."""
    for stem in STEMS:
        monkeypatch.setattr(f"fullkit.web.{stem}.now", lambda: world.now)
