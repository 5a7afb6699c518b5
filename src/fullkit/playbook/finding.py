"""What the linter says: one sentence, the rule it comes from, and a cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """An error breaks a rule of the method. A warning is a choice that reasonable companies make with a reason."""

    rule: str
    severity: Severity
    path: str
    sentence: str
    cure: str

    def __str__(self) -> str:
        return f"{self.rule} {self.severity}: {self.path}: {self.sentence} {self.cure}"


def error(rule: str, path: str, sentence: str, cure: str) -> Finding:
    """A finding that breaks a rule."""
    return Finding(rule, "error", path, sentence, cure)


def warning(rule: str, path: str, sentence: str, cure: str) -> Finding:
    """A finding that asks for a second look."""
    return Finding(rule, "warning", path, sentence, cure)
