"""What a file holds, told by its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from fullkit.flow.reading import words
from fullkit.flow.reading.errors import Unreadable
from fullkit.flow.reading.mapping import FileMapping, Holds
from fullkit.flow.reading.sheets import Sheet
from fullkit.flow.reading.words import Words, plain

Rows = Sequence[tuple[str | None, ...]]
_LIFECYCLE = frozenset(
    ("start", "complete", "schedule", "assign", "reassign", "suspend", "resume", "withdraw")
)
"""The transitions of XES that are not an activity of their own."""


@dataclass(frozen=True)
class Taken:
    """A sheet and what it was taken for."""

    sheet: Sheet
    holds: Holds
    kind: str
    columns: dict[str, int]
    """Our word to the position of the column."""

    def named(self) -> dict[str, str]:
        """Our word to the file's header."""
        return {ours: self.sheet.header[at] for ours, at in self.columns.items()}


def recognise(sheet: Sheet, rows: Rows, told: FileMapping | None) -> Taken:
    """What this sheet holds. A file of no known kind holds `nothing` so far: it may still join another."""
    if told is not None:
        return _told(sheet, told)
    flat = [plain(h) for h in sheet.header]
    have = frozenset(flat)
    if any(sign <= have for sign in words.HISTORY_SIGNS) and not {"opportunityname", "dealname"} & have:
        return Taken(sheet, "history", "stage history", match(flat, words.HISTORY))
    for kind, _holds, signs in words.SIGNATURES:
        if any(sign <= have for sign in signs):
            return Taken(sheet, "opportunities", kind, match(flat, words.OPPORTUNITIES))
    events = match(flat, words.EVENTS)
    if (stated := _lifecycle(rows, len(flat), events)) is not None:
        events["lifecycle"] = stated
        by_values(rows, len(flat), events)
    if {"case", "activity"} <= set(events) and {"at", "start"} & set(events):
        return Taken(sheet, "events", "event log", events)
    deals = match(flat, words.OPPORTUNITIES)
    if _is_pipeline(set(deals)):
        return Taken(sheet, "opportunities", "opportunities", deals)
    return Taken(sheet, "nothing", "", {})


def _is_pipeline(held: set[str]) -> bool:
    begins = held & {"created", "opened"}
    ends = held & {"closed", "close", "won_on", "lost_on", "expected_close"}
    how = held & {"stage", "outcome"}
    return bool((begins and (ends or how)) or (ends and how))


def match(flat: Sequence[str], known: Words) -> dict[str, int]:
    """Our words to positions; each column is used once, for the word that names it best."""
    taken: dict[str, int] = {}
    used: set[int] = set()
    for ours, theirs in known.items():
        for word in theirs:
            at = next((i for i, h in enumerate(flat) if h == word and i not in used), None)
            if at is not None:
                taken[ours] = at
                used.add(at)
                break
    return taken


def _lifecycle(rows: Rows, width: int, events: dict[str, int]) -> int | None:
    """The column that says which rows start and which complete an activity, told by its values."""
    for at in range(width):
        seen = {(row[at] or "").strip().casefold() for row in rows if at < len(row)} - {""}
        if {"start", "complete"} <= seen and seen <= _LIFECYCLE:
            return at
    return events.get("lifecycle")


def by_values(rows: Rows, width: int, events: dict[str, int]) -> None:
    """Case and activity of a log that has starts and completions, where no word names them.

    The activity is the wordy column with the fewest different values, the case the other one that repeats the least.
    """
    if not rows or not {"at", "start"} & set(events):
        return
    used = set(events.values())
    kinds = {at: len({row[at] for row in rows if row[at]}) for at in range(width) if at not in used}
    kinds = {at: n for at, n in kinds.items() if 1 < n <= len(rows) / 2}
    wordy = {at: n for at, n in kinds.items() if any(c.isalpha() for c in rows[0][at] or "")}
    if "activity" not in events and wordy:
        events["activity"] = min(wordy, key=lambda at: (wordy[at], at))
        kinds.pop(events["activity"], None)
    if "case" not in events and kinds:
        events["case"] = max(kinds, key=lambda at: (kinds[at], -at))


def _told(sheet: Sheet, told: FileMapping) -> Taken:
    columns = {}
    exact = {h: i for i, h in reversed(list(enumerate(sheet.header)))}
    loose = {plain(h): i for i, h in reversed(list(enumerate(sheet.header)))}
    for ours, theirs in told.columns.items():
        at = exact.get(theirs, loose.get(plain(theirs)))
        if at is None:
            near = get_close_matches(theirs, sheet.header, n=3, cutoff=0.4) or list(sheet.header[:8])
            raise Unreadable(
                sheet.name,
                f"has no column {theirs!r}, which the mapping names for `{ours}`.",
                f"Nearest: {', '.join(near)}.",
                line=1,
            )
        columns[ours] = at
    return Taken(sheet, told.holds, f"{told.holds}, as the mapping says", columns)
