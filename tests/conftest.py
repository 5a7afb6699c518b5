"""Which database, which browser, which seed."""

from __future__ import annotations

import atexit
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from hypothesis import settings as hypothesis_settings

# All of this has to happen before Django reads its settings, hence at import and not in a fixture.

DATABASE = os.environ.get("FULLKIT_TEST_DB", "sqlite")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

if DATABASE not in {"sqlite", "postgres"}:
    raise pytest.UsageError(f"FULLKIT_TEST_DB is {DATABASE!r}; it must be sqlite or postgres.")

VAR = Path(tempfile.mkdtemp(prefix="fullkit-test-"))
atexit.register(shutil.rmtree, VAR, ignore_errors=True)
os.environ["FULLKIT_VAR"] = str(VAR)
os.environ["FULLKIT_SQLITE_SYNCHRONOUS"] = "OFF"
os.environ["FULLKIT_STATIC_MANIFEST"] = "0"
os.environ["FULLKIT_LOG_LEVEL"] = "WARNING"
os.environ["FULLKIT_DB_POOL_SIZE"] = "40"
os.environ.setdefault("FULLKIT_TEST_SEED", str(random.SystemRandom().randrange(10**9)))
SEED = int(os.environ["FULLKIT_TEST_SEED"])

if DATABASE == "sqlite":
    os.environ.pop("DATABASE_URL", None)
elif not WORKER:  # parallel workers inherit the address of the one server
    from tests.postgres import Server

    server = Server()
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = server.url
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # otherwise the server would outlive us

os.environ["DJANGO_SETTINGS_MODULE"] = "fullkit.settings"
django.setup()

hypothesis_settings.register_profile("fullkit", deadline=None, print_blob=True)
hypothesis_settings.load_profile("fullkit")

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if getattr(config.option, "hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes hours, unless it is asked for by `-m soak`."""
    if "soak" not in (config.option.markexpr or ""):
        left_out = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_report_header() -> str:
    return f"fullkit: {DATABASE}, FULLKIT_TEST_SEED={SEED}"


@pytest.fixture(autouse=True)
def _seeded(request: pytest.FixtureRequest) -> None:
    """The same seed gives a test the same numbers, whichever tests ran before it."""
    random.seed(f"{SEED} {request.node.nodeid}")


@pytest.fixture
def seed() -> int:
    """The run's seed, for generators of one's own."""
    return SEED


@pytest.fixture(scope="session", autouse=True)
def _flush_despite_triggers() -> None:
    """Let the tests empty the log between two transactional tests.

    The log refuses DELETE by a trigger, and on SQLite emptying a table is a DELETE; so the triggers are taken
    off around it and put back in the same transaction. PostgreSQL empties by TRUNCATE, which fires no row trigger.
    """
    if DATABASE != "sqlite":
        return
    from django.db import connection

    operations: Any = type(connection.ops)
    plain = operations.sql_flush

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        off = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
        return [*off, *plain(self, style, tables, **options), *(sql for _, sql in triggers)]

    operations.sql_flush = sql_flush


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, started once per run."""
    from playwright.sync_api import sync_playwright

    path = shutil.which(os.environ.get("FULLKIT_CHROMIUM", "chromium"))
    if path is None:
        pytest.fail(
            "Chromium is missing: run `make browser`, or leave the journeys out with `make test-fast`."
        )
    # Playwright keeps an event loop in this thread, and Django takes that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Any, live_server: Any) -> Iterator[Any]:
    """A visitor with empty pockets; `context.new_page()` opens one more window of the same visitor."""
    visitor = browser.new_context(
        base_url=live_server.url, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )
    visitor.set_default_timeout(10_000)
    yield visitor
    visitor.close()


@pytest.fixture
def page(context: Any) -> Iterator[Any]:
    """A window of that visitor; a script error or a breach of the content policy fails the test."""
    complaints: list[str] = []
    window = context.new_page()
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on(
        "console",
        lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield window
    assert complaints == []


@pytest.fixture
def world(db: None) -> Any:
    """Harbour & Vale on a Monday morning (tests/world.py)."""
    from tests.world import World

    return World()
