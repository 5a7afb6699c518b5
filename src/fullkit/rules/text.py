"""Text that people type: any script is welcome, invisible commands are not."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from fullkit.rules.refusal import Invalid

MAX_TEXT = 4000
"""Characters of one typed answer."""


def clean_text(text: str, *, field: str, longest: int = MAX_TEXT, lines: bool = True) -> str:
    """The text stripped and in composed form; raises Invalid for control characters or too much of it.

    `lines` allows line breaks and tabs. Half characters (lone surrogates) are refused like control characters,
    because no database keeps them.
    """
    said = unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())
    allowed = "\n\t" if lines else ""
    for place, char in enumerate(said, start=1):
        if unicodedata.category(char) in ("Cc", "Cs") and char not in allowed:
            raise Invalid(
                field=field,
                problem=f"character {place} is an invisible control character (U+{ord(char):04X}).",
                cure="Delete it and type the text again.",
            )
    if len(said) > longest:
        raise Invalid(
            field=field, problem=f"{len(said)} characters are too many.", cure=f"Write at most {longest}."
        )
    return said


def one_of_these(words: Sequence[str]) -> str:
    """`pdf`, `pdf or png`, `pdf, png or jpg`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
