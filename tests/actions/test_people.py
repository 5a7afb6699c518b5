"""Personal data goes; the log stands."""

from __future__ import annotations

import pytest

from fullkit.actions import customers, inbox, people, playbooks
from fullkit.models import Event, PlaybookVersion
from fullkit.playbook import edit
from fullkit.playbook.dump import dump
from fullkit.reports import personal
from fullkit.rules.refusal import Refusal
from tests.world import World


def leave(world: World, name: str) -> None:
    book = edit.remove_person(world.plant.playbook, name)
    saved = playbooks.save(dump(book), author=world.ines, reason="Left", at=world.now)
    playbooks.activate(saved, by=world.ines, at=world.now)


def test_a_colleague_is_erased_only_after_leaving(world: World) -> None:
    with pytest.raises(Refusal, match="Take them out of it first"):
        people.erase(world.sid, by=world.ines, at=world.now)


def test_nothing_names_an_erased_colleague_and_the_log_is_whole(world: World) -> None:
    world.arrives()
    inbox.deal(world.sid, at=world.now)
    before = list(Event.objects.order_by("pk").values_list("pk", "kind", "actor"))
    leave(world, "sid")
    erased = people.erase(world.sid, by=world.ines, at=world.now)
    assert "Sid" not in "".join(PlaybookVersion.objects.values_list("text", flat=True))
    assert (erased.name, erased.is_active) == ("(erased)", False)
    assert list(Event.objects.order_by("pk").values_list("pk", "kind", "actor"))[: len(before)] == before
    assert playbooks.version(1).playbook.person[erased.sign_in].name == "(erased)"


def test_what_is_stored_about_a_contact_is_exported_and_then_gone(world: World) -> None:
    packet = world.arrives(text="Call me at home")
    known = personal.of_contact(packet.contact)
    assert known["remarks"][0]["text"] == "Call me at home"
    assert known["packets"][0]["number"] == packet.number
    customers.erase_contact(packet.contact, by=world.max, at=world.now)
    assert "Call me" not in str(personal.of_contact(packet.contact))
    assert "Pat" not in str(personal.of_contact(packet.contact))


def test_what_is_stored_about_a_colleague_is_exported(world: World) -> None:
    world.arrives()
    inbox.deal(world.sid, at=world.now)
    known = personal.of_person(world.sid)
    assert known["name"] == "Sid Banerjee"
    assert [e["kind"] for e in known["events"]] == ["packet.dealt"]
