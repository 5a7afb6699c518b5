"""What a minute of selling costs, buys and loses."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.capacity import (
    CATEGORIES,
    FIELD_LIMIT,
    Displaced,
    Spell,
    Work,
    blocks,
    borrows_growth,
    displaced,
    empty_slot_cost,
    field_share,
    fill_rate,
    more_sales,
    repair_share,
    sales,
    selling_share_fell,
    slot_worth,
    time_mix,
    too_good,
)

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
QUEUE = [Work(1, Decimal(900), 30), Work(2, Decimal(400), 30), Work(3, Decimal(100), 30)]


@pytest.mark.rule("R8")
def test_r8_thirty_minutes_more_cost_the_throughput_of_the_last_in_the_queue():
    assert displaced(QUEUE, 30) == Displaced((3,), Decimal(100))


@pytest.mark.rule("R8")
def test_r8_more_minutes_push_out_more_from_the_end():
    assert displaced(QUEUE, 45) == Displaced((3, 2), Decimal(500))
    assert displaced(QUEUE, 1000) == Displaced((3, 2, 1), Decimal(1400))


@pytest.mark.rule("R8")
def test_r8_only_spare_minutes_cost_nothing():
    assert displaced(QUEUE, 30, spare_minutes=30) == Displaced((), Decimal(0))
    assert displaced(QUEUE, 60, spare_minutes=30) == Displaced((3,), Decimal(100))
    assert displaced([], 30) == Displaced((), Decimal(0))


@pytest.mark.rule("R8")
@given(st.floats(0, 200), st.floats(0, 200))
def test_r8_adding_more_never_costs_less(a, b):
    assert displaced(QUEUE, min(a, b)).throughput <= displaced(QUEUE, max(a, b)).throughput


@pytest.mark.rule("R15")
def test_r15_ten_points_of_conversion_make_six_sales_and_ten_times_the_flow_makes_twenty_five():
    assert sales(10, 0.50) == 5
    assert sales(10, 0.60) == 6
    assert sales(100, 0.25) == 25


@pytest.mark.rule("R15")
def test_r15_points_of_conversion_and_percent_of_flow_are_compared_in_sales():
    assert more_sales(10, 0.5, points=10) == pytest.approx(1)
    assert more_sales(10, 0.5, flow_percent=40) == pytest.approx(2)
    assert more_sales(10, 0.95, points=10) == pytest.approx(0.5)


@pytest.mark.rule("R19")
def test_r19_a_salesperson_who_wins_nearly_everything_has_too_easy_opportunities():
    """Twelve of forty is ordinary; with sixty easy deals mixed in, 72 of 100 is still; then 160 of 172 is not."""
    assert not too_good(12, 40).too_good
    assert not too_good(12 + 60, 40 + 60).too_good
    injected = too_good(160, 172)
    assert injected.too_good
    assert injected.low > 0.8


@pytest.mark.rule("R19")
def test_r19_three_wins_of_three_prove_nothing():
    assert not too_good(3, 3).too_good
    assert too_good(0, 0) is None


@pytest.mark.rule("R19")
def test_r19_the_interval_is_wilsons():
    """Ten of twenty: 0.299 to 0.701 at 95 %."""
    found = too_good(10, 20)
    assert (found.rate, found.low, found.high) == pytest.approx((0.5, 0.2993, 0.7007), abs=1e-4)


@pytest.mark.rule("R19")
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_r19_the_interval_always_holds_the_rate(record):
    found = too_good(*record)
    assert 0 <= found.low <= found.rate + 1e-12
    assert found.rate - 1e-12 <= found.high <= 1


@pytest.mark.rule("R21")
def test_r21_twenty_empty_slots_at_eight_hundred_cost_sixteen_thousand():
    assert empty_slot_cost(20, Decimal(800)) == Decimal(16000)


@pytest.mark.rule("R21")
def test_r21_a_slot_is_worth_its_chance_of_a_win():
    assert slot_worth(0.2, Decimal(4000)) == Decimal(800)


@pytest.mark.rule("R41")
def test_r41_eighteen_of_twenty_slots_are_ninety_percent_and_two_empty_slots():
    assert fill_rate(18, 4 * 5) == 0.9
    assert empty_slot_cost(4 * 5 - 18, Decimal(800)) == Decimal(1600)
    assert fill_rate(0, 0) is None


@pytest.mark.rule("R38")
def test_r38_the_share_of_the_week_in_the_field_is_computed():
    assert field_share(3 * 60, 40 * 60) == 0.075
    assert field_share(3 * 60, 40 * 60) < FIELD_LIMIT < field_share(5 * 60, 40 * 60)
    assert field_share(0, 0) is None


@pytest.mark.rule("R16")
@given(st.dictionaries(st.sampled_from(CATEGORIES), st.floats(0, 10_000), min_size=1))
def test_r16_the_time_mix_sums_to_one(minutes):
    mix = time_mix(minutes)
    assert mix == {} if sum(minutes.values()) == 0 else sum(mix.values()) == pytest.approx(1)


@pytest.mark.rule("R16")
def test_r16_a_category_nobody_defined_is_refused():
    with pytest.raises(
        ValueError, match="'meetings' is no category of time; use one of selling, transactional"
    ):
        time_mix({"meetings": 30})


@pytest.mark.rule("R16")
def test_r16_the_alert_fires_when_the_selling_share_drops_and_not_when_it_varies():
    usual = [0.50, 0.52, 0.49, 0.51, 0.50, 0.48, 0.52, 0.50]
    assert not selling_share_fell([*usual, 0.47])
    assert selling_share_fell([*usual, 0.30])
    assert not selling_share_fell([*usual, 0.80])


@pytest.mark.rule("R16")
def test_r16_a_constant_share_is_no_drop_and_a_short_history_no_proof():
    assert not selling_share_fell([0.1] * 9)
    assert not selling_share_fell([0.5, 0.5, 0.1])
    assert not selling_share_fell([])


@pytest.mark.rule("R13")
def test_r13_blocks_tell_the_uninterrupted_minutes_and_the_switches_a_day():
    day = [Spell(MONDAY, "selling", 40), Spell(MONDAY, "selling", 20), Spell(MONDAY, "admin", 10)]
    found = blocks([*day, Spell(MONDAY, "selling", 50), Spell(TUESDAY, "selling", 120)])
    assert found is not None
    assert (found.count, found.mean_minutes, found.switches_per_day) == (4, 60, 1)


@pytest.mark.rule("R13")
def test_r13_a_day_in_one_mode_has_no_switch_and_a_night_is_none():
    found = blocks([Spell(MONDAY, "selling", 100), Spell(TUESDAY, "admin", 100)])
    assert found is not None
    assert found.switches_per_day == 0
    assert blocks([]) is None


@pytest.mark.rule("R102")
def test_r102_ten_of_forty_hours_of_repair_are_a_quarter_and_inside_the_band():
    found = repair_share(10 * 60, 40 * 60)
    assert found is not None
    assert (found.share, found.band) == (0.25, "inside")


@pytest.mark.rule("R102")
@pytest.mark.parametrize(
    ("hours", "band"), [(0, "below"), (5.9, "below"), (6, "inside"), (14, "inside"), (14.1, "above")]
)
def test_r102_the_band_is_from_fifteen_to_thirty_five_percent(hours, band):
    assert repair_share(hours * 60, 40 * 60).band == band


def test_no_minutes_are_no_share_of_repair():
    assert repair_share(0, 0) is None


@pytest.mark.rule("R59")
def test_r59_business_as_usual_done_by_growth_people_is_borrowed():
    assert borrows_growth("bau", "growth")
    assert not borrows_growth("growth", "growth")
    assert not borrows_growth("bau", "bau")
    assert not borrows_growth("growth", "bau")
