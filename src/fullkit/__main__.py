"""So that `python -m fullkit` is the command line, installed or not."""

from __future__ import annotations

import sys

from fullkit.cli import main

sys.exit(main())
