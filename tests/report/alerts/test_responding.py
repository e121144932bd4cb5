"""Response rates: low only where the upper end of Wilson's interval is under the limit."""

from __future__ import annotations

import math

import pytest

from survey_app.report.alerts.points import Point
from survey_app.report.alerts.responding import judge_response


def upper_end(rate: float, n: int) -> float:
    """Wilson (1927) by its formula."""
    z = 1.959963984540054
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    return centre + z / (1 + z * z / n) * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))


def point(rate: float | None) -> list[Point | None]:
    """A month with this response rate."""
    return [Point("2026-07", "run", "met", 4.0, 4.0, rate, "", False)]


def test_few_answers_of_many_are_low_for_certain() -> None:
    # 12 of 150 are 8 %; by hand the upper end is 13.46 %.
    judged = judge_response(point(0.08), 0.2, lambda: 150)
    assert upper_end(0.08, 150) == pytest.approx(0.1346, abs=5e-5)
    assert judged.found["low"] == {
        "response_rate": 0.08,
        "invited": 150,
        "answered": 12,
        "high": pytest.approx(upper_end(0.08, 150)),
        "limit": 0.2,
    }


def test_of_few_invited_nothing_is_certain() -> None:
    # 1 of 12: the upper end is 35.4 %. From an n of 46 on, 1 in 12 is under 20 % for certain.
    assert judge_response(point(1 / 12), 0.2, lambda: 12).found == {}
    last = max(n for n in range(12, 100) if upper_end(1 / 12, n) >= 0.2)
    assert judge_response(point(1 / 12), 0.2, lambda: last).found == {}
    assert judge_response(point(1 / 12), 0.2, lambda: last + 1).found


@pytest.mark.parametrize("rate", [0.2, 0.9])
def test_a_rate_at_the_limit_or_above_denies_it_and_nobody_is_counted(rate: float) -> None:
    def count() -> int:
        raise AssertionError("nobody asked")

    judged = judge_response(point(rate), 0.2, count)
    assert (judged.found, judged.denied) == ({}, {"low"})


@pytest.mark.parametrize("invited", [None, 0])
def test_without_anybody_invited_nothing_is_said(invited: int | None) -> None:
    assert judge_response(point(None), 0.2, lambda: 100).found == {}
    assert judge_response(point(0.01), 0.2, lambda: invited).found == {}
