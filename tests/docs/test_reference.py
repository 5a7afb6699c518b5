"""The docs keep up with the code: what exists is written down, and what is written down exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import make
from fullkit import __version__
from fullkit.rules import events
from fullkit.rules.book import RULES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*DOCS.rglob("*.md"), *(ROOT / f"{n}.md" for n in ("README", "CONTRIBUTING", "DECISIONS", "CHANGELOG"))]
)
PROMISED = "1-11 13-21 23-29 33-36 40-46 51-55 59 61 63 76 83-85 87 92 99-103"
"""The rules that this version keeps."""


def text(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", make.PAGES)
def test_a_reference_page_is_what_the_code_says(name: str) -> None:
    assert text(name) == make.PAGES[name](), f"run `make docs`: docs/reference/{name} is not up to date"


def test_the_rules_are_those_that_were_promised() -> None:
    numbers = set()
    for part in PROMISED.split():
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    assert {int(rule[1:]) for rule in RULES} == numbers
    assert all(sentence.endswith(".") for sentence in RULES.values())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_kept_somewhere_and_tested(rule: str) -> None:
    assert make.places().get(rule), f"nothing under src names {rule}"
    assert make.proofs().get(rule), f"no test is marked with {rule}"


def test_a_range_of_rules_is_every_rule_in_it() -> None:
    assert list(make.rules_in("slots (R40), queues (R24 to R26)")) == ["R40", "R24", "R25", "R26"]


def test_every_kind_of_event_has_its_sentence() -> None:
    for kind, cls in events.kinds().items():
        assert f"| `{kind}` | {cls.says} |" in text("events.md")


def test_every_refusal_is_listed() -> None:
    found = make.all_refusals()
    assert len(found) > 40
    for cls in found:
        assert f"| {' '.join(cls.says.split())} |" in text("refusals.md")


def test_every_setting_has_a_meaning() -> None:
    assert set(make.all_settings()) == set(make.MEANINGS)


def test_every_page_says_what_it_does_and_who_may() -> None:
    silent = [address for address, does, _ in make.all_pages() if not does]
    assert silent == []


def test_every_operation_of_the_api_is_listed() -> None:
    for method, path, does in make.all_operations():
        assert does, path
        assert f"| `{method} {path}` |" in text("addresses.md")


def test_every_command_and_recipe_is_listed() -> None:
    from fullkit.cli import COMMANDS

    assert all(f"### fullkit {name}\n" in text("commands.md") for name in COMMANDS)
    jobs = (ROOT / "src/fullkit/management/commands").glob("[!_]*.py")
    assert all(job.stem in COMMANDS for job in jobs)


def test_every_key_of_the_playbook_has_a_meaning() -> None:
    assert not re.findall(r"^\| `\w+` \|.*\|\s+\|$", text("playbook.md"), re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), f"{target} leads nowhere"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{target}: no such heading"


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_page_of_the_docs_is_reached_from_the_first() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for target in re.findall(r"\]\(([^)\s#]+)[^)\s]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                todo.append((page.parent / target).resolve())
    assert {page for page in PAGES if page not in reached} == set()


def test_the_newest_heading_of_the_changelog_is_this_version() -> None:
    [newest, *_] = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert newest == __version__


def test_pictures_are_light() -> None:
    for picture in (DOCS / "images").glob("*.png"):
        assert picture.stat().st_size < 200_000, picture.name
