"""The reference pages that are read off the code. `make docs` writes them; a test holds them equal.

To add one: write a function that returns the page, and list it in PAGES.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import io
import pkgutil
import re
import sys
import textwrap
import tokenize
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "fullkit"
TESTS = ROOT / "tests"
HERE = ROOT / "docs" / "reference"

_RULE = re.compile(r"\bR(\d+)\b(?:\s+to\s+R(\d+)\b)?")


# --- the rules -----------------------------------------------------------------------------------------------


def rules() -> str:
    """Each rule, where it is enforced, its tests."""
    from fullkit.rules.book import RULES

    kept, proved = places(), proofs()
    parts = [
        _head(
            "Rules",
            "Each rule of the method that the product keeps: where it is kept, and the tests that carry its "
            "number. A place is a function or class whose docstring, comment or refusal names the rule; a module "
            "stands for all that is in it.",
        )
    ]
    for rule, sentence in RULES.items():
        parts.append(f"## {rule}\n\n{sentence}\n")
        parts.append("Kept in: " + (", ".join(f"`{p}`" for p in kept.get(rule, ())) or "nowhere yet") + ".\n")
        parts.append("Tests:\n\n" + _bullets(proved.get(rule, ())))
    return "\n".join(parts)


def places() -> dict[str, list[str]]:
    """Rule to the modules, classes and functions under src that name it, in the order of the files."""
    found: dict[str, dict[str, None]] = {}
    for file in sorted(SRC.rglob("*.py")):
        if file.name == "book.py" or "migrations" in file.parts:
            continue
        source = file.read_text(encoding="utf-8")
        module = ".".join(file.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        spans = _spans(ast.parse(source))
        for line, text in _words(source):
            for rule in rules_in(text):
                name = _innermost(spans, line)
                found.setdefault(rule, {})[f"{module}.{name}" if name else module] = None
    return {rule: list(names) for rule, names in found.items()}


def rules_in(text: str) -> Iterator[str]:
    """`R1 to R3, R7` is R1, R2, R3, R7."""
    for first, last in _RULE.findall(text):
        yield from (f"R{n}" for n in range(int(first), int(last or first) + 1))


def proofs() -> dict[str, list[str]]:
    """Rule to the tests marked with it, as `tests/rules/test_kit.py::test_...`."""
    found: dict[str, list[str]] = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for rule in _marks(node.decorator_list):
                    found.setdefault(rule, []).append(f"{file.relative_to(ROOT)}::{node.name}")
    return found


def _marks(decorators: Iterable[ast.expr]) -> Iterator[str]:
    for each in decorators:
        if isinstance(each, ast.Call) and ast.unparse(each.func).endswith("mark.rule"):
            yield from (arg.value for arg in each.args if isinstance(arg, ast.Constant))


def _spans(tree: ast.Module) -> list[tuple[int, int, str]]:
    """(first line, last line, dotted name) of classes, functions, and named values with the words below them."""
    spans = []

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}{child.name}"
                spans.append((child.lineno, child.end_lineno or child.lineno, name))
                walk(child, f"{name}.")

    walk(tree, "")
    for node, after in pairwise([*tree.body, ast.Pass(lineno=10**9)]):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            last = after.end_lineno if isinstance(after, ast.Expr) else node.end_lineno
            spans.append((node.lineno, last or node.lineno, node.targets[0].id))
    return spans


def _innermost(spans: list[tuple[int, int, str]], line: int) -> str:
    around = [(last - first, name) for first, last, name in spans if first <= line <= last]
    return min(around)[1] if around else ""


def _words(source: str) -> Iterator[tuple[int, str]]:
    """Comments and strings, by line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING):
            yield token.start[0], token.string


# --- events --------------------------------------------------------------------------------------------------


def events() -> str:
    """Each kind of event, its sentence and its facts."""
    from fullkit.rules import events as book

    rows = []
    for kind, cls in book.kinds().items():
        facts = [f"`{n}`" + ("" if n in book.COLUMNS else " (detail)") for n in cls.__dataclass_fields__]
        rows.append((f"`{kind}`", cls.says, ", ".join(facts) or "none"))
    return _head(
        "Events",
        "Everything that can happen, in the order of a packet's life. The sentence is the one that history pages "
        "show. A fact is a column of the log; one marked as detail is read by people only, never by a measure. "
        "Every row also has `id`, `packet`, `at` (when it happened), `recorded_at` (when it was written), `actor`, "
        "`role`, `playbook` (the version in force), and the packet's `state` and `holder` from then on.",
    ) + _table(("Kind", "Sentence", "Facts"), rows)


# --- measures ------------------------------------------------------------------------------------------------


def measures() -> str:
    """Each measure: the question, the words that define it, the statement."""
    from fullkit.flow.measures import ALL, STUDIED, WATCHED

    parts = [
        _head(
            "Measures",
            "A measure is its SQL, in DuckDB's dialect, over the event table (`log`, `packets`, `calendar`; the "
            "columns are in `flow/schema.py`). The definition says what starts and stops the clock or what counts, "
            "and what is left out.",
        )
    ]
    for key, each in (ALL | WATCHED | STUDIED).items():
        parts.append(f"## {each.title}\n\n`{key}`. {each.definition}\n\n```sql\n{each.sql.strip()}\n```\n")
    return "\n".join(parts)


# --- refusals ------------------------------------------------------------------------------------------------


def refusals() -> str:
    """Each no of the process."""
    rows = []
    for cls in all_refusals():
        code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        says = cls.says if isinstance(cls.says, str) else ""
        rows.append((f"`{code}`", says, f"[{cls.rule}](rules.md#{cls.rule.lower()})" if cls.rule else ""))
    return _head(
        "Refusals",
        "What the process says when it says no. A refusal is never a bug: JSON gets 409 with "
        "`{code, message, facts}`, pages show the sentence. `invalid` is 422: something entered cannot be what it "
        "claims to be. What a person may not do is 403 and stands in [Addresses](addresses.md).",
    ) + _table(("Code", "Sentence", "Rule"), rows)


def all_refusals() -> list[type[Any]]:
    """Every subclass of Refusal in the code, by name."""
    from fullkit.rules.refusal import Refusal

    import_everything()
    found: set[type[Any]] = set()

    def walk(cls: type[Any]) -> None:
        for sub in cls.__subclasses__():
            if sub.__module__.startswith("fullkit."):
                found.add(sub)
            walk(sub)

    walk(Refusal)
    return sorted(found, key=lambda cls: (cls.__name__, cls.__module__))


def import_everything() -> None:
    """Every module of the product, so that all subclasses are known."""
    import fullkit

    for module in pkgutil.walk_packages(fullkit.__path__, "fullkit."):
        if ".migrations" not in module.name and not module.name.endswith(("__main__", ".wsgi", ".worker")):
            importlib.import_module(module.name)


# --- settings ------------------------------------------------------------------------------------------------

MEANINGS = {
    "FULLKIT_VAR": "The folder of all that is not code: the SQLite file, uploaded files, secrets, static files.",
    "FULLKIT_DEBUG": "Show errors in full, and plain names of static files. Never where others can see.",
    "FULLKIT_SECRET_KEY": "What signs sessions. Without it one is made in the folder, readable by its owner only. "
    "`FULLKIT_SECRET_KEY_FILE` names a file that holds it.",
    "FULLKIT_HOSTS": "Host names, separated by commas, under which it may be called besides localhost.",
    "FULLKIT_TLS": "It is reached by https: cookies travel only so, plain http is redirected, browsers "
    "remember it for a year.",
    "FULLKIT_BEHIND_PROXY": "A proxy in front sets X-Forwarded-Proto and X-Forwarded-Host, and nobody else can.",
    "FULLKIT_TRUSTED_ORIGINS": "Origins such as https://sales.example.com, separated by commas, whose forms are "
    "accepted besides its own.",
    "FULLKIT_WORKERS": "Web processes; 0 means one on SQLite and one per core on PostgreSQL, and more than one "
    "needs PostgreSQL.",
    "FULLKIT_WORK": "Whether the web processes also do what happens by itself; if not, run `fullkit work` beside them.",
    "DATABASE_URL": "`postgres://user:password@host:5432/name` or `sqlite:///path/to/file`; empty means SQLite in the "
    "folder. `DATABASE_URL_FILE` names a file that holds it.",
    "FULLKIT_SQLITE_SYNCHRONOUS": "FULL keeps every commit through a power cut, NORMAL through a killed process, OFF "
    "through neither.",
    "FULLKIT_DB_POOL_SIZE": "Connections to PostgreSQL that one process may hold.",
    "FULLKIT_SIGN_IN_ATTEMPTS": "Wrong passwords of one name before even the right one has to wait.",
    "FULLKIT_SIGN_IN_WINDOW_MINUTES": "For how long wrong passwords count.",
    "FULLKIT_SESSION_HOURS": "How long a sign-in lasts.",
    "FULLKIT_MAX_UPLOAD_MB": "The largest file that can be given.",
    "FULLKIT_STATIC_MANIFEST": "Fingerprints in the names of static files, so that browsers keep them for ever.",
    "FULLKIT_LANGUAGE": "The language of pages for browsers that ask for none of `en` and `de`.",
    "FULLKIT_TIME_ZONE": "The time zone of pages shown before a playbook is in force; after that the playbook's.",
    "FULLKIT_LOG_LEVEL": "How much the log on stderr says.",
}
"""What each setting means; one that is missing here fails the test."""


def settings() -> str:
    """Each variable of the environment."""
    rows = [
        (f"`{name}`", f"`{default}`" if default else "", MEANINGS.get(name, "MISSING"))
        for name, default in all_settings().items()
    ]
    return _head(
        "Settings",
        "All of them are variables of the environment and all have a working default. Switches are 1 or 0. A value "
        "that cannot be used stops the start with a sentence that says what would do instead.",
    ) + _table(("Name", "Default", "Meaning"), rows)


def all_settings() -> dict[str, str]:
    """Name to default, as they are read anywhere under src, in the order of settings.py."""
    found: dict[str, str] = {}
    for file in [SRC / "settings.py", *sorted(SRC.rglob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (read := _env_read(node)):
                name, default = read
                found.setdefault(name, default)
    return found


def _env_read(call: ast.Call) -> tuple[str, str] | None:
    said = ast.unparse(call.func)
    if not (re.fullmatch(r"env(str|bool|int|choice|list|zone|secret)", said) or said == "os.environ.get"):
        return None
    if not call.args or not isinstance(call.args[0], ast.Constant):
        return None
    default = call.args[1] if len(call.args) > 1 else None
    match default:
        case None:
            return call.args[0].value, ""
        case ast.Constant(value=bool(on)):
            return call.args[0].value, str(int(on))
        case ast.Constant(value=value):
            return call.args[0].value, str(value)
        case _:
            return call.args[0].value, ast.unparse(default).replace("not DEBUG", "1, or 0 with FULLKIT_DEBUG")


# --- addresses -----------------------------------------------------------------------------------------------


def addresses() -> str:
    """Each page and each operation of the API."""
    pages = [(f"`{path}`", does, who) for path, does, who in all_pages()]
    api = [(f"`{method} {path}`", does) for method, path, does in all_operations()]
    return (
        _head(
            "Addresses",
            "Who may: the abilities are those that roles give in the [playbook](playbook.md); one of those named is "
            "enough. Beyond them a verb asks whether the packet belongs to the person's department, and answers 403.",
        )
        + "## Pages\n\n"
        + _table(("Address", "What it does", "Who may"), pages)
        + "\n## API\n\nWith a personal token. A verb asks for the same ability as its page.\n\n"
        + _table(("Operation", "What it does"), api)
    )


def all_pages() -> Iterator[tuple[str, str, str]]:
    """(address, first line of the view's docstring, who may) of everything but the API."""
    from django.urls import URLPattern, get_resolver

    def walk(patterns: Iterable[Any], prefix: str) -> Iterator[tuple[str, str, str]]:
        for each in patterns:
            address = prefix + str(each.pattern)
            if isinstance(each, URLPattern):
                page = _entered(each.callback)
                said = (inspect.getdoc(inspect.unwrap(page)) or "").partition("\n\n")[0].replace("\n", " ")
                yield address, said, _who_may(page)
            elif not address.startswith("api/"):
                yield from walk(each.url_patterns, address)

    for address, does, who in walk(get_resolver().url_patterns, ""):
        if not address.startswith(("api/", "^api/")):
            yield "/" + address.lstrip("^"), does, who


def _entered(view: Any) -> Any:
    """A view that is loaded at its first use, as it is then."""
    room, name = getattr(view, "enters", (None, None))
    return view if room is None else getattr(import_module(room), name)


def _who_may(view: Any) -> str:
    abilities = getattr(view, "abilities", None)
    if abilities is None:
        return "anyone"
    return " or ".join(abilities) or "everyone signed in"


def all_operations() -> list[tuple[str, str, str]]:
    """(method, path, summary) of the API."""
    from fullkit.api.v1 import api

    described = api.get_openapi_schema()["paths"]
    return [
        (method.upper(), path, str(operation.get("summary", "")))
        for path, methods in described.items()
        for method, operation in methods.items()
    ]


# --- commands ------------------------------------------------------------------------------------------------


def commands() -> str:
    """Each recipe of make and each subcommand of fullkit."""
    from fullkit.cli import COMMANDS

    recipes = re.findall(r"^([a-z-]+):.*?## (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    parts = [
        _head(
            "Commands",
            "What can be typed. `make` is for whoever works on the code or tries it; `fullkit` runs it.",
        ),
        "## make\n\n",
        _table(("Recipe", "What it does"), [(f"`make {name}`", does) for name, does in recipes]),
        "\n## fullkit\n\n",
    ]
    for name, command in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"fullkit {name}", add_help=False)
        command.arguments(parser)
        rows = [
            (f"`{' '.join(a.option_strings) or a.dest}`", a.help or "")
            for a in parser._actions  # argparse offers no other list of them
        ]
        parts.append(f"### fullkit {name}\n\n{command.says[0].upper()}{command.says[1:]}.\n\n")
        if rows:
            parts.append(_table(("Argument", "What it is"), rows) + "\n")
    return "".join(parts).rstrip("\n") + "\n"


# --- the playbook --------------------------------------------------------------------------------------------


def playbook() -> str:
    """Each key of the file."""
    from fullkit.playbook.schema import Playbook

    schema = Playbook.model_json_schema(by_alias=True)
    parts = [
        _head(
            "Playbook",
            "The YAML file that is the company. `fullkit check FILE` reads it and holds it against the rules. A "
            "working time is written `30m`, `4h` or `2d`, a day being the mean working day of the calendar. Keys "
            "are lower-case words joined by `_`; they are what the log stores, so another key is another thing.",
        )
    ]
    for name, part in {"Playbook": schema, **schema["$defs"]}.items():
        if "properties" not in part:
            continue
        told = (part.get("description") or "").strip().replace("\n", " ")
        parts.append(f"## {_spaced(name)}\n" + (f"\n{told}\n" if told else ""))
        needed = set(part.get("required", ()))
        rows = [
            (f"`{key}`", _kind(spec), _default(key, spec, needed), _meaning(key, spec))
            for key, spec in part["properties"].items()
        ]
        parts.append(_table(("Key", "Type", "Default", "Meaning"), rows))
    return "\n".join(parts)


ORDINARY = {
    "key": "What the log and the other parts of the file call it.",
    "name": "What people read.",
    "criterion": "What is true of a thing that meets it.",
    "test": "How one finds out.",
    "decision": "What counts as a yes.",
}
"""Keys that mean the same wherever they stand."""


def _meaning(key: str, spec: dict[str, Any]) -> str:
    return str(spec.get("description") or ORDINARY.get(key, ""))


def _kind(spec: dict[str, Any]) -> str:
    """A JSON Schema as words."""
    if "$ref" in spec:
        name = spec["$ref"].rpartition("/")[2]
        return f"[{_spaced(name)}](#{_spaced(name).lower().replace(' ', '-')})"
    if "const" in spec:
        return f"`{_yaml(spec['const'])}`"
    if "enum" in spec:
        return ", ".join(f"`{_yaml(each)}`" for each in spec["enum"])
    if "anyOf" in spec:
        return " or ".join(dict.fromkeys(_kind(each) for each in spec["anyOf"] if each.get("type") != "null"))
    kind = spec.get("type")
    if kind == "array" and "prefixItems" in spec:
        return "pair of " + ", ".join(_kind(each) for each in spec["prefixItems"])
    if kind == "array":
        return f"list of {_kind(spec.get('items', {}))}"
    if kind == "object":
        return f"{_kind(spec.get('propertyNames', {}))} to {_kind(spec.get('additionalProperties') or {})}"
    return _plain(spec, str(kind or "text"))


def _plain(spec: dict[str, Any], kind: str) -> str:
    if spec.get("examples") == ["inside_sales"]:
        return "key"
    examples = ", ".join(f"`{_yaml(each)}`" for each in spec.get("examples", ())[:3])
    bounds = [f"{word} {spec[key]:g}" for key, word in _BOUNDS.items() if key in spec]
    word = {"string": spec.get("format", "text"), "integer": "whole number", "boolean": "yes or no"}.get(
        kind, kind
    )
    return word + (f" like {examples}" if examples else "") + (f", {', '.join(bounds)}" if bounds else "")


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "under",
}


def _default(key: str, spec: dict[str, Any], needed: set[str]) -> str:
    if key in needed:
        return "required"
    given = spec.get("default")
    if given in (None, [], {}, ""):
        return "none"
    return "the defaults below" if isinstance(given, dict) else f"`{_yaml(given)}`"


def _yaml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(each) for each in value) + "]"
    return str(value)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


# --- markdown ------------------------------------------------------------------------------------------------


def _head(title: str, says: str) -> str:
    return f"# {title}\n\n{textwrap.fill(says, 110)}\n\n"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "".join("| " + " | ".join(_cell(each) for each in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- `{line}`\n" for line in lines) or "- none yet\n"


PAGES = {
    "rules.md": rules,
    "events.md": events,
    "measures.md": measures,
    "refusals.md": refusals,
    "settings.md": settings,
    "addresses.md": addresses,
    "commands.md": commands,
    "playbook.md": playbook,
}


def main() -> None:
    """Write every page, and name those that changed."""
    import django

    django.setup()
    HERE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        file, text = HERE / name, page()
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"wrote docs/reference/{name}", file=sys.stderr)


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fullkit.settings")
    main()
