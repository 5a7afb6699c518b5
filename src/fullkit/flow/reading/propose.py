"""A mapping file for a person to correct: what each column was taken for, and what could not be told."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from fullkit.flow.reading import files, recognise, sheets, words
from fullkit.flow.reading.mapping import FIELDS
from fullkit.flow.reading.recognise import Rows, Taken
from fullkit.flow.reading.sheets import Sheet

_SHOWN = 3
_HEAD = """\
# A mapping for `fullkit diagnose --mapping THIS FILE ...`. Correct it: left of a colon stands our word, right of it
# the header in your file. Lines that begin with # are only remarks.
zone: UTC            # times without a zone are in this one, such as Europe/Berlin
# today: 2026-01-31  # the day of the export; left out, the last date in the data is taken
# dates: dmy         # dmy: 31.01.2026, mdy: 01/31/2026; left out, each column tells itself
process: hunting     # hunting: new business; farming: existing customers
"""
_WORDS_OF_ENDING = ("won", "lost", "no_decision")


def propose(paths: Sequence[Path]) -> str:
    """The YAML text of a mapping for these files. Raises Unreadable when a file cannot be opened."""
    out = [_HEAD]
    with duckdb.connect() as con, tempfile.TemporaryDirectory(prefix="fullkit-read-") as room:
        found = [
            (path.name, sheet, sheets.sample(con, sheet))
            for i, path in enumerate(paths)
            for sheet in files.tables(con, path, Path(room) / str(i), ())
        ]
    takens = [(name, guess(sheet, rows), rows) for name, sheet, rows in found]
    for _, taken, rows in takens:
        out += _endings(taken, rows)
    out.append("files:")
    for name, taken, rows in takens:
        out += _file(name, taken, rows)
    return "\n".join(out) + "\n"


def guess(sheet: Sheet, rows: Rows) -> Taken:
    """What the sheet most likely holds; unlike `recognise` it always guesses."""
    taken = recognise.recognise(sheet, rows, None)
    if taken.columns:
        return taken
    flat = [words.plain(h) for h in sheet.header]
    events, deals = recognise.match(flat, words.EVENTS), recognise.match(flat, words.OPPORTUNITIES)
    if len(events) > len(deals) and {"at", "start"} & set(events):
        recognise.by_values(rows, len(flat), events)
        return Taken(sheet, "events", "", events)
    if "outcome" not in deals and "stage" not in deals and (at := _ending(sheet, rows)) is not None:
        deals = {k: v for k, v in deals.items() if v != at} | {"outcome": at}
    if not deals:
        return Taken(sheet, "nothing", "", {})
    return Taken(sheet, "opportunities", "", deals)


def _ending(sheet: Sheet, rows: Rows) -> int | None:
    """The last column whose every word ends a deal, such as yes and no."""
    for at in reversed(range(len(sheet.header))):
        seen = {row[at] for row in rows if row[at]}
        if seen and len(seen) <= 6 and {words.outcome(w or "") for w in seen} == {"won", "lost"}:
            return at
    return None


def _endings(taken: Taken, rows: Rows) -> list[str]:
    """The words that end a deal, as found in the first rows."""
    for field in ("outcome", "stage"):
        at = taken.columns.get(field)
        if taken.holds != "opportunities" or at is None:
            continue
        seen = sorted({row[at] for row in rows if row[at]} - {None}, key=str)[:60]
        told = {w: words.outcome(w or "") for w in seen}
        out = [f"outcomes:            # by `{field}`; every other word leaves a deal open"]
        for meaning in _WORDS_OF_ENDING:
            out.append(f"  {meaning}: [{', '.join(_quoted(w or '') for w in seen if told[w] == meaning)}]")
        rest = [w or "" for w in seen if told[w] is None]
        return [*out, f"  # open: {', '.join(map(_remark, rest))}"] if rest else out
    return []


def _file(name: str, taken: Taken, rows: Rows) -> list[str]:
    out = [f"- name: {_quoted(name)}", f"  holds: {taken.holds}      # one of {', '.join(FIELDS)}"]
    header = taken.sheet.header
    if taken.columns:
        out.append("  columns:")
        out += [
            f"    {ours}: {_quoted(header[at])}{_such_as(rows, at)}" for ours, at in taken.columns.items()
        ]
        lacking = [f for f in FIELDS[taken.holds] if f not in taken.columns]
        out += [f"    # not found: {', '.join(lacking)}"] if lacking else []
    else:
        out.append("  columns: {}")
    used = set(taken.columns.values())
    free = [(h, at) for at, h in enumerate(header) if at not in used]
    out += [f"  # not used: {_remark(h)}{_such_as(rows, at)}" for h, at in free[:60]]
    return out


def _such_as(rows: Rows, at: int) -> str:
    seen = list(dict.fromkeys(row[at] for row in rows if row[at]))[:_SHOWN]
    return f"  # such as {' | '.join(_remark(v or '') for v in seen)}" if seen else "  # empty"


def _quoted(value: str) -> str:
    """A YAML scalar that is text whatever it looks like."""
    escaped = (
        value.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )
    return f'"{escaped}"'


def _remark(value: str) -> str:
    """A value in one short line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line if len(line) <= 40 else f"{line[:39]}…"
