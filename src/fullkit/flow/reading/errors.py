"""What a person hears when a file cannot be read."""

from __future__ import annotations


class Unreadable(Exception):
    """A file, or its mapping, cannot be read: a sentence with the file, the line where there is one, and the cure."""

    def __init__(self, file: str, what: str, cure: str, *, line: int | None = None) -> None:
        self.file, self.what, self.cure, self.line = file, what, cure, line
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {what} {cure}")
