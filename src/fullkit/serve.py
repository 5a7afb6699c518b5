"""`fullkit up`: one command from nothing to a page that answers."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import importlib
import importlib.util
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from multiprocessing import resource_tracker
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection, connections

from fullkit.actions import playbooks
from fullkit.env import BadSetting, private_file

logger = logging.getLogger("fullkit.serve")


def up(*, host: str, port: int, workers: int | None = None, demo: bool = True) -> int:
    """Migrate, fill an empty database, serve, and say where once the server answers."""
    count = _workers(settings.WORKERS if workers is None else workers)
    _free(host, port)
    lock = _alone()
    call_command("migrate", interactive=False, verbosity=0)
    _collect()
    if demo:
        _fill()
    names, code = _cast(), _setup_code()
    _hang_up()
    _hear_ctrl_c()
    _announce(host, port, names, code)
    try:
        _serve(host, port, count)
    finally:
        if lock is not None:
            lock.close()
    return 0


def _workers(asked: int) -> int:
    if connection.vendor == "sqlite" and asked > 1:
        raise BadSetting(
            f"{asked} web processes were asked for, but SQLite has room for one writer: "
            "set DATABASE_URL to a PostgreSQL database, or ask for one."
        )
    if asked < 0:
        raise BadSetting(f"{asked} web processes were asked for; at least one is needed.")
    if asked:
        return asked
    return 1 if connection.vendor == "sqlite" else os.cpu_count() or 1


def _free(host: str, port: int) -> None:
    """Ask for the port before the server does: it shares ports, so two of them would split the visitors."""
    if not 0 < port < 65536:
        raise BadSetting(f"{port} is not a port; use a number from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as err:
            why = err.strerror or str(err)
            raise BadSetting(f"Cannot listen on {host}:{port} ({why}); choose another with --port.") from None


def _alone() -> IO[str] | None:
    """On SQLite a second server beside this one would be a second writer."""
    if connection.vendor != "sqlite":
        return None
    lock = (settings.VAR / "serve.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise BadSetting(
            f"Another fullkit serves from {settings.VAR}; stop it, or choose another folder with FULLKIT_VAR."
        ) from None
    return lock


def _collect() -> None:
    """Gather the static files, but only if one of them changed since: compressing takes seconds."""
    if not settings.STATIC_MANIFEST:
        return
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    mark = settings.VAR / "static.mark"
    if mark.exists() and mark.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(digest.hexdigest())


def _fill() -> None:
    """Fill an empty database with the demo company."""
    if get_user_model()._default_manager.exists() or importlib.util.find_spec("fullkit.demo") is None:
        return
    move_in()


def move_in(**how: Any) -> None:
    """Build the demo company, with a password made for this installation; says how far it is.

    Takes what `demo.build.fill` takes, and raises its refusals.
    """
    build: Any = importlib.import_module("fullkit.demo.build")
    private_file(settings.DEMO_PASSWORD_FILE, length=12)
    say("Filling the empty database with the demo company; this takes about a minute.")
    made = build.fill(progress=_say_over if sys.stdout.isatty() else say, **how)
    if sys.stdout.isatty():
        say("")
    say(f"Done: {made.packets:,} packets and {made.events:,} events since {made.first:%d %B %Y}.")


def _cast() -> list[str]:
    """The sign-in names of the demo company, if this is one."""
    if not settings.DEMO_PASSWORD_FILE.exists():
        return []
    people = get_user_model()
    names = people._default_manager.filter(is_active=True).order_by("pk")
    return [str(name) for name in names.values_list(people.USERNAME_FIELD, flat=True)[:12]]


def _setup_code() -> str:
    """What somebody has to know to set up an empty company, so that a stranger on the network cannot take it."""
    return "" if playbooks.exists() else private_file(settings.SETUP_CODE_FILE, length=9)


def _announce(host: str, port: int, names: list[str], code: str) -> None:
    """Wait for the server in a thread of our own, then say where it is and who may come in."""

    def wait() -> None:
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(  # noqa: S104
            host, f"[{host}]" if ":" in host else host
        )
        address = f"http://{shown}:{port}"
        for _ in range(600):
            if _answers(shown.strip("[]"), port):
                break
            time.sleep(0.1)
        else:
            return
        say(address)
        if names:
            say(f"Sign in as {', '.join(names)}")
            say(f"Password: {settings.DEMO_PASSWORD_FILE.read_text(encoding='utf-8').strip()}")
        if code:
            say(f"Set up your company at {address}/setup")
            say(f"Set-up code: {code}")

    threading.Thread(target=wait, name="announce", daemon=True).start()


def _hang_up() -> None:
    """Close what this process has open to the database: the web processes have their own."""
    connections.close_all()
    for one in connections.all(initialized_only=True):
        if one.vendor == "postgresql":
            one.close_pool()  # type: ignore[attr-defined]  # its threads would take Ctrl-C from the one that waits


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


def _answers(host: str, port: int) -> bool:
    caller = http.client.HTTPConnection(host, port, timeout=2)
    try:
        caller.request("GET", "/health", headers={"Host": "localhost"})
        return caller.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()


def _serve(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    # A fork would copy this process's threads half-way through whatever they do.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "fullkit.worker:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        # One thread per process: on SQLite it is the queue in which writers wait their turn, first come first
        # served; on PostgreSQL more threads only make pages slower.
        blocking_threads=1,
        log_level=LogLevels.warning,
        log_dictconfig=settings.LOGGING,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
    )
    server.serve()


def _say_over(sentence: str) -> None:
    """Print on a terminal over what was said before."""
    print(f"\r\x1b[K{sentence}", end="", file=sys.stdout, flush=True)


def say(sentence: str) -> None:
    """Print one line at once, also into a pipe."""
    print(sentence, file=sys.stdout, flush=True)
