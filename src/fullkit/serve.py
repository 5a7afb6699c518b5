"""`fullkit up`: one command from nothing to a page that answers."""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import IO, Any, NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection, connections

from fullkit import listen
from fullkit.actions import playbooks
from fullkit.env import BadSetting, private_file


def up(*, host: str, port: int, workers: int | None = None, demo: bool = True) -> NoReturn:
    """Migrate, fill an empty database, then become the server, which says where it is once it answers."""
    count = _workers(settings.WORKERS if workers is None else workers)
    _free(host, port)
    lock = _alone()
    call_command("migrate", interactive=False, verbosity=0)
    _collect()
    if demo:
        _fill()
    _mirror()
    plan = listen.Plan(
        host=host,
        port=port,
        workers=count,
        names=_cast(),
        password_file=str(settings.DEMO_PASSWORD_FILE),
        code=_has_setup_code(),
        code_file=str(settings.SETUP_CODE_FILE),
        lock=None if lock is None else lock.fileno(),
        logging=settings.LOGGING,
    )
    _hang_up()
    listen.instead_of_this(plan)


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


def _mirror() -> None:
    """Copy the log for those who will measure, here where the memory it takes is given back."""
    if playbooks.exists():
        importlib.import_module("fullkit.reports.log").refresh()


def _cast() -> list[str]:
    """The sign-in names of the demo company, if this is one."""
    if not settings.DEMO_PASSWORD_FILE.exists():
        return []
    people = get_user_model()
    names = people._default_manager.filter(is_active=True).order_by("pk")
    return [str(name) for name in names.values_list(people.USERNAME_FIELD, flat=True)[:12]]


def _has_setup_code() -> bool:
    """Make what somebody has to know to set up an empty company, so that a stranger on the network cannot take it."""
    if playbooks.exists():
        return False
    private_file(settings.SETUP_CODE_FILE, length=9)
    return True


def _hang_up() -> None:
    """Close what this process has open to the database: the web processes have their own."""
    connections.close_all()
    for one in connections.all(initialized_only=True):
        if one.vendor == "postgresql":
            one.close_pool()  # type: ignore[attr-defined]  # its threads would take Ctrl-C from the one that waits


def _say_over(sentence: str) -> None:
    """Print on a terminal over what was said before."""
    print(f"\r\x1b[K{sentence}", end="", file=sys.stdout, flush=True)


def say(sentence: str) -> None:
    """Print one line at once, also into a pipe."""
    print(sentence, file=sys.stdout, flush=True)
