"""Customer service takes over quotes only once it has shown that it can."""

import pytest

from fullkit.rules.transition import NotReadyToSwitch, Week, may_switch

GOOD, LATE, QUIET = Week(100, 95), Week(100, 94), Week(60, 60)


def switch(*weeks: Week, volume: int = 80) -> None:
    may_switch(weeks, department="Customer service", packet_type="quotes", projected_volume=volume)


@pytest.mark.rule("R45")
def test_r45_four_good_weeks_in_a_row_open_the_gate():
    switch(LATE, GOOD, GOOD, GOOD, GOOD)


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    "weeks",
    [(), (GOOD,) * 3, (GOOD, GOOD, LATE, GOOD), (GOOD, QUIET, GOOD, GOOD), (GOOD, GOOD, GOOD, Week(0, 0))],
    ids=["no weeks", "three weeks", "a late week", "too little volume", "a week without work"],
)
def test_r45_a_premature_switch_is_refused(weeks):
    with pytest.raises(NotReadyToSwitch, match="Needed: 4 weeks in a row with 95% on time at 80 a week"):
        switch(*weeks)


@pytest.mark.rule("R45")
def test_r45_the_refusal_says_how_far_they_are():
    with pytest.raises(
        NotReadyToSwitch, match="Customer service is not ready to take over quotes: 2 of the last 4"
    ):
        switch(GOOD, LATE, LATE, GOOD)


def test_a_week_without_work_shows_nothing_even_when_none_is_expected():
    with pytest.raises(NotReadyToSwitch):
        switch(*[Week(0, 0)] * 4, volume=0)
