"""Comparing people: published limits, error rates that hold, and the story of the best seller who logs everything."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from fullkit.flow import anom, funnel, shrink
from fullkit.flow.chance import binomial_at_most
from fullkit.flow.people import Person, compare, compare_means

DATA = Path(__file__).parents[2].parent / "shared" / "data"
WATERFILTER = (
    (69, 122, 95),
    (118, 154, 102),
    (171, 132, 182),
    (122, 119),
    (204, 225, 190),
    (140, 130, 127),
    (170, 165),
)
SPRING = (
    (87.7, 100.4, 85.9, 105.5, 74.9, 75.3),
    (83, 87.2, 86.7, 86, 80.4, 86.3),
    (90.9, 94.2, 85.6, 98.5, 99.7, 108.5),
    (86.5, 71.4, 80.7, 94.4, 97.8, 97.9),
)
"""Both as in the R package ANOM."""


# Published limits


@pytest.mark.parametrize(
    ("groups", "freedom", "h"),
    [
        (3, 10, 2.7413),
        (3, 20, 2.5300),
        (3, 60, 2.4032),
        (3, None, 2.3437),
        (4, 20, 2.6848),
        (4, None, 2.4685),
        (5, 20, 2.7942),
    ],
)
def test_h_agrees_with_the_integrated_table(groups: int, freedom: int | None, h: float) -> None:
    assert anom.critical((7,) * groups, freedom) == pytest.approx(h, abs=1e-4)


def test_h_for_two_groups_is_the_t_test() -> None:
    assert anom.critical((5, 9), 12) == pytest.approx(2.178813, abs=1e-5)


def test_analysis_of_means_on_unequal_and_equal_groups() -> None:
    water = anom.of_means(WATERFILTER)
    assert water.centre == pytest.approx(144.0526, abs=1e-4)
    assert (water.lower[0], water.upper[0]) == pytest.approx((110.2027, 177.9026), abs=0.02)
    assert (water.lower[3], water.upper[3]) == pytest.approx((101.3192, 186.7861), abs=0.02)
    assert water.outside == (0, 4)
    spring = anom.of_means(SPRING)
    assert (spring.centre, spring.lower[0], spring.upper[0]) == pytest.approx(
        (89.39167, 80.61246, 98.17087), abs=0.01
    )
    assert spring.outside == ()


@pytest.mark.parametrize(
    ("expected", "low95", "high95", "low998", "high998"),
    [
        (15, 0.5596924, 1.649348, 0.3862650, 2.082907),
        (20, 0.6108260, 1.544419, 0.4479107, 1.902094),
        (30, 0.6746958, 1.427562, 0.5289724, 1.702771),
    ],
)
def test_poisson_funnel_limits(
    expected: int, low95: float, high95: float, low998: float, high998: float
) -> None:
    assert [float(x) for x in funnel.poisson_limits(expected, 0.025)] == pytest.approx(
        [low95, high95], abs=1e-6
    )
    assert [float(x) for x in funnel.poisson_limits(expected, 0.001)] == pytest.approx(
        [low998, high998], abs=1e-6
    )


def test_binomial_funnel_limits_are_the_outermost_that_keep_their_error() -> None:
    plot = funnel.of_shares([30, 9, 41], [100, 40, 120])
    for n, low, high in zip(
        plot.sizes, plot.limits.low998 * plot.sizes, plot.limits.high998 * plot.sizes, strict=True
    ):
        low, high = round(low), round(high)
        assert binomial_at_most(low - 1, n, plot.centre) <= 0.001 < binomial_at_most(low, n, plot.centre)
        assert (
            1 - binomial_at_most(high, n, plot.centre)
            <= 0.001
            < 1 - binomial_at_most(high - 1, n, plot.centre)
        )


def test_thirty_agents_of_a_crm_do_not_differ() -> None:
    path = DATA / "1-crm/maven-crm/sales_pipeline.csv"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    closed, won = Counter[str](), Counter[str]()
    days = defaultdict[str, list[int]](list)
    with path.open() as file:
        for row in csv.DictReader(file):
            if row["deal_stage"] in {"Won", "Lost"}:
                closed[row["sales_agent"]] += 1
                won[row["sales_agent"]] += row["deal_stage"] == "Won"
                start, end = (np.datetime64(row[k]) for k in ("engage_date", "close_date"))
                days[row["sales_agent"]].append(int((end - start).astype(int)))
    answer = compare([Person(a, closed[a], won[a]) for a in closed])
    assert answer.funnel is not None
    assert answer.anom is not None
    assert (answer.funnel.chi2, answer.funnel.freedom) == (pytest.approx(33.348, abs=1e-3), 29)
    assert answer.funnel.chance == pytest.approx(0.264, abs=1e-3)
    assert answer.centre == pytest.approx(0.6315005, abs=1e-7)
    assert (answer.funnel.outside, answer.anom.outside, answer.differ) == ((), (), False)
    assert answer.says.startswith("No evidence of a difference between these 30")
    assert not compare_means(days, times=True).differ


# Nobody is named, ranked, or compared unfairly


def alike(*shares: tuple[int, int]) -> list[Person]:
    return [Person(f"p{i}", tries, hits, late=tries // 10) for i, (tries, hits) in enumerate(shares)]


def test_nobody_is_named_or_ranked_unless_asked_for() -> None:
    people = alike((40, 30), (90, 20), (60, 33), (20, 2))
    unnamed = compare(people)
    assert {s.name for s in unnamed.standings} == {"one of 4"}
    assert [s.size for s in unnamed.standings] == [90, 60, 40, 20], "by how much they did, never by how well"
    assert [s.name for s in compare(people, named=True).standings] == ["p1", "p2", "p0", "p3"]
    assert unnamed.differ
    assert "0.8% of cases" in unnamed.says


SELLERS = [
    Person("the best", tries=240, hits=60, late=12),
    Person("colleague 1", tries=62, hits=30, late=58),
    Person("colleague 2", tries=55, hits=26, late=51),
    Person("colleague 3", tries=58, hits=27, late=54),
    Person("colleague 4", tries=65, hits=31, late=61),
]
"""He wins most and enters every opportunity; they enter one when a quote is due."""


@pytest.mark.rule("R84")
def test_r84_the_best_seller_who_logs_everything_is_not_called_worst() -> None:
    answer = compare(SELLERS, named=True)
    assert answer.standings == ()
    assert not answer.differ
    assert answer.withheld[0].startswith("People do not write down the same things: between 5% and 9")
    assert "the best" not in answer.says
    naive = compare([Person(p.name, p.tries, p.hits) for p in SELLERS], named=True)
    assert {s.name: s.side for s in naive.standings}["the best"] == "below", (
        "the ratios alone would have said so"
    )
    assert "somebody records everything" in naive.says


@pytest.mark.parametrize(
    ("people", "why"),
    [
        (alike((40, 20), (9, 5), (8, 1), (50, 20)), "Only 2 have 10 or more"),
        (alike((40, 0), (50, 0), (60, 0)), "ended alike"),
        ([Person(f"p{i}", 50, 20, definition=f"v{i % 2}") for i in range(4)], "same version of the definition"),
        (
            [
                Person("a", 100, 52, mix={"ours": (90, 50), "theirs": (10, 2)}),
                Person("b", 100, 20, mix={"ours": (10, 5), "theirs": (90, 15)}),
                Person("c", 100, 35, mix={"ours": (50, 27), "theirs": (50, 8)}),
            ],
            "Opportunities differ in kind",
        ),
    ],
)  # fmt: skip
def test_an_unfair_comparison_is_withheld_with_the_reason(people: list[Person], why: str) -> None:
    answer = compare(people)
    assert answer.standings == ()
    assert any(why in reason for reason in answer.withheld)
    assert why in answer.says


def test_a_mix_that_makes_no_difference_is_no_reason() -> None:
    people = [
        Person(f"p{n}", 100, 30, mix={"a": (n, n * 3 // 10), "b": (100 - n, 30 - n * 3 // 10)})
        for n in (20, 50, 80)
    ]
    assert not compare(people).withheld


def test_those_with_too_few_are_counted_and_left_out_of_every_limit() -> None:
    some = alike((40, 20), (50, 22), (60, 31))
    more = compare([*some, Person("new", 9, 9, late=0)])
    assert (more.left_out, more.centre) == (1, compare(some).centre)


def test_a_field_wider_than_chance_widens_the_limits_and_says_so() -> None:
    rng = np.random.default_rng(4)
    people = [
        Person(f"p{i}", 400, int(rng.binomial(400, p)), late=20)
        for i, p in enumerate(rng.normal(0.4, 0.08, 25))
    ]
    answer = compare(people)
    assert answer.funnel is not None
    assert answer.funnel.widened > 1.5
    assert "wider than chance" in answer.says
    one = [
        Person("odd", 400, 300, late=20),
        *(Person(f"p{i}", 400, int(rng.binomial(400, 0.4)), late=20) for i in range(20)),
    ]
    lone = compare(one, named=True)
    assert [s.name for s in lone.standings if s.side != "within"] == ["odd"], (
        "one who differs does not hide himself"
    )


def test_shrunk_shares_lie_between_their_own_and_everybodys() -> None:
    hits, tries = (9, 30, 52, 20), (12, 100, 100, 80)
    likely = shrink.shares(hits, tries)
    centre = sum(hits) / sum(tries)
    for own, low, share, high in zip(
        np.array(hits) / tries, likely.low, likely.share, likely.high, strict=True
    ):
        assert min(own, centre) - 1e-9 <= share <= max(own, centre) + 1e-9
        assert low < share < high
    assert likely.high[0] - likely.low[0] > likely.high[1] - likely.low[1], "less is known of who did less"


def test_means_of_groups_and_too_few_of_them() -> None:
    rng = np.random.default_rng(8)
    times = {f"p{i}": rng.lognormal(3, 0.5, 40).tolist() for i in range(5)} | {
        "slow": rng.lognormal(4, 0.5, 40).tolist()
    }
    answer = compare_means(times, times=True, named=True)
    assert [s.name for s in answer.standings if s.side == "above"] == ["slow"]
    assert answer.family_error == 0.05
    assert compare_means({"a": [1.0] * 20, "b": [2.0] * 20}).withheld
    assert compare_means({k: [3.0] * 20 for k in "abcd"}).withheld


# Error rates hold


def false_families(runs: int, share: float, sizes: tuple[int, ...]) -> tuple[float, float]:
    """How often a field of equals has anybody outside: by funnel plot, and by analysis of means."""
    rng = np.random.default_rng(31)
    hits = rng.binomial(sizes, share, (runs, len(sizes)))
    hits = hits[(hits.sum(axis=1) > 0) & (hits.sum(axis=1) < sum(sizes))]
    wrong = [
        (bool(funnel.of_shares(h, sizes).outside), bool(anom.of_shares(h, sizes).outside))
        for h in hits.tolist()
    ]
    found, means = np.mean(wrong, axis=0)
    return float(found), float(means)


FIELDS = [(0.25, (40,) * 10), (0.63, tuple(range(60, 360, 25))), (0.08, (12, 30, 30, 45, 80, 150))]


@pytest.mark.rule("R85")
@pytest.mark.parametrize(("share", "sizes"), FIELDS)
def test_r85_equals_are_called_different_no_more_often_than_stated(
    share: float, sizes: tuple[int, ...]
) -> None:
    runs = 300
    stated = 1 - 0.998 ** len(sizes)
    by_funnel, by_means = false_families(runs, share, sizes)
    assert by_funnel <= stated + 3 * np.sqrt(stated * (1 - stated) / runs)
    assert by_means <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.soak
@pytest.mark.parametrize(("share", "sizes"), FIELDS)
def test_equals_over_many_fields(share: float, sizes: tuple[int, ...]) -> None:
    runs = 20_000
    stated = 1 - 0.998 ** len(sizes)
    by_funnel, by_means = false_families(runs, share, sizes)
    assert by_funnel <= stated + 3 * np.sqrt(stated * (1 - stated) / runs)
    assert by_means <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_equal_means_are_called_different_as_often_as_stated() -> None:
    rng, sizes, runs = np.random.default_rng(12), (4, 9, 6, 12, 5), 2000
    groups = [rng.normal(0, 1, (runs, n)) for n in sizes]
    wrong = sum(bool(anom.of_means([g[i].tolist() for g in groups]).outside) for i in range(runs))
    assert wrong / runs == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / runs))
