"""`fullkit token NAME` prints a key once and keeps its digest."""

from __future__ import annotations

import pytest

from fullkit import cli
from fullkit.models import Token
from tests.api.callers import Caller
from tests.world import World


def test_a_key_is_shown_once_and_kept_as_a_digest(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["token", "anna"]) == 0
    key = capsys.readouterr().out.strip()
    assert key.startswith("fk_")
    assert Caller(key).get("/me")["sign_in"] == "anna"
    assert key not in str(Token.objects.values())


def test_revoking_makes_every_key_useless(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["token", "anna"])
    key = capsys.readouterr().out.strip()
    assert cli.main(["token", "anna", "--revoke"]) == 0
    assert Caller(key).get("/me").status == 401


def test_an_unknown_name_is_said_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["token", "nobody"]) == 1
    assert "nobody signs in as 'nobody'" in capsys.readouterr().err
