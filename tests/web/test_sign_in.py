"""The door: who comes in, how often one may be wrong, and where one is led."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from fullkit.models import Person, SignInFailure
from tests.web.clock import stop
from tests.web.visitors import said, visitor
from tests.world import PASSWORD, World


@pytest.fixture(autouse=True)
def _doors(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(monkeypatch, world)
    world.anna.set_password(PASSWORD)
    world.anna.save()


def come(name: str = "anna", password: str = PASSWORD, client: Client | None = None, **more: str) -> object:
    return (client or Client()).post("/sign-in", {"name": name, "password": password} | more)


def test_the_right_key_opens_the_first_screen_of_the_role(world: World) -> None:
    client = Client()
    assert come(client=client).url == "/"  # type: ignore[attr-defined]
    assert client.get("/").url == "/next"  # type: ignore[attr-defined]
    assert visitor(world.faye).get("/").url == "/today"  # type: ignore[attr-defined]


def test_a_wrong_password_an_unknown_name_and_somebody_who_left_hear_the_same(world: World) -> None:
    Person.objects.filter(sign_in="ben").update(is_active=False, password=world.anna.password)
    answers = [come(password="wrong"), come(name="nobody"), come(name="ben")]
    assert {a.status_code for a in answers} == {422}  # type: ignore[attr-defined]
    assert all("do not belong together" in said(a) for a in answers)


def test_after_too_many_failures_even_the_right_key_waits(world: World) -> None:
    for _turn in range(settings.SIGN_IN_ATTEMPTS):
        come(name="Anna ", password="wrong")
    assert come().status_code == 429  # type: ignore[attr-defined]
    world.later(minutes=settings.SIGN_IN_WINDOW_MINUTES + 1)
    assert come().status_code == 302  # type: ignore[attr-defined]


def test_one_address_that_tries_many_names_waits_too(world: World) -> None:
    for turn in range(settings.SIGN_IN_ATTEMPTS * 10):
        SignInFailure.objects.create(name_digest=f"{turn}", place_digest=_place(), at=world.now)
    assert come().status_code == 429  # type: ignore[attr-defined]


def _place() -> str:
    come(name="somebody", password="wrong")
    return SignInFailure.objects.latest("pk").place_digest


def test_neither_names_nor_addresses_are_kept(world: World) -> None:
    come(name="olga", password="wrong")
    kept = SignInFailure.objects.get()
    assert "olga" not in kept.name_digest
    assert "127.0.0.1" not in kept.place_digest


def test_the_session_gets_a_new_name_at_the_door() -> None:
    client = Client()
    client.get("/sign-in")
    client.session["before"] = 1
    client.session.save()
    old = client.session.session_key
    come(client=client)
    assert client.session.session_key != old


@pytest.mark.parametrize(
    ("asked", "led"), [("/favours", "/favours"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_one_is_led_only_to_addresses_of_this_house(asked: str, led: str) -> None:
    assert come(next=asked).url == led  # type: ignore[attr-defined]


def test_a_password_for_one_time_must_be_changed_before_anything_else(world: World) -> None:
    Person.objects.filter(pk=world.anna.pk).update(must_change_password=True)
    client = Client()
    come(client=client)
    assert client.get("/next").url == "/password"  # type: ignore[attr-defined]
    new = "quite another long word"
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password", given).url == "/"  # type: ignore[attr-defined]
    assert client.get("/next").status_code == 200
    assert come(password=new).status_code == 302  # type: ignore[attr-defined]


def test_a_short_password_is_not_taken(world: World) -> None:
    given = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}
    answer = visitor(Person.objects.get(pk=world.anna.pk)).post("/password", given)
    assert answer.status_code == 422
    assert "12 characters" in said(answer)


def test_sign_out_ends_the_session(world: World) -> None:
    anna = visitor(world.anna)
    assert anna.post("/sign-out").url == "/sign-in"  # type: ignore[attr-defined]
    assert anna.get("/next").url == "/sign-in?next=/next"  # type: ignore[attr-defined]
