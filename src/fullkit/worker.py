"""What one web process loads under `fullkit up`: the application, the clock beside it, two promises about its end."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys
import threading
from functools import partial
from importlib import import_module

from django.conf import settings

from fullkit.wsgi import application

__all__ = ["application"]

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    # A parent that was killed cannot stop its children; an orphan would keep the port and go on writing.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

# The server's own threads may still ask for the interpreter while it is taken down, and abort with a panic.
# Every request has been answered by then, so the process leaves without taking anything down.
atexit.register(os._exit, 0)

# On SQLite one process owns the writes, so what happens by itself happens here and not in a second process. Several
# web processes (PostgreSQL) each do it: every step is a conditional change, and the slower one finds nothing to do.
if settings.WORK:
    work = import_module(
        "fullkit.management.commands.work"
    )  # only now: its models need the application above
    clock = partial(work.run, threading.Event(), mirrors=False)
    threading.Thread(target=clock, name="work", daemon=True).start()
