"""Conditions name what was asked before, and compare it in a way that counts."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.domain.checking import check
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.time import Time
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import Question, Questionnaire
from tests.domain.asking import asking, choice, in_sections, must, rating, section

OPTIONS = (Option(code="a", label="A"), Option(code="b", label="B"))
ROWS = (Option(code="speed", label="Speed"), Option(code="care", label="Care"))
ASKED: dict[str, Question] = {
    "rating": rating("x"),
    "choice": choice("x", "shop", "web"),
    "several": choice("x", "shop", "web", multiple=True),
    "yes_no": YesNo(id="x", text="?"),
    "number": Number(id="x", text="?", lowest=0, whole=True),
    "duration": Duration(id="x", text="?", units=("minutes",)),
    "date": Date(id="x", text="?"),
    "time": Time(id="x", text="?"),
    "text": Text(id="x", text="?"),
    "file": File(id="x", text="?"),
    "sum": ConstantSum(id="x", text="?", options=OPTIONS),
}


def found(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in check(questionnaire)]


def codes(*questions: Question, **named: Any) -> list[str]:
    return [problem.code for problem in check(asking(*questions, **named))]


def test_an_unknown_question_is_told_with_the_nearest_one() -> None:
    asked = asking(rating("speed"), rating("q2", show_if={"question": "sped", "at_least": 3}))
    (problem,) = check(asked)
    assert (problem.place, problem.code) == (
        'section 1 "visit", question q2, show_if',
        "unknown_question",
    )
    assert 'Did you mean "speed"?' in problem.message


def test_a_condition_looks_back_alone() -> None:
    ahead = {"question": "q2", "answered": True}
    assert codes(rating("q1", show_if=ahead), rating("q2")) == ["asked_later"]
    assert codes(rating("q1"), rating("q2", show_if=ahead)) == ["asks_itself"]
    both = {"question": "q1", "less_than": {"question": "q3"}}
    assert codes(rating("q1"), rating("q2", show_if=both), rating("q3")) == ["asked_later"]
    assert codes(rating("q1"), rating("q2", show_if={"question": "q1", "at_least": 3})) == []


def test_a_section_is_not_decided_by_its_own_questions_nor_by_later_ones() -> None:
    own = section("b", rating("q2"), show_if={"question": "q2", "at_least": 3})
    assert found(in_sections(section("a", rating("q1")), own)) == [
        ('section 2 "b", show_if', "asked_inside")
    ]
    early = section("a", rating("q1"), show_if={"question": "q2", "at_least": 3})
    assert found(in_sections(early, section("b", rating("q2")))) == [
        ('section 1 "a", show_if', "asked_later")
    ]


def test_in_random_order_no_question_depends_on_another_of_its_section() -> None:
    second = rating("q2", show_if={"question": "q1", "at_least": 3})
    mixed = section("a", rating("q1"), second, order="random")
    assert found(in_sections(mixed)) == [('section 1 "a", question q2, show_if', "random_order")]
    later = section("b", second, order="random")
    assert found(in_sections(section("a", rating("q1")), later)) == []


def test_a_matrix_is_looked_at_row_by_row_and_a_text_not_at_all() -> None:
    matrix = Matrix(id="m", text="How?", rows=ROWS, scale=Scale(lowest=1, highest=5))
    shown = rating("q2", show_if={"question": "m", "at_least": 3})
    assert codes(matrix, shown) == ["no_answer_of_its_own"]
    assert codes(matrix, rating("q2", show_if={"question": "m.speed", "at_least": 3})) == []
    welcome = Info(id="m", text="Welcome")
    assert codes(welcome, rating("q2", show_if={"question": "m", "answered": True})) == [
        "no_answer_of_its_own"
    ]


@pytest.mark.parametrize(
    ("asked", "comparison"),
    [
        ("choice", {"at_least": 2}),
        ("choice", {"includes": "shop"}),
        ("several", {"equals": "shop"}),
        ("yes_no", {"less_than": "yes"}),
        ("text", {"at_least": "m"}),
        ("file", {"equals": "x"}),
        ("sum", {"at_least": 3}),
        ("rating", {"includes": 3}),
        ("date", {"includes": "2026-01-01"}),
        ("time", {"more_than": {"question": "q1"}}),
        ("text", {"equals": {"question": "q1"}}),
    ],
)
def test_a_comparison_that_the_type_cannot_make_is_refused(
    asked: str, comparison: dict[str, Any]
) -> None:
    later = rating("q2", show_if={"question": "x", **comparison})
    assert codes(rating("q1"), ASKED[asked], later) == ["cannot_compare"]


@pytest.mark.parametrize(
    ("asked", "comparison"),
    [
        ("rating", {"at_least": 6}),
        ("rating", {"equals": 2.5}),
        ("rating", {"equals": "good"}),
        ("rating", {"one_of": [1, 2, 9]}),
        ("choice", {"equals": "phone"}),
        ("choice", {"one_of": ["shop", "Web"]}),
        ("choice", {"equals": 1}),
        ("several", {"includes": "phone"}),
        ("yes_no", {"equals": "maybe"}),
        ("number", {"equals": -1}),
        ("number", {"equals": 0.5}),
        ("duration", {"equals": 90}),
        ("date", {"at_least": "2026-02-30"}),
        ("date", {"at_least": "31.1.2026"}),
        ("date", {"equals": 2026}),
        ("time", {"equals": "25:00"}),
        ("time", {"equals": "9:30"}),
        ("text", {"equals": " "}),
    ],
)
def test_a_constant_that_is_no_possible_value_is_refused(
    asked: str, comparison: dict[str, Any]
) -> None:
    assert codes(ASKED[asked], rating("q2", show_if={"question": "x", **comparison})) == [
        "no_such_value"
    ]


@pytest.mark.parametrize(
    ("asked", "comparison"),
    [
        ("rating", {"at_least": 4}),
        ("choice", {"one_of": ["shop", "web"]}),
        ("several", {"includes": "shop"}),
        ("yes_no", {"equals": "no"}),
        ("number", {"more_than": 0.5}),
        ("duration", {"less_than": 90}),
        ("date", {"at_least": "2026-02-28"}),
        ("time", {"less_than": "09:30"}),
        ("text", {"equals": "other"}),
        ("file", {"answered": True}),
        ("sum", {"answered": False}),
    ],
)
def test_a_comparison_that_can_go_either_way_is_taken(
    asked: str, comparison: dict[str, Any]
) -> None:
    assert codes(ASKED[asked], rating("q2", show_if={"question": "x", **comparison})) == []


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ({"equals": "gold"}, []),
        ({"at_least": 3}, []),
        ({"less_than": "2026-01-01"}, []),
        ({"equals": {"question": "q1"}}, []),
        ({"less_than": "gold"}, ["cannot_compare"]),
        ({"includes": "gold"}, ["cannot_compare"]),
    ],
)
def test_what_is_known_of_a_contact_is_text(
    comparison: dict[str, Any], expected: list[str]
) -> None:
    shown = rating("q2", show_if={"contact": "segment", **comparison})
    assert codes(rating("q1"), shown) == expected


def test_constraints_are_about_answers_and_told_at_an_item() -> None:
    asked = (rating("q1"), rating("q2"))
    fair = {"question": "q2", "at_most": {"question": "q1"}}
    assert found(asking(*asked, constraints=must(fair, at="q1"))) == []
    assert found(asking(*asked, constraints=must(fair, at="q9"))) == [
        ("constraint 1, at", "unknown_question")
    ]
    contact = {"contact": "segment", "equals": "gold"}
    assert found(asking(*asked, constraints=must({"any": [fair, contact]}))) == [
        ("constraint 1, must", "contact_in_constraint")
    ]
    assert found(asking(*asked, constraints=must({"question": "q3", "equals": 1}))) == [
        ("constraint 1, must", "unknown_question")
    ]


def test_a_rule_does_not_ask_whether_there_is_an_answer() -> None:
    for flag in (True, False):
        asked = {"any": [{"question": "q1", "answered": flag}, {"question": "q1", "at_least": 2}]}
        (problem,) = check(asking(rating("q1"), constraints=must(asked)))
        assert (problem.place, problem.code) == ("constraint 1, must", "answered_in_constraint")
