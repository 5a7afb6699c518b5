"""Idempotency keys: however often a POST is sent, it is done once."""

from __future__ import annotations

import io
import threading

import pytest
from django.db import connection

from fullkit.models import Event, IdempotencyKey, Packet, Upload
from tests.api.callers import Api
from tests.world import World

MAIL = {"type": "quote", "title": "Forty bearings", "source": "mail"}


def test_the_same_request_is_done_once_and_answered_alike(world: World, api: Api) -> None:
    first = api.gwen.post("/packets", MAIL, once="a-1")
    world.later(minutes=5)
    second = api.gwen.post("/packets", MAIL, once="a-1")
    assert (first.status, first.body) == (second.status, second.body)
    assert Packet.objects.count() == 1


def test_without_a_key_it_is_simply_done(world: World, api: Api) -> None:
    api.gwen.post("/packets", MAIL)
    api.gwen.post("/packets", MAIL)
    assert (Packet.objects.count(), IdempotencyKey.objects.count()) == (2, 0)


def test_a_key_stands_for_one_request(world: World, api: Api) -> None:
    api.gwen.post("/packets", MAIL, once="a-1")
    refused = api.gwen.post("/packets", {**MAIL, "title": "Fifty"}, once="a-1")
    assert (refused.status, refused["code"]) == (409, "key-used-before")
    assert refused["facts"] == {"key": "a-1"}
    elsewhere = api.gwen.post("/next", once="a-1")
    assert elsewhere["code"] == "key-used-before"
    assert Packet.objects.count() == 1


def test_keys_belong_to_a_person(world: World, api: Api) -> None:
    api.gwen.post("/packets", MAIL, once="a-1")
    assert api.sara.post("/packets", MAIL, once="a-1").status == 200
    assert Packet.objects.count() == 2


def test_what_was_refused_left_no_key_and_may_be_sent_again(world: World, api: Api) -> None:
    packet = world.arrives()
    path = f"/packets/{packet.pk}/skip"
    assert api.sara.post(path, reason="no_language", once="b-1").status == 409
    api.sara.post("/next")
    assert api.sara.post(path, reason="no_language", once="b-1").status == 200
    assert api.sara.post(path, reason="no_language", once="b-1").status == 200
    assert Event.objects.filter(kind="packet.skipped").count() == 1


def test_dealing_again_with_the_same_key_deals_nothing_else(world: World, api: Api) -> None:
    world.arrives(title="one"), world.arrives(title="two")
    first = api.sara.post("/next", once="n-1")["packet"]["id"]
    api.sara.post(f"/packets/{first}/close", outcome="sent")
    assert api.sara.post("/next", once="n-1")["packet"]["id"] == first
    assert api.sara.post("/next", once="n-2")["packet"]["id"] != first


@pytest.mark.parametrize("key", ["", "x" * 201, "two words", "ümlaut"])
def test_a_key_is_visible_ascii(world: World, api: Api, key: str) -> None:
    refused = api.gwen.post("/packets", MAIL, once=key)
    assert (refused.status, refused["facts"]["field"]) == (422, "Idempotency-Key")
    assert Packet.objects.count() == 0


def test_the_same_file_is_the_same_request_though_it_is_wrapped_anew(world: World, api: Api) -> None:
    def file() -> io.BytesIO:
        made = io.BytesIO(b"%PDF-1.7 lines")
        made.name = "lines.pdf"
        return made

    first, second = api.anna.upload(file(), once="u-1"), api.anna.upload(file(), once="u-1")
    assert first["id"] == second["id"]
    assert Upload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_do_it_once(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    api = Api(world)
    callers = [api.gwen] * 4
    start, answers = threading.Barrier(len(callers)), []

    def send() -> None:
        start.wait()
        try:
            answers.append(api.gwen.post("/packets", MAIL, once="c-1"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(a.status, a["packet"]["id"]) for a in answers} == {(200, Packet.objects.get().pk)}
