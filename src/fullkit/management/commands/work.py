"""Everything that happens by itself, on one page.

Every minute: leases run out, steps come due, promises turn red and black, kits past their grace change hands, and
new events are copied into the mirror that measures read, where somebody measures.
Once a working day, when the company opens: stale opportunities return to the pool, queues are read and refilled,
targets are advised, the field's slots are opened. Every step may be repeated without harm, so a crash or a second
worker costs nothing.
"""

from __future__ import annotations

import argparse
import logging
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from fullkit.actions import day, playbooks

log = logging.getLogger("fullkit.work")

MIRROR = "fullkit.reports.log"
EVERY = 60.0
"""Seconds between two ticks."""
BEFORE_OPENING = timedelta(minutes=30)
"""The morning run is done before the first call (R25)."""


class Command(BaseCommand):
    help = "Do what happens by itself, until stopped; with --once, do it once."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            turn(None, at=datetime.now(UTC))
            return
        run(threading.Event())


def run(stop: threading.Event, *, mirrors: bool = True) -> None:
    """Tick until `stop` is set. An error is logged and the next tick tries again.

    With `mirrors` False the mirror is kept only once somebody asked this process for a measure: what copies it weighs
    more than all the rest of a web process, and a measure catches up by itself.
    """
    last: date | None = None
    while not stop.is_set():
        try:
            last = turn(last, at=datetime.now(UTC), mirrors=mirrors)
        except Exception:
            log.exception("a tick failed; the next one tries again")
        finally:
            close_old_connections()
        stop.wait(EVERY)


def turn(last_morning: date | None, *, at: datetime, mirrors: bool = True) -> date | None:
    """One tick; also the morning's work if it is due and was not done by this worker. Returns the day it was done."""
    if not playbooks.exists():
        return last_morning
    day.tick(at=at)
    if mirrors or MIRROR in sys.modules:
        import_module(MIRROR).refresh()
    work = playbooks.current().work
    today = work.day_of(at)
    opening = work.start_of_day(today)
    if last_morning != today and opening is not None and at >= opening - BEFORE_OPENING:
        log.info("morning run", extra={"facts": day.morning(at=at)})
        day.forget(at=at)
        return today
    return last_morning
