"""Where the constraint is: three companies with three verdicts, those with none, and what an hour of it is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fullkit.flow import load
from fullkit.flow.constraint import Evidence, Verdict, per_hour, sensitivity, verdict
from fullkit.flow.evidence import Weighed, Where, weigh
from tests.flow.story import MONDAY, Story, when

WEEKS = 8
EVEN = [2.0, -2.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5]
"""What weeks differ by."""


def around(value: float, spread: float = 0.1) -> list[float]:
    return [value * (1 + spread * e / 2) for e in EVEN]


SOUND = Evidence(
    ordered=around(20), delivered=[v + e for v, e in zip(around(20), reversed(EVEN), strict=True)],
    repair=around(0.08), selling=around(0.7), kits=(90, 100), readings=(2, 5, 200), slots=(190, 200),
    meetings=around(4.1), talks=around(23),
)  # fmt: skip
"""A company where nothing but the hours of its salespeople limits it."""


@pytest.mark.rule("R20")
def test_r20_three_companies_have_three_verdicts() -> None:
    hungry = replace(SOUND, meetings=around(2.1), readings=(80, 0, 200))
    unskilled = replace(SOUND, readings=(0, 150, 200), talks=around(11))
    behind = replace(SOUND, ordered=around(20), delivered=around(14))
    found = [verdict(e) for e in (hungry, unskilled, behind)]
    assert [v.place for v in found] == ["feeding", "selling", "fulfilment"]
    assert [v.is_sales for v in found] == [False, True, False]
    assert "2.1" in found[0].says
    assert "It is not selling skill." in found[0].says
    assert "11.0" in found[1].says
    assert "lengthens the way (R27)" in found[1].says
    assert "20.0 orders a week come in and 14.0 are delivered" in found[2].says


@pytest.mark.rule("R20")
def test_r20_few_meetings_with_a_full_queue_are_a_matter_of_scheduling() -> None:
    found = verdict(replace(SOUND, meetings=around(2.1), slots=(100, 200)))
    assert found.place == "scheduling"
    assert "there are opportunities to schedule" in found.says


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"selling": around(0.25)}, "service"),
        ({"repair": around(0.25)}, "fulfilment"),
        ({"kits": (20, 100)}, "handoff"),
    ],
)
def test_it_can_say_that_it_is_not_sales(change: dict[str, Any], place: str) -> None:
    found = verdict(replace(SOUND, **change))
    assert found.place == place
    assert found.is_sales is False


def test_where_nothing_else_holds_it_up_the_hours_of_salespeople_do() -> None:
    found = verdict(SOUND)
    assert found.place == "selling"
    assert "as they should" in found.says


@pytest.mark.rule("R61")
def test_r61_the_end_of_the_chain_comes_before_its_beginning_and_the_rest_is_told() -> None:
    found = verdict(replace(SOUND, delivered=around(14), meetings=around(2.1), readings=(80, 0, 200)))
    assert found.place == "fulfilment"
    assert "Also seen, and behind it: feeding" in found.says


def test_an_export_of_opportunities_alone_cannot_say_and_says_why() -> None:
    found = verdict(Evidence())
    assert found.place is None
    assert found.is_sales is None
    assert found.says.startswith("Where the constraint is, the data cannot say. ")
    assert found.says.count("not in this data") == len(found.readings) == 6
    assert all(r.holds is None for r in found.readings)


def test_what_was_not_judged_is_named_beside_the_verdict() -> None:
    found = verdict(Evidence(readings=(80, 0, 200), meetings=around(2.0)))
    assert found.place == "feeding"
    assert "Not judged, as it is not in this data: fulfilment" in found.says


def test_few_meetings_alone_do_not_tell_generation_from_scheduling() -> None:
    found = verdict(Evidence(meetings=around(2.0)))
    assert found.place is None
    assert "Whether opportunities or meeting slots are short" in found.says


def test_five_weeks_or_nineteen_cases_are_no_evidence() -> None:
    few = Evidence(
        ordered=[20.0] * 5, delivered=[1.0] * 5, meetings=[1.0] * 5, selling=[0.1] * 5, kits=(0, 19),
        readings=(19, 0, 19),
    )  # fmt: skip
    assert verdict(few).place is None


def test_a_company_without_a_constraint_there_is_seldom_called_starved_or_behind() -> None:
    rng = np.random.default_rng(20)
    wrong = 0
    for _ in range(300):
        ordered, delivered = rng.poisson(20, (2, 26)).astype(float)
        found = verdict(replace(SOUND, ordered=ordered, delivered=delivered, meetings=rng.normal(3, 1, 26)))
        wrong += found.place != "selling"
    assert wrong <= 0.09 * 300  # both tests are one-sided at 2.5 %


# --- what it is worth ----------------------------------------------------------------------------------------


@pytest.mark.rule("R15")
def test_r15_both_ways_with_the_numbers_of_the_data() -> None:
    found = sensitivity(100, 50, 10)
    assert found is not None
    assert (found.flow, found.conversion) == (10, 0.5)
    assert found.by_conversion == pytest.approx(1)
    assert found.by_flow == pytest.approx(0.5)
    assert found.same == pytest.approx(20)
    assert found.same_low < 20 < found.same_high
    assert "10 points more conversion bring 1.0 wins a week; 10 % more flow bring 0.5" in found.says
    assert sensitivity(19, 10, 10) is None
    assert sensitivity(100, 0, 10) is None


def test_throughput_per_hour_of_the_constraint_needs_hours() -> None:
    assert per_hour(Decimal(12_000), 40) == Decimal("300.00")
    assert per_hour(Decimal(12_000), 0) is None


# --- from the log --------------------------------------------------------------------------------------------

HERE = Where(
    chain="growth", process="hunting", since=MONDAY, until=MONDAY + timedelta(days=7 * WEEKS - 1),
    inside=["inside_salesperson"], field=["field_salesperson"], delivers=["order"], consumption=6,
)  # fmt: skip


def company(*, level: float = 14, delivered: int = 4) -> Story:
    """Eight weeks: four orders a week, one salesperson with a queue of this level each morning."""
    story, order = Story(), 1000
    for week in range(WEEKS):
        for weekday in range(5):
            day = 7 * week + weekday
            story.tell(
                when(day, "07:00"),
                "queue.read",
                person=1,
                level=level,
                target=18.0,
                department="inside_sales",
            )
            if level < 6:
                story.tell(
                    when(day, "07:01"), "queue.starved", person=1, level=level, target=18.0, value=Decimal(500),
                    department="inside_sales",
                )  # fmt: skip
            for hour in range(9, 12):
                story.tell(
                    when(day, f"{hour:02}:00"), "conversation.held", actor=1, role="inside_salesperson",
                    minutes=10.0, outcome="ended",
                )  # fmt: skip
        for number in range(4):
            order += 1
            story.packet(order, chain="bau", process=None, packet_type="order")
            story.tell(when(7 * week, "10:00"), "packet.arrived", order)
            if number < delivered or (week == 0 and number == 0):
                story.tell(when(7 * week + 3, "10:00"), "packet.closed", order, outcome="done")
        story.tell(
            when(7 * week + 4, "15:00"), "time.logged", actor=1, role="inside_salesperson", category="selling",
            minutes=1200.0 + week,
        )  # fmt: skip
        story.packet(week + 1, chain="growth", process="hunting", packet_type="opportunity")
        story.tell(when(7 * week), "packet.arrived", week + 1)
        story.tell(when(7 * week + 4), "packet.closed", week + 1, outcome="won", value=Decimal(4000))
    return story


def weighed(story: Story) -> Weighed:
    with story.told(days=7 * WEEKS) as con:
        return weigh(con, HERE)


@pytest.mark.rule("R20")
def test_r20_the_verdict_follows_from_the_log() -> None:
    fed = weighed(company())
    assert fed.evidence.readings == (0, 0, 40)
    assert fed.evidence.talks == [3.0] * WEEKS
    assert list(fed.evidence.delivered) == [4.0] * WEEKS
    assert fed.verdict.place == "selling"
    hungry = weighed(company(level=3))
    assert hungry.verdict.place == "feeding"
    assert hungry.short == 15.0 * 40
    assert hungry.lost == Decimal(500 * 40)
    assert weighed(company(delivered=1)).verdict.place == "fulfilment"


def test_the_hour_of_the_constraint_has_its_worth() -> None:
    found = weighed(company())
    assert found.per_hour == (Decimal(32_000) / Decimal((1200 * WEEKS + 28) / 60)).quantize(Decimal("0.01"))
    assert found.short is None
    assert found.lost is None
    assert found.sensitivity is None  # eight decided are too few


def test_slots_are_filled_when_their_last_word_is_a_booking() -> None:
    story = Story()
    for hour in (9, 10, 11):
        story.tell(when(0), "slot.offered", person=4, due_at=when(8, f"{hour:02}:00"))
    for hour in (9, 10):
        story.tell(when(1), "slot.booked", person=4, due_at=when(8, f"{hour:02}:00"))
    story.tell(when(2), "slot.cancelled", person=4, due_at=when(8, "10:00"), reason="ill")
    assert story.ask(load.SLOTS) == [
        {"week": MONDAY + timedelta(days=7), "offered": 3, "booked": 1, "share": pytest.approx(1 / 3)}
    ]


def test_an_empty_log_gives_no_verdict_and_no_zero() -> None:
    found = weighed(Story())
    assert found.verdict.place is None
    assert found.evidence == Evidence(ordered=[], delivered=[], repair=[], selling=[], meetings=[], talks=[])
    assert isinstance(found.verdict, Verdict)
