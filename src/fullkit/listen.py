"""The server's own process: it starts the web processes, tells where they are, and takes Ctrl-C. No more.

`fullkit up` becomes this program once everything is ready. So the memory of migrating and of building the demo company
is given back, and what waits here all day knows neither Django nor the database.
"""

from __future__ import annotations

import dataclasses
import http.client
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, NoReturn


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to serve and what to say. `lock` is an open file that stays locked as long as this process lives."""

    host: str
    port: int
    workers: int
    names: list[str]
    password_file: str
    code: bool
    code_file: str
    lock: int | None
    logging: dict[str, Any]


def instead_of_this(plan: Plan) -> NoReturn:
    """Turn this process into the server; it keeps its id and its terminal."""
    if plan.lock is not None:
        os.set_inheritable(plan.lock, True)
    sys.stdout.flush()
    sys.stderr.flush()
    command = [sys.executable, "-m", "fullkit.listen", json.dumps(dataclasses.asdict(plan))]
    os.execv(sys.executable, command)  # noqa: S606  our own interpreter, no shell


def main() -> None:
    """Serve what the plan says until told to stop."""
    plan = Plan(**json.loads(sys.argv[1]))
    if plan.lock is not None:
        os.set_inheritable(plan.lock, False)  # a web process that outlives us must not keep the folder
    _hear_ctrl_c()
    _announce(plan)
    _serve(plan)


def _announce(plan: Plan) -> None:
    """Wait for the server in a thread of our own, then say where it is and who may come in."""
    threading.Thread(target=_say_where, args=(plan,), name="announce", daemon=True).start()


def _say_where(plan: Plan) -> None:
    every = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    shown = every.get(plan.host, f"[{plan.host}]" if ":" in plan.host else plan.host)
    address = f"http://{shown}:{plan.port}"
    for _ in range(600):
        if _answers(shown.strip("[]"), plan.port):
            break
        time.sleep(0.1)
    else:
        return
    lines = [address]
    if plan.names:
        password = Path(plan.password_file).read_text(encoding="utf-8").strip()
        lines += [f"Sign in as {', '.join(plan.names)}", f"Password: {password}"]
    if plan.code:
        code = Path(plan.code_file).read_text(encoding="utf-8").strip()
        lines += [f"Set up your company at {address}/setup", f"Set-up code: {code}"]
    print("\n".join(lines), flush=True)


def _answers(host: str, port: int) -> bool:
    caller = http.client.HTTPConnection(host, port, timeout=2)
    try:
        caller.request("GET", "/health", headers={"Host": "localhost"})
        return caller.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()


def _hear_ctrl_c() -> None:
    """Let Ctrl-C reach this process alone.

    A terminal sends it to the web processes too, and one that is stopped twice at once may not stop at all. They
    inherit the block; a thread of ours takes the signal and asks the server to stop.
    """
    resource_tracker.ensure_running()  # its start would undo the block
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def wait() -> None:
        signal.sigwait({signal.SIGINT})
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="ctrl-c", daemon=True).start()


def _serve(plan: Plan) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    # A fork would copy this process's threads half-way through whatever they do.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "fullkit.worker:application",
        address=plan.host,
        port=plan.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=plan.workers,
        # One thread per process: on SQLite it is the queue in which writers wait their turn, first come first
        # served; on PostgreSQL more threads only make pages slower.
        blocking_threads=1,
        log_level=LogLevels.warning,
        log_dictconfig=plan.logging,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
    )
    server.serve()


if __name__ == "__main__":
    main()
