"""What is written is what was read, and reads as if a person had written it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from fullkit.playbook import presets
from fullkit.playbook.dump import dump
from fullkit.playbook.load import load
from fullkit.playbook.schema import Playbook
from tests.playbook.strategies import playbooks


@pytest.mark.parametrize("name", [*presets.names(), "demo"])
def test_a_preset_comes_back_as_it_was(name):
    playbook = load(presets.read(name))
    assert load(dump(playbook)) == playbook


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(playbooks())
def test_any_playbook_comes_back_as_it_was(playbook: Playbook):
    text = dump(playbook)
    again = load(text)
    assert again == playbook
    assert dump(again) == text


def test_defaults_are_left_out_and_hours_are_readable():
    text = dump(load(presets.read("demo")))
    assert "mon: [08:00-12:00, 12:30-17:00]" in text
    assert "switches" not in text
    assert "inbox: shared" not in text
    assert "null" not in text
    assert text.startswith("fullkit: 1\ncompany:\n")


def test_the_order_of_the_file_is_kept():
    playbook = load(presets.read("demo"))
    assert [p.sign_in for p in load(dump(playbook)).people] == [p.sign_in for p in playbook.people]
    assert [i.key for i in load(dump(playbook)).handoff["request_quote"].kit] == [
        "customer", "contact", "lines", "deliver_to", "wanted_by",
    ]  # fmt: skip
