"""Anna's queue: twelve opportunities a day, two days of cover, so twenty-four ready in the morning."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.queue import (
    Advice,
    Candidate,
    QueueFull,
    Reading,
    TooMuchInPlay,
    advise,
    consumption,
    gap,
    in_play_target,
    lost_throughput,
    may_release,
    ready_target,
    sales_order,
    stale,
    worth_per_hour,
    zone,
)

TODAY = date(2026, 3, 6)
NINE = datetime(2026, 3, 6, 15, tzinfo=UTC)


# --- how big ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R26")
def test_r26_twelve_a_day_that_live_six_days_are_seventy_two_in_play():
    assert in_play_target(12, 6) == 72
    assert 60 <= in_play_target(12, 6) <= 90


@pytest.mark.rule("R26")
def test_r26_twelve_a_day_and_two_days_of_cover_make_a_target_of_twenty_four():
    assert ready_target(12, 2) == 24


@pytest.mark.rule("R26")
def test_r26_a_target_is_whole_and_never_nothing():
    assert ready_target(0.1 + 0.2, 10) == 3
    assert ready_target(5, 0.5) == 3
    assert ready_target(1, 0.01) == 1


@pytest.mark.rule("R26")
def test_r26_consumption_is_the_mean_of_the_last_twenty_days_and_at_least_one():
    assert consumption([100] * 5 + [12] * 10 + [14] * 10) == 13
    assert consumption([0] * 20) == 1
    assert consumption([]) == 1


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0, "red"), (7, "red"), (8, "yellow"), (15, "yellow"), (16, "green"), (24, "green"), (25, "over")],
)
def test_the_zones_are_thirds_of_the_target(level, expected):
    assert zone(level, 24) == expected


# --- filling it ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R24")
def test_r24_only_the_gap_is_released():
    assert gap(target=24, ready=9, released_today=0, in_play=60, in_play_limit=90) == 15
    assert gap(target=24, ready=30, released_today=0, in_play=60, in_play_limit=90) == 0


@pytest.mark.rule("R25")
def test_r25_a_second_run_of_the_day_releases_nothing():
    first = gap(target=24, ready=9, released_today=0, in_play=60, in_play_limit=90)
    assert gap(target=24, ready=9, released_today=first, in_play=60, in_play_limit=90) == 0


@pytest.mark.rule("R27")
def test_r27_nothing_is_released_while_too_much_is_in_play():
    assert gap(target=24, ready=0, released_today=0, in_play=91, in_play_limit=90) == 0
    assert gap(target=24, ready=0, released_today=0, in_play=90, in_play_limit=90) == 24
    with pytest.raises(TooMuchInPlay, match="Anna has 91 in play, the limit is 90"):
        may_release(person="Anna", level=0, target=24, in_play=91, in_play_limit=90)


@pytest.mark.rule("R24")
@pytest.mark.parametrize("level", [24, 25, 100])
def test_r24_nothing_is_released_at_or_above_the_target(level):
    with pytest.raises(QueueFull) as refused:
        may_release(person="Anna", level=level, target=24)
    assert refused.value.message == (
        f"Anna has {level} ready of 24 and needs no more now. Release past it only with a reason."
    )


@pytest.mark.rule("R24")
def test_r24_below_the_target_or_with_a_reason_one_is_released():
    may_release(person="Anna", level=23, target=24)
    may_release(person="Anna", level=24, target=24, override="trade fair tomorrow")
    with pytest.raises(QueueFull):
        may_release(person="Anna", level=24, target=24, override="   ")


@pytest.mark.rule("R24")
@given(
    st.floats(0.5, 200), st.integers(0, 300), st.integers(0, 300), st.integers(0, 100), st.integers(0, 100)
)
def test_r24_the_gap_never_leads_past_the_target(target, ready, released, in_play, limit):
    found = gap(target, ready, released, in_play, limit)
    assert found >= 0
    assert found == 0 or ready + released + found <= target + 1e-6


@pytest.mark.rule("R27")
def test_r27_untouched_for_ten_days_goes_back_to_the_pool_and_touched_stays():
    assert stale(touched=False, age_days=10, limit=10)
    assert not stale(touched=False, age_days=9.9, limit=10)
    assert not stale(touched=True, age_days=100, limit=10)


@pytest.mark.rule("R28")
def test_r28_a_starving_queue_has_a_price():
    """Fifteen too few, one in five wins, a win brings 3,000: 9,000 lost."""
    assert lost_throughput(15, chance=Decimal("0.2"), worth=Decimal(3000)) == Decimal("9000.00")
    assert lost_throughput(-3, chance=Decimal("0.2"), worth=Decimal(3000)) == 0


# --- dynamic buffer management ------------------------------------------------------------------------------


def mornings(*levels: float, target: float = 24) -> list[Reading]:
    first = TODAY - timedelta(days=len(levels) - 1)
    return [Reading(first + timedelta(days=n), level, target) for n, level in enumerate(levels)]


def advice(
    *levels: float, days: float = 5, target: float = 24, cool_until: date | None = None, least=1, most=100
) -> Advice | None:
    return advise(
        mornings(*levels, target=target),
        target=target,
        replenishment_days=days,
        cool_until=cool_until,
        day=TODAY,
        min_target=least,
        max_target=most,
    )


@pytest.mark.rule("R29")
def test_r29_green_for_two_replenishment_times_takes_a_third_off():
    assert advice(*[16] * 10) == Advice(
        16, "Every morning of the last 10 was green", TODAY + timedelta(days=5)
    )


@pytest.mark.rule("R29")
def test_r29_one_morning_less_than_green_and_the_target_stays():
    assert advice(*[20] * 9, 15) is None
    assert advice(15, *[20] * 9) is None


@pytest.mark.rule("R29")
def test_r29_green_before_that_does_not_matter():
    assert advice(0, *[20] * 10) is not None


@pytest.mark.rule("R29")
def test_r29_red_as_deep_as_the_red_zone_within_one_replenishment_time_adds_a_third():
    """The red zone of 24 is 8 high: 4 + 4 below it make 8."""
    found = advice(12, 4, 12, 4, 12)
    assert found is not None
    assert (found.target, found.cool_until) == (32, TODAY + timedelta(days=5))
    assert found.reason == "It stood as deep in red on the last 5 mornings as the red zone is high"


@pytest.mark.rule("R29")
def test_r29_a_little_less_red_changes_nothing():
    assert advice(12, 4, 12, 5, 12) is None


@pytest.mark.rule("R29")
def test_r29_red_longer_ago_than_one_replenishment_time_is_forgotten():
    assert advice(0, 12, 12, 12, 12, 12) is None


@pytest.mark.rule("R29")
@pytest.mark.parametrize("dip", [1, 4, 7])
def test_r29_a_single_dip_changes_nothing(dip):
    assert advice(12, 12, dip, 12, 12) is None
    assert advice(dip, days=1) is None


@pytest.mark.rule("R29")
def test_r29_a_salesperson_whose_queue_is_filled_daily_needs_only_one_empty_morning():
    found = advice(12, 0, days=1)
    assert found is not None
    assert (found.target, found.reason) == (
        32,
        "It stood as deep in red this morning as the red zone is high",
    )


@pytest.mark.rule("R29")
def test_r29_a_changed_target_rests_for_one_replenishment_time():
    empty = (0, 0, 0, 0, 0)
    assert advice(*empty, cool_until=TODAY + timedelta(days=1)) is None
    assert advice(*empty, cool_until=TODAY) is not None


@pytest.mark.rule("R29")
def test_r29_too_few_mornings_say_nothing():
    assert advice() is None
    assert advice(*[24] * 9) is None
    assert advice(0, 0, 0, 0) is None


@pytest.mark.rule("R29")
def test_r29_mornings_after_the_day_and_out_of_order_make_no_difference():
    later = [Reading(TODAY + timedelta(days=1), 0, 24)]
    found = advise(
        later + mornings(*[16] * 10)[::-1],
        target=24,
        replenishment_days=5,
        cool_until=None,
        day=TODAY,
        min_target=1,
        max_target=100,
    )
    assert found is not None
    assert found.target == 16


@pytest.mark.rule("R29")
def test_r29_the_target_stays_within_its_bounds():
    assert advice(*[24] * 10, least=20).target == 20
    assert advice(*[0] * 5, most=30).target == 30
    assert advice(*[24] * 10, least=24) is None
    assert advice(*[0] * 5, most=24) is None


@pytest.mark.rule("R29")
def test_r29_a_bound_beyond_the_target_never_turns_the_advice_around():
    assert advice(*[24] * 10, least=40) is None
    assert advice(*[0] * 5, most=12) is None
    assert advice(*[24] * 10, target=13.2, least=13.1) is None
    assert advice(*[0] * 5, target=13.2, most=13.9) is None


@pytest.mark.rule("R29")
def test_r29_the_trap_a_level_read_after_the_run_is_always_green_and_would_shrink_the_target_for_ever():
    """Anna uses 12 of 24 a day. Before the run 12 are left: yellow, no advice. After it there are 24: green."""
    before, after = 12, 24
    assert advice(before, before, days=1) is None
    assert advice(after, after, days=1).target == 16


@pytest.mark.rule("R29")
def test_r29_a_small_target_still_grows_when_it_starves():
    assert advice(0, days=1, target=1).target == 2
    assert advice(1, 1, days=1, target=1) is None


levels = st.lists(st.integers(0, 60), max_size=14)


@pytest.mark.rule("R29")
@given(levels, st.integers(1, 60), st.integers(1, 5))
def test_r29_advice_is_one_step_of_a_third_within_the_bounds(seen, target, days):
    found = advice(*seen, days=days, target=target, least=2, most=50)
    if found is not None:
        assert found.target != target
        assert 2 <= found.target <= 50
        assert target * 2 / 3 - 1e-6 <= found.target <= target * 4 / 3 + 1


@pytest.mark.rule("R29")
@given(levels, st.integers(1, 60), st.integers(1, 5))
def test_r29_fuller_mornings_never_raise_the_target(seen, target, days):
    here = advice(*seen, days=days, target=target)
    fuller = advice(*[level + 5 for level in seen], days=days, target=target)
    assert (fuller.target if fuller else target) <= (here.target if here else target)


# --- what comes next ----------------------------------------------------------------------------------------

DAY = timedelta(days=1)
GUARD = NINE - 5 * DAY


def candidate(id, *, touched=True, step=None, waits=DAY, chance=0.5, value: int | None = 1000, hours=2.0):
    return Candidate(
        id, touched, step, NINE - waits, chance, None if value is None else Decimal(value), hours
    )


def dealt(*line: Candidate) -> list[tuple[int, str]]:
    return [(one.id, one.reason) for one in sales_order(line, at=NINE, waited_too_long_before=GUARD)]


@pytest.mark.rule("R18")
def test_r18_a_proposal_call_due_today_is_dealt_before_a_new_opportunity():
    fresh = candidate(1, touched=False, waits=4 * DAY, value=900_000)
    proposal_call = candidate(2, step=NINE, value=100)
    assert dealt(fresh, proposal_call) == [(2, "promised_step_due"), (1, "new")]


@pytest.mark.rule("R18")
def test_r18_the_earliest_promise_is_kept_first():
    assert [id for id, _ in dealt(candidate(1, step=NINE), candidate(2, step=NINE - DAY))] == [2, 1]


@pytest.mark.rule("R18")
def test_r18_a_step_promised_for_later_gives_no_precedence():
    assert dealt(candidate(1, step=NINE + DAY)) == [(1, "worth_most_per_hour")]


@pytest.mark.rule("R18")
def test_r18_whatever_waited_past_the_age_guard_comes_before_what_is_worth_more():
    rich = candidate(1, value=1_000_000)
    old = candidate(2, waits=6 * DAY, value=1)
    old_and_new = candidate(3, touched=False, waits=7 * DAY, value=1)
    assert dealt(rich, old, old_and_new) == [
        (3, "waited_too_long"),
        (2, "waited_too_long"),
        (1, "worth_most_per_hour"),
    ]


@pytest.mark.rule("R18")
def test_r18_then_comes_what_is_worth_most_per_hour_of_selling():
    """0.5 x 1,000 / 2 h = 250 an hour; 0.2 x 2,000 / 1 h = 400; 0.9 x 1,000 / 9 h = 100."""
    line = candidate(1), candidate(2, chance=0.2, value=2000, hours=1), candidate(3, chance=0.9, hours=9)
    assert [worth_per_hour(one) for one in line] == [250, 400, 100]
    assert [id for id, _ in dealt(*line)] == [2, 1, 3]


@pytest.mark.rule("R18")
def test_r18_an_unknown_value_is_neither_first_nor_last():
    line = candidate(1, value=100), candidate(2, value=None), candidate(3, value=900)
    assert [id for id, _ in dealt(*line)] == [3, 2, 1]


@pytest.mark.rule("R18")
def test_r18_new_ones_come_last_and_the_oldest_of_them_first():
    line = candidate(1, touched=False, waits=DAY), candidate(2, touched=False, waits=2 * DAY), candidate(3)
    assert dealt(*line) == [(3, "worth_most_per_hour"), (2, "new"), (1, "new")]


def test_the_margin_changes_no_turn_only_the_sum():
    assert worth_per_hour(candidate(1), margin=Decimal("0.3")) == pytest.approx(75)


def test_a_decided_packet_with_no_hours_left_divides_by_a_minute_and_not_by_nothing():
    assert worth_per_hour(candidate(1, hours=0)) == pytest.approx(0.5 * 1000 * 60)


steps = st.none() | st.sampled_from([NINE - 2 * DAY, NINE - DAY, NINE, NINE + DAY])
lines = st.lists(
    st.builds(
        candidate,
        st.integers(0, 99),
        touched=st.booleans(),
        step=steps,
        waits=st.sampled_from([n * DAY for n in range(9)]),
        value=st.none() | st.integers(0, 10_000),
    ),
    unique_by=lambda one: one.id,
    max_size=8,
)
ORDER = ["promised_step_due", "waited_too_long", "worth_most_per_hour", "new"]


@pytest.mark.rule("R18")
@given(lines, st.randoms())
def test_r18_everyone_has_one_turn_and_the_order_does_not_depend_on_how_they_stood(line, random):
    turns = dealt(*line)
    assert sorted(id for id, _ in turns) == sorted(one.id for one in line)
    assert [ORDER.index(why) for _, why in turns] == sorted(ORDER.index(why) for _, why in turns)
    shuffled = random.sample(line, len(line))
    assert dealt(*shuffled) == turns
