"""Letters by which one of several choices is taken: the first free letter of its words."""

from __future__ import annotations

from collections.abc import Sequence

TAKEN = frozenset("bcefghknprsux")
"""Letters that mean something on every working page."""


def letters(words: Sequence[str]) -> list[str]:
    """One letter for each, in their order; empty where no letter of the words is free."""
    used, given = set(TAKEN), []
    for phrase in words:
        lower = phrase.lower()
        starts = [w[0] for w in lower.split() if w]
        free = [c for c in [*starts, *lower] if c.isascii() and c.isalpha() and c not in used]
        letter = next(iter(free), "")
        used.add(letter)
        given.append(letter)
    return given
