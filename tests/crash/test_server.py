"""The whole server killed in the middle of requests, and started again."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_backup import House

FILL = "from tests.world import World\nWorld()\n"
TELL = """
import http.client
import json
from collections import Counter
from fullkit.models import IdempotencyKey, Packet
from tests.invariants import laws
from tests.invariants.snapshot import Snapshot
laws.hold(Snapshot())
# What came through the door: on a working day the server opens packets of its own, for queues that starve.
sent = Packet.objects.filter(source="mail").values_list("title", flat=True)
print(json.dumps({"titles": Counter(sent),
                  "keys": IdempotencyKey.objects.count()}))
"""


class Served(House):
    """An installation with its server, which can be killed with everything it started."""

    process: subprocess.Popen[str]
    address: str

    def up(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fullkit", "up", "--empty", "--port", str(port)],
            env=self.env, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == self.address

    def killed(self) -> None:
        """Everything of it at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def post(self, path: str, body: dict[str, Any], *, token: str, key: str) -> dict[str, Any]:
        request = urllib.request.Request(
            self.address + path,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key
            },
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    assert served.call("migrate").returncode == 0
    served.python(FILL)
    yield served
    if getattr(served, "process", None) is not None and served.process.poll() is None:
        served.killed()
    served.gone()


class Callers:
    """Four doors through which mail comes in, each message under a key of its own."""

    def __init__(self, house: Served) -> None:
        self.house, self.token = house, house.call("token", "sara").stdout.split()[-1]
        self.asked: dict[str, bool] = {}
        """Every title that was sent, and whether it was answered."""

    def send(self, title: str) -> bool:
        body = {"type": "quote", "title": title, "source": "mail", "verdict": "us", "text": "Please"}
        self.asked.setdefault(title, False)
        try:
            self.house.post("/api/v1/packets", body, token=self.token, key=title)
        except (OSError, http.client.HTTPException):
            return False
        self.asked[title] = True
        return True

    def until_the_kill(self) -> None:
        """All four send until the server, killed under them, answers no more."""

        def one(door: int) -> None:
            for n in range(10_000):
                if not self.send(f"{door}-{n}"):
                    return

        doors = [threading.Thread(target=one, args=(door,)) for door in range(4)]
        for door in doors:
            door.start()
        while sum(self.asked.values()) < 40:
            time.sleep(0.01)
        self.house.killed()
        for door in doors:
            door.join(30)


def test_a_server_killed_in_the_middle_of_requests_keeps_what_it_answered(house: Served) -> None:
    """What was answered is there, what was not is whole or absent, and sent again it is there once."""
    callers = Callers(house)
    house.up()
    callers.until_the_kill()
    there = house.python(TELL)["titles"]
    assert {title for title, answered in callers.asked.items() if answered} <= set(there)
    assert max(there.values()) == 1

    house.up()
    unanswered = [title for title, answered in callers.asked.items() if not answered]
    assert unanswered, "nobody was cut off, so nothing was tested"
    assert all(callers.send(title) for title in unanswered)
    told = house.python(TELL)
    assert told["titles"] == dict.fromkeys(callers.asked, 1)
    assert told["keys"] == len(callers.asked)
    assert house.call("verify").returncode == 0
