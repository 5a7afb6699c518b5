"""A version comes into force on a floor that is at work: nothing stays lying, nothing in use is dropped."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fullkit.actions import conversations, handoffs, inbox, intake, playbooks
from fullkit.actions.in_use import StillInUse, still_in_use
from fullkit.actions.method import consequences
from fullkit.models import Event, Handoff, Packet, PlaybookVersion
from fullkit.playbook import edit
from fullkit.playbook.dump import dump
from fullkit.playbook.load import PlaybookError, digest, load, load_stored
from fullkit.playbook.schema import Playbook
from tests.invariants import laws
from tests.invariants.snapshot import Snapshot
from tests.playbook.small import SMALL
from tests.web.visitors import said, visitor
from tests.world import World, fresh


def follow(world: World, book: Playbook) -> None:
    saved = playbooks.save(dump(book), author=world.ines, reason="The floor changed", at=world.now)
    playbooks.activate(saved, by=world.ines, at=world.now)


def without(world: World, sign_in: str) -> Playbook:
    return without_all(world, sign_in)


def without_all(world: World, *names: str) -> Playbook:
    book = world.plant.playbook
    people = tuple(p for p in book.people if p.sign_in not in names)
    return load(dump(book.model_copy(update={"people": people})))


def parked_in_play(world: World) -> Packet:
    """Anna talked with the customer and promised the next step for tomorrow."""
    packet = world.in_hand(world.anna, name="Bolt Works")
    conversations.record(
        packet,
        outcome="sold_next_step",
        counterpart="buyer",
        minutes=9.0,
        step_at=world.now + timedelta(days=1),
        by=world.anna,
        at=world.now,
    )
    return fresh(packet)


def test_what_nobody_touched_goes_back_to_the_pool_of_a_leaver(world: World) -> None:
    packet = world.released(world.anna)
    follow(world, without(world, "anna"))
    after = fresh(packet)
    assert (after.department, after.person, after.state) == ("promotions", None, "waiting")
    assert after.released_at is None
    row = Event.objects.get(kind="packet.left_behind")
    assert (row.person, row.department, row.to_department) == (world.anna, "inside_sales", "promotions")
    assert (row.actor, row.state, row.holder) == (world.ines, "waiting", None)
    laws.hold(Snapshot())


def test_what_is_in_play_goes_to_a_colleague_with_its_promised_step(world: World) -> None:
    packet = parked_in_play(world)
    follow(world, without(world, "anna"))
    after = fresh(packet)
    assert after.person is not None
    assert after.person != world.anna
    assert after.person.works_in("inside_sales", world.plant.playbook)
    assert (after.department, after.state, after.step) == ("inside_sales", "parked", packet.step)
    assert after.not_before == packet.not_before
    laws.hold(Snapshot())


def test_what_is_left_is_shared_out_evenly(world: World) -> None:
    for n in range(8):
        packet = world.released(world.anna, name=f"Works {n}")
        Packet.objects.filter(pk=packet.pk).update(touched_at=world.now)
    follow(world, without(world, "anna"))
    shares = [p.packets.filter(state="waiting").count() for p in world.people.values()]
    given = sorted(n for n in shares if n)
    assert sum(given) == 8
    assert given[-1] - given[0] <= 1


def test_what_a_leaver_of_a_shared_inbox_has_in_hand_goes_back_into_it(world: World) -> None:
    world.arrives()
    packet = inbox.deal(world.sid, at=world.now)
    assert packet is not None
    follow(world, without(world, "sid"))
    after = fresh(packet)
    assert (after.person, after.state, after.department) == (None, "waiting", "service")
    laws.hold(Snapshot())


def test_a_kit_under_preparation_stays_with_the_department(world: World) -> None:
    packet = world.in_hand(world.anna)
    begun = handoffs.open(packet, kind="request_quote", by=world.anna, at=world.now)
    follow(world, without(world, "anna"))
    prepared = Packet.objects.get(pk=begun.packet_id)
    assert prepared.department == "inside_sales"
    assert prepared.person is not None
    assert prepared.person.is_active
    assert Handoff.objects.get(pk=begun.pk).open


def test_whoever_changes_the_department_leaves_their_queue_behind(world: World) -> None:
    packet = world.released(world.anna)
    follow(world, edit.change_roles(world.plant.playbook, "anna", ["service_clerk"]))
    assert fresh(packet).department == "promotions"
    assert fresh(packet).person is None


def test_who_stays_keeps_everything(world: World) -> None:
    packet = world.released(world.anna)
    follow(world, without(world, "sid"))
    assert fresh(packet).person == world.anna
    assert not Event.objects.filter(kind="packet.left_behind").exists()


def test_where_nobody_would_be_left_the_version_waits(world: World) -> None:
    packet = world.arrives("quote")
    Packet.objects.filter(pk=packet.pk).update(department="field_sales", person=world.faye)
    book = without_all(world, "faye", "finn", "tess")
    with pytest.raises(StillInUse, match=f"Nobody would be left in Field sales.*{packet.number}"):
        follow(world, book)
    assert fresh(packet).person == world.faye


def test_the_numbers_are_told_before(world: World) -> None:
    parked_in_play(world)
    for n in range(2):
        world.released(world.anna, name=f"Works {n}")
    old = world.plant.playbook
    found = consequences(old, without(world, "anna"))
    assert found.moving == (
        "1 open packet of Anna Kowalska goes to colleagues in Inside sales.",
        "2 open packets of Anna Kowalska go back to the pool of Promotions.",
    )
    assert found.in_use == ()


def refused(world: World, book: Playbook, match: str) -> None:
    """Said beforehand, refused in the act, and then nothing is changed."""
    old, number = world.plant.playbook, world.plant.number
    (said,) = consequences(old, book).in_use
    assert re.search(match, said)
    with pytest.raises(StillInUse, match=match):
        follow(world, book)
    assert world.plant.number == number
    assert world.anna.is_active


def test_a_stage_with_packets_in_it_is_not_dropped(world: World) -> None:
    packet = world.released()
    stage = packet.stage
    book = edit.remove_stage(world.plant.playbook, "hunting", stage)
    refused(world, book, rf"1 open packet \({packet.number}\) still need the stage .*: advance or close")
    for each in Packet.objects.open():
        Packet.objects.filter(pk=each.pk).update(stage="trial")
    follow(world, book)
    assert world.plant.stage("opportunity", stage) is None


def test_a_reason_that_says_why_something_is_red_is_not_dropped(world: World) -> None:
    packet = world.arrives()
    key = world.plant.playbook.reasons.red[0].key
    inbox.name_cause(packet, reason=key, by=world.sid, at=world.now)
    book = edit.remove_reason(world.plant.playbook, "red", key)
    refused(world, book, rf"\({packet.number}\) still need the reason .*name another cause first, or keep it")


def test_a_handoff_being_prepared_is_not_dropped(world: World) -> None:
    handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now)
    book = edit.remove_from(world.plant.playbook, ("handoffs", "request_quote"))
    refused(world, book, r"are being prepared for the handoff .*: complete or withdraw them first")


@pytest.mark.django_db
def test_a_department_and_a_type_in_use_are_not_dropped() -> None:
    world = World(SMALL)
    old = load(SMALL)
    packet = intake.arrive(type="visit", title="Come by", source="phone", at=world.now, verdict="us").packet
    text = SMALL.replace("works: [quote, visit]", "works: [quote]")
    text = text.replace("  - {key: visit, name: Visit, prefix: V, home: service, promise: 1d}\n", "")
    (said,) = still_in_use(old, load(text))
    assert said == (
        f"1 open packet ({packet.number}) still need the packet type 'Visit':"
        " close them or make them another type first, or keep it."
    )
    Packet.objects.filter(pk=packet.pk).update(department="gone")
    more = SMALL.replace(
        "\nroles:", "\n  - {key: gone, name: Paint shop, chain: bau, works: [visit]}\nroles:", 1
    )
    (said,) = still_in_use(load(more), old)
    assert said.startswith(
        f"1 open packet ({packet.number}) still need the department 'Paint shop': hand them"
    )


def test_what_nothing_needs_may_be_dropped(world: World) -> None:
    world.released()
    follow(world, edit.remove_from(world.plant.playbook, ("handoffs", "request_quote")))
    assert "request_quote" not in world.plant.playbook.handoff


def test_a_stored_version_with_keys_of_another_release_still_loads(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    text = dump(world.plant.playbook).replace("\ncalendar:", "\nautopilot: {level: 3}\ncalendar:", 1)
    text = text.replace("inbox: personal", "inbox: personal\n    colour: blue", 1)
    row = PlaybookVersion.objects.get(number=1)
    row.text, row.digest = text, digest(text)
    row.save()
    book, unknown = load_stored(text)
    assert set(unknown) == {"autopilot", "departments[1].colour"}
    assert world.plant.playbook == book
    assert world.plant.unknown == unknown
    assert "keys that this release does not know" in caplog.text
    with pytest.raises(PlaybookError):
        load(text)  # what is newly written is still held to the letter
    page = visitor(world.ines).get("/playbook")
    assert "autopilot" in said(page)
    follow(world, edit.change_promise(world.plant.playbook, "quote", "2d"))
    assert world.plant.unknown == ()
    back = visitor(world.ines).post("/playbook/versions/1/return")
    assert back.status_code == 200


def test_a_stored_version_that_is_wrong_otherwise_says_so() -> None:
    with pytest.raises(PlaybookError, match="zone"):
        load_stored(SMALL.replace("  zone: UTC\n", "  zone: 7\n  colour: blue\n"))
