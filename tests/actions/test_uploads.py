"""Who may read a file: who gave it, the departments of its packet, a supervisor. Nobody gets at it by naming it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fullkit.actions import handoffs, inbox, journey, uploads
from fullkit.actions.handoffs import Given
from fullkit.actions.may import NotYours
from fullkit.models import Person, Upload
from tests.world import World


def kept(world: World, by: Person | None = None) -> Upload:
    file = SimpleUploadedFile("lines.csv", b"part;count\nseal;40\n")
    return uploads.store(file, name="lines.csv", by=by, at=world.now)


def readers(world: World, upload: Upload) -> set[str]:
    return {name for name, person in world.people.items() if uploads.readable(upload, person)}


def test_a_file_given_for_nothing_yet_is_its_givers(world: World) -> None:
    leads = readers(world, kept(world))
    assert readers(world, kept(world, world.otto)) == leads | {"otto"}
    with pytest.raises(NotYours, match="lines.csv belongs to work that your department neither has nor had"):
        uploads.opened(kept(world, world.otto), by=world.sara)


def test_the_departments_of_a_kit_read_its_files(world: World) -> None:
    upload = kept(world)
    packet = world.in_hand()
    items = world.quote_kit() | {"lines": Given(file=upload)}
    before = readers(world, upload)
    handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now, items=items)
    departments = {"inside_sales", "service"}
    by_work = {
        name for name, p in world.people.items() if departments & set(p.departments_in(world.plant.playbook))
    }
    assert readers(world, upload) == before | by_work
    assert {"anna", "ben", "sara", "sid"} <= by_work
    assert "otto" not in by_work


def test_the_evidence_of_a_stage_is_read_where_the_packet_is(world: World) -> None:
    packet, upload = world.in_hand(), kept(world)
    journey.advance(
        packet, evidence="The order", evidence_at=world.now, by=world.anna, at=world.now, file=upload
    )
    assert {"anna", "ben"} <= readers(world, upload)
    assert not {"sara", "otto", "ed"} & readers(world, upload)


def test_a_reference_in_a_text_opens_nothing(world: World) -> None:
    """Evidence is free text: whoever types the address of a file in it does not get the file by that."""
    upload = kept(world, world.otto)
    journey.advance(
        world.in_hand(),
        evidence=f"/files/{upload.pk} x",
        evidence_at=world.now,
        by=world.anna,
        at=world.now,
    )
    assert "anna" not in readers(world, upload)


def test_whoever_left_reads_nothing(world: World) -> None:
    upload = kept(world)
    items = world.quote_kit() | {"lines": Given(file=upload)}
    handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now, items=items)
    assert uploads.readable(upload, world.sid)
    world.sid.is_active = False
    assert not uploads.readable(upload, world.sid)
    assert inbox.in_hand(world.sid) is None
