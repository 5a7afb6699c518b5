"""The published JSON Schema is the model's, and takes the presets as they are written."""

from __future__ import annotations

import jsonschema_rs
import pytest

from fullkit.playbook import presets
from fullkit.playbook.editors import json_schema, published, text
from fullkit.playbook.reading import read


def test_the_published_schema_is_the_models():
    assert published() == text(), "run `python -m fullkit.playbook.editors`"


@pytest.mark.parametrize("name", [*presets.names(), "demo"])
def test_a_preset_as_written_fits_the_schema(name):
    assert [
        e.message
        for e in jsonschema_rs.validator_for(json_schema()).iter_errors(read(presets.read(name)).data)
    ] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from: promotions", "sender: promotions"),
        ("promise: 4h", "promise: 4 hours"),
        ("mon: [08:00", "mon: [8 to"),
    ],
)
def test_an_editor_underlines_what_is_wrong(old, new):
    broken = presets.read("demo").replace(old, new, 1)
    assert not jsonschema_rs.validator_for(json_schema()).is_valid(read(broken).data)


@pytest.mark.parametrize("name", [*presets.names(), "demo"])
def test_a_preset_tells_editors_where_its_schema_lies(name):
    assert presets.read(name).startswith("# yaml-language-server: $schema=../playbook.schema.json\n")
