"""What a report opens with: at most five findings, each sure, and beside them what the data could not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fullkit.flow import spc, timeliness
from fullkit.flow.ageing import LITTLE
from fullkit.flow.constraint import Evidence, verdict
from fullkit.flow.durations import CYCLE_TIME, STAGE_LEAD_TIME
from fullkit.flow.evidence import Weighed
from fullkit.flow.handoffs import FIRST_TIME_FULL_KIT, MISSING_ITEMS
from fullkit.flow.people import Person, compare
from fullkit.flow.pursuit import CONVERSION_BY_TIME
from fullkit.flow.queues import STARVATION
from fullkit.flow.reading import read
from fullkit.flow.review import Answer, review
from fullkit.flow.times import ON_TIME
from fullkit.reports import findings
from fullkit.reports.findings import Known, choose, withheld
from fullkit.reports.report import Finding

MONDAY = date(2026, 3, 2)
DATA = Path(__file__).parents[2].parent / "shared" / "data"


def one(known: Known) -> Finding:
    (finding,) = choose(known)
    return finding


def rows(*given: tuple[Any, ...], columns: Sequence[str]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in given]


def lasted(*given: tuple[float, bool, int]) -> dict[str, list[dict[str, Any]]]:
    return {CYCLE_TIME.key: rows(*given, columns=("days", "is_over", "packets"))}


def counts(values: Sequence[int]) -> spc.Chart:
    return spc.chart(
        spc.Series("count", values, [MONDAY + timedelta(days=7 * i) for i in range(len(values))])
    )


def weighed(**evidence: Any) -> Weighed:
    return Weighed(verdict(Evidence(**evidence)), Evidence(**evidence), None, None, None, None)


def steady(weeks: int, seed: int = 5) -> list[int]:
    return [int(n) for n in np.random.default_rng(seed).poisson(20, weeks)]


# --- each of them says its number and its doubt --------------------------------------------------------------


def test_what_is_open_is_counted_where_the_closed_ones_tell_another_story() -> None:
    known = Known(rows=lasted((10, True, 60), (20, True, 40), (40, True, 40), (60, False, 100)))
    found = one(known)
    assert found.says == (
        "Half of all opportunities are over within 40 days; the closed ones alone would say 20, because 100 slow ones "
        "are still open."
    )
    assert "Kaplan and Meier" in found.uncertainty
    assert choose(Known(rows=lasted((10, True, 60), (20, True, 40), (60, False, 29)))) == ()


@pytest.mark.rule("R17")
def test_r17_winning_less_when_it_takes_long_points_at_the_waits() -> None:
    bands = [(w, 100, 60 - 10 * w, 0.0) for w in range(5)]
    known = Known(rows={CONVERSION_BY_TIME.key: rows(*bands, columns=CONVERSION_BY_TIME.columns)})
    found = one(known)
    assert found.says == "Of opportunities that end within 3 weeks 50 % are won, of the later ones 25 %."
    assert "before training anyone (R17)" in found.next
    backwards = [(w, 100, 20 + 10 * w, 0.0) for w in range(5)]
    other = one(Known(rows={CONVERSION_BY_TIME.key: rows(*backwards, columns=CONVERSION_BY_TIME.columns)}))
    assert "speed alone is not the cure" in other.next
    even = [(w, 100, 40 + w % 2, 0.0) for w in range(5)]
    assert choose(Known(rows={CONVERSION_BY_TIME.key: rows(*even, columns=CONVERSION_BY_TIME.columns)})) == ()


def test_the_longest_wait_counts_what_still_stands_there() -> None:
    stays = rows(
        ("interest", 10.0, True, "advanced", 100), ("proposal", 30.0, True, "advanced", 50),
        ("proposal", 400.0, False, None, 40), columns=STAGE_LEAD_TIME.columns,
    )  # fmt: skip
    found = one(Known(rows={STAGE_LEAD_TIME.key: stays}))
    assert found.says.startswith("Most time passes in proposal: 94.6 % of all hours")
    few = [row | {"packets": 20} for row in stays]
    assert choose(Known(rows={STAGE_LEAD_TIME.key: few})) == ()


def test_the_kit_the_backlog_and_the_queue_have_their_numbers() -> None:
    weeks = [(MONDAY, "quote", 50, 45, 0.9, 3), (MONDAY + timedelta(days=7), "quote", 50, 45, 0.9, 12)]
    known = Known(rows={
        FIRST_TIME_FULL_KIT.key: rows(("release", 100, 30, 0.3), columns=FIRST_TIME_FULL_KIT.columns),
        MISSING_ITEMS.key: rows(("release", "drawing", 50, 0.5), ("release", "contact", 9, 0.09),
                                columns=MISSING_ITEMS.columns),
        ON_TIME.key: rows(*weeks, columns=ON_TIME.columns),
        STARVATION.key: rows((MONDAY, 100, 40, 0.4, 3, 18), columns=STARVATION.columns),
    })  # fmt: skip
    said = [f.says for f in choose(known)]
    assert said == [
        "30 % of 100 handoffs had a full kit when first offered; missing most is drawing (50 times).",
        "On 40 % of 100 mornings a queue held less than a day's work.",
        "12 open packets are past their promise, while 90 % of what was closed was on time.",
    ]
    assert all("interval" in f.uncertainty for f in choose(known))


def test_a_change_that_is_sure_is_a_finding_and_noise_one_alarm_and_provisional_limits_are_not() -> None:
    shifted = counts([*steady(26), *[n + 30 for n in steady(12, seed=6)]])
    found = one(Known(charts={"closed": shifted}, pictures={"closed": "weekly-closed"}))
    assert found.says.startswith("What gets done a week has changed: ")
    assert "first third of 38" in found.says
    assert "false alarm" in found.uncertainty
    assert found.picture == "weekly-closed"
    assert choose(Known(charts={"open": shifted})) == ()
    alarm = counts([*steady(26), 35])
    assert len(alarm.signals) == 1
    assert choose(Known(charts={"closed": alarm})) == ()
    assert choose(Known(charts={"closed": counts(steady(26))})) == ()
    early = counts([20, 21, 19, 20, 90])
    assert early.provisional
    assert choose(Known(charts={"closed": early})) == ()
    assert any("provisional" in said for said in withheld(Known(charts={"closed": early})))


def test_people_who_do_not_differ_are_a_finding_without_a_name() -> None:
    alike = compare([Person(f"Seller {i}", 100, 50 + i % 3) for i in range(6)])
    found = one(Known(comparison=alike))
    assert "noise" in found.uncertainty
    assert not any(f"Seller {i}" in str(vars(found)) for i in range(6))
    few = compare([Person("Ann", 5, 2), Person("Ben", 5, 3)])
    assert choose(Known(comparison=few)) == ()
    assert set(few.withheld) <= set(withheld(Known(comparison=few)))


def test_the_constraint_comes_first_and_without_one_the_data_says_why() -> None:
    starving = Known(
        weighed=weighed(readings=(80, 0, 200), meetings=[2.0] * 8),
        rows=lasted((10, True, 60), (20, True, 40), (40, True, 40), (60, False, 100)),
    )
    first, second = choose(starving)
    assert first.says.startswith("The constraint is feeding salespeople with opportunities")
    assert second.says.startswith("Half of all opportunities")
    assert choose(Known(weighed=weighed())) == ()
    assert withheld(Known(weighed=weighed()))[0].startswith("Where the constraint is, the data cannot say.")


# --- which of them ------------------------------------------------------------------------------------------


def many() -> Known:
    zombies = Answer(
        timeliness.ZOMBIES, [{}], "60 of 100 open ones are older.", told_apart=True,
        facts={"open": 100, "share": 0.6, "low": 0.5, "high": 0.7},
    )  # fmt: skip
    past = Answer(
        timeliness.PAST_CLOSE, [{}], "50 of 100 open ones are expected to close in the past.", told_apart=True,
        facts={"packets": 50, "looked_at": 100},
    )  # fmt: skip
    gap = (200, 100.0, 100, 0.5, 60.0, 30.0, -0.7, True, 50, 60)
    return Known(
        rows=lasted((10, True, 60), (20, True, 40), (40, True, 40), (60, False, 100))
        | {
            LITTLE.key: rows(gap, columns=LITTLE.columns),
            STARVATION.key: rows((MONDAY, 100, 40, 0.4, 3, 18), columns=STARVATION.columns),
            FIRST_TIME_FULL_KIT.key: rows(("release", 100, 30, 0.3), columns=FIRST_TIME_FULL_KIT.columns),
        },
        charts={"closed": counts([*steady(26), *[n + 30 for n in steady(12, seed=6)]])},
        reviewed={"zombies": zombies, "expected_close_past": past},
        comparison=compare([Person(f"Seller {i}", 100, 50 + i % 3) for i in range(6)]),
        weighed=weighed(readings=(80, 0, 200), meetings=[2.0] * 8),
    )


def test_there_are_at_most_five_of_several_themes_and_always_the_same() -> None:
    known = many()
    found = choose(known)
    assert len(found) == 5
    assert found == choose(replace(known, reviewed=dict(reversed(known.reviewed.items()))))
    about_open = [
        f for f in found if "open on average" in f.says or "Half of all" in f.says or "older" in f.says
    ]
    assert len(about_open) == 1


def test_every_finding_has_its_definition_its_doubt_and_what_to_look_at_next() -> None:
    found = choose(many(), most=99)
    assert len(found) >= 8
    for finding in found:
        assert finding.says.endswith((".", "!"))
        assert finding.definition
        assert finding.uncertainty
        assert finding.next


def test_nothing_measured_is_nothing_found() -> None:
    assert choose(Known()) == ()
    assert withheld(Known()) == ()


def test_what_could_not_be_said_is_told_once_each_with_its_reason() -> None:
    absent = Answer(timeliness.ENTRY, withheld="Not in this data: it needs created_on.")
    said = withheld(Known(reviewed={"entry_lag": absent, "late_created": absent}))
    assert said == ("Not in this data: it needs created_on.",)


# --- real files ----------------------------------------------------------------------------------------------


def known_of(*files: str) -> Known:
    paths = [DATA / name for name in files]
    missing = [str(p) for p in paths if not p.exists()]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    imported = read(paths)
    given = {"chain": "growth", "process": "hunting", "since": date(1900, 1, 1), "until": imported.as_of,
             "release": "release", "won": "won"}  # fmt: skip
    reviewed = review(imported.con, chain="growth", process="hunting", until=imported.as_of)
    return findings.ask(imported.con, Known(reviewed=reviewed), given)


def test_the_computer_maker_whose_open_deals_are_old() -> None:
    """Reference: 1,589 open, Kaplan and Meier's median 69 days, 45 over the closed; 6,711 closed, 4,238 won."""
    known = known_of(
        *(f"1-crm/maven-crm/{n}.csv" for n in ("sales_pipeline", "products", "accounts", "sales_teams"))
    )
    said = " ".join(f.says for f in choose(known))
    assert "Half of all opportunities are over within 69 days; the closed ones alone would say 45" in said
    assert known.reviewed["zombies"].rows[0]["open"] == 1589
    price = known.reviewed["price_error"].rows[0]
    assert (price["won"], price["mean_ratio"]) == (4238, pytest.approx(0.996483, abs=1e-6))
    assert price["spread"] == pytest.approx(0.098852, abs=1e-6)
    assert "on the way to the end" in known.reviewed["defect_cost"].withheld
    assert not known.reviewed["closings_by_day"].told_apart


def test_the_demo_company_that_says_won_where_nothing_is_won() -> None:
    """Reference: 640 won, 39 lost, 95 open; 113 next steps say won and are not; 90 groups of one account and name."""
    known = known_of("7-exports/salesforce-demo/Opportunity.csv", "7-exports/salesforce-demo/Account.csv")
    assert known.reviewed["next_step_says_won"].rows == [{"packets": 113, "looked_at": 133}]
    assert known.reviewed["duplicates"].rows[0]["groups"] == 90
    assert known.reviewed["won_without_amount"].rows == [{"packets": 0, "looked_at": 640}]
    assert any(f.says.startswith("113 of 133 that are not won say") for f in choose(known))
    assert "needs recorded_at" in known.reviewed["logging_lag"].withheld
