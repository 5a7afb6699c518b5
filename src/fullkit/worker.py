"""What one web process loads under `fullkit up`: the application, and two promises about its end."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys

from fullkit.wsgi import application

__all__ = ["application"]

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    # A parent that was killed cannot stop its children; an orphan would keep the port and go on writing.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

# The server's own threads may still ask for the interpreter while it is taken down, and abort with a panic.
# Every request has been answered by then, so the process leaves without taking anything down.
atexit.register(os._exit, 0)
