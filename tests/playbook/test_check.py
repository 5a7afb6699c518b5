"""`fullkit check FILE`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from fullkit import cli
from fullkit.playbook import presets
from fullkit.playbook.check import BROKEN, CLEAN, WARNINGS, report
from tests.playbook.small import SMALL


@pytest.mark.parametrize("name", [*presets.names(), "demo"])
def test_a_preset_is_clean(name):
    assert report(presets.read(name), "us.yaml") == ("us.yaml: clean.", CLEAN)


def test_warnings_alone_have_a_status_of_their_own():
    text = presets.read("demo").replace("target_per_day: 25", "target_per_day: 60")
    line = text.splitlines().index("    target_per_day: 60") + 1
    said, status = report(text, "us.yaml")
    assert status == WARNINGS
    assert said.splitlines() == [
        f"us.yaml:{line}:5: roles[2].target_per_day: warning R42: 60 selling interactions a day lie outside the "
        "working range of 20 to 30. Set 20 to 30, or write down why this company differs.",
        "0 errors, 1 warning.",
    ]


def test_a_broken_rule_is_named_with_its_line():
    text = presets.read("demo").replace("name: Attention", "name: Pitching")
    line = text.splitlines().index("        name: Pitching") + 1
    said, status = report(text, "us.yaml")
    assert status == BROKEN
    assert said.startswith(
        f"us.yaml:{line}:9: processes[0].stages[0].name: error R76: 'Pitching' is what a seller"
    )
    assert said.endswith("1 error, 0 warnings.")


def test_a_finding_about_what_is_absent_stands_at_what_is_around_it():
    text = presets.read("demo").replace("    promise: 1d\n", "", 1)
    line = text.splitlines().index("  - key: quote") + 1
    said, _ = report(text, "us.yaml")
    assert said.startswith(f"us.yaml:{line}:5: packet_types[2].promise: error R54:")


def test_what_is_no_playbook_gets_all_its_problems():
    said, status = report(SMALL.replace("home: service", "home: servise").replace("USD", "usd"), "us.yaml")
    assert status == BROKEN
    assert len(said.splitlines()) == 4
    assert said.endswith("3 problems; this is not a playbook yet.")


def test_the_command_prints_the_report_and_returns_its_status(capsys):
    preset = str(files("fullkit.playbook.presets") / "demo.yaml")
    assert cli.main(["check", preset]) == CLEAN
    assert capsys.readouterr().out == f"{preset}: clean.\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"\xff\xfe\x00", "is not UTF-8 text (byte 0). Save it as UTF-8."),
        (b"x" * (2 * 1024 * 1024 + 1), "is larger than 2 MB"),
    ],
)
def test_a_file_that_is_no_text_is_said_in_one_line(tmp_path: Path, capsys, content, says):
    file = tmp_path / "playbook.yaml"
    if content is not None:
        file.write_bytes(content)
    assert cli.main(["check", str(file)]) == BROKEN
    said = capsys.readouterr().out
    assert says in said
    assert said.count("\n") == 1


def test_a_mark_at_the_beginning_of_the_file_does_no_harm(tmp_path: Path, capsys):
    file = tmp_path / "playbook.yaml"
    file.write_text(presets.read("1-service-desk"), encoding="utf-8-sig")
    assert cli.main(["check", str(file)]) == CLEAN
