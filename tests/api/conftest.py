"""Monday morning, and the API's clock is the world's."""

from __future__ import annotations

from datetime import datetime

import pytest

from fullkit.api import caller
from tests.api.callers import Api
from tests.world import World


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()

    def now() -> datetime:
        return world.now

    monkeypatch.setattr(caller, "now", now)
    return world


@pytest.fixture
def api(world: World) -> Api:
    return Api(world)
