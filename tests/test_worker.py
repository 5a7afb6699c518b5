"""What a web process loads at its start: nothing that only measuring or drawing needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("duckdb", "numpy", "scipy", "numba", "llvmlite", "altair", "pandas", "pyarrow", "sqlglot", "pyspark")

START = f"""
import sys
from fullkit.worker import application
from django.urls import get_resolver
assert get_resolver().reverse_dict, "every page is known"
import fullkit.api.v1
print(*[name for name in {HEAVY!r} if name in sys.modules])
import fullkit.listen
"""
PARENT = f"""
import sys
import fullkit.listen
print(*[name for name in {(*HEAVY, "django", "pydantic")!r} if name in sys.modules])
"""


def _says(program: str, folder: Path) -> str:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("FULLKIT_", "DATABASE_"))}
    env = kept | {"FULLKIT_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "fullkit.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_serving_loads_nothing_that_only_measuring_needs(tmp_path: Path) -> None:
    """With the clock of the web process running: it keeps no mirror before somebody asked for a measure."""
    assert _says(START, tmp_path) == ""


def test_the_parent_of_the_web_processes_knows_neither_django_nor_the_database(tmp_path: Path) -> None:
    assert _says(PARENT, tmp_path) == ""


def test_the_calculator_looks_back_as_far_as_the_measures_do() -> None:
    from fullkit.reports import flow
    from fullkit.web import calculators

    assert flow.WEEKS - 1 == calculators.MOST_WEEKS
