"""What a file really is, by its first bytes; a name is only a claim."""

from __future__ import annotations

from fullkit.rules.refusal import Invalid
from fullkit.rules.text import one_of_these

TYPES = ("pdf", "png", "jpg", "xlsx", "docx", "dxf", "step", "csv", "txt")
HEAD = 4096
"""How many of the first bytes are enough to tell."""

_BY_ENDING = {name: name for name in TYPES} | {"jpeg": "jpg", "stp": "step", "p21": "step"}
_OFFICE = {"xlsx": b"xl/", "docx": b"word/"}
_PLAIN = ("csv", "txt")


def file_type(name: str, head: bytes) -> str:
    """The type of a file, one of TYPES, from its name and its first HEAD bytes.

    Raises Invalid when the name claims a type the contents are not, or one that is not accepted.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    claimed = _BY_ENDING.get(ending)
    if claimed is None:
        raise _wrong(
            f"{name} is of no type that can be kept.", f"Attach a file of type {one_of_these(TYPES)}."
        )
    if not head:
        raise _wrong(f"{name} is empty.", "Save it again and attach it with its contents.")
    found = _sniff(head, claimed)
    if found != claimed:
        raise _wrong(
            f"{name} claims to be {claimed} but its contents are {found or 'something else'}.",
            f"Save it as {claimed}, or rename it to what it is.",
        )
    return claimed


def _sniff(head: bytes, claimed: str) -> str:
    """The type of the contents; empty when unknown. `claimed` decides only between kinds that look alike."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"PK\x03\x04"):
        return _office(head, claimed)
    if head.startswith(b"AutoCAD Binary DXF\r\n\x1a\x00"):
        return "dxf"
    return _text(head, claimed)


def _office(head: bytes, claimed: str) -> str:
    """Office files are zip archives; their first entries name the application, if they come early enough."""
    seen = [kind for kind, folder in _OFFICE.items() if folder in head]
    if seen:
        return seen[0]
    return claimed if claimed in _OFFICE and b"[Content_Types].xml" in head else "zip"


def _text(head: bytes, claimed: str) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as spreadsheets export it
        return claimed if claimed in _PLAIN else "txt"
    text = head.removeprefix(b"\xef\xbb\xbf")
    if any(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in text):
        return ""
    if claimed in _PLAIN:
        return claimed
    if text.lstrip().startswith(b"ISO-10303-21;"):
        return "step"
    return "dxf" if _is_dxf(text) else "txt"


def _is_dxf(text: bytes) -> bool:
    """Pairs of lines, a group code and a value; comments (999) may come before the first section."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = zip(lines[::2], lines[1::2], strict=False)
    return next((value for code, value in pairs if code != b"999"), b"") == b"SECTION"


def _wrong(problem: str, cure: str) -> Invalid:
    return Invalid(field="file", problem=problem, cure=cure)
