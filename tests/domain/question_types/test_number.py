"""Numbers: finite, within their range, whole where so declared."""

from __future__ import annotations

import pytest

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.number import Number
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    refuses_strange_texts,
)

MINUTES = Number(id="q3", unit="minutes", lowest=0.0, highest=600.0, whole=True)
SHARE = Number(id="q3", lowest=-0.5, highest=0.5)
FREE = Number(id="q3")


def test_whole_numbers_are_int_and_others_float() -> None:
    assert MINUTES.read(["12"]) == 12
    assert isinstance(MINUTES.read(["12"]), int)
    assert isinstance(FREE.read(["12"]), float)
    assert SHARE.read([" -0.25 "]) == -0.25


def test_both_ends_of_the_range_belong_to_it() -> None:
    assert (MINUTES.read(["0"]), MINUTES.read(["600"])) == (0, 600)


def test_nothing_typed_is_no_answer() -> None:
    assert MINUTES.read([" "]) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("١٢", 12),
        ("３", 3),
        ("-१२", -12),
        ("3,5", 3.5),
        ("٣٫٥", 3.5),
        ("1٫234", 1.234),
        ("0,125", 0.125),
        ("-0", 0),
        ("1e3", 1000),
        ("5.", 5),
        (".5", 0.5),
        ("+5", 5),
        ("0.1", 0.1),
        ("1e15", 1e15),
        ("1e-400", 0),
        ("000", 0),
    ],
)
def test_numbers_are_read_in_the_digits_of_all_scripts(typed: str, number: float) -> None:
    assert FREE.read([typed]) == number
    assert str(FREE.read([typed])) != "-0.0"


@pytest.mark.parametrize(
    ("question", "values", "code"),
    [
        (MINUTES, ["-1"], "outside_range"),
        (MINUTES, ["601"], "outside_range"),
        (MINUTES, ["1.5"], "not_whole"),
        (MINUTES, ["1,5"], "not_whole"),
        (SHARE, ["0.51"], "outside_range"),
        (FREE, ["1,234"], "decimal_comma"),
        (FREE, ["1,234,567"], "not_a_number"),
        (FREE, ["1.234,5"], "not_a_number"),
        (FREE, ["1 234"], "not_a_number"),
        (FREE, ["−5"], "not_a_number"),
        (FREE, ["ten"], "not_a_number"),
        (FREE, ["inf"], "not_a_number"),
        (FREE, ["1e400"], "too_large"),
        (FREE, ["1000000000000001"], "too_large"),
        (FREE, ["9" * 5000], "too_large"),
        (FREE, ["1\0"], "not_a_number"),
        (FREE, ["1", "2"], "several_values"),
        (FREE, ["1", "1"], "several_values"),
    ],
)
def test_other_values_are_refused_by_reason(question: Number, values: list[str], code: str) -> None:
    assert code_of(question.read(values)) == code


def test_strange_texts_are_no_numbers() -> None:
    refuses_strange_texts(FREE)
    refuses_strange_texts(MINUTES)
    keeps_or_refuses(FREE)
    keeps_or_refuses(SHARE)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (MINUTES, "601 is outside the range. Answer with a number from 0 to 600."),
        (Number(id="q3", highest=0.5), "601 is too high: 0.5 at most."),
        (Number(id="q3", lowest=1000.0), "601 is too low: 1000 at least."),
    ],
)
def test_the_range_is_named_as_far_as_it_is_declared(question: Number, sentence: str) -> None:
    read = question.read(["601"])
    assert isinstance(read, Problem)
    assert read.message == sentence


def test_a_number_is_said_with_its_unit() -> None:
    assert MINUTES.say({"value": 90}) == "90 minutes"
    assert FREE.say({"value": 90.0}) == "90"
    assert FREE.say({"value": 0.5}) == "0.5"


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        (MINUTES, []),
        (FREE, []),
        (Number(id="q3", lowest=1.0, highest=1.0), []),
        (Number(id="q3", lowest=1.0, highest=0.0), [("lowest", "reversed_range")]),
        (Number(id="q3", lowest=0.2, highest=0.8, whole=True), [("lowest", "empty_range")]),
        (Number(id="q3", lowest=0.2, highest=0.8), []),
    ],
)
def test_a_range_rises_and_holds_an_answer(question: Number, codes: list[tuple[str, str]]) -> None:
    assert codes_of(question) == codes
