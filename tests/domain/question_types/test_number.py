"""Numbers: finite, within their range, whole where so declared."""

from __future__ import annotations

import pytest

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.number import Number

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
    ("question", "values", "code"),
    [
        (MINUTES, ["-1"], "outside_range"),
        (MINUTES, ["601"], "outside_range"),
        (MINUTES, ["1.5"], "not_whole"),
        (SHARE, ["0.51"], "outside_range"),
        (FREE, ["1,5"], "decimal_comma"),
        (FREE, ["ten"], "not_a_number"),
        (FREE, ["inf"], "not_a_number"),
        (FREE, ["1e400"], "too_large"),
        (FREE, ["1\0"], "not_a_number"),
        (FREE, ["1", "2"], "several_values"),
    ],
)
def test_other_values_are_refused_by_reason(question: Number, values: list[str], code: str) -> None:
    problem = question.read(values)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.code) == ("q3", code)


def test_the_range_is_named_as_far_as_it_is_declared() -> None:
    assert "Answer with a number from 0 up to 600." in str(MINUTES.read(["601"]))
    assert "Answer with a number up to 0.5." in str(Number(id="q3", highest=0.5).read(["1"]))


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        (MINUTES, []),
        (FREE, []),
        (Number(id="q3", lowest=1.0, highest=0.0), ["reversed_range"]),
        (Number(id="q3", lowest=0.2, highest=0.8, whole=True), ["empty_range"]),
        (Number(id="q3", lowest=0.2, highest=0.8), []),
    ],
)
def test_a_range_rises_and_holds_an_answer(question: Number, codes: list[str]) -> None:
    assert [problem.code for problem in question.check()] == codes
