"""A backup and a restore killed half-way, for real: what is there is whole, or plainly not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_backup import FILL, TELL, House

KILL = """
import json, os, signal
from pathlib import Path
from fullkit import backup

def killed(verb, path, name, after):
    '''Run a verb in a child that dies by SIGKILL at the call of `name` after so many of them.'''
    child = os.fork()
    if child:
        return os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    owner, _, last = name.rpartition(".")
    place = getattr(backup, owner) if owner else backup
    real, left = getattr(place, last), [after]
    def counted(*given, **named):
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return real(*given, **named)
    setattr(place, last, counted)
    getattr(backup, verb)(Path(path))
    os._exit(0)
"""
ROWS = """
from django.apps import apps
from django.db import connection
there = set(connection.introspection.table_names())
print(json.dumps({"killed": done,
                  "rows": sum(m._base_manager.count() for m in backup._tables(apps) if m._meta.db_table in there),
                  "files": len([p for p in backup._files_folder().rglob("*") if p.is_file()])}))
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("company"))
    assert house.call("migrate").returncode == 0
    house.python(FILL)
    yield house
    house.gone()


@pytest.fixture(scope="module")
def file(company: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that was killed three times before it was written, and never stood there half."""
    target = tmp_path_factory.mktemp("backups") / "company.backup"
    steps = [("_write_table", 7), ("_write_file", 1), ("os.link", 0)]
    tried = f"""
path = {str(target)!r}
print(json.dumps([(killed("backup", path, *step), os.path.exists(path)) for step in {steps}]))
"""
    assert company.python(KILL + tried) == [[True, False]] * len(steps)
    assert all(path.name.startswith(".") for path in target.parent.iterdir())
    done = company.call("backup", target)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def whole(company: House, file: Path) -> Any:
    """Every table and file of the company, counted and digested."""
    return company.python(TELL)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "empty")
    yield house
    house.gone()


def test_a_killed_restore_is_empty_and_restores_again(whole: Any, file: Path, empty: House) -> None:
    """Killed between two files, before the tables are made and in the middle of filling them."""
    steps = [("os.replace", 1), ("call_command", 0), ("_fill_table", 9)]
    tried = f"done = [killed('restore', {str(file)!r}, *step) for step in {steps}]\n"
    left = empty.python(KILL + tried + ROWS)
    assert left["killed"] == [True] * len(steps)
    assert left["rows"] == 0
    assert left["files"] == 3
    strange = Path(empty.env["FULLKIT_VAR"]) / "files" / "ab" / ("ab" + "0" * 62)
    strange.parent.mkdir(exist_ok=True)
    strange.write_bytes(b"somebody's, and named by no backup")
    refused = empty.call("restore", file)
    assert (refused.returncode, strange.exists()) == (2, True)
    assert "is in use" in refused.stderr
    strange.unlink()
    done = empty.call("restore", file)
    assert done.returncode == 0, done.stderr
    assert empty.python(TELL) == whole


def test_a_restore_killed_after_its_commit_is_the_whole_company(whole: Any, file: Path, empty: House) -> None:
    tried = f"done = killed('restore', {str(file)!r}, 'call_command', 1)\n"
    assert empty.python(KILL + tried + ROWS)["killed"] is True
    again = empty.call("restore", file)
    assert again.returncode == 2
    assert "is in use" in again.stderr
    assert empty.python(TELL) == whole
