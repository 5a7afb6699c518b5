"""Reading the environment: a working default for everything, and a plain sentence for a bad value."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}


class BadSetting(ImproperlyConfigured):
    """A value that cannot be used; the message says which one and what would do instead."""


def envstr(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def envbool(name: str, default: bool = False) -> bool:
    """Read 1/true/yes/on or 0/false/no/off."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in YES:
        return True
    if value in NO:
        return False
    raise BadSetting(f"{name} is {raw!r}; say 1 or 0 (true, yes and on, or false, no and off, will do too).")


def envint(name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
    """Read a whole number, within bounds where there are any."""
    raw = os.environ.get(name)
    if raw is None or not raw.strip():
        return default
    try:
        value = int(raw)
    except ValueError:
        raise BadSetting(f"{name} is {raw!r}; it must be a whole number, for example {default}.") from None
    if least is not None and value < least:
        raise BadSetting(f"{name} is {value}; it must be at least {least}.")
    if most is not None and value > most:
        raise BadSetting(f"{name} is {value}; it must be at most {most}.")
    return value


def envchoice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Read one word out of a few."""
    value = os.environ.get(name, "").strip() or default
    for choice in choices:
        if value.lower() == choice.lower():
            return choice
    raise BadSetting(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")


def envlist(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Read words separated by commas."""
    raw = os.environ.get(name)
    if raw is None:
        return list(default)
    return [word.strip() for word in raw.split(",") if word.strip()]


def envzone(name: str, default: str) -> str:
    """Read a time zone by its IANA name."""
    value = os.environ.get(name, "").strip() or default
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(f"{name} is {value!r}; it must be a time zone such as Europe/Berlin.") from None
    return value


def envsecret(name: str, default: str = "") -> str:
    """Read NAME, or the content of the file that NAME_FILE names, so that secrets can be mounted as files."""
    file = os.environ.get(f"{name}_FILE")
    if file is None:
        return os.environ.get(name, default)
    if name in os.environ:
        raise BadSetting(f"{name} and {name}_FILE are both set; keep one of them.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as err:
        raise BadSetting(f"{name}_FILE names {file}, which cannot be read: {err.strerror}.") from None


def private_file(path: Path, length: int = 50) -> str:
    """Return the secret kept in a file only its owner can read; make it up on first use."""
    value = secrets.token_urlsafe(length)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(value + "\n", encoding="utf-8")
        try:
            os.link(draft, path)  # either the whole secret or none: two first starts at once agree on one
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def database(url: str, *, var: Path, synchronous: str, pool_size: int) -> dict[str, Any]:
    """Turn a database URL into Django's dictionary; no URL means SQLite in the var folder."""
    if not url:
        return _sqlite(var / "fullkit.sqlite3", synchronous)
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)), synchronous)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadSetting(
            f"DATABASE_URL starts with {parts.scheme or '(nothing)'!r}; "
            "it must look like postgres://user:password@host:5432/name or sqlite:///path/to/file."
        )
    query: Mapping[str, str] = dict(parse_qsl(parts.query))
    try:
        port = parts.port
    except ValueError:
        raise BadSetting("DATABASE_URL holds a port that is not a number.") from None
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise BadSetting("DATABASE_URL names no database; it ends in /name.")
    options: dict[str, Any] = {key: value for key, value in query.items() if key not in {"host", "port"}}
    options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", unquote(parts.hostname or "")),
        "PORT": str(query.get("port", port or "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,  # the pool keeps the connections
    }


def _sqlite(path: Path, synchronous: str) -> dict[str, Any]:
    # WAL with NORMAL survives a killed process, but not a power cut: the last commits may be gone.
    # A handoff that was accepted must stay accepted, so the default is FULL: one flush per commit.
    pragmas = (
        "journal_mode = WAL",
        f"synchronous = {synchronous}",
        "temp_store = MEMORY",
        "mmap_size = 134217728",
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # Opening the file and leaving it again costs more than most requests: the last to leave empties the WAL.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            # A transaction that starts as a reader and then writes fails at once under WAL instead of waiting.
            "transaction_mode": "IMMEDIATE",
            "init_command": "".join(f"PRAGMA {pragma};" for pragma in pragmas),
        },
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }
