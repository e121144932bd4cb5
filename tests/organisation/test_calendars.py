from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from survey_app.organisation.calendars import month_bounds, month_of, next_month

ZURICH = ZoneInfo("Europe/Zurich")


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
