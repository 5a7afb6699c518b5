"""Packets over the API: they arrive once, are dealt, triaged and closed on time."""

from __future__ import annotations

import pytest

from fullkit.models import Event, Packet
from tests.api.callers import Api
from tests.world import World

MAIL = {
    "type": "enquiry",
    "title": "Forty bearings, please",
    "source": "mail",
    "message_id": "<1@acme.example>",
    "text": "We need forty 6204 bearings by the end of the month.",
}


def test_a_mail_becomes_a_quote_that_is_closed_on_time(world: World, api: Api) -> None:
    arrived = api.gwen.post("/packets", MAIL)
    again = api.gwen.post("/packets", MAIL)
    assert (arrived.status, arrived["new"], again["new"]) == (200, True, False)
    assert arrived["packet"]["id"] == again["packet"]["id"]
    assert (arrived["packet"]["department"], arrived["packet"]["person"]) == ("service", None)

    world.later(minutes=20)
    dealt = api.sara.post("/next")["packet"]
    assert dealt["id"] == arrived["packet"]["id"]
    assert dealt["person"] == {"id": world.sara.pk, "name": world.sara.name}
    assert api.sid.post("/next")["packet"] is None

    quote = api.sara.post(f"/packets/{dealt['id']}/triage", type="quote")
    assert (quote["type"], quote["number"][0], quote["state"]) == ("quote", "Q", "held")
    world.later(minutes=30)
    closed = api.sara.post(f"/packets/{dealt['id']}/close", outcome="sent")
    assert (closed["state"], closed["outcome"], closed["zone"]) == ("closed", "sent", "")
    assert closed["closed_at"] <= closed["due_at"]
    assert Packet.objects.count() == 1


def test_history_is_told_in_sentences(world: World, api: Api) -> None:
    packet = api.gwen.post("/packets", MAIL)["packet"]["id"]
    api.sara.post("/next")
    api.sara.post(f"/packets/{packet}/comment", text="Asked the mill.")
    entries = api.ben.get(f"/packets/{packet}/history")["items"]
    told = [entry["says"] for entry in entries]
    assert told[0] == f"E-{packet} arrived by mail and went to {world.plant.department('service').name}."
    assert f"E-{packet} was dealt to {world.sara.name}: the oldest in the inbox." in told
    assert [e["remark"] for e in entries if e["remark"]] == [MAIL["text"], "Asked the mill."]
    assert not any("{" in sentence for sentence in told)


def test_a_packet_is_found_by_the_number_people_call_it(world: World, api: Api) -> None:
    packet = world.arrives()
    assert [p["id"] for p in api.anna.get("/packets", number=packet.number)["items"]] == [packet.pk]
    assert api.anna.get("/packets", number=f"X-{packet.pk}")["items"] == []


def test_filters_leave_what_was_asked_for(world: World, api: Api) -> None:
    quote, order = world.arrives("quote"), world.arrives("order")
    pool = world.in_pool()
    ids = lambda **asked: {p["id"] for p in api.eva.get("/packets", **asked)["items"]}  # noqa: E731
    assert ids() == {quote.pk, order.pk, pool.pk}
    assert ids(department="service") == {quote.pk, order.pk}
    assert ids(type="order") == {order.pk}
    assert ids(state="held") == set()
    assert ids(customer=pool.customer_id, department="promotions") == {pool.pk}


def test_correcting_names_only_what_changes(world: World, api: Api) -> None:
    packet = world.arrives()
    api.sara.post(f"/packets/{packet.pk}/correct", title="Price for 44 bearings", value="1250.50")
    shown = api.sara.get(f"/packets/{packet.pk}")
    assert (shown["title"], shown["value"]) == ("Price for 44 bearings", "1250.50")
    corrected = Event.objects.filter(packet=packet, kind="packet.corrected").values_list("item", flat=True)
    assert sorted(corrected) == ["title", "value"]


def test_what_things_are_worth_is_hidden_from_salespeople_in_lists(world: World, api: Api) -> None:
    packet = world.released(world.anna)
    assert api.anna.get(f"/packets/{packet.pk}")["value"] == "24000.00"
    assert [p["value"] for p in api.anna.get("/packets")["items"]] == [None]
    assert [p["value"] for p in api.sam.get("/packets")["items"]] == ["24000.00"]
    assert {e["value"] for e in api.anna.get("/events")["items"]} == {None}


@pytest.mark.parametrize(
    ("field", "value", "cure"),
    [
        ("title", "", "at least 1 character"),
        ("title", "a\u0000b", "control character"),
        ("title", "x" * 201, "at most 200"),
        ("title", 5, "string"),
        ("source", "Not a key", "match"),
        ("value", -1, "Give 0 to"),
        ("value", 12.5, "as text"),
        ("value", "1.005", "cents"),
        ("value", "1e30", "ordinary number"),
        ("value", 10**30, "ordinary number"),
        ("customer", 2**63, "less than or equal"),
        ("customer", 10**40, "less than or equal"),
        ("customer", 0, "greater than or equal"),
        ("customer", 12345, "exists"),
        ("customer", "7", "valid integer"),
        ("verdict", "nobody", "'us', 'competitor' or 'undecided'"),
        ("colour", "red", "Leave it out"),
    ],
)
def test_bad_input_is_named_with_a_cure(world: World, api: Api, field: str, value: object, cure: str) -> None:
    refused = api.gwen.post("/packets", {**MAIL, "type": "quote", field: value})
    assert (refused.status, set(refused.json)) == (422, {"code", "message", "facts"}), refused.json
    assert refused["message"].startswith(f"{field}: ")
    assert cure in refused["message"]
    assert Packet.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"deliver_to": ["a", "list"]}, "fields.deliver_to: a list or an object is not an answer."),
        ({"deliver_to": 1e300}, "fields.deliver_to: is out of range."),
        ({"deliver_to": "a\u0007b"}, "fields.deliver_to: character 2 is an invisible control character"),
        ({"no_such": "thing"}, "no_such: is not a field of this type. Known fields: deliver_to"),
        (
            {"wanted_by": "0001-01-01"},
            "Date wanted: 0001-01-01 is out of range. Give a year from 1990 to 2100.",
        ),
        ({"wanted_by": 5}, "Date wanted: 5 is not a date. Write it like 2026-03-31."),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(
    world: World, api: Api, fields: dict[str, object], says: str
) -> None:
    refused = api.gwen.post("/packets", {**MAIL, "type": "quote", "fields": fields})
    assert (refused.status, refused["message"][: len(says)]) == (422, says)


@pytest.mark.parametrize(
    "name", ["Müller & Söhne", "株式会社ハーバー", "مضخات الخليج", "Ωμέγα Α.Ε.", "🛠 Pumps"]
)
def test_a_name_in_any_script(world: World, api: Api, name: str) -> None:
    customer = api.carl.post("/customers", name=name)
    assert customer["name"] == name
    assert api.carl.post("/customers", name=name)["id"] == customer["id"]
