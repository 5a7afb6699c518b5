"""A process that kills verbs: `python -m tests.crash.house (sqlite|postgres) (some|all) [verb ...]`.

It prepares one Monday, then for every verb and every step of it: a copy of the database, a child that runs the verb
and sends itself SIGKILL at that step, another child that looks at what is left. The parent never keeps a connection,
so that every child has its own. One JSON object per kill is printed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time as clock
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


class Sqlite:
    """Databases as files, written with a flush per commit as in earnest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def name(self, case: str) -> str:
        return str(self.folder / f"{case}.sqlite3")

    def create(self, case: str) -> None:
        pass

    def copy(self, case: str, to: str) -> None:
        for end in ("", "-wal", "-shm"):
            Path(self.name(to) + end).unlink(missing_ok=True)
        shutil.copyfile(self.name(case), self.name(to))


class Postgres:
    """Databases of the suite's server, copied from a template."""

    def __init__(self, url: str) -> None:
        import psycopg

        host = url.rpartition("host=")[2]
        self.admin = psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True)
        self.mark = f"crash_{os.getpid()}"

    def name(self, case: str) -> str:
        return f"{self.mark}_{case}"

    def create(self, case: str) -> None:
        self.admin.execute(f'CREATE DATABASE "{self.name(case)}"')

    def copy(self, case: str, to: str) -> None:
        self.admin.execute(f'DROP DATABASE IF EXISTS "{self.name(to)}" WITH (FORCE)')
        self.admin.execute(f'CREATE DATABASE "{self.name(to)}" TEMPLATE "{self.name(case)}"')

    def drop(self) -> None:
        for case in ("prepared", "case", "whole"):
            self.admin.execute(f'DROP DATABASE IF EXISTS "{self.name(case)}" WITH (FORCE)')


def point(name: str) -> None:
    """Every later query of this process goes to this database."""
    from django.db import connection

    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
        connection.settings_dict["OPTIONS"].pop("pool", None)
    connection.settings_dict["NAME"] = name


# --- children ------------------------------------------------------------------------------------------------


def child(work: Callable[[], Any]) -> tuple[int, Any]:
    """Run work in a forked process; how it ended, and what it said before."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            said = json.dumps({"said": work()})
            os.write(writing, said.encode())
            os._exit(0)
        except BaseException:
            import traceback

            os.write(writing, json.dumps({"error": traceback.format_exc()[-3000:]}).encode())
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    return status, json.loads(said) if said else None


def told(work: Callable[[], Any]) -> Any:
    """What a child says that has to come through."""
    status, said = child(work)
    if status or "said" not in said:
        raise RuntimeError(said["error"] if said else f"child ended with {status}")
    return said["said"]


class Steps:
    """Counts what a verb asks of the database; at one of these steps the process kills itself."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at, self.names = kill_at, []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.step(" ".join(sql.split()[:3])[:60])
        return execute(sql, params, many, context)

    def step(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, connection: Any) -> None:
        commit = connection._commit

        def watched() -> Any:
            self.step("commit")
            done = commit()
            self.step("committed")
            return done

        connection._commit = watched


def run(verb: str, now: datetime, kill_at: int | None) -> list[str]:
    """Call a verb, counting its steps; the names of the steps."""
    from django.db import connection

    from tests.crash.scene import VERBS, Scene

    _nothing_by_chance()
    scene, steps = Scene(now), Steps(kill_at)
    connection.ensure_connection()
    steps.watch(connection)
    with connection.execute_wrapper(steps):
        VERBS[verb](scene)
    return steps.names


def _nothing_by_chance() -> None:
    """Two runs of a verb leave the same rows: no time of writing, no salt, no dice."""
    import secrets

    from django.contrib.auth.hashers import BasePasswordHasher

    from fullkit.actions import log

    log.backdated.set(True)
    BasePasswordHasher.salt = lambda self: "0123456789abcdef"  # type: ignore[method-assign]
    secrets.choice = lambda letters: letters[0]  # type: ignore[assignment]


def counters() -> list[tuple[str, int | None]]:
    """Where PostgreSQL's sequences stand: a kill rolls rows back but not these, and ids are part of the state."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        return list(cursor.fetchall())


def put_back(kept: list[tuple[str, int | None]]) -> None:
    """Set the sequences as they stood."""
    from django.db import connection

    with connection.cursor() as cursor:
        for name, value in kept:
            cursor.execute("SELECT setval(%s, %s, %s)", [name, value or 1, value is not None])


def digest() -> str:
    """Of every row of every table."""
    from tests.invariants.snapshot import Snapshot

    return hashlib.sha256(repr(sorted(Snapshot().tables.items())).encode()).hexdigest()


def shape() -> Any:
    """What a database says, without its ids: two runs that come to the same have the same shape."""
    from fullkit.models import Event, Handoff, Packet, QueueReading, Slot
    from tests.invariants.snapshot import Snapshot

    stands = Packet.objects.values_list(
        "type", "title", "department", "person__sign_in", "state", "stage", "outcome"
    )
    kits = Handoff.objects.values_list("kind", "packet__title", "accepted_at", "withdrawn_at", "reversed_at")
    slots = Slot.objects.values_list("person__sign_in", "starts_at", "packet__title")
    levels = QueueReading.objects.values_list("person__sign_in", "day", "level", "gap", "released")
    counts = {name: len(rows) for name, rows in Snapshot().tables.items()}
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    return json.loads(
        json.dumps(
            [sorted(map(str, rows)) for rows in (stands, kits, slots, levels)]
            + [counts, sorted(kinds.items())]
        )
    )


def look(verb: str, now: datetime, end: Any) -> dict[str, Any]:
    """What a fresh process finds after a kill: the state, the laws, the lock, and what asking again does."""
    from django.db import connection, transaction

    from fullkit.actions.may import NotYours
    from fullkit.rules.refusal import Refusal
    from tests.crash.scene import VERBS, Scene
    from tests.invariants import laws
    from tests.invariants.snapshot import Snapshot

    started = clock.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        # A waiting caller: it must get the lock that the dead one had.
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute(
                "LOCK TABLE fullkit_packet, fullkit_event, fullkit_handoff IN ACCESS EXCLUSIVE MODE"
            )
        else:
            cursor.execute("UPDATE fullkit_packet SET fence = fence + 1")
        transaction.set_rollback(True)
    waited = clock.monotonic() - started
    state = digest()
    laws.hold(Snapshot())
    with transaction.atomic():
        _nothing_by_chance()
        try:
            VERBS[verb](Scene(now))
            again = "done"
        except (Refusal, NotYours) as no:
            again = getattr(no, "code", "not-yours")
        except Exception as lost:
            if type(lost).__name__ != "DoesNotExist":
                raise
            again = "gone"
        laws.hold(Snapshot())
        same_end = shape() == end
        leases = _leases_come_back(now)
        transaction.set_rollback(True)
    return {"state": state, "waited": waited, "again": again, "same_end": same_end, "leases": leases}


def _leases_come_back(now: datetime) -> bool:
    """Whoever died with a packet in hand: after its lease nobody has it any more."""
    from fullkit.actions import inbox
    from fullkit.models import Packet

    inbox.sweep(at=now + timedelta(days=9))
    return not Packet.objects.filter(state="held").exists()


# --- the parent ----------------------------------------------------------------------------------------------


def chosen(names: list[str], how: str) -> list[int]:
    """At which steps to kill: all of them, or half way and around the first and the last commit."""
    every = list(range(1, len(names) + 1))
    if how == "all":
        return every
    commits = [k for k in every if names[k - 1] == "commit"] or [len(every)]
    done = [k for k in every if names[k - 1] == "committed"] or [len(every)]
    return sorted({max(1, commits[0] // 2), commits[0], done[0], commits[-1], done[-1]})


def main(kind: str, how: str, only: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="fullkit-crash-"))
    server = Sqlite(folder) if kind == "sqlite" else Postgres(os.environ["DATABASE_URL"])
    try:
        now = _prepare(server)
        from tests.crash.scene import VERBS

        for verb in only or VERBS:
            for found in kills(server, verb, now, how):
                print(json.dumps(found), flush=True)
    finally:
        if isinstance(server, Postgres):
            server.drop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(server: Sqlite | Postgres) -> datetime:
    from django.core.management import call_command
    from django.db import connection

    server.create("prepared")
    point(server.name("prepared"))
    call_command("migrate", interactive=False, verbosity=0)
    from tests.crash.scene import prepare

    now = prepare().now
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return now


def kills(server: Sqlite | Postgres, verb: str, now: datetime, how: str) -> Any:
    """Each kill of one verb and what was found after it."""
    server.copy("prepared", "case")
    point(server.name("case"))
    before, kept = told(digest), told(counters)
    names = told(lambda: run(verb, now, None))
    after, end = told(digest), told(shape)
    fresh = False
    for k in chosen(names, how):
        if not fresh:
            server.copy("prepared", "case")
        status, said = child(lambda k=k: (put_back(kept), run(verb, now, k)))
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            raise RuntimeError(f"{verb} was not killed at step {k}: {said}")
        left = told(lambda: look(verb, now, end))
        fresh = left["state"] == before
        found = "before" if fresh else "after" if left["state"] == after else "between"
        step = names[k - 1]
        committed = "committed" in names[:k]
        yield {
            "verb": verb,
            "k": k,
            "of": len(names),
            "step": step,
            "found": found,
            "committed": committed,
            **left,
        }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fullkit.settings")
    import django

    django.setup()
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
