"""`fullkit check FILE`: is it a playbook, and is the method sound?"""

from __future__ import annotations

from pathlib import Path

from fullkit.playbook.lint import lint
from fullkit.playbook.load import PlaybookError, dotted, load
from fullkit.playbook.reading import LARGEST, read

CLEAN, WARNINGS, BROKEN = 0, 1, 2


def report(text: str, name: str) -> tuple[str, int]:
    """What to print and the exit status.

    0: clean. 1: warnings only. 2: it is no playbook, or it breaks a rule.
    """
    try:
        playbook = load(text, name=name)
    except PlaybookError as error:
        lines = [str(problem) for problem in error.problems]
        return "\n".join([*lines, f"{_counted(len(lines), 'problem')}; this is not a playbook yet."]), BROKEN
    findings = lint(playbook)
    if not findings:
        return f"{name}: clean.", CLEAN
    places = {dotted(path): mark for path, mark in read(text).marks.items()}
    lines = []
    for finding in findings:
        line, column = places.get(finding.path) or _around(finding.path, places)
        lines.append(
            f"{name}:{line}:{column}: {finding.path}: {finding.severity} {finding.rule}: "
            f"{finding.sentence} {finding.cure}"
        )
    errors = sum(f.severity == "error" for f in findings)
    lines.append(f"{_counted(errors, 'error')}, {_counted(len(findings) - errors, 'warning')}.")
    return "\n".join(lines), BROKEN if errors else WARNINGS


def report_file(path: Path) -> tuple[str, int]:
    """The same for a file, which may be missing, huge or no text at all."""
    try:
        if path.stat().st_size > LARGEST:
            return f"{path} is larger than 2 MB; a playbook is not. Name the right file.", BROKEN
        return report(path.read_text(encoding="utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        return f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8.", BROKEN
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}. Name a playbook file.", BROKEN


def _around(path: str, places: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """The place of the nearest part around one that the file leaves out."""
    while path and path not in places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return places.get(path, (1, 1))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
