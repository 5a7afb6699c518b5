"""Who may open which address: every one, asked by the right person, a colleague, an outsider and nobody.

A new address that stands in no table here fails the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from fullkit import urls as house
from fullkit.actions import calendar, disputes, favours, handoffs, inbox, uploads
from fullkit.models import Advice, Handoff, KitSupply, Packet
from fullkit.web.urls import urlpatterns
from tests.actions.test_calendar import asked, slots
from tests.web.clock import stop
from tests.web.visitors import visitor
from tests.world import World

DONE = {200, 204, 302}
"""The page, or the verb was done."""
SAID_NO = {200, 302, 400, 409, 422}
"""The process or the form said no, or the page says why: the person was let in."""
SHUT = {403}
GONE = {404}
OPEN_TO_ALL = {"sign_in", "setup", "health", "ready"}
"""Before sign-in; the set-up page shuts itself once a playbook is in force (tests/web/test_setup.py)."""


@dataclass(frozen=True)
class Row:
    """How the stage is set, what is asked, and who gets what."""

    address: Callable[[World], str]
    right: str
    gets: set[int]
    others: dict[str, set[int]]
    post: dict[str, Any] | None = None


def page(address: str | Callable[[World], str], right: str = "anna", **others: set[int]) -> Row:
    """A page that is only read."""
    return Row(address if callable(address) else lambda _: address, right, DONE, others or EVERYONE)


def verb(
    address: str | Callable[[World], str],
    right: str,
    gets: set[int] = DONE,
    *,
    data: dict[str, Any] | None = None,
    **others: set[int],
) -> Row:
    """Something that is done by POST."""
    return Row(address if callable(address) else lambda _: address, right, gets, others, post=data or {})


EVERYONE: dict[str, set[int]] = {"ben": DONE, "otto": DONE}


def held(world: World) -> Packet:
    """A quote in Sara's hands."""
    world.arrives()
    packet = inbox.deal(world.sara, at=world.now)
    assert packet is not None
    return packet


def at_service(rest: str) -> Callable[[World], str]:
    return lambda world: f"/packets/{held(world).number}/{rest}"


def at_sales(rest: str) -> Callable[[World], str]:
    return lambda world: f"/packets/{world.in_hand().number}/{rest}"


def handed_over(world: World) -> Handoff:
    return Handoff.objects.get(packet=world.quote_asked())


def begun(world: World) -> Handoff:
    return handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now)


def raised(world: World) -> int:
    done = handed_over(world)
    return disputes.dispute(done, item="lines", reason="Empty.", by=world.sara, at=world.now).pk


def favour(world: World) -> int:
    return favours.ask(held(world), of=world.anna, question="Which seal?", by=world.sara, at=world.now).pk


def advice(world: World) -> int:
    return Advice.objects.create(
        person=world.anna, at=world.now, day=world.now.date(), from_target=12, to_target=8, reason="green"
    ).pk


def booked(world: World) -> str:
    packet = asked(world)
    free = slots(world)[0]
    calendar.book(free, packet=packet, by=world.cora, at=world.now)
    return f"/today/{packet.number}"


def a_file(world: World) -> int:
    file = SimpleUploadedFile("lines.csv", b"part;count\nseal;40\n")
    kept = uploads.store(file, name="lines.csv", by=None, at=world.now).pk
    KitSupply.objects.filter(handoff=handed_over(world), item="lines").update(file=kept)
    return kept


BY_SERVICE = {"sid": SAID_NO, "anna": SAID_NO | SHUT, "otto": SAID_NO | SHUT}
"""Held by Sara: a colleague is told it is not in their hands; nobody else gets it done."""
METHOD_ONLY = {"anna": SHUT, "max": SHUT}
LEADS_ONLY = {"sara": SHUT, "anna": SHUT}
PROMOTES = {"anna": SHUT, "otto": SHUT}

TABLE: dict[str, Row] = {
    "home": page("/"),
    "sign_out": verb("/sign-out", "anna", ben=DONE, otto=DONE),
    "password": page("/password"),
    "next": page("/next", "anna", ben=DONE, eva=SHUT),
    "packet": page(lambda w: f"/packets/{w.arrives().number}", "sara", sid=DONE, otto=DONE),
    "history": page(
        lambda w: f"/packets/{w.arrives().number}/history?before=999999", "sara", sid=DONE, otto=DONE
    ),
    "conversation": verb(at_sales("conversation"), "anna", SAID_NO, ben=SAID_NO, eva=SHUT),
    "outcome": verb(at_service("outcome"), "sara", data={"outcome": "sent"}, **BY_SERVICE),
    "stage": verb(at_sales("stage"), "anna", SAID_NO, ben=SAID_NO, eva=SHUT),
    "skip": verb(at_service("skip"), "sara", data={"reason": "no_language"}, **BY_SERVICE),
    "undo_skip": verb("/skip/undo", "sara", SAID_NO, sid=SAID_NO, eva=SHUT),
    "put_back": verb(at_service("put-back"), "sara", data={"reason": "end_of_shift"}, **BY_SERVICE),
    "park": verb(at_service("park"), "sara", SAID_NO, **BY_SERVICE),
    "lease": verb(at_service("lease"), "sara", **BY_SERVICE),
    "pick_up": verb(
        lambda w: f"/packets/{w.arrives().number}/pick-up", "sara", sid=DONE, anna=SHUT, otto=SHUT, eva=SHUT
    ),
    "take_back": verb(at_service("return"), "gwen", sid=SHUT, anna=SHUT),
    "triage": verb(at_service("triage"), "sara", data={"type": "order"}, sid=SAID_NO, anna=SHUT, otto=SHUT),
    "classification": verb(
        at_service("classification"),
        "sara",
        SAID_NO,
        data={"verdict": "us", "reason": "They buy from us"},
        sid=SAID_NO,
        anna=SHUT,
        otto=SHUT,
    ),
    "correction": verb(
        at_service("correction"), "sara", SAID_NO, data={"title": "x"}, sid=SAID_NO, anna=SHUT | {422}
    ),
    "cause": verb(
        at_service("cause"), "sara", SAID_NO, data={"cause": "volume"}, sid=SAID_NO, anna=SHUT | SAID_NO
    ),
    "remark": verb(
        at_service("remark"), "sara", SAID_NO, data={"text": "They called"}, sid=SAID_NO, anna=SAID_NO
    ),
    "favour": verb(at_service("favour"), "sara", SAID_NO, sid=SAID_NO, anna=SHUT | SAID_NO),
    "reopen": verb(at_service("reopening"), "sara", SAID_NO, anna=SHUT | SAID_NO, otto=SHUT | SAID_NO),
    "handoff": page(at_sales("handoffs/request_quote"), "anna", otto=SHUT | SAID_NO),
    "withdrawal": verb(
        lambda w: f"/handoffs/{begun(w).pk}/withdrawal", "anna", data={"reason": "no"}, otto=SHUT, sara=SHUT
    ),
    "dispute": verb(
        lambda w: f"/handoffs/{handed_over(w).pk}/dispute",
        "sara",
        data={"item": "lines", "reason": "Empty"},
        anna=SHUT,
        otto=SHUT,
    ),
    "file": page(lambda w: f"/files/{a_file(w)}", "sara", ben=DONE, gwen=DONE, otto=SHUT),
    "inbox": page("/inbox", "sara", sid=DONE, eva=DONE | SHUT),
    "department_inbox": page("/inbox/service", "sara", sid=DONE, anna=DONE | SHUT),
    "favours": page("/favours"),
    "favour_answer": verb(
        lambda w: f"/favours/{favour(w)}/answer",
        "anna",
        data={"answer": "35 mm"},
        ben=SHUT | GONE,
        sara=SHUT | GONE,
    ),
    "customers": page("/customers"),
    "customer": page(lambda w: f"/customers/{w.customer().pk}"),
    "contacts": verb(
        lambda w: f"/customers/{w.customer().pk}/contacts", "sara", data={"name": "Li"}, sid=DONE, otto=DONE
    ),
    "merge": verb(
        lambda w: f"/customers/{w.customer('Twice').pk}/merge?{w.customer().pk}",
        "gwen",
        data={"into": "Acme Pumps"},
        sara=SHUT,
        anna=SHUT,
    ),
    "contact_erasure": verb(
        lambda w: f"/contacts/{w.contact(w.customer()).pk}/erasure", "max", gwen=SHUT, anna=SHUT
    ),
    "contact_data": page(
        lambda w: f"/contacts/{w.contact(w.customer()).pk}/data", "max", gwen=SHUT, anna=SHUT
    ),
    "search": page("/search?q=acme"),
    "call": verb("/call", "sara", SAID_NO, sid=SAID_NO, anna=SAID_NO),
    "today": page("/today", "faye", finn=DONE, anna=DONE | SHUT),
    "visit": verb(booked, "faye", SAID_NO, finn=SAID_NO | SHUT, anna=SHUT | SAID_NO, eva=SHUT),
    "time": page("/time"),
    "queues": page("/queues", "carl", sam=DONE, **PROMOTES),
    "queues_run": verb("/queues/inside_sales/run", "carl", maya=DONE, sam=SHUT, **PROMOTES),
    "advice_acceptance": verb(
        lambda w: f"/queues/advice/{advice(w)}/acceptance", "carl", sam=SHUT, **PROMOTES
    ),
    "incident_completion": verb("/queues/incidents/S-9/completion", "carl", GONE, sam=SHUT, **PROMOTES),
    "pool": page("/pool", "carl", sam=SHUT, **PROMOTES),
    "pool_rows": verb("/pool/rows", "carl", SAID_NO, sam=SHUT, **PROMOTES),
    "pool_supply": verb(lambda w: f"/pool/{w.in_pool().number}/facts", "carl", SAID_NO, sam=SHUT, **PROMOTES),
    "pool_release": verb(
        lambda w: f"/pool/{w.in_pool().number}/release", "carl", SAID_NO | GONE, sam=SHUT, **PROMOTES
    ),
    "calendar": page("/calendar", "cora", faye=DONE, otto=DONE),
    "bookings": verb("/calendar/bookings", "cora", SAID_NO | GONE, faye=SHUT, anna=SHUT, max=SHUT),
    "slot": page(lambda w: f"/calendar/slots/{slots(w)[0].pk}", "cora", faye=DONE, anna=DONE),
    "calendar_slots": verb("/calendar/weeks/2026-03-02/slots", "cora", faye=SHUT, anna=SHUT, max=SHUT),
    "team": page("/team", "sam", gwen=DONE, **LEADS_ONLY),
    "decision": verb(
        lambda w: f"/team/disputes/{raised(w)}/decision", "gwen", SAID_NO, data={"upheld": "no"}, **LEADS_ONLY
    ),
    "taken_back": verb(lambda w: f"/team/packets/{held(w).number}/return", "gwen", **LEADS_ONLY),
    "named_cause": verb(
        lambda w: f"/team/packets/{held(w).number}/cause",
        "gwen",
        SAID_NO,
        data={"cause": "volume"},
        **LEADS_ONLY,
    ),
    "flow": page("/flow", "max", ines=DONE, **LEADS_ONLY),
    "flow_pictures": page("/flow/pictures?side=bau-rest", "max", ines=DONE, **LEADS_ONLY),
    "flow_behind": page(
        "/flow/behind?side=bau-rest&measure=arrivals&week=2026-03-02",
        "max",
        ines=DONE,
        sam=DONE,
        **LEADS_ONLY,
    ),
    "calculators": page("/calculators", "max", ines=DONE, **LEADS_ONLY),
    "playbook": page("/playbook", "ines", max=DONE, anna=DONE),
    "kits": page("/playbook/kits", "ines", max=DONE, anna=DONE),
    "processes": page("/playbook/processes", "ines", max=DONE, anna=DONE),
    "method_queues": page("/playbook/queues", "ines", max=DONE, anna=DONE),
    "reasons": page("/playbook/reasons", "ines", max=DONE, anna=DONE),
    "people": page("/playbook/people", "ines", max=DONE, anna=DONE),
    "versions": page("/playbook/versions", "ines", max=DONE, anna=DONE),
    "version": page("/playbook/versions/1", "ines", max=DONE, anna=DONE),
    "playbook_text": page("/playbook/text", "ines", max=DONE, anna=DONE),
    "definitions": page("/definitions", "ines", max=DONE, anna=DONE),
    "new_key": verb("/playbook/people/sid/key", "ines", **METHOD_ONLY),
    "earlier": verb("/playbook/versions/1/return", "ines", SAID_NO, **METHOD_ONLY),
    "playbook_upload": page("/playbook/upload", "ines", **METHOD_ONLY),
    "method_changes": page("/playbook/changes/promise?type=quote", "ines", **METHOD_ONLY),
    "method_removals": verb("/playbook/removals/reason", "ines", SAID_NO | GONE, **METHOD_ONLY),
    "method_change": verb("/playbook/change", "ines", SAID_NO, **METHOD_ONLY),
}
"""By the name of the address."""


@pytest.fixture(autouse=True)
def _on_monday(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    stop(monkeypatch, world)


def ask(world: World, row: Row, name: str | None) -> int:
    """What one person gets, on a stage set anew for each."""
    with transaction.atomic():
        address = row.address(world)
        client = visitor(world.people[name] if name else None)
        answer = client.get(address) if row.post is None else client.post(address, row.post)
        status = answer.status_code
        if answer.streaming:
            b"".join(answer.streaming_content)  # read to its end, it closes its file
        if name is None and status == 302:
            assert answer["Location"].startswith("/sign-in"), address
        transaction.set_rollback(True)
        return status


def test_every_address_stands_in_the_table() -> None:
    named = {p.name for p in [*urlpatterns, *house.urlpatterns] if getattr(p, "name", None)}
    assert named - set(TABLE) - OPEN_TO_ALL == set()
    assert set(TABLE) - named == set()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_who_gets_in(world: World, name: str) -> None:
    row = TABLE[name]
    assert ask(world, row, row.right) in row.gets, f"{row.right} at {name}"
    for other, allowed in row.others.items():
        assert ask(world, row, other) in allowed, f"{other} at {name}"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_nobody_gets_in_without_signing_in(world: World, name: str) -> None:
    assert ask(world, TABLE[name], None) == 302
