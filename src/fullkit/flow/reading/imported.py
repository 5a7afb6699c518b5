"""What an import yields: the event table, the account of its rows, and what was assumed on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from duckdb import DuckDBPyConnection

from fullkit.flow.reading.account import Account


@dataclass(frozen=True)
class Recognised:
    """What a file was taken for."""

    file: str
    kind: str
    """In words: `Salesforce opportunities`, `event log`, `customers`."""
    columns: dict[str, str]
    """Our word to the file's header; what is not named here was not read."""


@dataclass(frozen=True)
class Imported:
    """An event table and where it came from."""

    con: DuckDBPyConnection
    """Holds the tables `log`, `calendar`, `people`, `customers`, `items` and the view `packets`. Columns that the
    files lack are absent from `log` and `items`."""
    account: Account
    holds: Literal["opportunities", "events"]
    files: tuple[Recognised, ...]
    as_of: date
    """The day up to which the data goes: what is open then is open so far."""
    as_of_why: str
    zone: str
    assumptions: tuple[str, ...]
    """What was decided without being told, as sentences."""
    offers: tuple[str, ...]
    """Spellings that look like one and the same but were left alone, as sentences."""
    cannot: tuple[str, ...]
    """What these files cannot say, as sentences."""
    facts: dict[str, int]
    """What was counted while reading, such as rows, cases, events, objects."""
