"""Who may do what: every operation, asked by the right person, a colleague, an outsider and nobody.

A new operation that stands in no table here fails the test.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from fullkit.actions import calendar, disputes, favours, handoffs, inbox, journey, uploads
from fullkit.actions.handoffs import Given
from fullkit.api.v1 import api as described
from fullkit.models import Advice, Dispute, Favour, Handoff, KitSupply, Packet, Slot, Upload
from tests.api.callers import Api
from tests.world import World, fresh

OPEN_TO_ALL = {"health"}
OK, NO, NOT_YOURS = 200, 409, 403


@dataclass(frozen=True)
class Row:
    """How the stage is set and what is asked: (path, body); a body of None is a question. Then who gets what."""

    asked: Callable[[World], tuple[str, Any]]
    right: tuple[str, int]
    colleague: tuple[str, int]
    outsider: tuple[str, int]


def held(world: World) -> Packet:
    """A quote in Sara's hands."""
    world.arrives()
    packet = inbox.deal(world.sara, at=world.now)
    assert packet is not None
    return packet


def kit(world: World) -> Handoff:
    """A kit that Anna prepares for Customer service, with its lines missing."""
    items = world.quote_kit()
    items.pop("lines")
    return handoffs.open(world.in_hand(), kind="request_quote", by=world.anna, at=world.now, items=items)


def accepted(world: World) -> Handoff:
    return Handoff.objects.get(packet=world.quote_asked())


def disputed(world: World) -> Dispute:
    done = accepted(world)
    return disputes.dispute(done, item="lines", reason="It is empty.", by=world.sara, at=world.now)


def favour(world: World) -> Favour:
    return favours.ask(held(world), of=world.anna, question="Which seal?", by=world.sara, at=world.now)


def meeting(world: World) -> Packet:
    """A request for a visit, with a full kit, in scheduling."""
    items = {
        "agreed": Given(value=True, evidence="Pat Doyle on the phone, 2 March"),
        "purpose": Given(value="trial"),
        "why_on_site": Given(value=world.plant.kit("book_meeting")[4].arg[0]),  # type: ignore[index]
        "address": Given(value="12 Dock Road, Gary"),
    }
    packet = world.in_hand()
    done = handoffs.open(packet, kind="book_meeting", by=world.anna, at=world.now, items=items)
    return fresh(done.packet)


def slot(world: World) -> Slot:
    return calendar.open_slots(world.faye, day=date(2026, 3, 4), by=world.cora, at=world.now)[0]


def booked(world: World) -> Slot:
    found = slot(world)
    calendar.book(found, packet=meeting(world), by=world.cora, at=world.now)
    return found


def advised(world: World) -> Advice:
    return Advice.objects.create(
        person=world.anna, at=world.now, day=world.now.date(), from_target=12, to_target=16, reason="too_red"
    )


def closed(world: World) -> Packet:
    return journey.close(held(world), outcome="sent", by=world.sara, at=world.now)


def stored(world: World) -> int:
    file = io.BytesIO(b"%PDF-1.7 lines")
    chunks = type("File", (), {"size": 14, "chunks": lambda self: iter([file.getvalue()])})()
    return uploads.store(chunks, name="lines.pdf", by=world.anna, at=world.now).pk


def given(world: World) -> int:
    """A file in the kit of a quote request that Customer service took over from Inside sales."""
    packet = world.quote_asked()
    kept = stored(world)
    Upload.objects.filter(pk=kept).update(by=None)
    KitSupply.objects.filter(handoff__packet=packet, item="lines").update(file=kept)
    return kept


def verb(make: Callable[[World], Any], path: str, **body: Any) -> Callable[[World], tuple[str, Any]]:
    """A POST about what `make` makes; `{}` in the path is its id."""
    return lambda world: (path.format(make(world).pk), body)


def everyone(path: str, make: Callable[[World], Any] | None = None) -> Row:
    """A question that the whole company may ask."""

    def asked(world: World) -> tuple[str, Any]:
        return (path.format(make(world).pk) if make else path), None

    return Row(asked, ("sara", OK), ("sid", OK), ("anna", OK))


def on(
    make: Callable[[World], Any],
    path: str,
    right: str,
    colleague: tuple[str, int],
    outsider: tuple[str, int],
    **body: Any,
) -> Row:
    return Row(verb(make, f"/packets/{{}}/{path}", **body), (right, OK), colleague, outsider)


SID_HAS_IT_NOT, ANNA_HAS_IT_NOT = ("sid", NO), ("anna", NO)
TOMORROW = "2026-03-03T15:00:00Z"

TABLE: dict[str, Row] = {
    # what arrives, and what is said about it
    "arrive": Row(
        lambda w: (
            "/packets",
            {"type": "opportunity", "title": "T", "source": "campaign", "from_outside": False},
        ),
        ("carl", OK),
        ("maya", OK),
        ("sara", OK),
    ),
    "classify": on(
        World.arrives,
        "classify",
        "sara",
        ("sid", OK),
        ("anna", NOT_YOURS),
        verdict="competitor",
        reason="New line",
    ),
    "triage": on(World.arrives, "triage", "sara", ("sid", OK), ("anna", NOT_YOURS), type="order"),
    "correct": on(World.arrives, "correct", "sara", ("sid", OK), ("anna", NOT_YOURS), title="Another"),
    "comment": on(World.arrives, "comment", "sara", ("sid", OK), ("anna", OK), text="Asked the mill."),
    # dealing
    "deal": Row(lambda w: (w.arrives() and "/next", {}), ("sara", OK), ("sid", OK), ("sam", NOT_YOURS)),
    "pick_up": on(World.arrives, "pick-up", "sara", ("sid", OK), ("anna", NOT_YOURS)),
    "renew": on(held, "renew", "sara", SID_HAS_IT_NOT, ANNA_HAS_IT_NOT),
    "skip": on(held, "skip", "sara", SID_HAS_IT_NOT, ANNA_HAS_IT_NOT, reason="no_language"),
    "undo_skip": Row(
        lambda w: (inbox.skip(held(w), reason="no_language", by=w.sara, at=w.now) or "/skip/undo", {}),
        ("sara", OK),
        ("sid", NO),
        ("max", NOT_YOURS),
    ),
    "put_back": on(held, "put-back", "sara", SID_HAS_IT_NOT, ANNA_HAS_IT_NOT, reason="called_away"),
    "take_back": on(held, "take-back", "gwen", ("sid", NOT_YOURS), ("anna", NOT_YOURS)),
    "park": on(held, "park", "sara", SID_HAS_IT_NOT, ANNA_HAS_IT_NOT, until=TOMORROW, reason="asked"),
    "name_cause": on(held, "name-cause", "sara", ("sid", OK), ("anna", NOT_YOURS), reason="volume"),
    # a packet's way
    "conversation": on(
        World.in_hand,
        "conversation",
        "anna",
        ("ben", NO),
        ("sara", NO),
        outcome="sold_next_step",
        counterpart="buyer",
        minutes=12,
        step_at=TOMORROW,
    ),
    "attempt": on(World.in_hand, "attempt", "anna", ("ben", NO), ("sara", NO), reason="no_answer"),
    "advance": on(
        World.in_hand,
        "advance",
        "anna",
        ("ben", NO),
        ("sara", NO),
        evidence="Pat Doyle, by phone",
        evidence_at="2026-03-02T14:00:00Z",
    ),
    "close": on(held, "close", "sara", SID_HAS_IT_NOT, ANNA_HAS_IT_NOT, outcome="sent"),
    "reopen": on(closed, "reopen", "sara", ("sid", OK), ("anna", NOT_YOURS), reason="They called again"),
    # handoffs
    "open_handoff": on(
        World.in_hand, "handoffs", "anna", ("ben", OK), ("sara", NOT_YOURS), kind="request_quote"
    ),
    "supply": Row(
        verb(kit, "/handoffs/{}/supply", items={"deliver_to": {"value": "4 Quay St"}}),
        ("anna", OK),
        ("ben", OK),
        ("sara", NOT_YOURS),
    ),
    "withdraw": Row(
        verb(kit, "/handoffs/{}/withdraw", reason="Not now"), ("anna", OK), ("ben", OK), ("sara", NOT_YOURS)
    ),
    "dispute": Row(
        verb(accepted, "/handoffs/{}/dispute", item="lines", reason="It is empty."),
        ("sara", OK),
        ("sid", OK),
        ("anna", NOT_YOURS),
    ),
    "decide": Row(
        verb(disputed, "/disputes/{}/decide", upheld=True),
        ("gwen", OK),
        ("sara", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "ask_favour": Row(
        lambda w: (f"/packets/{held(w).pk}/favours", {"of": w.ed.pk, "question": "Which seal?"}),
        ("sara", OK),
        ("sid", OK),
        ("anna", NOT_YOURS),
    ),
    "answer_favour": Row(
        verb(favour, "/favours/{}/answer", text="The blue one"),
        ("anna", OK),
        ("ben", NOT_YOURS),
        ("sara", NOT_YOURS),
    ),
    # queues
    "replenish": Row(
        lambda w: (w.in_pool() and "/queues/inside_sales/replenish", {}),
        ("maya", OK),
        ("anna", NOT_YOURS),
        ("sara", NOT_YOURS),
    ),
    "release": Row(
        lambda w: (f"/packets/{w.in_pool().pk}/release", {"to": w.anna.pk}),
        ("carl", OK),
        ("anna", NOT_YOURS),
        ("sara", NOT_YOURS),
    ),
    "return_stale": Row(
        lambda w: ("/return-stale", {}), ("maya", OK), ("anna", NOT_YOURS), ("sara", NOT_YOURS)
    ),
    "accept_advice": Row(
        verb(advised, "/advice/{}/accept"), ("maya", OK), ("anna", NOT_YOURS), ("sara", NOT_YOURS)
    ),
    # the calendar: coordinators alone write it
    "open_slots": Row(
        lambda w: (f"/people/{w.faye.pk}/slots", {"day": "2026-03-04"}),
        ("cora", OK),
        ("faye", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "book": Row(
        lambda w: (f"/slots/{slot(w).pk}/book", {"packet": meeting(w).pk}),
        ("cora", OK),
        ("faye", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "cancel": Row(
        verb(booked, "/slots/{}/cancel", reason="They are ill"),
        ("cora", OK),
        ("faye", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    # customers belong to nobody
    "register": Row(lambda w: ("/customers", {"name": "Acme"}), ("sara", OK), ("sid", OK), ("anna", OK)),
    "add_contact": Row(
        verb(World.customer, "/customers/{}/contacts", name="Pat"), ("sara", OK), ("sid", OK), ("anna", OK)
    ),
    "merge": Row(
        lambda w: (f"/customers/{w.customer('Acme P.').pk}/merge", {"into": w.customer().pk}),
        ("sara", OK),
        ("sid", OK),
        ("anna", OK),
    ),
    "bought": Row(
        verb(World.customer, "/customers/{}/purchases", family="seals", value="100"),
        ("sara", OK),
        ("sid", OK),
        ("anna", OK),
    ),
    "personal_data_of_contact": Row(
        lambda w: (f"/contacts/{w.contact(w.customer()).pk}/personal-data", None),
        ("max", OK),
        ("gwen", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "personal_data_of_person": Row(
        lambda w: (f"/people/{w.sid.pk}/personal-data", None),
        ("sid", OK),
        ("sara", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "erase_person": Row(
        lambda w: (f"/people/{w.sid.pk}/erase", {}),
        ("ines", NO),  # he still works here
        ("sid", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "erase_contact": Row(
        lambda w: (f"/contacts/{w.contact(w.customer()).pk}/erase", {}),
        ("max", OK),
        ("gwen", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    # people and their time
    "log_time": Row(
        lambda w: ("/time", {"category": "admin", "minutes": 30, "person": w.sara.pk}),
        ("sara", OK),
        ("sid", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "time_entries": Row(
        lambda w: (f"/time?person={w.sara.pk}", None), ("sara", OK), ("sid", NOT_YOURS), ("anna", NOT_YOURS)
    ),
    # the method
    "save_playbook": Row(
        lambda w: ("/playbook/versions", {"text": _changed(w), "reason": "A longer lease"}),
        ("ines", OK),
        ("max", NOT_YOURS),
        ("anna", NOT_YOURS),
    ),
    "activate_playbook": Row(
        lambda w: ("/playbook/versions/1/activate", {}), ("ines", OK), ("max", NOT_YOURS), ("anna", NOT_YOURS)
    ),
    # files
    "upload": Row(lambda w: ("/uploads", io.BytesIO), ("sara", OK), ("sid", OK), ("anna", OK)),
    # questions of the whole company
    "packets": everyone("/packets"),
    "packet": everyone("/packets/{}", World.arrives),
    "history": everyone("/packets/{}/history", World.arrives),
    "kit": everyone("/packets/{}/kit", World.arrives),
    "handoffs_of": everyone("/packets/{}/handoffs", World.arrives),
    "handoff": everyone("/handoffs/{}", kit),
    "open_disputes": everyone("/disputes"),
    "favours_owed": everyone("/favours"),
    "in_hand": everyone("/next"),
    "board": everyone("/inbox/service"),
    "queue_states": everyone("/queues/inside_sales"),
    "pool": everyone("/queues/inside_sales/pool"),
    "advice": everyone("/advice"),
    "slots": everyone("/slots"),
    "customers": everyone("/customers"),
    "customer": everyone("/customers/{}", World.customer),
    "contacts": everyone("/customers/{}/contacts", World.customer),
    "purchases": everyone("/customers/{}/purchases", World.customer),
    "me": everyone("/me"),
    "people": everyone("/people"),
    "events": everyone("/events"),
    "playbook": everyone("/playbook"),
    "playbook_yaml": everyone("/playbook.yaml"),
    "versions": everyone("/playbook/versions"),
    "version": everyone("/playbook/versions/1"),
    "difference": everyone("/playbook/diff?since=1&until=1"),
    "uploaded": Row(lambda w: (f"/uploads/{given(w)}", None), ("sara", OK), ("ben", OK), ("otto", NOT_YOURS)),
    "content": Row(
        lambda w: (f"/uploads/{given(w)}/content", None), ("sara", OK), ("ben", OK), ("otto", NOT_YOURS)
    ),
}


def _changed(world: World) -> str:
    from fullkit.playbook import presets

    return presets.read("demo") + "\n# changed\n"


def operations() -> set[str]:
    paths = described.get_openapi_schema(path_prefix="")["paths"]
    return {operation["operationId"] for methods in paths.values() for operation in methods.values()}


def test_every_operation_stands_in_the_table() -> None:
    assert set(TABLE) | OPEN_TO_ALL == operations()


@pytest.mark.parametrize("operation", TABLE)
def test_who_may(operation: str, world: World, api: Api) -> None:
    row = TABLE[operation]
    path, body = row.asked(world)
    world.later(minutes=1)
    got = {}
    for name, _ in (row.right, row.colleague, row.outsider):
        got[name] = _status(api, name, path, body)
    assert got == dict((row.right, row.colleague, row.outsider))
    assert _status(api, "nobody", path, body) == 401


def _status(api: Api, name: str, path: str, body: Any) -> int:
    """The answer's status; what the call changed is undone, so that the next one finds the same stage."""
    caller = getattr(api, name)
    with transaction.atomic():
        if body is None:
            answer = caller.get(path)
        elif body is io.BytesIO:
            file = io.BytesIO(b"%PDF-1.7 lines")
            file.name = "lines.pdf"
            answer = caller.upload(file)
        else:
            answer = caller.post(path, body)
        transaction.set_rollback(True)
    assert answer.status == 200 or answer.json["message"], answer.json
    return answer.status


def test_health_needs_no_key(world: World, api: Api) -> None:
    assert api.nobody.get("/health")["status"] == "ok"


def test_other_peoples_minutes_are_theirs(world: World, api: Api) -> None:
    api.sara.post("/time", category="admin", minutes=30)
    kinds = lambda caller: [e["kind"] for e in caller.get("/events")["items"] if e["kind"] == "time.logged"]  # noqa: E731
    assert (kinds(api.sara), kinds(api.sid), kinds(api.gwen)) == (["time.logged"], [], ["time.logged"])


def test_nothing_personal_but_name_department_and_roles(world: World, api: Api) -> None:
    people = api.sara.get("/people", limit=200)["items"]
    assert len(people) == 25
    assert {key for person in people for key in person} == {"id", "sign_in", "name", "department", "roles"}


def test_a_lease_is_renewed_from_now(world: World, api: Api) -> None:
    packet = held(world)
    world.later(minutes=30)
    api.sara.post(f"/packets/{packet.pk}/renew")
    assert fresh(packet).lease_until == world.now + timedelta(hours=1)
