from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

FULLKIT = [sys.executable, "-m", "fullkit"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def house(tmp_path: Path) -> dict[str, str]:
    """An environment with a var folder of its own, on SQLite whatever the suite runs on."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("FULLKIT_", "DATABASE_"))
    }
    return {**kept, "FULLKIT_VAR": str(tmp_path)}


@pytest.fixture
def served(house: dict[str, str], port: int) -> Iterator[subprocess.Popen[str]]:
    command = [*FULLKIT, "up", "--empty", "--port", str(port)]
    process = subprocess.Popen(
        command, env=house, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def _fullkit(house: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FULLKIT, *words], env=house, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_address_is_printed_once_it_answers_and_ctrl_c_stops_it(
    served: subprocess.Popen[str], port: int
) -> None:
    assert served.stdout is not None
    assert served.stdout.readline().strip() == f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
        assert answer.status == 200
    os.killpg(served.pid, signal.SIGINT)  # what a terminal does: everybody in the group is told
    _, said = served.communicate(timeout=15)
    assert served.returncode == 0
    assert said == ""


def test_a_second_server_on_the_same_folder_is_refused(
    served: subprocess.Popen[str], house: dict[str, str], port: int
) -> None:
    assert served.stdout is not None
    served.stdout.readline()
    taken = _fullkit(house, "up", "--port", str(port))
    assert taken.returncode == 2
    assert "choose another with --port" in taken.stderr
    doubled = _fullkit(house, "up", "--port", str(port - 1))
    assert doubled.returncode == 2
    assert "Another fullkit serves from" in doubled.stderr


def test_sqlite_refuses_a_second_web_process(house: dict[str, str]) -> None:
    refused = _fullkit(house, "up", "--workers", "2")
    assert refused.returncode == 2
    assert "set DATABASE_URL to a PostgreSQL database" in refused.stderr


def test_a_bad_setting_is_one_sentence(house: dict[str, str]) -> None:
    refused = _fullkit({**house, "FULLKIT_TLS": "perhaps"}, "migrate")
    assert refused.returncode == 2
    assert refused.stderr == (
        "fullkit: FULLKIT_TLS is 'perhaps'; say 1 or 0 (true, yes and on, or false, no and off, will do too).\n"
    )


def test_an_empty_house_prints_the_code_that_sets_it_up(
    served: subprocess.Popen[str], house: dict[str, str]
) -> None:
    assert served.stdout is not None
    served.stdout.readline()
    assert served.stdout.readline().startswith("Set up your company at http://127.0.0.1:")
    code = served.stdout.readline().removeprefix("Set-up code: ").strip()
    kept = Path(house["FULLKIT_VAR"]) / "setup_code"
    assert (kept.read_text().strip(), kept.stat().st_mode & 0o077) == (code, 0)
