"""Choices: codes of declared options, one or several."""

from __future__ import annotations

import pytest

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.choice import Choice, Option

OPTIONS = (Option(code="a", label="A"), Option(code="b", label="B"), Option(code="c", label="C"))
ONE = Choice(id="q2", text="Which?", options=OPTIONS)
SEVERAL = Choice(id="q2", text="Which?", options=OPTIONS, multiple=True)


def test_a_single_choice_is_a_code_and_a_multiple_one_a_list() -> None:
    assert ONE.read(["b"]) == "b"
    assert SEVERAL.read(["b"]) == ["b"]


def test_several_codes_come_once_each_in_the_order_of_the_options() -> None:
    assert SEVERAL.read(["c", "a", "", "c"]) == ["a", "c"]


def test_nothing_chosen_is_no_answer() -> None:
    assert ONE.read([""]) is None
    assert SEVERAL.read([]) is None


@pytest.mark.parametrize(
    ("question", "values", "code"),
    [
        (ONE, ["a", "b"], "several_values"),
        (ONE, ["z"], "unknown_option"),
        (ONE, ["A"], "unknown_option"),
        (SEVERAL, ["a", "\ud800"], "unknown_option"),
        (SEVERAL, ["a,b"], "unknown_option"),
    ],
)
def test_other_codes_are_refused_by_name(question: Choice, values: list[str], code: str) -> None:
    problem = question.read(values)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.code) == ("q2", code)


def test_a_refused_code_is_answered_with_the_known_ones() -> None:
    assert 'no option "z". Choose from "a", "b", "c".' in str(ONE.read(["z"]))


def test_a_cell_parts_the_codes_of_a_multiple_choice_by_a_bar() -> None:
    assert SEVERAL.split_cell("a|c") == ["a", "c"]
    assert ONE.split_cell("a|c") == ["a|c"]


def check(*options: Option) -> list[tuple[str, str]]:
    question = Choice(id="q2", options=options)
    return [(problem.place, problem.code) for problem in question.check()]


def test_options_are_two_or_more_each_with_its_own_code_and_a_label() -> None:
    assert check(*OPTIONS) == []
    assert check(OPTIONS[0]) == [("options", "too_few_options")]
    assert check(OPTIONS[0], Option(code="a", label=" ")) == [
        ('option 2 "a"', "no_label"),
        ("options", "duplicate_code"),
    ]


@pytest.mark.parametrize("code", ["", " a", "a|b", "a\nb", "\u202ea", "missing:a"])
def test_a_code_is_visible_and_can_stand_in_a_cell(code: str) -> None:
    assert [code for _, code in check(OPTIONS[0], Option(code=code, label="X"))] == ["bad_code"]
