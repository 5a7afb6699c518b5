"""Setting up: once, with the code, from each preset."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from fullkit.actions import company, playbooks
from fullkit.env import private_file
from fullkit.models import Person
from fullkit.playbook import presets
from fullkit.playbook.lint import lint
from tests.web.visitors import said, visitor
from tests.world import PASSWORD, World

GIVEN: dict[str, Any] = {
    "preset": "2-inside-team",
    "company": "Nordlicht Pumpen",
    "zone": "europe/berlin",
    "currency": "EUR",
    "country": "DE",
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "opens": "08:00",
    "closes": "16:30",
    "break_from": "12:00",
    "break_to": "12:30",
    "name": "Jördis Ahrens",
    "sign_in": "joerdis",
    "password": PASSWORD,
    "again": PASSWORD,
}


@pytest.fixture
def code() -> str:
    return private_file(settings.SETUP_CODE_FILE, length=9)


def set_up(code: str, **changes: Any) -> Any:
    return Client().post("/setup", GIVEN | {"code": code} | changes)


@pytest.mark.django_db
@pytest.mark.rule("R50")
@pytest.mark.parametrize("preset", presets.names())
def test_r50_a_company_begins_from_each_preset_and_nothing_contradicts_the_rulebook(
    code: str, preset: str
) -> None:
    answer = set_up(code, preset=preset)
    assert (answer.status_code, answer.get("Location")) == (302, "/playbook/people")
    plant = playbooks.current()
    assert lint(plant.playbook) == []
    assert (plant.playbook.company.name, plant.playbook.company.zone) == ("Nordlicht Pumpen", "Europe/Berlin")
    assert plant.work.day_minutes == 480
    jördis = Person.objects.get()
    assert jördis.check_password(PASSWORD)
    assert jördis.may("method", plant.playbook)


@pytest.mark.django_db
def test_who_sets_it_up_is_signed_in_and_hears_to_add_colleagues(code: str) -> None:
    client = Client()
    page = said(client.post("/setup", GIVEN | {"code": code}, follow=True))
    assert "Nordlicht Pumpen is set up. Now add your colleagues." in page
    assert "You are the first" in page
    assert not settings.SETUP_CODE_FILE.exists()


@pytest.mark.django_db
def test_without_the_code_a_stranger_cannot_take_the_house(code: str) -> None:
    answer = set_up("guessed")
    assert answer.status_code == 422
    assert "not the code that" in said(answer)
    assert code not in said(answer)
    assert not playbooks.exists()


@pytest.mark.django_db
def test_where_no_code_was_printed_none_opens() -> None:
    settings.SETUP_CODE_FILE.unlink(missing_ok=True)
    assert set_up("").status_code == 422
    assert set_up("anything").status_code == 422
    assert not playbooks.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"zone": "Entenhausen"}, "no time zone of this name"),
        ({"again": "another password"}, "not the same password"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"closes": "07:00"}, "not after the start of work"),
        ({"break_to": ""}, "both ends of the break"),
        ({"break_to": "18:00"}, "inside the hours of work"),
        ({"sign_in": "Jördis A"}, "Small letters"),
        ({"days": []}, "required"),
        ({"preset": "demo"}, "not one of the available choices"),
        ({"company": "\x00"}, "Null characters"),
        ({"preset": "4-scheduled-field", "roles": ["inside_salesperson", "field_salesperson"]}, "R14"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_half_done(
    code: str, changes: dict[str, Any], sentence: str
) -> None:
    answer = set_up(code, **changes)
    assert (answer.status_code, sentence in said(answer)) == (422, True)
    assert not playbooks.exists()
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_roles_of_another_preset_are_left_out(code: str) -> None:
    set_up(code, preset="1-service-desk", roles=["inside_salesperson", "service_clerk"])
    assert Person.objects.get().roles == ["service_clerk", "improvement_lead"]


@pytest.mark.django_db
def test_every_page_of_an_empty_house_leads_to_the_set_up() -> None:
    assert Client().get("/sign-in")["Location"] == "/setup"
    assert "Set up your company" in said(Client().get("/setup"))


def test_a_house_in_use_is_not_set_up_again(world: World, code: str) -> None:
    for client in (visitor(), visitor(world.anna), visitor(world.ines)):
        assert client.get("/setup").status_code == 302
        assert client.post("/setup", GIVEN | {"code": code})["Location"] == "/"
    assert playbooks.current().number == 1
    with pytest.raises(company.AlreadySetUp):
        company.found(presets.read("demo"), sign_in="anna", password=PASSWORD, reason="Again", at=world.now)
    settings.SETUP_CODE_FILE.unlink(missing_ok=True)
