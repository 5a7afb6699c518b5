"""Opening files: what they really are, how their text is coded, and whether they are safe to unpack."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from fullkit.flow.reading.errors import Unreadable

CHUNK = 1 << 20
LARGEST = 16 << 30
"""Bytes that a file may unpack to."""
PACKED = 200
"""Times its size that a file may unpack to; texts of events pack to a twentieth, bombs to a thousandth."""
SMALL = 64 << 20
"""What may be unpacked whatever the ratio."""

_MAGIC = (
    (b"%PDF", "pdf"), (b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"), (b"PAR1", "parquet"),
    (b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"), (b"7z\xbc\xaf", "archive"), (b"Rar!", "archive"), (b"\x7fELF", "program"), (b"MZ", "program"),
    (b"BZh", "archive"), (b"\xfd7zXZ", "archive"), (b"\x28\xb5\x2f\xfd", "archive"), (b"{\\rtf", "document"),
)  # fmt: skip


def kind(head: bytes) -> str:
    """What a file is by its first bytes: text, unless they say otherwise; `xml` and `json` are text that begins so."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return what
    begin = decoded(head).lstrip("\ufeff \t\r\n")
    if begin[:200].casefold().startswith(("<!doctype html", "<html")):
        return "html"
    return "xml" if begin.startswith("<") else "json" if begin.startswith("{") else "text"


def head(path: Path) -> bytes:
    """The first bytes of a file. Raises Unreadable for what cannot be opened, a directory and an empty file."""
    try:
        if path.is_dir():
            raise Unreadable(path.name or str(path), "is a directory.", "Name the files in it.")
        with path.open("rb") as file:
            first = file.read(4096)
    except FileNotFoundError as error:
        raise Unreadable(str(path), "is not there.", "Check the name.") from error
    except OSError as error:
        raise Unreadable(
            path.name, f"cannot be opened ({error.strerror}).", "Check who may read it."
        ) from error
    if not first:
        raise Unreadable(path.name, "is empty.", "Export it again.")
    return first


def decoded(some: bytes) -> str:
    """The beginning of a text, whatever its coding, for a look."""
    return some.decode(_wide(some) or "utf-8", "replace")


def unpacked(path: Path, target: Path) -> Path:
    """The contents of a .gz file. Raises Unreadable for a broken one and for a bomb."""
    packed, total = path.stat().st_size, 0
    try:
        with gzip.open(path, "rb") as file, target.open("wb") as out:
            for chunk in _chunks(file):
                total += len(chunk)
                safe(path.name, packed, total)
                out.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(
            path.name, "is a broken .gz file; it ends too early or was damaged.", "Fetch it again."
        ) from error
    if total == 0:
        raise Unreadable(path.name, "is empty.", "Export it again.")
    return target


def safe(file: str, packed: int, total: int) -> None:
    """Raises Unreadable when a packed file grows as only a bomb does."""
    if total > LARGEST or total > max(SMALL, packed * PACKED):
        raise Unreadable(
            file,
            f"unpacks to more than {PACKED} times its size; this is what a zip bomb does, and it was not opened.",
            "Unpack it yourself and look at it.",
        )


def _chunks(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def as_utf8(path: Path, target: Path, name: str) -> tuple[Path, str]:
    """A file of the same text in UTF-8 without NUL, and a sentence about its coding when it had another.

    UTF-8 as it should be is not copied.
    """
    with path.open("rb") as file:
        first = file.read(CHUNK)
    coding = _wide(first)
    if coding is None:
        faults, letters, nul = _utf8(path)
        if nul:
            raise Unreadable(name, "is no text; it holds binary data.", "Export it again as CSV or .xlsx.")
        marked = first.startswith(codecs.BOM_UTF8)
        if not faults and not marked:
            return path, ""
        coding = "utf-8-sig" if not faults or marked or letters > faults else _narrow(path)
    _transcode(path, target, coding)
    said = {"utf-8-sig": "", "cp1252": "Windows-1252", "latin-1": "Latin-1"}.get(coding, coding.upper())
    if coding == "utf-8-sig" and faults:
        return (
            target,
            f"{name} is UTF-8 with {faults:,} broken characters, shown as \N{REPLACEMENT CHARACTER}.",
        )
    return target, f"{name} is not UTF-8; read as {said}." if said else ""


def _wide(first: bytes) -> str | None:
    """UTF-16 or UTF-32, told by its mark or by the zero bytes of plain letters."""
    for mark, coding in (
        (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if first.startswith(mark):
            return coding
    some = first[:2000]
    if len(some) >= 4 and some.count(0) > len(some) / 4:
        even, odd = some[::2].count(0), some[1::2].count(0)
        if even > 9 * odd or odd > 9 * even:
            return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _utf8(path: Path) -> tuple[int, int, bool]:
    """How many characters are broken UTF-8, how many are whole ones beyond ASCII, and whether there are zero bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    faults = letters = 0
    nul = False
    with path.open("rb") as file:
        for chunk in _chunks(file):
            nul = nul or b"\0" in chunk
            if chunk.isascii():
                decoder.decode(chunk)
                continue
            decoded = decoder.decode(chunk)
            broken = decoded.count("\ufffd")
            faults += broken
            letters += (
                len(chunk) - len(decoded) if not broken else sum(not c.isascii() for c in decoded) - broken
            )
    return faults, letters, nul


def _narrow(path: Path) -> str:
    """Windows-1252, unless it holds one of the five bytes that this lacks."""
    with path.open("rb") as file:
        lacking = any(any(b in chunk for b in b"\x81\x8d\x8f\x90\x9d") for chunk in _chunks(file))
    return "latin-1" if lacking else "cp1252"


def _transcode(path: Path, target: Path, coding: str) -> None:
    decoder = codecs.getincrementaldecoder(coding)("replace")
    with path.open("rb") as file, target.open("w", encoding="utf-8", newline="") as out:
        for chunk in _chunks(file):
            out.write(decoder.decode(chunk).lstrip("\ufeff") if out.tell() == 0 else decoder.decode(chunk))
        out.write(decoder.decode(b"", final=True))
