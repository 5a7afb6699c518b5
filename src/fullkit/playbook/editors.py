"""The JSON Schema of a playbook, with which editors complete and check while one types."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from fullkit.playbook.schema import Playbook

FILE = "playbook.schema.json"


def json_schema() -> dict[str, Any]:
    """The schema of the file as it is written, with `from` and `is`."""
    schema = Playbook.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Fullkit playbook"}


def published() -> str:
    """The text of the schema that comes with Fullkit."""
    return (files("fullkit.playbook") / FILE).read_text(encoding="utf-8")


def text() -> str:
    """The schema as the text that is published."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":  # `python -m fullkit.playbook.editors` writes it anew after a change of the models
    Path(__file__).with_name(FILE).write_text(text(), encoding="utf-8")
