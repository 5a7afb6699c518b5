"""The stated rates of false alarms hold on charts on which nothing happens. What was measured: signal-and-noise.md."""

from __future__ import annotations

import numpy as np
import pytest

from fullkit.flow import alarms
from fullkit.flow.alarms import Null, judge
from fullkit.flow.limits import PLAIN, Kind, Ways
from fullkit.flow.signals import Rules


def null(
    kind: Kind,
    points: int,
    *,
    base: int = 0,
    size: float = 0,
    level: float = 0,
    exact: bool = False,
    ways: Ways = PLAIN,
) -> Null:
    base = base or points
    rests = (True,) * base + (False,) * (points - base)
    return Null(kind, rests, (True,) * points, (size,) * points if size else (), level, exact, False, ways)


CASES: dict[str, Null] = {
    "XmR, 24 points": null("xmr", 24),
    "XmR, 52 points": null("xmr", 52),
    "XmR, 52 points, limits from the first 24": null("xmr", 52, base=24),
    "XmR by medians, 24 points": null("xmr", 24, ways=Ways(median=True)),
    "XmR screened, 24 points": null("xmr", 24, ways=Ways(screened=True)),
    "p, 24 points of 50 at 30 %": null("p", 24, size=50, level=0.3),
    "p, 24 points of 20 at 5 % (tails)": null("p", 24, size=20, level=0.05, exact=True),
    "u, 24 points, mean 20": null("u", 24, size=1, level=20),
    "u, 24 points, mean 2 (tails)": null("u", 24, size=1, level=2, exact=True),
    "t, 24 points": null("t", 24, level=9),
    "g, 24 points, mean 30": null("g", 24, level=30),
}


def measured(null: Null, rules: Rules, runs: int, seed: int) -> float:
    """The share of charts that raise an alarm, of charts drawn here and not by what states the rate."""
    rng, shape = np.random.default_rng(seed), (runs, len(null.base))
    size = null.sizes[0] if null.sizes else 1.0
    kind = null.kind
    if kind == "p":
        values = (rng.random((*shape, int(size))) < null.level).mean(axis=2)
    elif kind == "u":
        values = rng.poisson(null.level * size, shape) / size
    elif kind == "t":
        values = -np.log(rng.random(shape)) * null.level
    elif kind == "g":
        values = np.floor(np.log(rng.random(shape)) / np.log(null.level / (1 + null.level)))
    else:
        values = 50 + 7 * rng.standard_normal(shape)
    return float(judge(null, values, rules).mean())


@pytest.mark.parametrize("name", CASES)
def test_stated_rates_hold_when_nothing_happens(name: str) -> None:
    stated, runs = alarms.of_phases([CASES[name]]), 1500
    for rules in ("usual", "watch"):
        rate = stated.of(rules)
        spread = np.sqrt(rate * (1 - rate) * (1 / runs + 1 / stated.runs))
        assert measured(CASES[name], rules, runs, seed=77) == pytest.approx(rate, abs=3.5 * spread)


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_stated_rates_hold_over_many_charts(name: str) -> None:
    stated, runs = alarms.of_phases([CASES[name]]), 40_000
    for rules in ("usual", "watch"):
        rate = stated.of(rules)
        found = measured(CASES[name], rules, runs, seed=78)
        print(f"{name} | {rules} | {rate:.3f} | {found:.3f}")
        spread = np.sqrt(rate * (1 - rate) * (1 / runs + 1 / stated.runs))
        assert found == pytest.approx(rate, abs=3.5 * spread)
