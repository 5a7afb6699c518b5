"""Each row of the crash contract, by killing a process (tests/crash/house.py does the killing)."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import fullkit.actions
from tests.conftest import DATABASE
from tests.crash.contract import CONTRACT, PAGE, page
from tests.crash.scene import VERBS

ROOT = Path(__file__).resolve().parents[2]
INSIDE_OTHERS = {"inbox.let_happen"}
"""Transactions that only ever run as a step of a verb."""


def _kill(folder: Path, how: str) -> dict[str, list[dict[str, Any]]]:
    env = {**os.environ, "FULLKIT_VAR": str(folder), "FULLKIT_SQLITE_SYNCHRONOUS": "FULL"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.house", DATABASE, how],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in done.stdout.splitlines():
        one = json.loads(line)
        found[one["verb"]].append(one)
    return found


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    return _kill(tmp_path_factory.mktemp("crash"), "some")


def hold(verb: str, found: list[dict[str, Any]]) -> None:
    """What the contract says of one verb, at each step at which it was killed."""
    row = CONTRACT[verb]
    assert found, verb
    for one in found:
        where = (verb, one["k"], one["step"], one)
        assert one["waited"] < 5, where
        assert one["leases"], where
        last = one["k"] == one["of"] and one["step"] == "committed"
        if row.steps:
            # Whatever was done before: the next run does the rest, and nothing twice.
            assert one["same_end"] or verb == "intake.arrive", where
            assert one["again"] == "done", where
        elif not one["committed"]:
            assert one["found"] == "before", where
            assert (one["again"], one["same_end"]) == ("done", True), where
        else:
            assert last, where
            assert one["found"] == "after", where
            refused = one["again"] != "done"
            assert refused == (row.again == "refused") or one["again"] == "gone", where
            assert one["same_end"] == (row.again != "anew"), where


@pytest.mark.parametrize("verb", CONTRACT)
def test_all_or_nothing_of_it_is_there(kills: dict[str, list[dict[str, Any]]], verb: str) -> None:
    hold(verb, kills[verb])


@pytest.mark.soak
def test_at_every_single_step(tmp_path: Path) -> None:
    for verb, found in _kill(tmp_path, "all").items():
        assert len(found) == found[0]["of"]
        hold(verb, found)


def test_every_verb_has_its_row_and_every_row_its_verb() -> None:
    assert set(VERBS) == set(CONTRACT)
    assert _transactions() - INSIDE_OTHERS <= set(CONTRACT)


def _transactions() -> set[str]:
    """Every public function of actions/ that is a transaction."""
    found = set()
    for module in pkgutil.iter_modules(fullkit.actions.__path__):
        room = importlib.import_module(f"fullkit.actions.{module.name}")
        for name, verb in vars(room).items():
            if name.startswith("_") or not inspect.isfunction(verb) or not hasattr(verb, "__wrapped__"):
                continue
            plain = inspect.unwrap(verb)
            if plain.__module__ == room.__name__ and not inspect.isgeneratorfunction(
                plain
            ):  # a `with` is no verb
                found.add(f"{module.name}.{name}")
    return found


def test_the_page_says_what_is_tested() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.crash.contract"
