"""Flow: a manager's questions about one side, each with its answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache

from fullkit.actions import conversations, handoffs, inbox, journey, queues
from fullkit.models import Packet
from fullkit.reports import flow as questions
from tests.web.visitors import queries, said, visitor
from tests.world import World, fresh


@pytest.fixture(autouse=True)
def _at_that_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fullkit.web.flow.now", lambda: world.now)
    cache.clear()  # answers stand for a minute, and tests are quicker
    questions._kept.clear()  # and for as long as the log reaches no further, and every test begins it anew


def some_weeks(world: World, weeks: int = 3) -> None:
    """Work on both sides: opportunities talked about, quotes answered, one kit without its list."""
    for week in range(weeks):
        for n in range(4):
            world.in_pool(title=f"week {week}, {n}")
        queues.replenish("inside_sales", at=world.now)
        held = inbox.deal(world.anna, at=world.now)
        assert held is not None
        conversations.record(
            held,
            outcome="not_sold",
            counterpart="buyer",
            minutes=9,
            reason="timing",
            by=world.anna,
            at=world.now,
        )
        kit = world.quote_kit()
        del kit["lines"]
        asked = world.in_hand(world.ben, title=f"quote {week}")
        handoffs.open(asked, kind="request_quote", by=world.ben, at=world.now, items=kit)
        inbox.put_back(asked, reason="called_away", by=world.ben, at=world.now)
        world.arrives()
        quote = inbox.deal(world.sara, at=world.now + timedelta(hours=1))
        assert quote is not None
        journey.close(quote, outcome="sent", by=world.sara, at=world.now + timedelta(minutes=90))
        world.later(days=7)


@pytest.mark.rule("R99")
@pytest.mark.rule("R59")
def test_r99_hunting_and_farming_growth_and_business_as_usual_stand_apart(world: World) -> None:
    some_weeks(world)
    max_ = visitor(world.max)
    hunting, usual = said(max_.get("/flow")), said(max_.get("/flow?side=bau-rest"))
    assert "Flow: Hunting" in hunting
    assert "How many opportunities are processed?" in hunting
    assert "Are promises kept?" not in hunting
    assert "Are promises kept?" in usual
    assert "How many opportunities are processed?" not in usual
    for side in ("bau-farming", "growth-rest"):
        assert max_.get(f"/flow?side={side}").status_code == 200


def test_every_answer_has_its_cases_its_definition_and_its_table(world: World) -> None:
    some_weeks(world)
    page = said(visitor(world.max).get("/flow?side=bau-rest"))
    answered = page.count('class="flow-says"')
    assert answered >= 5
    assert page.count("<summary>Definition</summary>") == answered
    assert page.count('class="flow-table"') == answered
    assert "case" in page


@pytest.mark.rule("R7")
def test_r7_the_item_that_is_missing_most_is_named(world: World) -> None:
    some_weeks(world)
    assert "Missing most: List of items" in said(visitor(world.max).get("/flow?side=bau-rest"))


@pytest.mark.rule("R63")
def test_r63_no_revenue_stands_on_it(world: World) -> None:
    some_weeks(world)
    max_ = visitor(world.max)
    for side in ("growth-hunting", "bau-rest"):
        page = said(max_.get(f"/flow?side={side}")).casefold()
        assert "$" not in page.replace("$chain", "").replace("$process", "").split('class="flow-sql"')[0]
        assert "revenue" not in page


def test_what_is_past_its_limit_stands_first_with_how_it_is_counted(world: World) -> None:
    packet = world.in_hand(world.anna, title="Seals")
    Packet.objects.filter(pk=packet.pk).update(inertia="us")
    conversations.record(
        fresh(packet), outcome="not_sold", counterpart="buyer", minutes=30, reason="timing",
        by=world.anna, at=world.now,
    )  # fmt: skip
    world.later(days=7)
    max_ = visitor(world.max)
    page = said(max_.get("/flow"))
    watch = page[page.index('id="watch"') : page.index("How many opportunities")]
    assert "100 % of the salespeople's conversation minutes went on deals that are ours to lose" in watch
    assert "More than 10 %" in watch
    assert 'id="watch"' not in said(max_.get("/flow?side=bau-rest"))


@pytest.mark.rule("R34")
def test_r34_results_stand_by_program(world: World) -> None:
    world.in_pool()
    world.later(days=1)
    max_ = visitor(world.max)
    page = said(max_.get("/flow"))
    assert "Leak survey" in page[page.index("What comes of each program?") :]
    assert "What comes of each program?" not in said(max_.get("/flow?side=bau-rest"))


def test_a_new_company_hears_how_answers_come_about(world: World) -> None:
    page = said(visitor(world.max).get("/flow"))
    assert "answer themselves as work is recorded" in page or "Not yet answered" in page


@pytest.mark.parametrize("name", ["anna", "sara", "carl", "cora"])
def test_it_is_for_those_who_lead(world: World, name: str) -> None:
    assert visitor(world.people[name]).get("/flow").status_code == 403
    assert visitor(world.sam).get("/flow").status_code == 200
    assert visitor(world.ines).get("/flow").status_code == 200
    assert visitor().get("/flow").status_code == 302


def test_a_side_nobody_has_is_not_there(world: World) -> None:
    assert visitor(world.max).get("/flow?side=everything").status_code == 404


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    max_ = visitor(world.max)
    some_weeks(world, 1)
    one = queries(max_, "/flow")
    some_weeks(world, 2)
    cache.clear()
    assert queries(max_, "/flow") == one


def test_behind_every_point_are_as_many_packets_as_it_counts(world: World) -> None:
    some_weeks(world)
    max_ = visitor(world.max)
    asked = 0
    for side in ("growth-hunting", "bau-rest"):
        chain, _, process = side.partition("-")
        board = questions.dashboard(chain=chain, process=None if process == "rest" else process, at=world.now)
        for key in ("arrivals", "throughput", "work_in_process", "opportunity_flow", "inbox_time", "on_time"):
            tile = board.tile(key)
            for line in tile.series if tile else ():
                for point in line.points:
                    found = max_.get(
                        "/flow/behind",
                        {"side": side, "measure": key, "week": point.week.isoformat(), "line": line.key},
                    )
                    counted = point.n if point.value is not None else 0
                    assert found.context["found"].total == counted, (side, key, point)
                    asked += bool(counted)
    assert asked > 12


def test_a_point_leads_to_its_packets(world: World) -> None:
    some_weeks(world)
    max_ = visitor(world.max)
    page = said(max_.get("/flow?side=bau-rest"))
    assert "/flow/behind?side=bau-rest&measure=arrivals&week=" in page
    week = (world.now.date() - timedelta(days=world.now.weekday() + 7)).isoformat()
    listed = said(max_.get(f"/flow/behind?side=bau-rest&measure=throughput&week={week}"))
    assert "1 packet" in listed
    assert 'href="/packets/' in listed


@pytest.mark.parametrize(
    "asked", ["", "?side=x&measure=arrivals&week=2026-03-02", "?side=bau-rest&measure=arrivals&week=soon",
              "?side=bau-rest&measure=time_mix&week=2026-03-02", "?side=bau-rest&measure=x&week=2026-03-02"],
)  # fmt: skip
def test_nothing_is_behind_what_is_not_there(world: World, asked: str) -> None:
    assert visitor(world.max).get(f"/flow/behind{asked}").status_code == 404
