"""Limits by hand: mean ± 2.66 times the mean moving range of the earlier values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from survey_app.report.alerts.points import Judgement, Point
from survey_app.report.alerts.signalling import judge_values

# Mean 120 / 12 = 10; moving ranges 2, nine times 4, 2: their mean is 40 / 11. More digits of 2.66
# are 3 sqrt(pi) / 2 = 2.6587, so the limits are 10 ± 2.6587 * 40 / 11 = 10 ± 9.668.
EARLIER = [10.0, *([12.0, 8.0] * 5), 10.0]
HALF = 1.5 * math.sqrt(math.pi) * 40 / 11


def series(values: Sequence[float | None]) -> list[Point | None]:
    """Months with these values; None is a month without a number."""
    return [
        Point(
            f"{2025 + at // 12}-{at % 12 + 1:02d}", "run", "no_target", value, None, None, "", False
        )
        for at, value in enumerate(values)
    ]


def judge_value(points: list[Point | None]) -> Judgement:
    """What is found in one series, though another one stands beside it."""
    steady = series([1.0, 2.0] * len(points))[: len(points)]
    return judge_values([steady, points])[1]


@pytest.mark.parametrize(
    ("newest", "found"),
    [(19.7, ["above"]), (19.6, []), (0.3, ["below"]), (0.4, []), (10.0, [])],
)
def test_limits_are_those_of_the_earlier_values_by_hand(newest: float, found: list[str]) -> None:
    judged = judge_value(series([*EARLIER, newest]))
    assert list(judged.found) == found
    assert judged.denied == {"above", "below", "run_above", "run_below"} - set(found)
    if found:
        numbers = judged.found[found[0]]
        assert numbers["center"] == 10.0
        assert numbers["low"] == pytest.approx(10 - HALF)
        assert numbers["high"] == pytest.approx(10 + HALF)
        assert numbers["moving_range"] == pytest.approx(40 / 11)
        assert numbers["earlier"] == 12
        assert pytest.approx(2.66 * 40 / 11, rel=0.001) == HALF


def test_eleven_earlier_values_are_too_few() -> None:
    judged = judge_value(series([*EARLIER[:11], 1000.0]))
    assert (judged.found, judged.denied) == ({}, frozenset())


def test_a_gap_leaves_its_moving_range_out() -> None:
    # Mean 121 / 12 of the twelve there are; ranges 2, seven times 4, 2, 1, none across the gap: 33
    # over ten.
    judged = judge_value(series([10, 12, None, *([12, 8] * 4), 10, 9, 100]))
    numbers = judged.found["above"]
    assert numbers["center"] == pytest.approx(121 / 12)
    assert numbers["moving_range"] == pytest.approx(3.3)


@pytest.mark.parametrize("newest", [None, 5.0])
def test_nothing_is_told_where_there_is_no_value_or_nothing_varies(newest: float | None) -> None:
    judged = judge_value(series([5.0] * 12 + [newest]))
    assert (judged.found, judged.denied) == ({}, frozenset())


def test_the_eighth_value_in_a_row_on_one_side_is_a_signal() -> None:
    # Mean of the fifteen earlier ones: (8 * 6 + 7 * 12) / 15 = 8.8; the row is the last eight.
    values = [5.0, 7.0] * 4 + [12.0, 11.0, 13.0, 12.0, 12.0, 11.0, 13.0]
    judged = judge_value(series([*values, 9.0]))
    assert list(judged.found) == ["run_above"]
    numbers = judged.found["run_above"]
    assert numbers["center"] == pytest.approx(8.8)
    assert (numbers["row_length"], numbers["row_from"]) == (8, "2025-09")
    assert list(judge_value(series([*values[:-1], 9.0])).found) == []


def test_what_was_measured_in_another_way_is_left_out() -> None:
    points = series([*EARLIER, 100.0])
    other = [one and replace(one, defined="another cut") for one in points[:3]]
    assert judge_value(points).found
    assert judge_value([*other, *points[3:]]).found == {}


def test_a_break_of_the_question_begins_a_new_series() -> None:
    points = series([*EARLIER, 100.0])
    assert points[4] is not None
    points[4] = replace(points[4], breaks=True)
    assert judge_value(points).found == {}
    # A break at the newest value itself leaves it alone.
    points = series([*EARLIER, 100.0])
    assert points[12] is not None
    points[12] = replace(points[12], breaks=True)
    assert judge_value(points).found == {}
