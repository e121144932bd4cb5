from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.periods import Period, PeriodError, PeriodType


@pytest.mark.parametrize(
    ("label", "type_", "start", "end", "months"),
    [
        ("2026-07", PeriodType.MONTH, date(2026, 7, 1), date(2026, 8, 1), 1),
        ("2026-12", PeriodType.MONTH, date(2026, 12, 1), date(2027, 1, 1), 1),
        ("2026-Q1", PeriodType.QUARTER, date(2026, 1, 1), date(2026, 4, 1), 3),
        ("2026-Q4", PeriodType.QUARTER, date(2026, 10, 1), date(2027, 1, 1), 3),
        ("2026", PeriodType.YEAR, date(2026, 1, 1), date(2027, 1, 1), 12),
        ("2015-01..2021-03", PeriodType.RANGE, date(2015, 1, 1), date(2021, 4, 1), 75),
        ("2026-07..2026-07", PeriodType.RANGE, date(2026, 7, 1), date(2026, 8, 1), 1),
    ],
)
def test_a_label_names_its_whole_months(label, type_, start, end, months):
    period = Period.parse(label)
    assert (period.type, period.label, period.start, period.end) == (type_, label, start, end)
    assert len(period.months()) == months


@pytest.mark.parametrize(
    "label",
    ["", "2026-13", "2026-00", "2026-Q5", "26-07", "2026-7", "2026-01..", "2026..2027",
     "0000", "9999", "2026-01..2026-02..2026-03", "July 2026"],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence(label):
    with pytest.raises(PeriodError, match=r"\.$"):
        Period.parse(label)


def test_a_range_that_ends_before_it_starts_is_refused():
    with pytest.raises(PeriodError, match="ends before it starts"):
        Period.parse("2026-08..2026-07")


def test_months_are_listed_in_order_across_the_year():
    assert Period.parse("2025-11..2026-02").months() == ["2025-11", "2025-12", "2026-01", "2026-02"]


@given(st.integers(1, 9990), st.integers(1, 12), st.integers(0, 30))
def test_a_range_holds_every_month_from_first_to_last(year, month, more):
    end_year, end_month = divmod(year * 12 + month - 1 + more, 12)
    first, last = f"{year:04d}-{month:02d}", f"{end_year:04d}-{end_month + 1:02d}"
    months = Period.covering(first, last).months()
    assert (months[0], months[-1], len(months)) == (first, last, more + 1)
    assert months == sorted(set(months))


def test_a_period_ends_at_midnight_of_its_own_time_zone():
    july = Period.parse("2026-07")
    # Midnight in Zurich is 22:00 UTC in summer.
    before = datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC)
    after = datetime(2026, 7, 31, 22, 0, 0, tzinfo=UTC)
    assert not july.is_over(before, "Europe/Zurich")
    assert july.is_over(after, "Europe/Zurich")
    assert not july.is_over(after, "UTC")
