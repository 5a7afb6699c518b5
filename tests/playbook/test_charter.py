"""A process has the same rigour as any other: start, end, output, customer, owner, measures (R101)."""

from __future__ import annotations

import pytest

from fullkit.playbook import presets
from fullkit.playbook.lint import lint
from fullkit.playbook.load import PlaybookError, load
from fullkit.playbook.schema import Charter


def hunting_without_charter() -> str:
    """The demo company's text with the charter of its first process taken out."""
    kept, skipping = [], None
    for line in presets.read("demo").splitlines():
        depth = len(line) - len(line.lstrip())
        if skipping is None and line.strip() == "charter:":
            skipping = depth
            continue
        if skipping not in (None, -1) and depth <= skipping:
            skipping = -1
        if skipping in (None, -1):
            kept.append(line)
    return "\n".join(kept) + "\n"


@pytest.mark.rule("R101")
def test_r101_a_process_without_a_charter_is_found() -> None:
    [found] = [each for each in lint(load(hunting_without_charter())) if each.rule == "R101"]
    assert (found.severity, found.path) == ("error", "processes[0]")


@pytest.mark.rule("R101")
@pytest.mark.parametrize("part", Charter.model_fields)
def test_r101_a_charter_names_all_of_it(part: str) -> None:
    text = presets.read("demo")
    start = text.index("charter:")
    at = text.index(f"      {part}:", start)
    broken = text[:at] + text[at:].replace(f"{part}:", f"x{part}:", 1)
    with pytest.raises(PlaybookError, match=part):
        load(broken)
