"""A playbook as the readable YAML a person would have written: defaults left out, the order kept."""

from __future__ import annotations

import io
import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from fullkit.playbook.schema import Playbook

_ON_ONE_LINE = frozenset({"is", "holidays"})
_SHORT = 90
_FOLD = re.compile(r" +\n")


def dump(playbook: Playbook) -> str:
    """The playbook as YAML text; `load(dump(playbook)) == playbook`."""
    stated = playbook.model_dump(by_alias=True, exclude_defaults=True)
    return write({"fullkit": playbook.fullkit, **stated, "calendar": _calendar(playbook, stated["calendar"])})


def write(data: dict[str, Any]) -> str:
    """Plain data in the same style, whether or not they are a playbook."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 110
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump(_styled(data), out)
    # Where a long sentence is folded, the blank before the fold is not part of it.
    return _FOLD.sub("\n", out.getvalue())


def _calendar(playbook: Playbook, stated: dict[str, Any]) -> dict[str, Any]:
    hours = {}
    for day, spans in playbook.calendar.hours.items():
        texts = [f"{_plain(start)}-{_plain(end)}" for start, end in spans]
        hours[day] = texts[0] if len(texts) == 1 else texts
    return {**stated, "hours": hours}


def _plain(value: Any) -> Any:
    """What YAML can say, for what pydantic holds."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and abs(value) < 10**15:
            return int(value)
        # A number that a float cannot hold exactly is written as text, which is read as it stands.
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    return value


def _styled(value: Any, key: str = "") -> Any:
    """Lists of words, and pairs of key and name, stand on one line; everything else in blocks."""
    if isinstance(value, dict):
        made = CommentedMap((_plain(k), _styled(v, str(k))) for k, v in value.items())
        if key in _ON_ONE_LINE or (set(made) == {"key", "name"} and len(str(made["name"])) < _SHORT):
            made.fa.set_flow_style()
        return made
    if isinstance(value, (list, tuple)):
        row = CommentedSeq(_styled(v, "") for v in value)
        if (
            all(isinstance(v, (str, int, float, date)) for v in row)
            and sum(len(str(v)) for v in row) < _SHORT
        ):
            row.fa.set_flow_style()
        return row
    return _plain(value)
