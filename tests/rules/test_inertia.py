"""Whose the inertia is. Harbour & Vale has sold gaskets to Northfield Foods every forty days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.inertia import (
    VERDICTS,
    back_test,
    classify,
    median_interval_days,
    route,
    yours_to_lose_alarm,
    yours_to_lose_share,
)

NORTHFIELD = {
    "inbound": False,
    "incumbent": False,
    "new_account": False,
    "bought_family": True,
    "days_since_last": 90.0,
    "median_interval": 40.0,
}


def verdict(**changes: object) -> tuple[str, str]:
    found = classify(**NORTHFIELD | changes)
    return found.inertia, found.because


@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"inbound": True, "new_account": True}, "the customer came to us"),
        ({"incumbent": True, "days_since_last": 900.0}, "we are the supplier in place"),
        ({"days_since_last": 60.0}, "they bought this family within 1.5 times their usual interval"),
    ],
)
def test_r9_inertia_favours_us_when_they_come_or_we_are_in_place_or_they_bought_lately(changes, because):
    assert verdict(**changes) == ("us", because)


@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"new_account": True, "bought_family": False}, "they have never bought from us"),
        ({"bought_family": False}, "they have never bought this family from us"),
        ({"days_since_last": 121.0}, "they have not bought it for over 3 times their usual interval"),
    ],
)
def test_r9_inertia_favours_a_competitor_when_new_or_never_bought_or_lapsed(changes, because):
    assert verdict(**changes) == ("competitor", because)


@pytest.mark.rule("R9")
def test_r9_between_lately_and_lapsed_nobody_knows():
    assert verdict(days_since_last=61.0)[0] == "undecided"
    assert verdict(days_since_last=120.0) == (
        "undecided",
        "their last purchase is 3.0 times their usual interval ago",
    )
    assert verdict(median_interval=None)[0] == "undecided"
    assert verdict(median_interval=0.0)[0] == "undecided"


@pytest.mark.rule("R9")
def test_r9_a_company_may_set_its_own_limits():
    assert verdict(recent=2.25)[0] == "us"
    assert verdict(lapsed=2.0)[0] == "competitor"


maybe_days = st.none() | st.floats(0, 5000)


@pytest.mark.rule("R9")
@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), maybe_days, maybe_days)
def test_r9_every_arrival_gets_one_verdict_and_a_reason(inbound, incumbent, new, bought, since, interval):
    found = classify(
        inbound=inbound,
        incumbent=incumbent,
        new_account=new,
        bought_family=bought,
        days_since_last=since,
        median_interval=interval,
    )
    assert found.inertia in VERDICTS
    assert found.because
    if inbound:
        assert found.inertia == "us"


@pytest.mark.rule("R9")
def test_r9_the_usual_interval_is_the_median_one_and_needs_two_purchases():
    first = datetime(2026, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in (80, 0, 40, 420)]
    assert median_interval_days(days) == pytest.approx(40)
    assert median_interval_days(days[:1]) is None
    assert median_interval_days([]) is None


LOST, WON = False, True


@pytest.mark.rule("R9")
def test_r9_the_rule_holds_when_deals_to_lose_convert_far_better_however_often_we_call():
    to_lose = [("us", n % 10 != 0, n % 4) for n in range(100)]
    to_win = [("competitor", n % 5 == 0, 3) for n in range(100)]
    found = back_test(to_lose + to_win)
    assert found is not None
    assert (found.yours_to_lose, found.yours_to_win) == (0.9, 0.2)
    assert found.holds


@pytest.mark.rule("R9")
def test_r9_the_rule_is_wrong_when_both_convert_alike():
    alike = [(inertia, n % 2 == 0, n % 3) for inertia in ("us", "competitor") for n in range(60)]
    assert back_test(alike).holds is False


@pytest.mark.rule("R9")
def test_r9_the_rule_is_wrong_when_calling_moves_deals_to_lose():
    called = [("us", WON, 5)] * 50 + [("us", LOST, 1)] * 25 + [("us", WON, 1)] * 25
    found = back_test(called + [("competitor", n % 10 == 0, 3) for n in range(50)])
    assert found.moved_by_touches == 0.5
    assert found.holds is False


@pytest.mark.rule("R9")
def test_r9_too_few_deals_prove_nothing():
    assert back_test([("us", WON, 1)] * 19 + [("competitor", LOST, 1)] * 50) is None


@pytest.mark.rule("R10")
def test_r10_an_inbound_reorder_enquiry_never_reaches_a_sales_queue():
    came = classify(**NORTHFIELD | {"inbound": True})
    for asked in ("opportunity", "enquiry", "order"):
        assert route(came.inertia, asked, yours_to_win="opportunity", undecided="enquiry") != "opportunity"


@pytest.mark.rule("R10")
def test_r10_what_is_ours_to_win_goes_to_the_pool_and_known_work_stays_what_it_is():
    kinds = {"yours_to_win": "opportunity", "undecided": "enquiry"}
    assert route("competitor", "enquiry", **kinds) == "opportunity"
    assert route("competitor", "opportunity", **kinds) == "opportunity"
    assert route("undecided", "opportunity", **kinds) == "enquiry"
    for inertia in VERDICTS:
        assert route(inertia, "issue", **kinds) == "issue"


@pytest.mark.rule("R10")
def test_r10_an_alarm_rings_when_salespeople_spend_over_a_tenth_on_deals_to_lose():
    assert yours_to_lose_share({"us": 60, "competitor": 540}) == 0.1
    assert not yours_to_lose_alarm({"us": 60, "competitor": 540})
    assert yours_to_lose_alarm({"us": 61, "competitor": 539})
    assert yours_to_lose_alarm({"us": 61, "competitor": 539}, limit=0.2) is False


@pytest.mark.rule("R10")
def test_r10_no_minutes_are_not_a_share_of_nothing():
    assert yours_to_lose_share({}) is None
    assert not yours_to_lose_alarm({})
