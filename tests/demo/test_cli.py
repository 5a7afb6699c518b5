"""`fullkit demo` fills an empty database and refuses any other."""

from __future__ import annotations

import pytest

from fullkit import cli, serve
from fullkit.demo import build


def test_the_command_passes_on_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}
    monkeypatch.setattr(serve, "move_in", lambda **how: asked.update(how))
    monkeypatch.setattr("django.core.management.call_command", lambda *a, **k: None)
    assert cli.main(["demo", "--seed", "3", "--weeks", "5", "--until", "2026-03-06T16:00+00:00"]) == 0
    assert (asked["seed"], asked["weeks"], str(asked["until"])) == (3, 5, "2026-03-06 16:00:00+00:00")


def test_a_refusal_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**how: object) -> None:
        raise build.NotEmpty()

    monkeypatch.setattr(serve, "move_in", refuse)
    monkeypatch.setattr("django.core.management.call_command", lambda *a, **k: None)
    assert cli.main(["demo"]) == 2
    assert "already has people" in capsys.readouterr().err
