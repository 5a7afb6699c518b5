"""The quality of the data: what is missing, what it costs, what cannot be true, and what cannot be said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from duckdb import DuckDBPyConnection

from fullkit.flow import quality, timeliness
from fullkit.flow.defects import cost, heaped, rounded
from fullkit.flow.measure import NotInThisData
from fullkit.flow.review import Answer, review
from tests.flow.story import MONDAY, Story, when

TODAY = MONDAY + timedelta(days=200)
TYPES = {"created_on": "DATE", "opened_on": "DATE", "closed_on": "DATE", "expected_close": "DATE",
         "amount": "DECIMAL(14, 2)", "list_price": "DECIMAL(14, 2)", "probability": "DOUBLE"}  # fmt: skip


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


@contextmanager
def data(items: Sequence[dict[str, Any]]) -> Iterator[DuckDBPyConnection]:
    """An import: opportunities with `opened`, and `closed` and `outcome` once they are over; the rest are items."""
    story = Story()
    for number, item in enumerate(items, start=1):
        story.packet(number, chain="growth", process="hunting", packet_type="opportunity")
        story.tell(when(item["opened"]), "packet.arrived", number)
    ended = [(i["closed"], n, i["outcome"]) for n, i in enumerate(items, start=1) if "outcome" in i]
    for closed, number, outcome in sorted(ended):
        story.tell(when(closed), "packet.closed", number, outcome=outcome)
    names = dict.fromkeys(n for i in items for n in i if n not in {"opened", "closed", "outcome"})
    with story.told(days=1) as con:
        columns = "".join(f", {name} {TYPES.get(name, 'VARCHAR')}" for name in names)
        con.execute(f"CREATE TEMP TABLE items (packet BIGINT{columns})")
        for number, item in enumerate(items, start=1):
            marks = ", ".join("?" * (len(names) + 1))
            con.execute(f"INSERT INTO items VALUES ({marks})", [number, *(item.get(n) for n in names)])
        try:
            yield con
        finally:
            con.execute("DROP TABLE items")


def reviewed(items: Sequence[dict[str, Any]], **how: Any) -> dict[str, Answer]:
    with data(items) as con:
        return review(con, chain="growth", process="hunting", until=how.pop("until", TODAY), **how)


# --- completeness --------------------------------------------------------------------------------------------


def test_a_fact_is_asked_for_only_where_its_stage_asks_for_it() -> None:
    items = [
        {"opened": 0, "closed": 5, "outcome": "won", "customer": "Acme", "loss_reason": None},
        {"opened": 0, "closed": 6, "outcome": "lost", "customer": " ", "loss_reason": None},
        {"opened": 0, "closed": 7, "outcome": "lost", "customer": "Bell", "loss_reason": "price"},
        {"opened": 0, "customer": None, "loss_reason": None},
    ]
    rows = {r["field"]: r for r in reviewed(items)["completeness"].rows}
    assert (rows["loss_reason"]["required"], rows["loss_reason"]["filled"]) == (2, 1)
    assert (rows["customer"]["required"], rows["customer"]["filled"]) == (4, 2)
    assert (rows["customer"]["open"], rows["customer"]["share_open"]) == (1, 0)
    assert set(rows) == {"customer", "loss_reason"}
    lacking = {r["defects"]: r["packets"] for r in reviewed(items)["defects"].rows}
    assert lacking == {0: 2, 1: 1, 2: 1}


def test_what_the_export_lacks_is_not_in_this_data_and_never_zero() -> None:
    found = reviewed([{"opened": 0, "closed": 5, "outcome": "won", "customer": "Acme"}])
    for key in ("price_error", "round_values", "late_created", "next_step_says_won", "close_date_error"):
        assert found[key].withheld.startswith("Not in this data: "), key
        assert not found[key].rows
    assert "items" not in found["late_created"].withheld
    with Story().told(days=1) as con, pytest.raises(NotInThisData, match="a table of the packets' facts"):
        quality.ask(con, quality.FIELDS, chain="growth", process="hunting", won="won")


def test_the_same_thing_twice_and_the_answer_unknown_are_counted() -> None:
    items: list[dict[str, Any]] = [
        {"opened": 0, "customer": "Acme", "title": "Pumps", "source": "Unknown"},
        {"opened": 1, "customer": "Acme", "title": " pumps", "source": "Fair"},
        {"opened": 2, "customer": "Bell", "title": "Pumps", "source": "n/a"},
        {"opened": 3, "customer": None, "title": "Pumps", "source": "Another fair"},
    ]
    found = reviewed(items)
    assert found["duplicates"].rows == [
        {"groups": 1, "again": 1, "packets": 3, "share": pytest.approx(1 / 3)}
    ]
    assert [(r["field"], r["unknown"]) for r in found["unknown"].rows] == [("source", 2)]


# --- what cannot be true -------------------------------------------------------------------------------------


def test_what_cannot_be_true_is_counted_among_what_could_show_it() -> None:
    items: list[dict[str, Any]] = [
        {
            "opened": 0,
            "next_step": "Closed Won.  Paperwork attached.",
            "expected_close": day(20),
            "probability": 10,
        },
        {"opened": 0, "next_step": "Visit to be won", "expected_close": TODAY, "probability": 100},
        {"opened": 0, "next_step": "Call on Wonday", "expected_close": None, "probability": 50},
        {"opened": 0, "closed": 9, "outcome": "won", "next_step": "Closed Won.", "amount": 0},
        {"opened": 9, "closed": 9, "outcome": "won", "opened_on": day(9), "closed_on": day(8), "amount": 5},
    ]
    answers = reviewed(items)
    found = {m.key: answers[m.key].rows[0] for m in timeliness.IMPOSSIBLE}
    assert found["next_step_says_won"] == {"packets": 1, "looked_at": 3}
    assert found["expected_close_past"] == {"packets": 1, "looked_at": 2}
    assert found["certain_but_open"] == {"packets": 1, "looked_at": 3}
    assert found["won_without_amount"] == {"packets": 1, "looked_at": 2}
    assert found["closed_before_opened"] == {"packets": 1, "looked_at": 1}


# --- late, fresh, and dead -----------------------------------------------------------------------------------


@pytest.mark.rule("R84")
def test_r84_late_logging_is_a_verdict_about_all_and_names_nobody() -> None:
    careful = [
        {"opened": 0, "closed": 60 + i, "outcome": "lost", "owner": "Ann",
         "created_on": day(0), "closed_on": day(60 + i)}
        for i in range(30)
    ]  # fmt: skip
    others = [
        {"opened": 0, "closed": 60 + i, "outcome": "won", "owner": name,
         "created_on": day(60 + i - i % 3), "closed_on": day(60 + i)}
        for name in ("Ben", "Cid") for i in range(30)
    ]  # fmt: skip
    answer = reviewed(careful + others)["late_created"]
    assert sum(r["late"] for r in answer.rows) == 40
    assert answer.facts["alike"] is False
    assert "appear only when they are decided. People differ" in answer.says
    assert "not to be compared" in answer.says
    assert not any(name in answer.says for name in ("Ann", "Ben", "Cid"))
    alike = reviewed(others)["late_created"]
    assert alike.facts["alike"] is True


@pytest.mark.rule("R84")
def test_r84_in_a_live_log_late_means_recorded_when_a_quote_is_due() -> None:
    story = Story()
    for number, quote in ((1, 0), (2, 10)):
        story.packet(number, chain="growth", process="hunting")
        story.tell(when(0), "packet.arrived", number)
        story.tell(when(quote, "15:00"), "handoff.opened", number, handoff_kind="request_quote")
        story.tell(when(20), "packet.closed", number, outcome="won", actor=7)
    rows = story.ask(timeliness.LATE_LOGGED, chain="growth", process="hunting", quote="request_quote")
    assert rows == [{"person": "7", "packets": 2, "late": 1}]


def test_freshness_is_the_age_of_the_last_word_from_the_customer() -> None:
    story = Story()
    for number in (1, 2, 3, 4):
        story.packet(number, chain="growth", process="hunting")
        story.tell(when(0), "packet.arrived", number)
    story.tell(when(10), "conversation.held", 1)
    story.tell(when(18), "stage.advanced", 2)
    story.tell(when(19), "conversation.held", 4)
    story.tell(when(20), "packet.closed", 4, outcome="won")
    (row,) = story.ask(timeliness.FRESHNESS, chain="growth", process="hunting", until=day(20), days=21)
    assert row == {"open": 3, "with_evidence": 2, "median_days": 6.0, "p85_days": pytest.approx(8.8),
                   "share_fresh": pytest.approx(1 / 3)}  # fmt: skip
    silent = reviewed([{"opened": 0, "customer": "Acme"}])["freshness"]
    assert silent.withheld.startswith("Not in this data")


def test_an_age_is_old_only_against_enough_that_closed() -> None:
    closed = [{"opened": 0, "closed": 1 + i, "outcome": "won", "customer": "A"} for i in range(20)]
    still = [{"opened": 150, "customer": "B"}, {"opened": 190, "customer": "B"}]
    answer = reviewed(closed + still)["zombies"]
    assert (answer.rows[0]["zombies"], answer.rows[0]["open"]) == (1, 2)
    assert not answer.told_apart
    assert reviewed(closed[:19] + still)["zombies"].withheld == "Fewer than 20 have closed, so no age is old."


# --- the cost of missing facts -------------------------------------------------------------------------------


def cells(*rows: tuple[str | None, int, int, int]) -> list[dict[str, Any]]:
    """Rows of the measure from (source, defects, closed, won)."""
    return [
        {"source": s, "defects": d, "closed": n, "won": w, "timed": n, "mean_log_days": 3.0, "spread": 0.25}
        for s, d, n, w in rows
    ]


def test_the_common_risk_difference_is_that_of_the_textbook() -> None:
    found = cost(cells(("web", 0, 100, 60), ("web", 1, 50, 20), ("fair", 0, 40, 12), ("fair", 1, 120, 24)))
    weights = (100 * 50 / 150, 40 * 120 / 160)
    by_hand = (weights[0] * (0.4 - 0.6) + weights[1] * (0.2 - 0.3)) / sum(weights)
    assert found.adjusted
    assert found.win_rate is not None
    assert found.win_rate.value == pytest.approx(by_hand)
    assert found.win_rate.told_apart
    assert found.trend is not None
    assert found.trend < 0.05
    assert "won 15 points less often" in found.says
    assert "within sources" in found.says


@pytest.mark.rule("R83")
def test_r83_a_bad_source_is_no_cost_of_missing_facts() -> None:
    """One source is incomplete and loses; within each source incomplete packets win as often."""
    found = cost(cells(("web", 0, 400, 240), ("web", 1, 40, 24), ("fair", 0, 40, 8), ("fair", 1, 400, 80)))
    assert found.win_rate is not None
    assert found.win_rate.value == pytest.approx(0, abs=1e-12)
    assert found.says.startswith("No evidence of a cost")
    together = cost(cells((None, 0, 440, 248), (None, 1, 440, 104)))
    assert together.win_rate is not None
    assert together.win_rate.told_apart
    assert not together.adjusted


@pytest.mark.rule("R83")
def test_r83_too_few_on_one_side_are_no_ground_for_a_cost() -> None:
    found = cost(cells(("web", 0, 400, 240), ("web", 1, 19, 1)))
    assert found.win_rate is None
    assert "cannot be said" in found.says


@pytest.mark.rule("R83")
def test_r83_the_interval_of_the_cost_holds_what_it_promises() -> None:
    rng = np.random.default_rng(83)
    inside, times, runs = 0, 0, 400
    for _ in range(runs):
        rows = []
        for source, rate in (("web", 0.6), ("fair", 0.3)):
            for defects, n, less in ((0, 80, 0.0), (1, 60, 0.1)):
                logs = rng.normal(3 + 0.2 * defects, 0.5, n)
                rows.append(
                    {"source": source, "defects": defects, "closed": n, "won": int(rng.binomial(n, rate - less)),
                     "timed": n, "mean_log_days": float(logs.mean()), "spread": float(logs.var(ddof=1))}
                )  # fmt: skip
        found = cost(rows)
        assert found.win_rate is not None
        assert found.cycle_time is not None
        inside += found.win_rate.low <= -0.1 <= found.win_rate.high
        times += found.cycle_time.low <= np.exp(0.2) <= found.cycle_time.high
    assert 0.92 * runs <= inside <= 0.98 * runs
    assert 0.92 * runs <= times <= 0.98 * runs


@pytest.mark.rule("R83")
def test_r83_a_fact_written_down_at_the_end_is_no_cause_of_the_end() -> None:
    """An amount is known only once it is won: its absence would seem to cost everything."""
    won = [{"opened": 0, "closed": 30, "outcome": "won", "amount": 100, "customer": "A"} for _ in range(30)]
    lost = [
        {"opened": 0, "closed": 30, "outcome": "lost", "amount": None, "customer": "A"} for _ in range(30)
    ]
    still = [{"opened": 0, "amount": None, "customer": "A"} for _ in range(30)]
    answer = reviewed(won + lost + still)["defect_cost"]
    assert "on the way to the end" in answer.withheld
    assert not answer.told_apart


@pytest.mark.rule("R83")
def test_r83_facts_known_before_and_missing_have_their_cost_shown() -> None:
    items = [
        {"opened": 0, "closed": 30, "outcome": "won" if i % 10 < wins else "lost", "customer": name}
        for name, wins in (("A", 7), (None, 3)) for i in range(60)
    ]  # fmt: skip
    still = [{"opened": 0, "customer": "A" if i % 2 else None} for i in range(40)]
    answer = reviewed(items + still)["defect_cost"]
    assert answer.told_apart
    assert "won 40 points less often" in answer.says
    assert "not adjusted for source" in answer.says
    assert answer.facts["fields"] == ["customer"]


# --- heaping -------------------------------------------------------------------------------------------------


def test_dates_that_heap_at_the_end_of_the_month_are_seen_and_even_ones_are_not() -> None:
    rng = np.random.default_rng(47)
    year = [date(2025, 1, 1) + timedelta(days=i) for i in range(365)]
    workdays = [d for d in year if d.weekday() < 5]
    even = heaped([(d, int(rng.poisson(5))) for d in workdays])
    assert even is not None
    assert even.times is not None
    assert not even.times.told_apart
    late = heaped(
        [(d, int(rng.poisson(5 + 20 * ((d + timedelta(days=3)).month != d.month)))) for d in workdays]
    )
    assert late is not None
    assert late.times is not None
    assert late.times.low > 2


def test_five_months_of_dates_say_nothing_about_month_ends() -> None:
    few = heaped([(date(2025, 1, 1) + timedelta(days=i), 5) for i in range(150)])
    assert few is None or few.times is None
    assert heaped([]) is None
    assert heaped([(date(2025, 1, 15), 3)]) is None


def test_even_dates_are_seldom_called_heaped() -> None:
    rng = np.random.default_rng(48)
    days = [date(2025, 1, 1) + timedelta(days=i) for i in range(730)]
    false = 0
    for _ in range(50):
        found = heaped([(d, int(n)) for d, n in zip(days, rng.poisson(3, len(days)), strict=True)])
        assert found is not None
        assert found.times is not None
        false += found.times.told_apart
    assert false <= 6


def test_round_values_are_held_against_what_chance_brings() -> None:
    assert rounded({"amounts": 0, "round": 0, "share_by_chance": None}) is None
    usual = rounded({"amounts": 200, "round": 21, "share_by_chance": 0.1})
    many = rounded({"amounts": 200, "round": 90, "share_by_chance": 0.1})
    assert usual is not None
    assert usual.times is not None
    assert not usual.times.told_apart
    assert many is not None
    assert many.times is not None
    assert many.times.low > 3
    items: list[dict[str, Any]] = [
        {"opened": 0, "amount": a} for a in (999, 1000, 1200, 1234, 25000, 25100, 1200.5)
    ]
    with data(items) as con:
        (row,) = quality.ask(con, quality.ROUND, chain="growth", process="hunting")
    assert (row["amounts"], row["round"]) == (6, 3)
