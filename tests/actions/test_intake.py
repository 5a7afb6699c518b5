"""Something arrives: once, at the right department, with a promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fullkit.actions import customers, inbox, intake, may
from fullkit.models import Event, Packet
from fullkit.rules.refusal import Invalid, Refusal
from tests.world import World, fresh


def mail(world: World, **more: object) -> intake.Arrival:
    given: dict[str, object] = {
        "type": "enquiry",
        "title": "Can you quote?",
        "source": "mail",
        "at": world.now,
    }
    return intake.arrive(**(given | more))


@pytest.mark.rule("R52")
def test_r52_the_same_message_by_two_channels_is_one_case(world: World) -> None:
    first = mail(world, message_id="<a@acme>")
    second = mail(world, message_id="<a@acme>", source="form", type="quote")
    assert (first.new, second.new) == (True, False)
    assert first.packet == second.packet
    assert world.log(first.packet)[-1] == "packet.repeated"


@pytest.mark.rule("R52")
def test_r52_a_reply_joins_the_open_packet_of_its_thread(world: World) -> None:
    first = mail(world, message_id="<a@acme>").packet
    reply = mail(world, message_id="<b@acme>", thread="<a@acme>", text="And 20 more")
    assert (reply.packet, reply.new) == (first, False)
    assert Event.objects.filter(kind="packet.commented").last().remark.text == "And 20 more"


def test_a_message_without_an_id_is_never_lost(world: World) -> None:
    assert mail(world).packet != mail(world).packet


@pytest.mark.rule("R10")
def test_r10_an_inbound_reorder_never_reaches_a_sales_queue(world: World) -> None:
    acme = world.customer()
    customers.bought(acme, family="seals", value=100, at=world.now - timedelta(days=30))
    packet = mail(world, customer=acme, family="seals", type="order").packet
    assert (packet.department, packet.inertia) == ("service", "us")


@pytest.mark.rule("R10")
def test_r10_what_a_competitor_has_goes_to_the_pool_as_an_opportunity(world: World) -> None:
    packet = mail(world, verdict="competitor").packet
    assert (packet.department, packet.type, packet.chain) == ("promotions", "opportunity", "growth")


@pytest.mark.rule("R10")
def test_r10_an_opportunity_that_is_ours_to_lose_goes_to_service(world: World) -> None:
    packet = mail(world, type="opportunity", verdict="us").packet
    assert (packet.department, packet.type, packet.chain) == ("service", "enquiry", "bau")


@pytest.mark.rule("R9")
def test_r9_an_override_keeps_its_reason_and_moves_the_packet(world: World) -> None:
    packet = mail(world).packet
    with pytest.raises(Refusal, match="Say in a sentence why"):
        intake.classify(packet, verdict="competitor", reason="", by=world.sara, at=world.now)
    intake.classify(
        fresh(packet), verdict="competitor", reason="They buy from Bolt & Co", by=world.sara, at=world.now
    )
    after = fresh(packet)
    assert (after.inertia, after.department, after.type) == ("competitor", "promotions", "opportunity")
    assert Event.objects.get(kind="packet.classified").remark.text == "They buy from Bolt & Co"


@pytest.mark.rule("R53")
@pytest.mark.rule("R44")
def test_r53_triage_gives_type_and_promise_counted_from_arrival(world: World) -> None:
    packet = mail(world).packet
    world.later(minutes=30)
    held = inbox.deal(world.sara, at=world.now)
    intake.triage(held, type="order", by=world.sara, at=world.now)
    after = fresh(packet)
    assert (after.type, after.number[0]) == ("order", "R")
    work = world.plant.work_of("service")
    assert work.minutes_between(after.arrived_at, after.due_at) == pytest.approx(240)


@pytest.mark.rule("R51")
def test_r51_a_type_that_the_department_does_not_work_is_refused(world: World) -> None:
    packet = mail(world).packet
    with pytest.raises(intake.NotWorkedHere, match="It works: enquiry"):
        intake.triage(packet, type="design", by=world.sara, at=world.now)


def test_an_outsider_does_not_triage(world: World) -> None:
    with pytest.raises(may.NotYours):
        intake.triage(mail(world).packet, type="order", by=world.otto, at=world.now)


@pytest.mark.rule("R54")
def test_r54_a_promise_made_on_friday_evening_runs_in_working_time(world: World) -> None:
    friday_4pm = datetime(2026, 3, 6, 22, 0, tzinfo=UTC)
    packet = mail(world, type="order", at=friday_4pm).packet
    assert packet.due_at == datetime(
        2026, 3, 9, 16, 0, tzinfo=UTC
    )  # an hour on Friday, three on Monday, by DST


def test_a_design_does_not_arrive_from_outside(world: World) -> None:
    with pytest.raises(intake.NotFromOutside):
        mail(world, type="design")


@pytest.mark.parametrize("title", ["", "   ", "a\x00b", "x" * 201])
def test_a_bad_title_is_refused_by_name(world: World, title: str) -> None:
    with pytest.raises(Invalid, match="title"):
        mail(world, title=title)
    assert not Packet.objects.exists()


@pytest.mark.parametrize("title", ["Dichtungen für Müller", "مضخات", "泵密封", "Насос 🛠"])
def test_a_title_in_any_script_is_kept(world: World, title: str) -> None:
    assert mail(world, title=title).packet.title == title


def test_a_field_of_another_type_is_refused_with_those_that_exist(world: World) -> None:
    with pytest.raises(Invalid, match="Known fields: deliver_to"):
        mail(world, type="quote", fields={"mood": "good"})


@pytest.mark.rule("R43")
def test_r43_no_table_has_an_owner_of_an_account() -> None:
    from fullkit.models import Customer

    names = {f.name for f in Customer._meta.get_fields() if getattr(f, "related_model", None)}
    people = {
        f.name for f in Customer._meta.fields if f.related_model and f.related_model.__name__ == "Person"
    }
    assert people == set()
    assert "owner" not in names


def test_merging_moves_everything_and_forgets_nothing(world: World) -> None:
    keep, double = world.customer("Acme Pumps"), world.customer("ACME pumps inc")
    packet = world.arrives(customer=double)
    customers.merge(double, into=keep, by=world.sara, at=world.now)
    assert fresh(packet).customer == keep
    assert double.contacts.count() == 0
    assert Event.objects.get(kind="packet.arrived").customer_id == double.pk
    with pytest.raises(customers.AlreadyMerged):
        customers.merge(double, into=keep, by=world.sara, at=world.now)
    with pytest.raises(customers.NotWithItself):
        customers.merge(keep, into=keep, by=world.sara, at=world.now)


def test_a_contact_is_erased_and_the_log_still_stands(world: World) -> None:
    packet = world.arrives(text="Call me on my private number")
    count = Event.objects.count()
    customers.erase_contact(packet.contact, by=world.max, at=world.now)
    assert fresh(packet).contact.name == "(erased)"
    assert Event.objects.filter(packet=packet, kind="packet.commented").get().remark.text == "(erased)"
    assert Event.objects.count() == count + 1
