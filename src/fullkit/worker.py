"""What one web process loads under `fullkit up`: the application, and the promise not to outlive its parent."""

from __future__ import annotations

import ctypes
import signal
import sys

from fullkit.wsgi import application

__all__ = ["application"]

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    # A parent that was killed cannot stop its children; an orphan would keep the port and go on writing.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
