"""Every sentence of ours can be translated: it is marked, and marked so that a catalogue finds it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import templatize

import fullkit
from fullkit.models import Person
from tests.web.visitors import visitor
from tests.world import World

ROOM = Path(fullkit.__file__).parent
TEMPLATES = sorted((ROOM / "web" / "templates").rglob("*.html"))
MODULES = sorted((ROOM / "web").rglob("*.py"))
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
NAMES = {"Fullkit"}
"""What is called the same in every language."""

_MARKED = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.S)
_SCRIPT = re.compile(r"<(script|style|svg)\b.*?</\1>", re.S)
_COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->", re.S)
_SWITCH = re.compile(r"{% block (?:width|body_class) %}\w+{% endblock %}")
_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.S)
_SAID_IN = re.compile(r"""\b(?:aria-label|title|alt|placeholder|data-key-label)=(["'])(.*?)\1""", re.S)
_WORD = re.compile(r"[^\W\d_]{2,}")


def unmarked(template: str) -> list[str]:
    """The words of a template that stand there as they are: in its text, and in attributes that are read out."""
    text = _SCRIPT.sub(" ", _MARKED.sub(" ", _COMMENT.sub(" ", _SWITCH.sub(" ", template))))
    text = _TAG.sub(" ", text)
    said = [match[2] for match in _SAID_IN.finditer(text)]
    plain = re.sub(r"&\w+;", " ", re.sub(r"<[^>]*>", "\n", text))
    return [word for part in (*said, plain) for word in _WORD.findall(part) if word not in NAMES]


def test_the_check_finds_what_is_not_marked() -> None:
    assert unmarked('<p title="Hi there">{% translate "Yes" %} Plain</p>') == ["Hi", "there", "Plain"]
    assert unmarked("{% blocktranslate %}All of it{% endblocktranslate %}<b>{{ name }}</b>") == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOM / "web" / "templates")))
def test_a_template_says_nothing_that_is_not_marked(path: Path) -> None:
    text = path.read_text()
    assert unmarked(text) == []
    assert templatize(text, origin=str(path)) is not None  # what makes the catalogue can read it


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.name)
def test_a_module_marks_whole_sentences(path: Path) -> None:
    """No sentence is put together before it is looked up; a label and a hint of a form are marked."""
    tree = ast.parse(path.read_text())
    for name, call in calls(tree):
        if name in MARKS:
            wrong = [a for a in call.args[:1] if isinstance(a, (ast.JoinedStr, ast.BinOp))]
            assert not wrong, f"{path.name}:{call.lineno} looks up a sentence that is put together"
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("label", "help_text"):
            plain = isinstance(node.value, ast.Constant) and _WORD.search(str(node.value.value))
            assert not plain, f"{path.name}:{node.value.lineno} has a {node.arg} that is not marked"


PAGES = {
    "anna": ["/next", "/time", "/password"],
    "sara": ["/inbox/service", "/customers", "/favours"],
    "carl": ["/queues", "/pool"],
    "ines": ["/playbook", "/playbook/changes/promise?type=quote", "/playbook/changes/hours", "/definitions"],
}


@pytest.mark.parametrize("name", PAGES)
def test_in_a_language_of_marks_every_heading_and_button_is_marked(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language that only puts marks around everything: what shows none was never looked up."""
    asked = translation._trans
    monkeypatch.setattr(asked, "gettext", lambda message: f"⟦{message}⟧", raising=False)
    monkeypatch.setattr(asked, "ngettext", lambda one, many, n: f"⟦{one if n == 1 else many}⟧", raising=False)
    client, data = visitor(world.people[name]), _names(world)
    for address in PAGES[name]:
        text = _page(client, address)
        for said in re.findall(r"<(?:h1|button|th|legend)\b[^>]*>(.*?)</", text, re.S):
            words = _WORD.findall(re.sub(r"⟦.*?⟧|<[^>]*>|&\w+;|{\w+}", " ", said, flags=re.S))
            assert [w for w in words if w not in data] == [], f"{address}: {said.strip()}"


def _page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return _SCRIPT.sub(" ", str(answer.content.decode()))


def _names(world: World) -> set[str]:
    """What comes from the playbook and from people, and is in the company's own language."""
    playbook = str(world.plant.playbook.model_dump())
    people = " ".join(Person.objects.values_list("name", flat=True))
    return set(_WORD.findall(f"{playbook} {people}")) | NAMES
