"""Choices: codes of declared options, one or several, with words of one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.options import Option
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

OPTIONS = (Option(code="a", label="A"), Option(code="b", label="B"), Option(code="c", label="C"))
OTHER = Option(code="o", label="Else", other=True)
NONE = Option(code="n", label="None", exclusive=True)
ONE = Choice(id="q2", text="Which?", options=OPTIONS)
SEVERAL = Choice(id="q2", text="Which?", options=OPTIONS, multiple=True)
ONE_OR_OTHER = replace(ONE, options=(*OPTIONS, OTHER))
OPEN = replace(SEVERAL, options=(*OPTIONS, OTHER, NONE))


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
        (SEVERAL, ["a", "x" * 1_000_000], "unknown_option"),
        (OPEN, ["n", "a"], "exclusive_with_others"),
        (replace(OPEN, least=2), ["a"], "too_few_chosen"),
        (replace(OPEN, most=2), ["a", "b", "c"], "too_many_chosen"),
    ],
)
def test_other_codes_are_refused_by_name(question: Choice, values: list[str], code: str) -> None:
    assert code_of(question.read(values)) == code


def test_strange_texts_are_no_options() -> None:
    for question in (ONE, SEVERAL):
        refuses_strange_texts(question)
    for question in (ONE, OPEN, ONE_OR_OTHER):
        keeps_or_refuses(question)


def test_what_is_exclusive_is_enough_alone() -> None:
    assert replace(OPEN, least=2).read(["n"]) == ["n"]


def test_a_refused_code_is_answered_with_the_known_ones() -> None:
    assert 'no option "z". Choose from "a", "b", "c".' in str(ONE.read(["z"]))


def test_a_cell_parts_the_codes_of_a_multiple_choice_by_a_bar() -> None:
    assert SEVERAL.split_cell("a|c") == ["a", "c"]
    assert ONE.split_cell("a|c") == ["a|c"]


@pytest.mark.parametrize(
    ("question", "chosen", "words", "answer"),
    [
        (ONE_OR_OTHER, ["o"], [" A fair\r\n"], {"value": "o", "other": " A fair\n"}),
        (ONE_OR_OTHER, ["o"], [""], {"value": "o"}),
        (ONE_OR_OTHER, [], ["A fair"], {"value": "o", "other": "A fair"}),
        (ONE_OR_OTHER, ["a"], [" "], {"value": "a"}),
        (ONE_OR_OTHER, ["a"], ["A fair"], ["other_not_chosen"]),
        (ONE_OR_OTHER, ["a", "o"], ["A fair"], ["several_values"]),
        (ONE_OR_OTHER, ["missing:refused"], ["A fair"], ["value_and_missing"]),
        (ONE_OR_OTHER, ["z"], ["A fair"], ["other_not_chosen"]),
        (ONE_OR_OTHER, [], ["A", "B"], ["several_values"]),
        (ONE_OR_OTHER, [], ["a\0"], ["bad_character"]),
        (ONE_OR_OTHER, [], ["\ud800"], ["bad_character"]),
        (ONE_OR_OTHER, [], ["x" * 501], ["too_long"]),
        (ONE_OR_OTHER, [], ["x" * 1_000_000], ["too_long"]),
        (ONE_OR_OTHER, [], ["👩🏽‍🚒\u202e"], {"value": "o", "other": "👩🏽‍🚒\u202e"}),
        (OPEN, ["a"], ["A fair"], {"value": ["a", "o"], "other": "A fair"}),
        (OPEN, ["n"], ["A fair"], ["exclusive_with_others"]),
        (replace(OPEN, most=1), ["a"], ["A fair"], ["too_many_chosen"]),
        (ONE, ["a"], ["A fair"], ["unknown_question"]),
        (ONE, ["missing:refused"], [""], ["unknown_question"]),
    ],
)
def test_words_of_ones_own_choose_the_option_beside_them(
    question: Choice, chosen: list[str], words: list[str], answer: Any
) -> None:
    question = replace(question, missing=("refused",))
    assert posted(question, q2=chosen, q2__other=words) == answer


def check(*options: Option, **keys: Any) -> list[tuple[str, str]]:
    return codes_of(Choice(id="q2", options=options, **keys))


def test_options_are_two_or_more_each_with_its_own_code_and_a_label() -> None:
    assert check(*OPTIONS) == []
    assert check(OPTIONS[0]) == [("options", "too_few_options")]
    assert check(OPTIONS[0], Option(code="a", label=" ")) == [
        ('option 2 "a"', "no_label"),
        ("options", "duplicate_code"),
    ]


def test_codes_that_differ_in_case_only_are_told() -> None:
    assert check(OPTIONS[0], Option(code="A", label="Another")) == [("options", "duplicate_code")]


@pytest.mark.parametrize("code", ["", " a", "a|b", "a\nb", "\u202ea", "missing:a"])
def test_a_code_is_visible_and_can_stand_in_a_cell(code: str) -> None:
    assert [code for _, code in check(OPTIONS[0], Option(code=code, label="X"))] == ["bad_code"]


@pytest.mark.parametrize(
    ("options", "keys", "problems"),
    [
        ((*OPTIONS, OTHER, NONE), {"multiple": True, "least": 0, "most": 4}, []),
        ((*OPTIONS, OTHER, replace(OTHER, code="p")), {}, [("options", "several_others")]),
        ((*OPTIONS, NONE), {}, [("options", "exclusive_of_one")]),
        (OPTIONS, {"least": 1}, [("least", "limits")]),
        (OPTIONS, {"most": 1}, [("most", "limits")]),
        (OPTIONS, {"multiple": True, "least": -1}, [("least", "limits")]),
        (OPTIONS, {"multiple": True, "least": 4}, [("least", "limits")]),
        (OPTIONS, {"multiple": True, "least": 3, "most": 2}, [("least", "limits")]),
        (OPTIONS, {"multiple": True, "most": 0}, [("most", "limits")]),
        ((*OPTIONS, NONE), {"multiple": True, "least": 4}, [("least", "limits")]),
    ],
)
def test_marks_and_limits_fit_together(options: Any, keys: Any, problems: Any) -> None:
    assert check(*options, **keys) == problems


@pytest.mark.parametrize(
    ("keys", "constants", "tried"),
    [
        ({}, ["a"], [["n"], ["b"], ["a"]]),
        ({"least": 2}, ["a"], [["n"], ["b", "c"], ["a", "b"]]),
        ({"most": 1}, ["a", "b"], [["n"], ["c"], ["a"], ["b"]]),
        ({}, ["n"], [["n"], ["a"], ["n"]]),
        ({}, [], [["n"], ["a"]]),
    ],
)
def test_what_is_tried_has_each_mixture_of_what_is_compared(
    keys: Any, constants: list[str], tried: list[list[str]]
) -> None:
    assert replace(OPEN, **keys).probe(constants) == tried


def test_of_many_codes_each_is_tried_alone() -> None:
    options = tuple(Option(code=f"c{number}", label="x") for number in range(100))
    tried = Choice(id="q2", options=options, multiple=True).probe([one.code for one in options])
    assert len(tried) < 500
    assert {code for chosen in tried if len(chosen) == 1 for code in chosen} == {
        one.code for one in options
    }
