"""Charts against published numbers, and what a chart refuses to say."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from fullkit.flow.limits import Spans, overdispersion
from fullkit.flow.spc import Change, Chart, Series, Ways, chart, first_signal, tampering

DATA = Path(__file__).parents[2].parent / "shared" / "data"
COSTS = (310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304,
         305, 282, 305, 296, 314, 295, 287, 301, 298, 311, 310, 292, 305, 299, 304, 310, 304, 305, 333,
         328)  # fmt: skip
"""Montgomery, example 6.5: the first 20 weeks are the baseline."""
CANS = (
    12,
    15,
    8,
    10,
    4,
    7,
    16,
    9,
    14,
    10,
    5,
    6,
    17,
    12,
    22,
    8,
    10,
    5,
    13,
    11,
    20,
    18,
    24,
    15,
    9,
    12,
    7,
    13,
    9,
    6,
)
"""Montgomery, example 7.1: cans of 50 that leak."""
LATER = (9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2, 4, 3, 6, 5, 4, 8, 5, 6, 7, 5, 6, 3, 5, 8, 7, 5, 6, 4, 5, 2, 3,
         4, 7, 6, 5, 5, 3, 7, 9, 6, 10, 4, 3, 5, 8, 11, 9, 7, 3, 5, 2, 1, 4, 5, 3, 7, 6, 4, 4, 6, 8, 5, 6)  # fmt: skip
NHS = (
    -0.560475646552213, -0.23017748948328, 1.55870831414912, 0.070508391424576, 0.129287735160946,
    1.71506498688328, 0.460916205989202, -1.26506123460653, -0.686852851893526, -0.445661970099958,
    1.22408179743946, 0.359813827057364, 0.400771450594052, 0.11068271594512, -0.555841134754075,
    1.78691313680308, 0.497850478229239, -1.96661715662964, 0.701355901563686, -0.472791407727934,
)  # fmt: skip
"""The test values of NHSRplotthedots."""


def read(name: str) -> list[dict[str, str]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read().replace("\t", ",")
    if "," not in text.splitlines()[0]:
        text = "\n".join(",".join(line.split()) for line in text.splitlines())
    return list(csv.DictReader(text.splitlines()))


def level(drawn: Chart, point: int = 0) -> tuple[float, float, float]:
    return float(drawn.centre[point]), float(drawn.lower[point]), float(drawn.upper[point])


def outside(drawn: Chart) -> list[int]:
    return [s.points[0] for s in drawn.signals if s.rule == "outside"]


def steady(points: int, seed: int = 5, mean: float = 50, sd: float = 4) -> list[float]:
    return np.random.default_rng(seed).normal(mean, sd, points).tolist()


# Published limits


def test_montgomery_6_5_has_the_published_limits_and_two_weeks_outside() -> None:
    drawn = chart(Series("amount", COSTS, baseline=20))
    assert drawn.name == "XmR"
    assert level(drawn, 39) == pytest.approx((300.5, 279.78, 321.22), abs=1e-9)
    assert outside(drawn) == [38, 39]
    assert [s.rule for s in drawn.signals] == ["outside", "outside"]
    assert drawn.ranges is not None
    assert drawn.ranges.mean[0] == pytest.approx(7.789474, abs=1e-6)
    assert drawn.ranges.upper[0] == pytest.approx(25.456, abs=1e-3)
    assert drawn.ranges.outside == (38,)


def test_montgomery_7_1_trial_revised_and_second_phase() -> None:
    trial = chart(Series("share", CANS, sizes=[50] * 30, baseline=30, widened=False))
    assert level(trial) == pytest.approx((0.231333, 0.052428, 0.410239), abs=1e-6)
    assert outside(trial) == [14, 22]
    causes = {14: "New material", 22: "New operator"}
    both = chart(
        Series("share", CANS + LATER, sizes=[50] * 94, baseline=64, widened=False, left_out=causes,
               changes=[Change(30, "The machine was adjusted")])
    )  # fmt: skip
    assert level(both) == pytest.approx((0.215, 0.040703, 0.389297), abs=1e-6)
    assert level(both, 30) == pytest.approx((0.1096875, 0, 0.242270), abs=1e-6)
    assert outside(both) == [14, 20, 22]
    assert [p.reason for p in both.phases] == ["", "The machine was adjusted"]
    assert any("New operator" in note for note in both.notes)


def test_nhs_limits_and_screened_ranges() -> None:
    assert level(chart(Series("amount", NHS))) == pytest.approx((0.1416238, -3.01138, 3.294627), abs=1e-5)
    dirty = [*NHS[:14], 10.0, *NHS[15:]]
    assert level(chart(Series("amount", dirty))) == pytest.approx((0.6694159, -4.596625, 5.935457), abs=1e-5)
    screened = chart(Series("amount", dirty, ways=Ways(screened=True)))
    assert level(screened) == pytest.approx((0.6694159, -2.383666, 3.722497), abs=1e-5)


def test_qcc_orange_juice_circuit_and_viscosity() -> None:
    rows = read("5-spc/qcc/circuit.txt")[:26]
    boards = chart(
        Series("rate", [float(r["x"]) for r in rows], sizes=[1.0] * 26, baseline=26, widened=False)
    )
    assert level(boards) == pytest.approx((19.846154, 6.481447, 33.210861), abs=1e-6)
    assert outside(boards) == [5, 19]
    batches = [float(r["viscosity"]) for r in read("5-spc/qcc/viscosity.txt")]
    drawn = chart(Series("amount", batches, baseline=20))
    assert level(drawn) == pytest.approx((34.088, 32.565044, 35.610956), abs=4e-4)  # 2.66 for 3 / 1.128
    assert outside(drawn) == [3]


def test_laney_widens_complaints_by_what_neighbours_differ_and_says_so() -> None:
    rows = read("5-spc/qicharts2/complaints.csv")
    count, sales = [float(r["complaints"]) for r in rows], [float(r["sales"]) for r in rows]
    drawn = chart(Series("rate", count, sizes=sales))
    assert drawn.kind == "u'"
    assert drawn.centre[0] == pytest.approx(0.00499725, abs=1e-8)
    every = Spans(np.ones(20, dtype=bool), np.ones(19, dtype=bool), np.array(sales))
    assert overdispersion("u'", drawn.values[None, :], every)[0, 0] == pytest.approx(5.317392, abs=1e-6)
    assert "5.3 times" in drawn.notes[0]
    assert not drawn.signals
    assert len(chart(Series("rate", count, sizes=sales, widened=False)).signals) > 10


def test_the_step_in_cdi_is_a_signal_until_its_cause_is_recorded() -> None:
    rows = read("5-spc/qicharts2/cdi.csv")
    counts, months = [float(r["n"]) for r in rows], [date.fromisoformat(r["month"]) for r in rows]
    naive = chart(Series("count", counts, labels=months))
    assert {s.rule for s in naive.signals} == {"outside", "long run", "few crossings"}
    known = chart(Series("count", counts, labels=months, changes=[Change(24, "Isolation from day one")]))
    assert (known.centre[0], known.centre[30]) == pytest.approx((18.708333, 7.083333), abs=1e-6)
    assert not known.signals
    assert known.says.startswith("No signal")


def test_weekly_wins_of_a_crm_follow_the_quarter_and_no_signal_is_claimed() -> None:
    won = [
        date.fromisoformat(r["close_date"])
        for r in read("1-crm/maven-crm/sales_pipeline.csv")
        if r["deal_stage"] == "Won"
    ]
    weeks = [date(2017, 2, 27) + timedelta(weeks=i) for i in range(44)]
    counts = [sum(w <= d < w + timedelta(weeks=1) for d in won) for w in weeks]
    drawn = chart(Series("count", counts, labels=weeks, baseline=44))
    assert level(drawn) == pytest.approx((96.318182, 61.490740, 131.145624), abs=1e-5)
    assert drawn.ranges is not None
    assert (drawn.ranges.mean[0], drawn.ranges.upper[0]) == pytest.approx((13.093023, 42.788), abs=1e-5)
    assert drawn.wave is not None
    assert drawn.wave.name == "the month of the quarter"
    assert not drawn.signals
    assert "follows the calendar" in drawn.says
    assert first_signal(Series("count", counts)), "without the calendar it would have cried wolf"


# The chart follows from what is measured


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (Series("amount", steady(24)), "xmr"),
        (Series("time", steady(24)), "xmr"),
        (Series("count", [30, 28, 35, 31] * 6), "xmr"),
        (Series("count", [1, 0, 2, 3, 0, 1] * 4), "u"),
        (Series("share", [10, 12, 9] * 8, sizes=[40] * 24), "p"),
        (Series("rate", [10, 12, 9] * 8, sizes=[40] * 24), "u"),
        (Series("days between", [3, 9, 1, 30] * 6), "t"),
        (Series("items between", [3, 9, 1, 30] * 6), "g"),
    ],
)
def test_what_the_numbers_are_decides_the_chart(series: Series, kind: str) -> None:
    assert chart(series).kind == kind


@pytest.mark.parametrize(
    "series",
    [
        Series("count", [5, 9, 0, 14, 2, 8, 1, 11] * 3),
        Series("share", [1, 9, 2, 8] * 6, sizes=[10] * 24),
        Series("days between", [0.1, 9, 40, 3, 0.5, 12] * 4),
        Series("items between", [0, 4, 11, 2, 30, 7] * 4),
    ],
)
def test_no_limit_lies_where_nothing_can_be(series: Series) -> None:
    drawn = chart(series)
    assert drawn.lower.min() >= 0
    assert series.what != "share" or drawn.upper.max() <= 1


def test_a_rare_event_that_stays_away_long_enough_is_a_signal() -> None:
    gaps = np.random.default_rng(3).exponential(10, 24).tolist()
    quiet = chart(Series("days between", [*gaps, 300.0]))
    assert outside(quiet) == [24]
    assert chart(Series("items between", [*map(round, gaps), 300])).marks[24] == ("outside",)


# Baselines


def test_nothing_is_claimed_from_a_provisional_baseline() -> None:
    drawn = chart(Series("amount", [*steady(10), 500.0], baseline=10))
    assert drawn.provisional
    assert not drawn.signals
    assert "provisional" in drawn.says
    assert chart(Series("amount", [*steady(12), 500.0], baseline=12)).marks[12] == ("outside",)


def test_frozen_limits_are_those_of_the_frozen_part() -> None:
    values = steady(24)
    alone = chart(Series("amount", values))
    longer = chart(Series("amount", values + [v + 20 for v in steady(12, 6)]))
    assert level(longer, 35) == pytest.approx(level(alone, 0))
    assert (longer.phases[0].base_end, longer.phases[0].end) == (24, 36)


@pytest.mark.parametrize(
    "series",
    [
        Series("amount", steady(24), changes=[Change(12, "  ")]),
        Series("amount", steady(24), left_out={3: ""}),
    ],
)
def test_limits_change_only_with_a_recorded_reason(series: Series) -> None:
    with pytest.raises(ValueError, match="recorded reason"):
        chart(series)


@pytest.mark.parametrize(
    ("series", "says"),
    [
        (Series("share", [5], sizes=[3]), "no value may exceed"),
        (Series("share", [5]), "give sizes"),
        (Series("count", [-1]), "cannot be negative"),
        (Series("amount", [1.0, 2.0], labels=["a"]), "2 values and 1 labels"),
        (Series("amount", [1.0, 2.0], changes=[Change(2, "x")]), "A change must begin"),
    ],
)
def test_a_series_that_contradicts_itself_is_refused(series: Series, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        chart(series)


def test_alike_values_tell_nothing() -> None:
    assert "all alike" in chart(Series("count", [7] * 20 + [9], baseline=20)).says
    assert "all alike" in chart(Series("share", [0] * 20 + [1], sizes=[9] * 21, baseline=20)).says


@pytest.mark.parametrize("values", [[], [None, None], [4.0], [None, 4.0]])
def test_next_to_nothing_still_gives_a_chart(values: list[float | None]) -> None:
    drawn = chart(Series("amount", values))
    assert not drawn.signals
    assert len(drawn.rows()) == len(values)


def test_missing_points_are_no_zero_and_break_no_limit() -> None:
    values: list[float | None] = list(steady(24))
    values[5] = values[6] = None
    drawn = chart(Series("amount", values))
    known = [v for v in values if v is not None]
    assert drawn.centre[0] == pytest.approx(np.mean(known))
    assert drawn.rows()[5]["value"] is None
    assert drawn.ranges is not None
    assert np.isnan(drawn.ranges.values[[5, 6, 7]]).all()
    assert "2 of 24 points are not in this data." in drawn.notes


# Rules


def pattern(*signs: int, scale: float = 1.0) -> list[float]:
    return [s * scale for s in signs]


def of_rule(drawn: Chart, rule: str) -> list[tuple[int, ...]]:
    return [s.points for s in drawn.signals if s.rule == rule]


BASE = pattern(1, -1.2, 0.8, 0.3, -1, 1.1, -0.7, -0.2, 0.9, -0.9, -1.1, 0.7, 1.2, -0.5, 0.6, -1.3, 0.2, 0.9, -0.8,
               -0.1, 1, -0.6, 1.1, -0.9)  # fmt: skip
"""No wave, no signal."""


def test_a_long_run_and_points_on_the_centre() -> None:
    flat = Series("amount", BASE + pattern(*[0.4] * 4, 0, *[0.4] * 5), baseline=24)
    centre = float(np.mean(BASE))
    on_it = Series("amount", [centre if v == 0 else v for v in flat.values], baseline=24)  # type: ignore[misc]
    (run,) = of_rule(chart(on_it), "long run")
    assert run == tuple(i for i in range(24, 34) if i != 28), "a tie neither breaks nor lengthens a run"
    assert not of_rule(chart(Series("amount", flat.values[:-2], baseline=24)), "long run")


def test_few_crossings_belong_to_the_whole_and_mark_no_point() -> None:
    slow = pattern(*[1, 1.3, 0.9, 1.2, 0.8, -1, -1.1, -0.9, -1.3, -0.8] * 3)
    drawn = chart(Series("amount", slow, baseline=30))
    assert [s.rule for s in drawn.signals] == ["few crossings"]
    assert not any(drawn.marks)
    warning = tampering(drawn, 4)
    assert warning is not None
    assert "not for what happened at 5" in warning


def test_two_of_three_must_be_on_the_same_side() -> None:
    limit = 3 * 2.66 * np.abs(np.diff(BASE)).mean() / 3
    far = 0.8 * limit
    opposite = chart(Series("amount", [*BASE, far, 0.1, -far], baseline=24), "watch")
    assert not of_rule(opposite, "two of three")
    same = chart(Series("amount", [*BASE, far, -0.1, far], baseline=24), "watch")
    assert of_rule(same, "two of three") == [(24, 26)]
    assert same.marks[25] == ()


def test_seven_rising_and_seven_on_one_side_under_watch() -> None:
    rise = chart(Series("amount", [*BASE, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6], baseline=24), "watch")
    (seen,) = of_rule(rise, "seven one way")
    assert seen[-7:] == (24, 25, 26, 27, 28, 29, 30)
    assert len(seen) <= 8
    six = chart(Series("amount", [*BASE, -1.4, -0.4, -0.5, 0.1, 0.2, 0.4, 0.6], baseline=24), "watch")
    assert not of_rule(six, "seven one way")
    shift = chart(Series("amount", [*BASE, 0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5], baseline=24), "watch")
    assert of_rule(shift, "seven on one side") == [(24, 25, 26, 27, 28, 29, 30)]


def test_moving_ranges_have_one_rule_only() -> None:
    drawn = chart(Series("amount", [*BASE, *[0.3, 0.31] * 10], baseline=24))
    assert drawn.ranges is not None
    assert drawn.ranges.outside == (), "twenty small ranges in a row are no signal of the range chart"


# Rates of false alarms, waves, tampering


def test_both_rates_stand_on_every_chart_and_grow_with_its_length() -> None:
    short, long = chart(Series("amount", steady(24))), chart(Series("amount", steady(52), baseline=52))
    assert short.false_alarms.usual == pytest.approx(0.085, abs=0.02)
    assert short.false_alarms.watch == pytest.approx(0.160, abs=0.02)
    assert long.false_alarms.usual > short.false_alarms.usual
    assert "raises a false alarm in 9 of 100" in short.says


def test_neighbours_that_resemble_each_other_are_pointed_out() -> None:
    walk = np.cumsum(np.random.default_rng(0).normal(0, 1, 30)).tolist()
    assert any("resemble" in note for note in chart(Series("amount", walk, baseline=30)).notes)
    assert not any("resemble" in note for note in chart(Series("amount", steady(30), baseline=30)).notes)


def test_a_weekday_wave_is_named() -> None:
    days = [date(2026, 3, 2) + timedelta(days=i) for i in range(42)]
    counts = [(2 if d.weekday() > 4 else 20) + i % 3 for i, d in enumerate(days)]
    drawn = chart(Series("count", counts, labels=days))
    assert drawn.wave is not None
    assert drawn.wave.name == "the day of the week"


@pytest.mark.rule("R87")
def test_r87_a_change_because_of_a_point_within_limits_is_warned_of() -> None:
    drawn = chart(Series("amount", COSTS, baseline=20, labels=[f"week {i}" for i in range(1, 41)]))
    warning = tampering(drawn, 35)
    assert warning is not None
    assert warning.startswith("week 36 (310) is within the limits 279.8 to 321.2")
    assert tampering(drawn, 38) is None, "a special cause asks for a change"
    early = tampering(chart(Series("amount", [*steady(5), 500.0])), 5)
    assert early is not None
    assert "provisional" in early


def test_rows_are_ready_for_a_table() -> None:
    weeks: Sequence[str] = [f"week {i}" for i in range(40)]
    row = chart(Series("amount", COSTS, baseline=20, labels=weeks)).rows()[38]
    assert row == {
        "label": "week 38", "value": 333.0, "centre": 300.5, "lower": pytest.approx(279.78),
        "upper": pytest.approx(321.22), "signals": ["outside"], "phase": 0, "in_baseline": False,
    }  # fmt: skip
