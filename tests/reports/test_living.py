"""The report of the installation's own log."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fullkit.reports import flow as questions
from fullkit.reports import living
from fullkit.reports.report import Report
from tests.web.test_flow import some_weeks
from tests.world import World

Said = pytest.CaptureFixture[str]


def test_the_report_of_the_own_log_has_every_side(world: World, tmp_path: Path, capsys: Said) -> None:
    questions._kept.clear()
    some_weeks(world, 1)
    out = tmp_path / "own.html"
    assert living.command(out, at=world.now) == 0
    text = out.read_text(encoding="utf-8")
    for heading in ("Hunting: The constraint", "Business as usual: Ways", "Hunting: The last 26 weeks"):
        assert heading in text
    keys = re.findall(r'<figure class="picture" id="([^"]+)"', text)
    assert len(keys) == len(set(keys)) > 20
    for address in re.findall(r'<a href="#([^"]+)">See the chart', text):
        assert address in keys
    assert "questions." in capsys.readouterr().out


@pytest.mark.django_db
def test_an_empty_house_has_no_report(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "own.html"
    assert living.command(out, at=datetime.now(UTC)) == 2
    assert not out.exists()
    assert "fullkit up" in capsys.readouterr().err


def test_a_place_that_is_not_there_is_said(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(living, "own", lambda *, at: Report(title="Nothing yet"))
    assert living.command(tmp_path / "nowhere" / "own.html", at=datetime.now(UTC)) == 2
    assert "Name another place." in capsys.readouterr().err
