"""Reading one cell: the value or the reason, never a guess."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain import cells
from survey_app.domain.cells import read_date, read_moment, read_month
from survey_app.domain.problems import Problem

ZURICH = ZoneInfo("Europe/Zurich")
PLACE = "row 7, column x"


def code_of(result: Any) -> str:
    assert isinstance(result, Problem), result
    assert result.place == PLACE
    assert len(result.message.split(". ")) >= 2, "a remedy follows what is wrong"
    return result.code


@pytest.mark.parametrize(
    ("cell", "number"),
    [("5", 5.0), ("-5", -5.0), ("+.5", 0.5), ("12.", 12.0), ("1e3", 1000.0), ("007.50", 7.5)],
)
def test_numbers_are_read_with_a_decimal_point(cell: str, number: float) -> None:
    assert cells.read_number(cell, PLACE) == number


def test_a_decimal_comma_is_refused_and_the_point_form_named() -> None:
    problem = cells.read_number("-1,5", PLACE)
    assert code_of(problem) == "decimal_comma"
    assert '"-1.5"' in str(problem)


@pytest.mark.parametrize(
    "cell",
    [
        "NaN",
        "inf",
        "-Infinity",
        "1'000",
        "1,000.5",
        "1 000",
        "0x10",
        "1_000",
        "٣",
        "5%",
        "−5",
        "--5",
    ],
)
def test_what_is_no_plain_number_is_refused(cell: str) -> None:
    assert code_of(cells.read_number(cell, PLACE)) == "not_a_number"


def test_a_number_beyond_a_float_is_refused_not_made_infinite() -> None:
    assert code_of(cells.read_number("1e999", PLACE)) == "too_large"


def test_minus_zero_is_zero() -> None:
    number = cells.read_number("-0", PLACE)
    assert isinstance(number, float)
    assert math.copysign(1, number) == 1


@pytest.mark.parametrize("cell", ["1e308", "-1e16", "1e999"])
def test_a_number_that_sums_could_not_hold_is_refused(cell: str) -> None:
    assert getattr(cells.read_number(cell, PLACE), "code", None) == "too_large"


@given(st.floats(-1e15, 1e15))
def test_every_finite_number_survives_writing_and_reading(number: float) -> None:
    assert cells.read_number(repr(number), PLACE) == number


@given(st.integers(-(10**15), 10**15))
def test_every_whole_number_survives_writing_and_reading(number: int) -> None:
    assert cells.read_whole(str(number), PLACE) == number


def test_whole_numbers_may_come_with_a_spreadsheets_zero_decimals() -> None:
    assert cells.read_whole("3.0", PLACE) == 3
    assert code_of(cells.read_whole("3.5", PLACE)) == "not_whole"
    assert code_of(cells.read_whole("9007199254740994", PLACE)) == "too_large"
    assert code_of(cells.read_whole("3,5", PLACE)) == "decimal_comma"


def test_dates_are_year_month_day_and_exist() -> None:
    assert cells.read_date("2024-02-29", PLACE) == date(2024, 2, 29)
    assert code_of(cells.read_date("2023-02-29", PLACE)) == "no_such_date"
    for cell in ("31.12.2026", "12/31/2026", "20261231", "2026-12-31 00:00", "46387"):
        assert code_of(cells.read_date(cell, PLACE)) == "not_a_date"


def test_months_are_read_as_their_first_day() -> None:
    assert cells.read_month("2026-07", PLACE) == date(2026, 7, 1)
    assert code_of(cells.read_month("2026-13", PLACE)) == "no_such_month"
    for cell in ("07/2026", "2026-7", "July 2026", "2026-07-01"):
        assert code_of(cells.read_month(cell, PLACE)) == "not_a_month"


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-07-31T14:05:00Z", datetime(2026, 7, 31, 14, 5, tzinfo=UTC)),
        ("2026-07-31T14:05:00+02:00", datetime(2026, 7, 31, 12, 5, tzinfo=UTC)),
        ("2026-07-31 14:05:00 -0530", datetime(2026, 7, 31, 19, 35, tzinfo=UTC)),
        ("2026-07-31 14:05", datetime(2026, 7, 31, 12, 5, tzinfo=UTC)),
        ("2026-01-31 14:05:01.250", datetime(2026, 1, 31, 13, 5, 1, 250_000, tzinfo=UTC)),
    ],
)
def test_moments_come_in_utc_from_an_offset_or_the_zone(cell: str, moment: datetime) -> None:
    assert cells.read_moment(cell, PLACE, ZURICH) == moment


def test_a_local_time_that_the_clocks_skip_is_refused() -> None:
    assert code_of(cells.read_moment("2026-03-29 02:30", PLACE, ZURICH)) == "skipped_by_clocks"
    assert isinstance(cells.read_moment("2026-03-29 03:00", PLACE, ZURICH), datetime)


def test_of_a_local_time_passed_twice_the_first_is_taken() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert cells.read_moment("2026-10-25 02:30", PLACE, ZURICH) == first


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026-07-31", "not_a_moment"),
        ("31.07.2026 14:05", "not_a_moment"),
        ("2026-W31-5T14:05", "not_a_moment"),
        ("2026-02-30 14:05", "no_such_moment"),
        ("2026-07-31 24:05", "no_such_moment"),
        ("2026-07-31 14:05:60", "no_such_moment"),
        ("2026-07-31 14:05+99:00", "no_such_moment"),
        ("0001-01-01 00:00+10:00", "too_early"),
        ("9999-12-31 23:59-10:00", "no_such_moment"),
    ],
)
def test_moments_that_are_none_are_refused(cell: str, code: str) -> None:
    assert code_of(cells.read_moment(cell, PLACE, ZURICH)) == code


@given(st.datetimes(min_value=datetime(1901, 1, 1), timezones=st.just(UTC)))
def test_every_moment_survives_writing_and_reading(moment: datetime) -> None:
    assert cells.read_moment(moment.isoformat(), PLACE, ZURICH) == moment


@given(st.text())
def test_no_text_breaks_a_reader(cell: str) -> None:
    for read in (cells.read_number, cells.read_whole, cells.read_date, cells.read_month):
        read(cell, PLACE)
    cells.read_moment(cell, PLACE, ZURICH)
    cells.read_word(cell, PLACE, ["completed", "left"])


def test_words_are_taken_from_the_list_and_the_nearest_suggested() -> None:
    assert cells.read_word("left", PLACE, ["completed", "left"]) == "left"
    problem = cells.read_word("complete", PLACE, ["completed", "left"])
    assert code_of(problem) == "unknown_word"
    assert 'Did you mean "completed"?' in str(problem)


def test_an_empty_cell_says_what_to_fill_in() -> None:
    empty = [
        cells.read_number("", PLACE),
        cells.read_whole(" ", PLACE),
        cells.read_date("", PLACE),
        cells.read_month("", PLACE),
        cells.read_moment("", PLACE, ZURICH),
        cells.read_word("", PLACE, ["left"]),
    ]
    assert {code_of(problem) for problem in empty} == {"empty"}


def test_a_year_that_was_mistyped_is_refused_before_it_reaches_a_calendar() -> None:
    zone = ZoneInfo("UTC")
    for problem in (
        read_date("0202-07-01", "row 2"),
        read_month("0202-07", "row 2"),
        read_moment("0202-07-01 10:00", "row 2", zone),
    ):
        assert isinstance(problem, Problem)
        assert problem.code == "too_early"
        assert "Check the year" in problem.message
    assert read_date("1900-01-01", "row 2") == date(1900, 1, 1)
