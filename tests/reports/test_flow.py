"""The manager's picture, made by the verbs: each side alone, every measure with its answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fullkit.actions import conversations, handoffs, inbox, journey, queues, time
from fullkit.flow.measures import ALL
from fullkit.models import Event, Packet
from fullkit.reports import flow, log, method
from fullkit.reports.answers import Told, answer
from fullkit.reports.flow import Dashboard, dashboard
from fullkit.reports.words import Words
from tests.flow.story import MONDAY
from tests.world import World, fresh

pytestmark = pytest.mark.django_db


def hunting(world: World) -> Dashboard:
    return dashboard(chain="growth", process="hunting", at=world.now)


def inboxes(world: World) -> Dashboard:
    return dashboard(chain="bau", at=world.now)


def says(board: Dashboard, key: str) -> str:
    tile = board.tile(key)
    assert tile is not None, key
    return tile.says


def a_working_week(world: World) -> Packet:
    """Anna sells a step and asks for a quote; Sara sends it two working hours later. Then a week passes."""
    queues.replenish("inside_sales", at=world.now)
    opportunity = world.in_hand(world.anna)
    first = handoffs.open(opportunity, kind="request_quote", by=world.anna, at=world.now)
    handoffs.supply_all(first, items=world.quote_kit(), by=world.anna, at=world.later(minutes=30))
    conversations.record(
        fresh(opportunity), outcome="sold_next_step", counterpart="buyer", minutes=9, by=world.anna,
        at=world.now, step_at=world.now + timedelta(days=2),
    )  # fmt: skip
    world.later(minutes=90)
    quote = inbox.deal(world.sara, at=world.now)
    assert quote is not None
    done = journey.close(quote, outcome="sent", by=world.sara, at=world.later(minutes=30))
    world.later(days=7)
    return done


def test_one_week_of_selling_and_quoting_is_told_on_both_sides(world: World) -> None:
    a_working_week(world)
    sales, service = hunting(world), inboxes(world)
    assert says(sales, "opportunity_flow") == "1 opportunity was processed last week, 0.2 a working day."
    assert says(sales, "interactions") == "1 meaningful selling interaction last week, 0.2 a working day."
    assert says(sales, "released_and_open") == "1 opportunity released and open now."
    assert says(sales, "conversion") == (
        "Of 1 opportunities captured 0 won by now (0 %), of 1 released 0 won by now (0 %); "
        "1 of those released still open."
    )
    assert says(sales, "starvation") == "4 of 4 queue readings last week stood below one day's consumption."
    assert says(service, "inbox_time") == (
        "Quote took a median of 2.0 working hours last week; 85 % were done within 2.0 h."
    )
    assert says(service, "on_time") == (
        "On time last week: Quote 1 of 1; 0 open packets past their promise at its end."
    )
    assert says(service, "first_time_full_kit") == "Ask for a quote, 0 % of 1 kit full when first offered."
    assert says(service, "throughput") == "1 packet closed last week; 1.0 in a mean week."
    missing = service.tile("missing_items")
    assert missing is not None
    assert {row["item"] for row in missing.rows} == {"lines", "deliver_to", "wanted_by"}
    assert {row[1] for row in missing.table} == {"List of items", "Delivery address", "Date wanted"}


@pytest.mark.rule("R99")
def test_r99_every_packet_type_is_on_exactly_one_side(world: World) -> None:
    shown = [kind for side in flow.sides(world.plant) for kind in side.types]
    assert sorted(shown) == sorted(world.plant.playbook.packet_type)
    names = [side.name for side in flow.sides(world.plant)]
    assert names == ["Hunting", "Other growth work", "Farming", "Business as usual"]


@pytest.mark.rule("R63")
def test_r63_no_measure_of_the_flow_knows_money() -> None:
    assert not [key for key in flow.ORDER if "value" in ALL[key].reads]


@pytest.mark.rule("R15")
def test_r15_flow_stands_before_conversion(world: World) -> None:
    keys = [tile.key for tile in hunting(world).tiles]
    assert keys[:2] == ["opportunity_flow", "interactions"]
    assert keys.index("conversion") > keys.index("opportunity_time")


@pytest.mark.rule("R59")
def test_r59_a_bau_task_of_a_growth_person_raises_the_alarm(world: World) -> None:
    world.later(days=7)
    time.log_time(person=world.anna, category="transactional", minutes=90, by=world.anna, at=world.now)
    world.later(days=7)
    assert says(hunting(world), "borrowed") == "Business as usual borrowed 1.5 growth hours last week."


def test_every_measure_has_its_place_and_its_sentence() -> None:
    assert set(flow.ORDER) == set(ALL)


def test_a_company_that_has_just_begun_says_so_and_shows_no_rate(world: World) -> None:
    for side in flow.sides(world.plant):
        board = dashboard(chain=side.chain, process=side.process, at=world.now)
        assert board.when == "this week so far"
        for tile in board.tiles:
            assert not tile.says[0].islower()
            assert tile.says.endswith(".")
            assert tile.n == 0
            assert "None" not in tile.says
            assert all(p.value is None for s in tile.series for p in s.points if tile.unit in ("%",))


def test_a_week_without_a_case_is_a_gap_in_the_line(world: World) -> None:
    a_working_week(world)
    tile = inboxes(world).tile("inbox_time")
    assert tile is not None
    (line,) = tile.series
    assert line.name == "Quote"
    assert [(point.value, point.n, point.whole) for point in line.points] == [
        (pytest.approx(2), 1, True),
        (None, 0, False),
    ]


def test_it_is_kept_until_the_log_says_more(world: World) -> None:
    a_working_week(world)
    log.refresh()
    before = inboxes(world)
    assert inboxes(world) is before
    log.refresh()
    assert inboxes(world) is before
    world.arrives()
    assert inboxes(world) is not before
    assert says(inboxes(world), "work_in_process").startswith("1 packet open now")


def test_asking_again_costs_the_same_few_queries_whatever_the_log(
    world: World, django_assert_num_queries: Any
) -> None:
    a_working_week(world)
    log.refresh()
    for arrivals in (0, 30):
        for i in range(arrivals):
            world.arrives(title=f"Price {i}")
        inboxes(world)
        # The playbook in force (for the page, for the mirror), the mirror's last event, and how much is newer.
        with django_assert_num_queries(4):
            inboxes(world)


def test_a_side_that_does_not_exist_is_not_an_empty_picture(world: World) -> None:
    with pytest.raises(flow.NoSuchSide, match="hunting"):
        dashboard(chain="bau", process="hunting", at=world.now)


def test_no_measure_counts_what_happened_before_the_period(world: World) -> None:
    a_working_week(world)
    world.later(days=60)
    board = dashboard(chain="bau", weeks=4, at=world.now)
    assert board.tile("missing_items").rows == ()  # type: ignore[union-attr]
    assert says(board, "throughput") == "0 packets closed last week; 0.0 in a mean week."
    assert len(board.tile("throughput").series[0].points) == 4  # type: ignore[union-attr]


def test_it_reads_the_log_and_writes_nothing(world: World) -> None:
    a_working_week(world)
    before = Event.objects.count()
    for side in flow.sides(world.plant):
        dashboard(chain=side.chain, process=side.process, at=world.now)
    assert Event.objects.count() == before


# --- sentences -----------------------------------------------------------------------------------------------


def said(key: str, rows: list[dict[str, Any]], **others: list[dict[str, Any]]) -> str:
    plant = method.in_force()
    assert plant is not None
    return answer(key, Told(MONDAY, "last week", 26, Words(plant), {key: rows} | others))[0]


def test_sentences_name_the_extremes_and_keep_quiet_about_what_nobody_knows(world: World) -> None:
    times = {"week": MONDAY, "packet_type": "order", "closed": 9, "median_hours": 5.24, "p85_hours": 9.06}
    few = times | {"packet_type": "quote", "closed": 2}
    assert said("inbox_time", [few, times]) == (
        "Order took a median of 5.2 working hours last week; 85 % were done within 9.1 h. Quote: 5.2 h and 9.1 h."
    )
    assert said("missing_items", [], first_time_full_kit=[]) == "No handoff was begun in these 26 weeks."
    assert said("missing_items", [], first_time_full_kit=[{"offered": 3}]) == (
        "No kit item was missing in these 26 weeks."
    )
    silent = {"week": MONDAY, "minutes": None, "selling": None, "repair": None}
    assert said("selling_share", [silent]) == "Nobody logged time last week."
    assert said("ping_pong", [{"week": MONDAY, "returns": 2}]) == (
        "Work came back to a department that had it 2 times last week; the target is 0."
    )
    bands = [{"weeks": 0, "closed": 4, "share": 0.5}, {"weeks": 8, "closed": 5, "share": 0.2}]
    assert said("conversion_by_time", bands) == (
        "50 % of those closed within a week of release were won, 20 % of those closed after 8 weeks or more."
    )
