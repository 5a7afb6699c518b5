"""What the docs tell people to type works."""

from __future__ import annotations

import argparse
import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from docs import make
from fullkit.cli import COMMANDS
from fullkit.models import Token
from fullkit.playbook.schema import KitItem, PacketType, Reason
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
RECIPES = set(re.findall(r"^([a-z-]+):.*?## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def blocks(kind: str) -> list[tuple[Path, str]]:
    found = []
    for page in PAGES:
        for text in re.findall(rf"^```{kind}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S):
            found.append((page, text))
    return found


LINES = [(page, line) for page, text in blocks("sh") for line in text.splitlines()]


@pytest.mark.parametrize(("page", "line"), LINES, ids=[line for _, line in LINES])
def test_what_is_typed_into_a_shell_exists(page: Path, line: str) -> None:
    words = shlex.split(line)
    while words and (setting := re.fullmatch(r"([A-Z_]+)=.*", words[0])):
        assert setting[1] in make.MEANINGS
        words.pop(0)
    if words[0] == "make":
        assert words[1] in RECIPES
        return
    assert words[0] == "fullkit"
    parser = argparse.ArgumentParser(exit_on_error=False)
    COMMANDS[words[1]].arguments(parser)
    parser.parse_args(words[2:])


@pytest.mark.parametrize(("page", "text"), blocks("yaml"), ids=lambda given: Path(given).stem[:30])
def test_a_piece_of_a_playbook_is_one(page: Path, text: str) -> None:
    for piece in YAML(typ="safe").load(StringIO(text)):
        model = KitItem if "is" in piece else PacketType if "prefix" in piece else Reason
        assert model.model_validate(piece).key == piece["key"]


@pytest.mark.django_db(transaction=True)
def test_the_script_of_the_api_runs(
    live_server: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World()
    _, key = Token.make(world.sara, name="docs", at=world.now)
    monkeypatch.setenv("FULLKIT_ADDRESS", live_server.url)  # type: ignore[attr-defined]
    monkeypatch.setenv("FULLKIT_KEY", key)
    names: dict[str, object] = {}
    for page, text in blocks("python"):
        assert page.name == "use-the-api.md"
        exec(compile(text, page.name, "exec"), names)
    said = capsys.readouterr().out
    assert "new: True" in said
    assert "409 not-in-your-hands" in said
    assert "1 waiting" in said
