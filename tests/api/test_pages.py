"""Long lists come in pages, at a cost that does not grow with their rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fullkit.models import Packet
from tests.api.callers import Api, Caller
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]


def counted(ask: Callable[[], Any]) -> int:
    """Statements of one call, without those that only begin and end a transaction."""
    with CaptureQueriesContext(connection) as seen:
        assert ask().status == 200
    return sum("SAVEPOINT" not in query["sql"] for query in seen.captured_queries)


def all_pages(caller: Caller, path: str, **asked: Any) -> list[list[int]]:
    pages, cursor = [], {}
    while True:
        page = caller.get(path, **asked, **cursor)
        pages.append([item["id"] for item in page["items"]])
        if page["next"] is None:
            return pages
        cursor = {"cursor": page["next"]}


def test_pages_follow_each_other_without_gap_or_repetition(world: World, api: Api) -> None:
    ids = [world.arrives(title=f"Price {n}").pk for n in range(7)]
    assert all_pages(api.anna, "/packets", limit=3) == [ids[:3:-1], ids[3:0:-1], ids[:1]]
    assert all_pages(api.anna, "/packets", limit=7) == [ids[::-1]]


def test_what_arrives_meanwhile_moves_nothing(world: World, api: Api) -> None:
    ids = [world.arrives(title=f"Price {n}").pk for n in range(4)]
    first = api.anna.get("/packets", limit=2)
    world.arrives(title="Meanwhile")
    second = api.anna.get("/packets", limit=2, cursor=first["next"])
    assert [p["id"] for p in second["items"]] == ids[1::-1]


@pytest.mark.parametrize(
    "cursor", ["x", "YWZ0ZXI6", "YWZ0ZXI6LTE", "YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk", "_" * 40]
)
def test_a_cursor_of_ones_own_making_is_refused(world: World, api: Api, cursor: str) -> None:
    refused = api.anna.get("/packets", cursor=cursor)
    assert (refused.status, refused["facts"]["field"]) == (422, "cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "1e2"])
def test_a_page_has_1_to_200_rows(world: World, api: Api, limit: str) -> None:
    assert api.anna.get("/packets", limit=limit)["message"].startswith("limit: ")


def test_a_misspelt_filter_is_refused_and_not_left_out(world: World, api: Api) -> None:
    refused = api.anna.get("/packets", departmnt="service")
    assert (refused.status, refused["message"]) == (422, "departmnt: is not known here. Leave it out.")


def test_the_log_is_followed_by_the_last_id_seen(world: World, api: Api) -> None:
    packet = world.arrives()
    seen = api.anna.get("/events", packet=packet.pk)["items"]
    assert [event["kind"] for event in seen] == ["packet.arrived"]
    api.sara.post("/next")
    news = api.anna.get("/events", after=seen[-1]["id"], packet=packet.pk)
    assert [(event["kind"], event["person"]) for event in news["items"]] == [("packet.dealt", world.sara.pk)]
    assert news["next"] is None
    assert api.anna.get("/events", kind="packet.dealt")["items"] == news["items"]


LISTS = {
    "/packets": 2,
    "/events": 2,
    "/customers": 2,
    "/people": 2,
    "/slots": 2,
    "/disputes": 2,
    "/favours": 2,
    "/advice": 2,
    "/inbox/service": 7,
    "/queues/inside_sales": 6,
    "/queues/inside_sales/pool": 2,
    "/playbook/versions": 2,
}
"""Statements of one page of each list. The key and the playbook in force cost one."""


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_with_1_row_and_with_50(world: World, api: Api, path: str) -> None:
    def more(n: int) -> None:
        seller = (world.anna, world.ben, world.chloe, world.dev)[n % 4]
        world.released(seller, title=f"Chance {n}", name=f"Acme {n}")
        world.in_pool(title=f"Pool {n}", name=f"Acme {n}")
        world.arrives(title=f"Price {n}")

    api.eva.get("/me")
    more(0)
    few = counted(lambda: api.eva.get(path))
    for n in range(1, 25):
        more(n)
    assert Packet.objects.count() == 75
    assert (few, counted(lambda: api.eva.get(path))) == (LISTS[path], LISTS[path])


def test_history_costs_the_same_with_few_and_with_many_lines(world: World, api: Api) -> None:
    packet = world.arrives()
    path = f"/packets/{packet.pk}/history"
    api.sara.post(f"/packets/{packet.pk}/comment", text="The first")
    few = counted(lambda: api.sara.get(path))
    for n in range(40):
        api.sara.post(f"/packets/{packet.pk}/comment", text=f"Remark {n}")
    assert counted(lambda: api.sara.get(path)) == few <= 8


def test_what_the_verbs_cost(world: World, api: Api) -> None:
    """Statements per call, as docs/reference/api.md says them. A change of these is a change of speed."""
    api.sara.get("/me")
    api.anna.get("/me")
    mail = {"type": "quote", "title": "Forty bearings", "source": "mail", "message_id": "<1@acme.example>"}
    evidence = {"evidence": "Pat Doyle, by phone", "evidence_at": "2026-03-02T14:00:00Z"}
    talk = {
        "outcome": "sold_next_step",
        "counterpart": "buyer",
        "minutes": 12,
        "step_at": "2026-03-03T15:00:00Z",
    }
    packet = world.in_hand()
    cost = {
        "arrive, with a message id": counted(lambda: api.sara.post("/packets", mail)),
        "the same with an idempotency key": counted(
            lambda: api.sara.post("/packets", {**mail, "message_id": "<2@acme.example>"}, once="a")
        ),
        "next, from a shared inbox": counted(lambda: api.sara.post("/next")),
        "next, with one in hand": counted(lambda: api.sara.post("/next")),
        "advance a stage": counted(lambda: api.anna.post(f"/packets/{packet.pk}/advance", evidence)),
        "conversation that sold the next step": counted(
            lambda: api.anna.post(f"/packets/{packet.pk}/conversation", talk)
        ),
    }
    page = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    said = {
        name: postgres if connection.vendor == "postgresql" else sqlite for name, sqlite, postgres in lines
    }
    assert {name: int(said[name]) for name in cost} == cost
