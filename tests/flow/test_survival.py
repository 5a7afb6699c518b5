"""Curves of what is not over yet, against the formulas written out, and against a pipeline with known figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fullkit.flow.survival import NothingToCount, incidence, survival

LIVES = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["won", "lost", None]), st.integers(1, 3)),
    min_size=1,
    max_size=25,
)


def plain(lives: list[tuple[int, str | None, int]], ending: str) -> tuple[dict[int, float], dict[int, float]]:
    """Aalen-Johansen and its variance by the delta method, as Marubini and Valsecchi print them."""
    times = sorted({t for t, _, _ in lives})
    risk = {t: sum(n for u, _, n in lives if u >= t) for t in times}
    over = {t: sum(n for u, e, n in lives if u == t and e) for t in times}
    so = {t: sum(n for u, e, n in lives if u == t and e == ending) for t in times}
    share, before, open_, total = {}, {}, 1.0, 0.0
    for t in times:
        before[t] = open_
        total += open_ * so[t] / risk[t]
        share[t] = total
        open_ *= 1 - over[t] / risk[t]
    variance = {}
    for t in times:
        v = 0.0
        for u in (u for u in times if u <= t):
            n, d, k, ahead = risk[u], over[u], so[u], share[t] - share[u]
            v += ahead**2 * d / (n * (n - d)) if n > d else 0.0
            v += before[u] ** 2 * k * (n - k) / n**3 - 2 * ahead * before[u] * k / n**2
        variance[t] = v
    return share, variance


@settings(max_examples=40)
@given(lives=LIVES)
def test_incidence_is_the_formula_and_all_shares_add_up_to_one(
    lives: list[tuple[int, str | None, int]],
) -> None:
    times, endings, counts = zip(*lives, strict=True)
    found, curve = (
        incidence(times, endings, counts),
        survival(times, [e is not None for e in endings], counts),
    )
    total = curve.open_share + sum((one.share for one in found.values()), start=np.zeros(len(curve.times)))
    assert total == pytest.approx(1)
    for ending, one in found.items():
        share, variance = plain(lives, ending)
        assert one.share == pytest.approx(list(share.values()))
        assert one.variance == pytest.approx([max(0, v) for v in variance.values()], abs=1e-12)
        known = ~np.isnan(one.low)
        assert np.all(one.low[known] <= one.share[known] + 1e-12)
        assert np.all(one.share[known] <= one.high[known] + 1e-12)


@settings(max_examples=25)
@given(lives=LIVES)
def test_the_curve_is_the_product_of_what_went_on(lives: list[tuple[int, str | None, int]]) -> None:
    curve = survival([t for t, _, _ in lives], [e is not None for _, e, _ in lives], [n for _, _, n in lives])
    open_ = 1.0
    for i, t in enumerate(curve.times):
        risk = sum(n for u, _, n in lives if u >= t)
        open_ *= 1 - sum(n for u, e, n in lives if u == t and e) / risk
        assert curve.at_risk[i] == risk
        assert curve.open_share[i] == pytest.approx(open_)


def test_without_censoring_the_variance_is_that_of_a_share() -> None:
    found = incidence([1, 2, 3, 4], ["won", "lost", "won", "lost"], [30, 20, 10, 40])["won"]
    assert found.share == pytest.approx([0.3, 0.3, 0.4, 0.4])
    assert found.variance == pytest.approx([0.3 * 0.7 / 100] * 2 + [0.4 * 0.6 / 100] * 2)


def test_the_leukaemia_patients_of_freireich() -> None:
    """6-MP arm (Freireich 1963; Kalbfleisch and Prentice, table 1.2): R's survfit gives 0.857, 0.448 and median 23."""
    over = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    open_ = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = survival(over + open_, [True] * len(over) + [False] * len(open_))
    assert curve.share_at(6) == pytest.approx(0.857, abs=0.0005)
    assert curve.share_at(23) == pytest.approx(0.448, abs=0.0005)
    assert (curve.quantile(0.5), curve.packets, curve.still_open) == (23, 21, 12)
    # log-log interval of survfit(conf.type = "log-log"): 0.620 to 0.952 at 6, median from 13 on without an end
    assert (curve.low[0], curve.high[0]) == pytest.approx((0.620, 0.952), abs=0.0005)
    assert curve.quantile_interval(0.5) == (13, None)


def test_what_is_open_cannot_be_told_to_be_over() -> None:
    curve = survival([3, 5], [False, False])
    assert (curve.quantile(0.5), curve.share_at(9), curve.still_open) == (None, 1.0, 2)
    assert incidence([3, 5], [None, None]) == {}


def test_a_period_in_which_nothing_started_has_no_curve() -> None:
    with pytest.raises(NothingToCount, match="take a longer one"):
        survival([], [])
