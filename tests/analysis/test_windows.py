"""The stretches of months that periods need."""

import pytest

from analysis.periods import Period, PeriodError, PeriodType, WindowType
from analysis.windows import TREND_PERIODS, Windows

BOTH = list(WindowType)


def months_of(windows, position):
    return windows.months[windows.spans[position]]


def year(number):
    return [f"{number}-{month:02d}" for month in range(1, 13)]


def test_a_month_is_scored_over_itself_and_the_twelve_months_that_end_with_it():
    windows = Windows.of([Period.parse("2026-07")], BOTH, year(2025) + year(2026))
    short, long = windows.current[0]
    assert months_of(windows, short) == ("2026-07",)
    assert (months_of(windows, long)[0], months_of(windows, long)[-1]) == ("2025-08", "2026-07")
    assert len(months_of(windows, long)) == 12


def test_each_window_is_compared_with_the_one_before_which_shares_no_month_with_it():
    windows = Windows.of([Period.parse("2026-Q3")], BOTH, year(2024) + year(2025) + year(2026))
    short, long = windows.previous[0]
    assert months_of(windows, short) == ("2026-04", "2026-05", "2026-06")
    assert months_of(windows, long)[-1] == "2025-09"
    assert months_of(windows, long)[0] == "2024-10"


def test_a_trend_is_over_the_latest_periods_this_one_last():
    windows = Windows.of([Period.parse("2026-07")], BOTH, year(2025) + year(2026))
    assert windows.history.shape == (1, TREND_PERIODS)
    assert [months_of(windows, one)[0] for one in windows.history[0]][-2:] == ["2026-06", "2026-07"]


def test_where_there_are_no_facts_there_is_no_past():
    windows = Windows.of([Period.parse("2026-07")], BOTH, ["2026-06", "2026-07"])
    assert windows.previous[0, 0] >= 0
    assert windows.previous[0, 1] == -1
    assert (windows.history[0] >= 0).sum() == 2


def test_a_period_without_facts_is_still_a_window():
    windows = Windows.of([Period.parse("2027-01")], [WindowType.PERIOD], ["2026-07"])
    assert months_of(windows, windows.current[0, 0]) == ("2027-01",)
    assert windows.previous.tolist() == [[-1]]


def test_windows_that_are_the_same_are_computed_once():
    periods = Period.parse("2026").split(PeriodType.MONTH)
    windows = Windows.of(periods, [WindowType.PERIOD], year(2026))
    assert len(windows.spans) == 12
    assert windows.previous[1:, 0].tolist() == windows.current[:-1, 0].tolist()


def test_a_period_is_split_into_what_it_consists_of():
    parts = Period.parse("2025-10..2026-03").split(PeriodType.QUARTER)
    assert [part.label for part in parts] == ["2025-Q4", "2026-Q1"]
    assert [one.label for one in Period.parse("2026-Q1").split(PeriodType.MONTH)] == [
        "2026-01", "2026-02", "2026-03",
    ]  # fmt: skip
    assert Period.parse("2026").split(PeriodType.YEAR) == [Period.parse("2026")]


@pytest.mark.parametrize("label", ["2026-02..2026-06", "2026-02", "2026-02..2026-03"])
def test_a_period_with_a_part_of_a_quarter_is_not_split_into_quarters(label):
    with pytest.raises(PeriodError, match="does not consist of whole quarters"):
        Period.parse(label).split(PeriodType.QUARTER)
