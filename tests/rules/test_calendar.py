"""Working time, told by a company in Chicago that works from eight to five with an hour for lunch."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullkit.rules.calendar import WorkTime

MORNING, AFTERNOON = (time(8), time(12)), (time(13), time(17))
WEEKDAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (MORNING, AFTERNOON))
CHICAGO = ZoneInfo("America/Chicago")
HOLIDAY_WEEK = frozenset(date(2026, 12, day) for day in range(21, 26))
WORK = WorkTime("America/Chicago", WEEKDAYS, HOLIDAY_WEEK)
ROUND_THE_CLOCK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ((time(0), time(0)),))
NIGHT_CLEANERS = dict.fromkeys(("sat", "sun", "mon"), ((time(1, 30), time(3)), (time(3), time(4, 15))))


def chicago(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


MONDAY_8AM, FRIDAY_4PM = chicago(3, 2, 8), chicago(3, 6, 16)


def test_work_goes_on_from_the_start_of_a_span_until_just_before_its_end():
    assert WORK.is_open(MONDAY_8AM)
    assert not WORK.is_open(MONDAY_8AM - timedelta(microseconds=1))
    assert not WORK.is_open(chicago(3, 2, 12))
    assert WORK.is_open(chicago(3, 2, 13))
    assert not WORK.is_open(chicago(3, 7, 10))


def test_lunch_nights_and_weekends_are_not_working_time():
    assert WORK.minutes_between(MONDAY_8AM, chicago(3, 2, 17)) == 8 * 60
    assert WORK.minutes_between(FRIDAY_4PM, chicago(3, 9, 9)) == 2 * 60
    assert WORK.minutes_between(chicago(3, 7), chicago(3, 8)) == 0


def test_no_time_passes_backwards():
    assert WORK.minutes_between(FRIDAY_4PM, MONDAY_8AM) == 0
    assert WORK.minutes_between(MONDAY_8AM, MONDAY_8AM) == 0


def test_four_hours_after_friday_four_oclock_is_monday_eleven():
    assert WORK.add(FRIDAY_4PM, 4 * 60) == chicago(3, 9, 11)


def test_a_promise_that_ends_with_the_day_ends_that_day_and_not_the_next_morning():
    assert WORK.add(FRIDAY_4PM, 60) == chicago(3, 6, 17)


def test_nothing_added_is_the_instant_itself_even_at_night():
    assert WORK.add(chicago(3, 7, 3), 0) == chicago(3, 7, 3)


def test_results_are_utc():
    for at in (WORK.add(FRIDAY_4PM, 0), WORK.add(FRIDAY_4PM, 1), WORK.next_open(FRIDAY_4PM)):
        assert at.tzinfo is UTC


def test_a_holiday_week_does_not_count():
    last_day = chicago(12, 18, 16)
    assert WORK.add(last_day, 2 * 60) == chicago(12, 28, 9)
    assert WORK.minutes_between(last_day, chicago(12, 28, 9)) == 2 * 60
    assert WORK.start_of_day(date(2026, 12, 22)) is None
    assert WORK.next_open(chicago(12, 21, 9)) == chicago(12, 28, 8)


def test_a_day_of_this_company_has_eight_hours():
    assert WORK.day_minutes == 8 * 60
    assert WORK.working_days_between(MONDAY_8AM, FRIDAY_4PM) == pytest.approx(4.875)


def test_a_short_friday_makes_the_mean_day_shorter():
    assert WorkTime("UTC", WEEKDAYS | {"fri": (MORNING,)}).day_minutes == (4 * 8 + 4) * 60 / 5


def test_the_date_is_the_companys_date():
    assert WORK.day_of(datetime(2026, 3, 3, 5, 59, tzinfo=UTC)) == date(2026, 3, 2)
    assert WORK.day_of(datetime(2026, 3, 3, 6, 0, tzinfo=UTC)) == date(2026, 3, 3)


def test_the_start_of_a_day_is_its_first_working_instant():
    assert WORK.start_of_day(date(2026, 3, 2)) == MONDAY_8AM
    assert WORK.start_of_day(date(2026, 3, 7)) is None


def test_the_next_open_instant_is_now_when_open_and_the_next_morning_when_not():
    assert WORK.next_open(FRIDAY_4PM) == FRIDAY_4PM
    assert WORK.next_open(chicago(3, 6, 17)) == chicago(3, 9, 8)
    assert WORK.next_open(chicago(3, 2, 12, 30)) == chicago(3, 2, 13)


# --- the nights on which the clocks change -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Chicago", date(2026, 3, 8), 23),
        ("America/Chicago", date(2026, 11, 1), 25),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Chicago", date(2026, 6, 1), 24),
    ],
)
def test_round_the_clock_the_day_is_as_long_as_the_clocks_make_it(zone, day, hours):
    work = WorkTime(zone, ROUND_THE_CLOCK)
    midnight = datetime.combine(day, time(0), tzinfo=ZoneInfo(zone))
    next_midnight = datetime.combine(day + timedelta(days=1), time(0), tzinfo=ZoneInfo(zone))
    assert work.minutes_between(midnight, next_midnight) == hours * 60


def test_a_shift_that_begins_in_the_hour_that_does_not_exist_begins_when_the_clock_jumps():
    nights = WorkTime("America/Chicago", {"sun": ((time(2, 30), time(4)),)})
    assert nights.start_of_day(date(2026, 3, 8)) == chicago(3, 8, 3)
    assert nights.minutes_between(chicago(3, 8), chicago(3, 9)) == 60


def test_a_shift_wholly_inside_the_hour_that_does_not_exist_is_not_worked():
    nights = WorkTime("Europe/Berlin", {"sun": ((time(2, 15), time(2, 45)),)})
    assert nights.start_of_day(date(2026, 3, 29)) is None


def test_a_shift_across_the_repeated_hour_is_an_hour_longer():
    nights = WorkTime("Europe/Berlin", {"sun": ((time(1), time(4)),)})
    assert (
        nights.minutes_between(datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
        == 4 * 60
    )


def test_a_promise_over_the_spring_weekend_keeps_its_length():
    assert WORK.add(chicago(3, 6, 16), 8 * 60) == chicago(3, 9, 16)


@pytest.mark.parametrize("zone", ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe"])
def test_every_hour_of_the_year_is_open_round_the_clock(zone):
    work = WorkTime(zone, ROUND_THE_CLOCK)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert all(work.is_open(start + timedelta(minutes=30 * n)) for n in range(2 * 24 * 365))


# --- what holds for every calendar -------------------------------------------------------------------------

NEAR_A_CHANGE = [
    datetime(2026, 3, 8, 8, tzinfo=UTC),
    datetime(2026, 11, 1, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 12, 21, 12, tzinfo=UTC),
]
A_WEEK = 7 * 24 * 3600 * 10**6
calendars = st.builds(
    WorkTime,
    st.sampled_from(["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe"]),
    st.sampled_from([WEEKDAYS, ROUND_THE_CLOCK, NIGHT_CLEANERS]),
    st.sampled_from([frozenset(), HOLIDAY_WEEK]),
)
instants = st.builds(
    lambda near, ticks: near + timedelta(microseconds=ticks),
    st.sampled_from(NEAR_A_CHANGE),
    st.integers(-A_WEEK, A_WEEK) | st.integers(-1000, 1000).map(lambda n: n * 60_000_000),
)
durations = st.integers(0, 60 * 60 * 10**6).map(lambda ticks: ticks / 10**6) | st.integers(0, 20_000)


@given(calendars, instants, durations)
def test_as_many_minutes_lie_between_as_were_added(work, start, minutes):
    assert work.minutes_between(start, work.add(start, minutes)) == pytest.approx(minutes, abs=1e-7)


@given(calendars, instants, st.integers(1, 20_000))
def test_the_instant_reached_is_the_first_one(work, start, minutes):
    end = work.add(start, minutes)
    assert work.minutes_between(start, end - timedelta(microseconds=1)) < minutes


@given(calendars, instants, instants, durations)
def test_who_starts_later_is_never_done_earlier(work, a, b, minutes):
    first, last = min(a, b), max(a, b)
    assert work.add(first, minutes) <= work.add(last, minutes)


@given(calendars, instants, durations, durations)
def test_more_work_is_never_done_earlier(work, start, a, b):
    assert work.add(start, min(a, b)) <= work.add(start, max(a, b))


@given(calendars, st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_the_parts_add_up_to_the_whole(work, three):
    a, b, c = three
    parts = work.minutes_between(a, b) + work.minutes_between(b, c)
    assert parts == pytest.approx(work.minutes_between(a, c))


@given(calendars, instants, instants)
def test_no_more_time_is_worked_than_passes(work, a, b):
    assert 0 <= work.minutes_between(a, b) <= max(0, (b - a).total_seconds() / 60) + 1e-9


@given(calendars, instants)
def test_the_next_open_instant_is_open_and_nothing_is_worked_before_it(work, at):
    opens = work.next_open(at)
    assert opens >= at
    assert work.is_open(opens)
    assert work.minutes_between(at, opens) == 0


@given(calendars, instants)
def test_open_means_that_the_next_moment_counts(work, at):
    assert work.is_open(at) == (work.minutes_between(at, at + timedelta(microseconds=1)) > 0)


# --- a calendar that cannot answer says so -----------------------------------------------------------------


def test_a_calendar_without_hours_says_so_instead_of_searching():
    never = WorkTime("UTC", {})
    assert never.minutes_between(MONDAY_8AM, FRIDAY_4PM) == 0
    with pytest.raises(ValueError, match="no working hours; give at least one weekday some"):
        never.add(MONDAY_8AM, 1)
    with pytest.raises(ValueError, match="no working hours; give at least one weekday some"):
        never.next_open(MONDAY_8AM)
    with pytest.raises(ValueError, match="no working hours; give at least one weekday some"):
        _ = never.day_minutes


def test_a_promise_longer_than_the_calendar_says_so():
    with pytest.raises(ValueError, match="between 2026-03-02 and the year 2199"):
        WorkTime("UTC", {"mon": ((time(8), time(9)),)}).add(MONDAY_8AM, 10_000_000)


@pytest.mark.parametrize("minutes", [-1, float("nan"), float("inf")])
def test_only_a_length_of_time_can_be_added(minutes):
    with pytest.raises(ValueError, match="give 0 or more"):
        WORK.add(MONDAY_8AM, minutes)


def test_a_mistyped_year_is_refused_at_once():
    with pytest.raises(ValueError, match="knows the years 1970 to 2199, not 9202"):
        WORK.minutes_between(MONDAY_8AM, datetime(9202, 3, 2, tzinfo=UTC))


def test_an_instant_without_a_time_zone_is_refused():
    naive = datetime(2026, 3, 2, 8)
    for question in (WORK.is_open, WORK.day_of, WORK.next_open, lambda at: WORK.add(at, 0)):
        with pytest.raises(ValueError, match="has no time zone; give an instant with one"):
            question(naive)


def test_a_place_that_is_no_time_zone_is_refused():
    with pytest.raises(ValueError, match="'Chicago' is no time zone; write one such as America/Chicago"):
        WorkTime("Chicago", WEEKDAYS)


def test_a_day_that_is_no_weekday_is_refused():
    with pytest.raises(ValueError, match="'monday' is not a weekday; write mon, tue"):
        WorkTime("UTC", {"monday": (MORNING,)})


def test_two_calendars_that_say_the_same_are_the_same():
    assert len({WORK, WorkTime("America/Chicago", WEEKDAYS, HOLIDAY_WEEK)}) == 1
