"""Amounts as people write them; and written back, they are the same number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.problems import Problem
from survey_app.goals.amounts import read_amount, write_amount
from survey_app.goals.shares_text import read_shares, write_shares


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2 h 30 min", "seconds", 9000),
        ("1d", "seconds", 86400),
        ("1.5 h", "seconds", 5400),
        ("45 min 10 s", "seconds", 2710),
        ("2 days", "seconds", 172800),
        ("90", "seconds", 90),
        ("80 %", "share", 0.8),
        ("7%", "share", 0.07),
        ("0.8", "share", 0.8),
        ("120 %", "share", 1.2),
        ("80 %", "%", 80),
        ("12 000", "CHF", 12000),
        ("12\u202f000.5", "CHF", 12000.5),
        ("\u22125", "points", -5),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, unit: str, value: float) -> None:
    assert read_amount(text, unit, "here") == value


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("80", "share", "beyond_a_share"),
        ("80 %", "points", "other_unit"),
        ("2 h", "points", "not_a_number"),
        ("soon", "seconds", "not_a_time"),
        ("2 h 30", "seconds", "not_a_time"),
        ("3 weeks", "seconds", "not_a_time"),
        ("0,5", "points", "decimal_comma"),
        ("", "points", "empty"),
        ("1 2", "points", "not_a_number"),
        ("inf", "points", "not_a_number"),
        ("x %", "share", "not_a_number"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, unit: str, code: str) -> None:
    problem = read_amount(text, unit, "here")
    assert isinstance(problem, Problem)
    assert problem.code == code


@given(
    st.floats(-1e12, 1e12, allow_subnormal=False).map(lambda number: number + 0.0),
    st.sampled_from(["share", "seconds", "points", "%"]),
)
def test_what_is_written_is_read_back_to_the_last_digit(value: float, unit: str) -> None:
    if abs(value) < 1e-9:
        value = 0.0
    assert read_amount(write_amount(value, unit), unit, "here") == value


def test_shares_are_lines_of_text() -> None:
    text = 'segment: small = 50 %, "large, or larger = 50 %"\n\nregion: north = 0.25, south = 75 %'
    margins, problems = read_shares(text)
    assert problems == []
    assert margins == [
        {"dimension": "segment", "shares": {"small": 0.5, "large, or larger": 0.5}},
        {"dimension": "region", "shares": {"north": 0.25, "south": 0.75}},
    ]
    assert read_shares(write_shares(margins)) == (margins, [])


@pytest.mark.parametrize("text", ["small = 50 %", "segment: small", "segment: small = most"])
def test_shares_that_are_none_are_refused_with_their_line(text: str) -> None:
    _, problems = read_shares(f"region: north = 1\n{text}")
    assert problems
    assert {problem.place for problem in problems} == {"line 2"}
