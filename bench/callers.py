"""Callers: threads with a connection and a key each, who ask and measure. Runs as a process of its own.

Usage: python -m bench.callers PORT SECONDS ROUND < keys (one a line). Writes one JSON line: what each caller did.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any


class Caller:
    """One connection, one key."""

    def __init__(self, port: int, key: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.asked = 0
        self.headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Host": "localhost",
        }

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one call."""
        self.asked += 1
        sent = None if body is None else json.dumps(body)
        self.line.request(method, f"/api/v1{path}", body=sent, headers=self.headers)
        answer = self.line.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


def deal(caller: Caller, seen: dict[str, Any]) -> float:
    """Ask for the next packet (timed), then close it, so that the hand is free again."""
    start = time.perf_counter()
    status, packet = caller.ask("POST", "/next", {})
    took = time.perf_counter() - start
    if status != 200 or packet.get("packet") is None:
        raise RuntimeError(f"no packet: {status} {packet}")
    number = packet["packet"]["id"]
    seen["got"].append(number)
    body: dict[str, Any] = {"outcome": "answered"}
    status, said = caller.ask("POST", f"/packets/{number}/close", body)
    if status != 200:
        raise RuntimeError(f"not closed: {status} {said}")
    return took


def only_deal(caller: Caller, seen: dict[str, Any]) -> float:
    """Deal and put back: nothing is used up."""
    start = time.perf_counter()
    status, packet = caller.ask("POST", "/next", {})
    took = time.perf_counter() - start
    if status != 200 or packet.get("packet") is None:
        raise RuntimeError(f"no packet: {status} {packet}")
    caller.ask("POST", f"/packets/{packet['packet']['number']}/put-back", {"reason": "end_of_shift"})
    return took


def arrive(caller: Caller, seen: dict[str, Any]) -> float:
    """Something arrives from outside, once."""
    start = time.perf_counter()
    body = {
        "type": "enquiry",
        "title": "Can you quote 40 bearings?",
        "source": "mail",
        "message_id": f"<{uuid.uuid4()}@bench>",
        "verdict": "us",
        "from_outside": True,
    }
    status, said = caller.ask("POST", "/packets", body)
    if status != 200:
        raise RuntimeError(f"did not arrive: {status} {said}")
    return time.perf_counter() - start


def read_fifty(caller: Caller, seen: dict[str, Any]) -> float:
    """A page of fifty packets."""
    start = time.perf_counter()
    status, said = caller.ask("GET", "/packets?limit=50&department=service")
    if status != 200 or not said["items"]:
        raise RuntimeError(f"no page: {status} {said}")
    return time.perf_counter() - start


def advance(caller: Caller, seen: dict[str, Any]) -> float:
    """The customer did it: on to the next stage (timed); past the last one, take the next opportunity."""
    packet = seen.get("packet") or _hold(caller, seen)
    evidence = {
        "contact_and_date": "Pat Doyle on the phone",
        "file": "minutes.pdf",
        "link": "https://files.example/minutes",
    }[seen["evidence"][packet["stage"]]]
    start = time.perf_counter()
    status, said = caller.ask(
        "POST",
        f"/packets/{packet['id']}/advance",
        {"evidence": evidence, "evidence_at": "2026-01-05T10:00:00Z"},
    )
    took = time.perf_counter() - start
    if status != 200:
        raise RuntimeError(f"not advanced: {status} {said}")
    seen["packet"] = said if said["state"] == "held" else None
    return took


def converse(caller: Caller, seen: dict[str, Any]) -> float:
    """A conversation is recorded (timed) with the next step sold."""
    packet = _hold(caller, seen)
    start = time.perf_counter()
    status, said = caller.ask(
        "POST",
        f"/packets/{packet['id']}/conversation",
        {
            "outcome": "sold_next_step",
            "counterpart": "buyer",
            "minutes": 8,
            "step_at": "2035-01-05T10:00:00Z",
        },
    )
    if status != 200:
        raise RuntimeError(f"not recorded: {status} {said}")
    return time.perf_counter() - start


def _hold(caller: Caller, seen: dict[str, Any]) -> dict[str, Any]:
    status, said = caller.ask("POST", "/next", {})
    if status != 200 or said.get("packet") is None:
        raise RuntimeError(f"no opportunity: {status} {said}")
    seen["packet"] = said["packet"]
    return dict(said["packet"])


ROUNDS: dict[str, Callable[[Caller, dict[str, Any]], float]] = {
    "deal": deal,
    "only_deal": only_deal,
    "arrive": arrive,
    "read_fifty": read_fifty,
    "advance": advance,
    "converse": converse,
}


def main() -> None:
    """Everyone starts at once and stops after the time; a failure of one is a failure of all."""
    port, seconds, round_ = int(sys.argv[1]), float(sys.argv[2]), ROUNDS[sys.argv[3]]
    shared = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
    keys = [line.strip() for line in sys.stdin if line.strip()]
    barrier, done = threading.Barrier(len(keys)), []

    def work(key: str) -> None:
        caller, seen, took = Caller(port, key), {"got": [], **shared}, []
        try:
            caller.ask("GET", "/me")
            barrier.wait()
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                took.append(round_(caller, seen))
            done.append({"took": took, "got": seen["got"], "asked": caller.asked, "error": ""})
        except (RuntimeError, OSError, threading.BrokenBarrierError) as error:
            barrier.abort()
            done.append({"took": took, "got": seen["got"], "asked": caller.asked, "error": str(error)})

    crowd = [threading.Thread(target=work, args=(key,)) for key in keys]
    start = time.perf_counter()
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    print(json.dumps({"seconds": time.perf_counter() - start, "callers": done}))


if __name__ == "__main__":
    main()
