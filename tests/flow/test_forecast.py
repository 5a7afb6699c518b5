"""Forecasts from logs whose future is known: counted by hand, calibrated, or refused with the signal named."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from fullkit.flow import futures
from fullkit.flow.forecast import how_many, when
from fullkit.flow.lives import LIVES, Lives, count, lives
from fullkit.flow.pipeline import STAGES, entries, weighted
from tests.flow.story import MONDAY, Story
from tests.flow.story import when as at

DATA = Path(__file__).parents[2].parent / "shared" / "data"
START = date(2024, 1, 1)
TODAY = START + timedelta(weeks=56, days=-1)


def company(seed: int, *, rate: float = 12, weeks: int = 70, noise: float = 0.0) -> Lives:
    """A stable company: so many new a week, 30 % won after some 40 days; it goes on past TODAY."""
    rng = np.random.default_rng(seed)
    new = rng.poisson(rate * np.exp(rng.normal(0, noise, weeks) - noise**2 / 2))
    opened = np.concatenate([START.toordinal() + 7 * w + rng.integers(0, 5, k) for w, k in enumerate(new)])
    won = rng.random(len(opened)) < 0.3
    days = np.where(won, rng.gamma(3, 16, len(opened)), rng.exponential(40, len(opened))).astype(np.int64)
    return Lives(opened, opened + days, won)


def won_until(packets: Lives, by: date) -> int:
    inside = (packets.closed > TODAY.toordinal()) & (packets.closed <= by.toordinal())
    return int((packets.wanted & inside).sum())


def test_counting_by_hand() -> None:
    sunday = START + timedelta(days=20)
    packets = lives(
        [
            (START, START + timedelta(days=2), True),
            (START, START + timedelta(days=8), False),
            (START + timedelta(days=7), None, False),
            (START + timedelta(days=15), START + timedelta(days=30), True),  # ends after today: open
            (START + timedelta(days=40), None, False),  # not yet there
            (START + timedelta(days=9), START + timedelta(days=3), True),  # closed before it opened: at once
        ]
    )
    steps = count(packets, sunday)
    assert (len(steps), steps.day(0)) == (3, START)
    assert steps.arrivals.tolist() == [2, 2, 1]
    assert [d.tolist() for d in steps.done] == [[1, 1, 0], [0, 1, 0]]
    assert steps.surviving[:, 3].tolist() == [0, 1, 1]
    assert steps.open_at(3, 5).tolist() == [0, 1, 1, 0, 0]
    assert steps.by_age(steps.surviving, 0, 3, 3).tolist() == [[2, 0, 0], [2, 1, 0], [1, 1, 0]]


def test_the_counts_know_nothing_of_the_future() -> None:
    packets = company(1)
    cut = packets.opened <= TODAY.toordinal()
    past = Lives(
        packets.opened[cut],
        np.where(packets.closed[cut] <= TODAY.toordinal(), packets.closed[cut], 0),
        packets.wanted[cut] & (packets.closed[cut] <= TODAY.toordinal()),
    )
    by = TODAY + timedelta(days=28)
    assert how_many(packets, TODAY, by).says == how_many(past, TODAY, by).says


def test_the_same_log_gives_the_same_answer_and_tells_how_it_would_have_done() -> None:
    packets, by = company(3), TODAY + timedelta(days=14)
    first, again = how_many(packets, TODAY, by), how_many(packets, TODAY, by)
    assert first.says == again.says
    assert first.refused == ""
    assert first.low is not None
    assert first.likely is not None
    assert first.high is not None
    assert first.low < first.likely < first.high
    tested = first.tested
    assert tested.share is not None
    assert tested.absolute is not None
    assert tested.pinball is not None
    assert len(tested.trials) >= 10
    assert tested.interval[0] <= tested.share <= tested.interval[1]
    assert tested.absolute.ours < tested.absolute.pipeline, "a pipeline without dates is no forecast"
    assert tested.pinball.ours < tested.pinball.last_quarter
    assert "85 % ranges held" in first.says


def held(seeds: range, ahead: int, **kinds: float) -> tuple[float, float]:
    """The share of ranges that held, and of histories refused, over companies that are stable by construction."""
    found, refused = 0, 0
    for seed in seeds:
        packets = company(seed, **kinds)  # type: ignore[arg-type]
        steps = count(packets, TODAY)
        now = futures.flow(steps, len(steps))
        places = futures.coming(now, steps, len(steps), ahead // 7)
        rng = np.random.default_rng(seed)
        drawn = futures.draw(now, ahead / 7, places, rng, runs=400, arriving=True).wanted[:, -1]
        low, high = np.floor(np.quantile(drawn, 0.075)), np.ceil(np.quantile(drawn, 0.925))
        found += low <= won_until(packets, TODAY + timedelta(days=ahead)) <= high
        refused += bool(futures.unstable(steps, len(steps)))
    return found / len(seeds), refused / len(seeds)


def test_of_the_85_percent_ranges_about_85_percent_hold() -> None:
    share, refused = held(range(30), 35)
    assert share == pytest.approx(0.85, abs=3 * np.sqrt(0.85 * 0.15 / 30))
    assert refused < 0.4


@pytest.mark.soak
@pytest.mark.parametrize(("ahead", "rate", "noise"), [(28, 12, 0), (91, 12, 0), (28, 5, 0.0), (91, 20, 0.3)])
def test_ranges_hold_over_many_companies(ahead: int, rate: float, noise: float) -> None:
    share, refused = held(range(1000, 1400), ahead, rate=rate, noise=noise)
    print(f"{ahead} days, {rate} a week, noise {noise}: held {share:.3f}, refused {refused:.3f}")
    assert share == pytest.approx(0.87, abs=0.02 + 3 * np.sqrt(0.85 * 0.15 / 400))


def test_an_unstable_history_is_refused_and_the_signal_named() -> None:
    packets = company(3)
    flood = START.toordinal() + 7 * 54
    more = Lives(
        np.append(packets.opened, np.full(80, flood)), np.append(packets.closed, np.zeros(80, dtype=np.int64)),
        np.append(packets.wanted, np.zeros(80, dtype=bool)),
    )  # fmt: skip
    answer = how_many(more, TODAY, TODAY + timedelta(days=28))
    assert answer.refused.startswith(
        "No forecast. The history is not stable: of arrivals 2025-01-13 is above the upper"
    )
    assert (answer.low, answer.likely, answer.high) == (None, None, None)
    assert answer.last_quarter is not None
    assert answer.tested.trials, "the backtest is there all the same"
    assert when(more, TODAY).dues == ()


@pytest.mark.parametrize(
    ("packets", "why"),
    [
        (lives([]), "There are only 0 steps"),
        (lives([(TODAY, None, False)]), "There are only 0 steps"),
        (company(1, weeks=8), "Only"),
        (lives([(START, TODAY - timedelta(days=i), i % 30 == 0) for i in range(300)]), "Only"),
    ],
)
def test_too_little_history_is_refused(packets: Lives, why: str) -> None:
    answer = how_many(packets, TODAY, TODAY + timedelta(days=28))
    assert answer.refused.startswith(f"No forecast. {why}")
    assert answer.low is None


def test_a_forecast_looks_ahead() -> None:
    with pytest.raises(ValueError, match="needs a day after"):
        how_many(company(1), TODAY, TODAY)


def test_when_these_will_be_done_depends_on_their_age() -> None:
    packets = company(3)
    answer = when(packets, TODAY)
    half, most, everything = answer.dues
    assert half.likely is not None
    assert most.likely is not None
    assert TODAY < half.likely <= most.likely
    assert everything.packets == answer.packets
    assert half.sure is not None
    assert half.sure >= half.likely
    young = when(packets, TODAY, [TODAY - timedelta(days=2)] * 40)
    assert young.packets == 40
    left = sum(
        c - TODAY.toordinal()
        for o, c in zip(packets.opened, packets.closed, strict=True)
        if 0 <= TODAY.toordinal() - o < 7 < c - TODAY.toordinal()
    )
    assert left > 0
    with pytest.raises(ValueError, match="opens after today"):
        when(packets, TODAY, [TODAY + timedelta(days=1)])


def test_published_backtest_of_a_crm_is_in_the_range_or_refused_with_the_signal() -> None:
    path = DATA / "1-crm/maven-crm/sales_pipeline.csv"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with path.open() as file:
        rows = [r for r in csv.DictReader(file) if r["engage_date"]]

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    packets = lives(
        [(date.fromisoformat(r["engage_date"]), day(r["close_date"]), r["deal_stage"] == "Won") for r in rows]
    )
    for today, opened, actual in (
        (date(2017, 9, 30), 2409, (270, 670, 1150)),
        (date(2017, 6, 30), 1686, (296, 735, 1219)),
    ):
        for days, won in zip((30, 60, 90), actual, strict=True):
            answer = how_many(packets, today, today + timedelta(days=days))
            assert answer.open_now == opened
            if answer.refused:
                assert "The history is not stable: of " in answer.refused
            else:
                assert answer.low is not None
                assert answer.high is not None
                assert answer.low <= won <= answer.high


def test_the_pipeline_weighted_by_stage_by_hand() -> None:
    day = START + timedelta(days=50)
    ended = [(START, START + timedelta(days=9), won) for won in (True, True, False, False, False)]
    packets = lives(
        [*ended, (START, None, False), (START, None, False), (day + timedelta(days=1), None, False)]
    )
    moves = entries(
        [(0, START, "talk"), (1, START, "talk"), (2, START, "talk"), (0, START, "offer"), (5, START, "talk"),
         (6, day + timedelta(days=1), "offer")]
    )  # fmt: skip
    first, talk = 2 / 5, 2 / 3
    assert weighted(packets, moves, day.toordinal()) == pytest.approx(talk + first)
    assert weighted(packets, moves, day.toordinal() + 1) == pytest.approx(talk + 1.0 + first)
    answer = how_many(company(3), TODAY, TODAY + timedelta(days=14), moves=entries([]))
    plain = how_many(company(3), TODAY, TODAY + timedelta(days=14))
    assert answer.pipeline == pytest.approx(plain.pipeline), "without stages it is one share for all"
    assert [t.pipeline for t in answer.tested.trials] == pytest.approx(
        [t.pipeline for t in plain.tested.trials]
    )


def test_entries_are_read_from_the_log() -> None:
    story = Story()
    story.packet(1, packet_type="opportunity", chain="growth", process="hunting")
    story.tell(at(1), "packet.arrived", 1, source="campaign")
    story.tell(at(3), "stage.advanced", 1, stage="first", to_stage="offer")
    assert story.ask(STAGES, days=14, chain="growth", process="hunting") == [
        {"packet": 1, "day": MONDAY + timedelta(days=3), "stage": "offer"}
    ]


def test_lives_are_read_from_the_log() -> None:
    story = Story()
    for number in (1, 2, 3):
        story.packet(number, packet_type="opportunity", chain="growth", process="hunting")
        story.tell(at(number), "packet.arrived", number, source="campaign")
    story.tell(at(5), "packet.closed", 1, outcome="won")
    story.tell(at(6), "packet.closed", 2, outcome="lost")
    story.tell(at(7), "packet.reopened", 2)
    story.tell(at(20), "packet.closed", 3, outcome="won")  # after the period
    found = story.ask(LIVES, days=14, chain="growth", process="hunting")
    assert [(r["opened"], r["closed"], r["outcome"]) for r in found] == [
        (MONDAY + timedelta(days=1), MONDAY + timedelta(days=5), "won"),
        (MONDAY + timedelta(days=2), None, None),
        (MONDAY + timedelta(days=3), None, None),
    ]
