from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.organisation.calendars import (
    add_days,
    minute_of_day,
    moment_on,
    month_bounds,
    month_of,
    name_month,
    next_daily,
    next_month,
    next_monthly,
)

ZURICH = ZoneInfo("Europe/Zurich")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")

ZONES = st.sampled_from([ZURICH, NEW_YORK, LORD_HOWE, APIA, ZoneInfo("UTC")])
DAYS = st.dates(date(2010, 1, 2), date(2037, 12, 30))
MINUTES = st.integers(0, 1439)
MOMENTS = st.datetimes(datetime(2010, 1, 2), datetime(2037, 12, 1), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_month_belongs_to_the_organisations_zone() -> None:
    moment = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert month_of(moment, ZURICH) == "2026-03"
    assert month_of(moment, ZoneInfo("UTC")) == "2026-02"


def test_a_month_includes_its_start_and_excludes_its_end_over_a_clock_change() -> None:
    # Zurich is one hour ahead of UTC in February and two in April: March has 743 hours.
    start, end = month_bounds("2026-03", ZURICH)
    assert start == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert end == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_december_is_followed_by_january() -> None:
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert next_month(date(2026, 1, 31)) == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "moment"),
    [
        # An ordinary day: Zurich is one hour ahead in winter, two in summer.
        (ZURICH, date(2026, 1, 15), 9 * 60, "2026-01-15 08:00"),
        (ZURICH, date(2026, 7, 15), 9 * 60, "2026-07-15 07:00"),
        # 02:00 to 03:00 does not exist: the first moment after it is 03:00, 01:00 UTC.
        (ZURICH, date(2026, 3, 29), 1 * 60 + 59, "2026-03-29 00:59"),
        (ZURICH, date(2026, 3, 29), 2 * 60, "2026-03-29 01:00"),
        (ZURICH, date(2026, 3, 29), 2 * 60 + 30, "2026-03-29 01:00"),
        (ZURICH, date(2026, 3, 29), 3 * 60, "2026-03-29 01:00"),
        (ZURICH, date(2026, 3, 29), 3 * 60 + 1, "2026-03-29 01:01"),
        (ZURICH, date(2027, 3, 28), 2 * 60 + 30, "2027-03-28 01:00"),
        # 02:00 to 03:00 comes twice: the first time it is summer time.
        (ZURICH, date(2026, 10, 25), 2 * 60 + 30, "2026-10-25 00:30"),
        (ZURICH, date(2026, 10, 25), 3 * 60, "2026-10-25 02:00"),
        (NEW_YORK, date(2026, 3, 8), 2 * 60 + 30, "2026-03-08 07:00"),
        (NEW_YORK, date(2026, 11, 1), 1 * 60 + 30, "2026-11-01 05:30"),
        # Half an hour: from 02:00 (+10:30) to 02:30 (+11), and from 02:00 (+11) to 01:30 (+10:30).
        (LORD_HOWE, date(2026, 10, 4), 2 * 60 + 15, "2026-10-03 15:30"),
        (LORD_HOWE, date(2026, 4, 5), 1 * 60 + 45, "2026-04-04 14:45"),
        # Samoa had no 30 December 2011: after the 29th (-10) came the 31st (+14).
        (APIA, date(2011, 12, 30), 12 * 60, "2011-12-30 10:00"),
        # The end of the day is the beginning of the next one.
        (ZURICH, date(2026, 3, 29), 1440, "2026-03-29 22:00"),
    ],
)
def test_the_clock_on_the_wall_decides_and_a_time_that_is_left_out_comes_after_the_gap(
    zone: ZoneInfo, day: date, minute: int, moment: str
) -> None:
    assert moment_on(day, minute, zone) == utc(moment)


def test_days_later_the_clock_shows_the_same_time_although_more_or_fewer_hours_have_passed() -> (
    None
):
    # 09:00 before the clocks go forward to 09:00 after it: 23 hours; in autumn 25.
    assert add_days(utc("2026-03-28 08:00"), 1, ZURICH) == utc("2026-03-29 07:00")
    assert add_days(utc("2026-10-24 07:00"), 1, ZURICH) == utc("2026-10-25 08:00")
    assert add_days(utc("2026-10-25 08:00"), -1, ZURICH) == utc("2026-10-24 07:00")
    # Seconds are kept; a time in the gap is the first moment after it.
    assert add_days(utc("2026-03-22 01:30:15.5"), 7, ZURICH) == utc("2026-03-29 01:00")
    assert add_days(utc("2026-03-22 01:30:15.5"), 8, ZURICH) == utc("2026-03-30 00:30:15.5")


def test_no_day_later_is_the_same_moment_even_in_the_second_of_two_hours() -> None:
    second = utc("2026-10-25 01:30")
    assert add_days(second, 0, ZURICH) == second
    # A day later there is one 02:30 only.
    assert add_days(second, 1, ZURICH) == utc("2026-10-26 01:30")


def test_the_minute_of_the_day_is_local() -> None:
    assert minute_of_day(utc("2026-03-29 00:59:59"), ZURICH) == 119
    assert minute_of_day(utc("2026-03-29 01:00"), ZURICH) == 180
    assert minute_of_day(utc("2026-06-30 22:00"), ZURICH) == 0


def test_each_month_has_its_turn_and_a_short_month_has_it_on_its_last_day() -> None:
    turns = [utc("2026-12-15 12:00")]
    for _month in range(5):
        turns.append(next_monthly(turns[-1], 31, 9 * 60, ZURICH))
    assert turns[1:] == [
        utc("2026-12-31 08:00"),
        utc("2027-01-31 08:00"),
        utc("2027-02-28 08:00"),
        utc("2027-03-31 07:00"),
        utc("2027-04-30 07:00"),
    ]


def test_the_next_turn_is_later_than_the_one_that_is_now() -> None:
    turn = utc("2026-03-29 01:00")
    assert next_monthly(turn - timedelta(seconds=1), 29, 150, ZURICH) == turn
    assert next_monthly(turn, 29, 150, ZURICH) == utc("2026-04-29 00:30")
    # The local day counts: in UTC it is still 31 December.
    assert next_monthly(utc("2026-12-31 23:30"), 1, 0, ZURICH) == utc("2027-01-31 23:00")


def test_each_day_has_its_turn_although_one_has_23_hours() -> None:
    turn = utc("2026-03-28 08:00")
    assert next_daily(turn - timedelta(seconds=1), 9 * 60, ZURICH) == turn
    assert next_daily(turn, 9 * 60, ZURICH) == utc("2026-03-29 07:00")


def test_a_month_is_named_in_words() -> None:
    assert name_month(date(2026, 9, 30)) == "September 2026"


@given(DAYS, MINUTES, ZONES)
def test_a_local_time_that_exists_is_what_the_clock_shows(
    day: date, minute: int, zone: ZoneInfo
) -> None:
    moment = moment_on(day, minute, zone)
    wanted = datetime.combine(day, time()) + timedelta(minutes=minute)
    shown = moment.astimezone(zone).replace(tzinfo=None)
    just_before = (moment - timedelta(microseconds=1)).astimezone(zone).replace(tzinfo=None)
    assert shown >= wanted
    # Whether it exists or not: a moment earlier the clock did not show it yet.
    assert just_before < wanted
    if shown == wanted:
        assert minute_of_day(moment, zone) == minute


@given(DAYS, MINUTES, MINUTES, ZONES)
def test_a_later_time_on_the_wall_is_never_an_earlier_moment(
    day: date, one: int, other: int, zone: ZoneInfo
) -> None:
    first, second = sorted((one, other))
    assert moment_on(day, first, zone) <= moment_on(day, second, zone)
    assert moment_on(day, second, zone) <= moment_on(day + timedelta(days=1), first, zone)


@given(MOMENTS, st.integers(1, 400), ZONES)
def test_days_later_is_about_so_many_days_later_and_ever_later(
    moment: datetime, days: int, zone: ZoneInfo
) -> None:
    later = add_days(moment, days, zone)
    if zone is not APIA:
        assert abs(later - moment - timedelta(days=days)) <= timedelta(hours=1)
    assert add_days(moment, days + 1, zone) >= later


@given(MOMENTS, st.integers(1, 31), MINUTES, ZONES)
def test_the_next_turn_is_the_first_one_later(
    after: datetime, day: int, minute: int, zone: ZoneInfo
) -> None:
    turn = next_monthly(after, day, minute, zone)
    assert after < turn < after + timedelta(days=63)
    local = turn.astimezone(zone).date()
    if zone is not APIA:
        assert local.day == min(day, monthrange(local.year, local.month)[1])
