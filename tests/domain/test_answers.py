"""Answers: what comes out is what went in, and every question leaves a value or a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.answers import read_answers, read_imported
from survey_app.domain.question_types.choice import Choice, Option
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.rating import Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Questionnaire, Section
from tests.domain.strategies import answers, questionnaires

RATING = Rating(
    id="q1",
    text="How?",
    required=True,
    scale=Scale(lowest=1, highest=5),
    missing=("dont_know", "refused"),
)
CHOICE = Choice(
    id="q2",
    text="Which?",
    options=(Option(code="a", label="A"), Option(code="b", label="B")),
    multiple=True,
)
NUMBER = Number(id="q3", text="How long?", whole=True)
TEXT = Text(id="q4", text="What else?")
SURVEY = Questionnaire(
    key="visit",
    title="Visit",
    sections=(
        Section(id="a", questions=(RATING, CHOICE)),
        Section(id="b", questions=(NUMBER, TEXT)),
    ),
)
SKIPPED = {"missing": "skipped"}


def refused(**posted: list[str]) -> list[tuple[str, str]]:
    document, problems = read_answers(SURVEY, {"q1": ["3"], **posted})
    assert list(document) == ["q1", "q2", "q3", "q4"]
    return [(problem.place, problem.code) for problem in problems]


@given(st.data())
def test_what_comes_out_is_what_went_in(data: st.DataObject) -> None:
    questionnaire = data.draw(questionnaires())
    document = data.draw(answers(questionnaire))
    posted: dict[str, list[str]] = {}
    for question in questionnaire.questions:
        answer: Any = document[question.id]
        if "value" in answer:
            posted[question.id] = question.encode(answer["value"])
        elif answer["missing"] != "skipped":
            posted[f"{question.id}__missing"] = [answer["missing"]]
    read, problems = read_answers(questionnaire, posted)
    assert problems == []
    assert read == document
    assert list(read) == [question.id for question in questionnaire.questions]
    assert json.loads(json.dumps(read)) == document


@given(
    st.dictionaries(
        st.sampled_from(["q1", "q2", "q3", "q4", "q1__missing", "q4__missing"]) | st.text(),
        st.lists(st.text() | st.sampled_from(["3", "a", "refused", "\ud800", "\0"]), max_size=3),
    )
)
def test_no_post_breaks_the_reader(posted: dict[str, list[str]]) -> None:
    document, problems = read_answers(SURVEY, posted)
    assert list(document) == ["q1", "q2", "q3", "q4"]
    assert json.dumps(document, allow_nan=False)
    for problem in problems:
        assert str(problem).encode("utf-8")


def test_every_question_is_in_the_document_and_the_unanswered_are_skipped() -> None:
    document, problems = read_answers(SURVEY, {"q1": ["4"], "q2": [""], "csrf_token": ["x"]})
    assert problems == []
    assert document == {"q1": {"value": 4}, "q2": SKIPPED, "q3": SKIPPED, "q4": SKIPPED}


def test_a_required_question_takes_an_answer_or_an_offered_code() -> None:
    assert refused(q1=[""]) == [("q1", "required")]
    assert refused(q1=[], q1__missing=["refused"]) == []


def test_a_value_and_a_missing_code_together_are_named_not_guessed() -> None:
    assert refused(q1__missing=["dont_know"]) == [("q1", "value_and_missing")]


def test_an_empty_missing_field_is_no_code() -> None:
    assert refused(q1__missing=[""]) == []


@pytest.mark.parametrize(
    ("field", "codes", "code"),
    [
        ("q1__missing", ["not_applicable"], "missing_not_offered"),
        ("q1__missing", ["skipped"], "missing_not_offered"),
        ("q1__missing", ["refused", "dont_know"], "several_missing"),
        ("q4__missing", ["refused"], "missing_not_offered"),
    ],
)
def test_codes_not_offered_are_refused(field: str, codes: list[str], code: str) -> None:
    assert refused(**{"q1": [""], field: codes})[-1] == (field[:2], code)


def test_unknown_fields_are_refused_by_name() -> None:
    assert refused(q9=["x"], q9__missing=["refused"]) == [
        ("q9", "unknown_question"),
        ("q9__missing", "unknown_question"),
    ]


def test_all_problems_are_told_at_once() -> None:
    assert refused(q1=["9"], q2=["z"], q3=["1,5"], q4=["\0"]) == [
        ("q1", "outside_scale"),
        ("q2", "unknown_option"),
        ("q3", "decimal_comma"),
        ("q4", "bad_character"),
    ]


def test_an_imported_row_is_read_by_the_same_rules() -> None:
    document, problems = read_imported(
        SURVEY, {"q1": "5", "q2": "b|a", "q3": "12.0", "q4": "Fine"}, {}
    )
    assert problems == []
    assert document == {
        "q1": {"value": 5},
        "q2": {"value": ["a", "b"]},
        "q3": {"value": 12},
        "q4": {"value": "Fine"},
    }
    _, problems = read_imported(SURVEY, {"q1": "9", "q3": "1,5", "q9": "x"}, {"q4": "refused"})
    assert [(problem.place, problem.code) for problem in problems] == [
        ("q1", "outside_scale"),
        ("q3", "decimal_comma"),
        ("q4", "missing_not_offered"),
        ("q9", "unknown_question"),
    ]


def test_an_imported_row_may_tell_why_nothing_was_answered() -> None:
    document, problems = read_imported(
        SURVEY, {"q1": "", "q2": ""}, {"q1": "dont_know", "q2": "not_shown", "q3": ""}
    )
    assert problems == []
    assert document["q1"] == {"missing": "dont_know"}
    assert document["q2"] == {"missing": "not_shown"}
    assert document["q3"] == SKIPPED


def test_a_required_question_may_be_unanswered_in_an_import() -> None:
    assert read_imported(SURVEY, {}, {})[1] == []


def test_a_value_and_a_code_in_one_imported_row_are_refused() -> None:
    _, problems = read_imported(SURVEY, {"q1": "4"}, {"q1": "refused"})
    assert [problem.code for problem in problems] == ["value_and_missing"]


def test_text_that_looks_like_a_formula_or_markup_is_kept_as_typed() -> None:
    survey = replace(SURVEY, sections=(Section(id="b", questions=(TEXT,)),))
    typed = "=HYPERLINK(1)\r\n<script>\u202e 👩🏽‍🚒"
    document, _ = read_answers(survey, {"q4": [typed]})
    assert document["q4"] == {"value": typed.replace("\r\n", "\n")}


@pytest.mark.parametrize(
    "question",
    [RATING, replace(CHOICE, id="q1", multiple=False, missing=("dont_know", "refused"))],
)
def test_where_one_value_is_picked_a_missing_code_may_be_picked_in_its_place(
    question: Rating | Choice,
) -> None:
    survey = replace(SURVEY, sections=(Section(id="a", questions=(question,)),))
    assert read_answers(survey, {"q1": ["missing:refused"]}) == ({"q1": {"missing": "refused"}}, [])
    for posted, code in [
        (["missing:refused", "missing:dont_know"], "several_missing"),
        (["missing:nonsense"], "missing_not_offered"),
        (["missing:skipped"], "missing_not_offered"),
    ]:
        assert [problem.code for problem in read_answers(survey, {"q1": posted})[1]] == [code]


def test_a_value_picked_together_with_a_missing_code_is_refused() -> None:
    assert refused(q1=["3", "missing:refused"]) == [("q1", "value_and_missing")]


def test_text_that_looks_like_a_missing_code_stays_text() -> None:
    document, problems = read_answers(SURVEY, {"q1": ["3"], "q4": ["missing:refused"]})
    assert problems == []
    assert document["q4"] == {"value": "missing:refused"}
