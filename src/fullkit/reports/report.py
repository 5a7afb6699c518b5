"""The report: findings, pictures, what the data cannot say and what was read, in one HTML file that needs no network.

Whatever came from a customer's file is text: the template escapes it, and the data of the charts cannot end its script.
The file's own policy lets only these scripts run, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from fullkit import __version__
from fullkit.reports import charts
from fullkit.reports.pictures import Cloud, Curves, Drawing, Picture, Series, is_number, signals, told
from fullkit.reports.scripts import SCRIPTS

HERE = Path(__file__).parent
STATIC = HERE.parent / "web" / "static"
SHOWN = 400
"""Rows of a table in the file; `--json` has all."""
MOST_FINDINGS = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something worth acting on, in plain words with its number."""

    says: str
    definition: str = ""
    uncertainty: str = ""
    next: str = ""
    picture: str = ""
    """The key of the picture that shows it."""


@dataclass(frozen=True)
class Section:
    """Pictures under one heading."""

    title: str
    pictures: Sequence[Picture]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that the file says."""

    title: str
    lead: str = ""
    findings: Sequence[Finding] = ()
    sections: Sequence[Section] = ()
    cannot: Sequence[str] = ()
    account: Sequence[str] = ()
    ledger: Sequence[tuple[str, str, int]] = ()
    """What was done to rows: file, sentence, how many."""
    assumed: Sequence[str] = ()
    attribution: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    """Bare numbers for `--json`, by name."""
    measured: dict[str, Any] = field(default_factory=dict)
    """What can be held against another report (reports/compare.py), by name."""
    short: str = ""
    """What it is about, in as few words as a chart's axis has room for."""


def html(report: Report) -> str:
    """The whole file as text."""
    scripts = [_script((STATIC / name).read_text(encoding="utf-8")) for name in SCRIPTS]
    css = (HERE / "report.css").read_text(encoding="utf-8")
    engine = Engine(dirs=[str(HERE)], autoescape=True)
    shown = {
        "report": {
            **{name: getattr(report, name) for name in ("title", "lead", "cannot", "account", "ledger")},
            "assumed": report.assumed,
            "attribution": report.attribution,
            "findings": report.findings[:MOST_FINDINGS],
            "sections": [
                {"title": s.title, "pictures": [laid_out(p) for p in s.pictures]}
                for s in report.sections
                if s.pictures
            ],
        },
        "policy": _policy(scripts),
        "css": css,
        "scripts": scripts,
        "version": __version__,
    }
    return engine.get_template("report.html").render(Context(shown))


def data(report: Report) -> dict[str, Any]:
    """The same as data: what `--json` writes. Dates are ISO texts; None is "not in this data"."""
    found = {
        "title": report.title,
        "version": __version__,
        "findings": [vars(f) for f in report.findings[:MOST_FINDINGS]],
        "measures": [
            {
                "key": p.key,
                "question": p.title,
                "answer": p.says,
                "definition": p.definition,
                "unit": p.unit,
                "cases": p.n,
                "sql": p.sql,
                "columns": list(p.columns),
                "rows": [list(row) for row in p.rows],
            }
            for section in report.sections
            for p in section.pictures
        ],
        "figures": report.figures,
        "cannot_say": list(report.cannot),
        "read": list(report.account),
        "rows": [{"file": f, "what": what, "rows": n} for f, what, n in report.ledger],
        "assumptions": list(report.assumed),
    }
    plain: dict[str, Any] = _plain(found)
    return plain


def write(path: Path, text: str) -> None:
    """Let a file appear under its name whole or not at all; one that was there stays until then.

    Raises OSError when the folder is missing or not ours to write in.
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".draft")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(draft, 0o666 & ~mask)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


# --- strokes -------------------------------------------------------------------------------------------------


def inlined(value: Any) -> str:
    """JSON that can stand in a script: nothing in it ends the script or begins a comment."""
    text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for bad in "<>&\u2028\u2029":
        text = text.replace(bad, f"\\u{ord(bad):04x}")
    return text


def _script(text: str) -> str:
    assert "</script" not in text.casefold()
    return text


def _policy(scripts: Iterable[str]) -> str:
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def laid_out(picture: Picture) -> dict[str, Any]:
    """What a template shows of a picture: its drawings as specifications, its table as texts."""
    rows = list(picture.rows)
    numbers = [any(is_number(row[i]) for row in rows) for i in range(len(picture.columns))]
    return {
        "picture": picture,
        "drawings": [_drawing(picture, one) for one in picture.drawn],
        "columns": [
            {"name": name.replace("_", " "), "number": number}
            for name, number in zip(picture.columns, numbers, strict=True)
        ],
        "rows": [[(told(cell), is_number(cell)) for cell in row] for row in rows[:SHOWN]],
        "total": len(rows),
        "shown": min(SHOWN, len(rows)),
    }


def _drawing(picture: Picture, drawing: Drawing) -> dict[str, Any]:
    kind = (
        "series"
        if isinstance(drawing, Series)
        else "clouded"
        if isinstance(drawing, Cloud | Curves)
        else "broad"
        if charts.broad(drawing)
        else "plain"
    )
    return {
        "kind": kind,
        "name": drawing.name,
        "says": f"Chart: {drawing.name or picture.title} {picture.says}",
        "json": mark_safe(inlined(charts.spec(drawing, unit=picture.unit))),  # noqa: S308 - escaped by `inlined`
        "signals": signals(drawing.points) if isinstance(drawing, Series) else [],
        "remark": drawing.remark if isinstance(drawing, Series) else "",
    }


def _plain(value: Any) -> Any:
    """What JSON knows: dates as texts, decimals as numbers, what is not a number as null."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if hasattr(value, "item"):
        return value.item()
    return value
