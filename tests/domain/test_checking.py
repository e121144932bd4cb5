"""What keeps a well-formed questionnaire from being published."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from survey_app.domain.checking import check
from survey_app.domain.paths import MOST_TERMS, MOST_TERMS_IN_ALL, Paths
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Nps, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Question, Questionnaire, Section
from tests.domain.strategies import questionnaires

COMMENT = Text(id="q1", text="What else?")


def asking(*questions: Question) -> Questionnaire:
    section = Section(id="visit", questions=questions)
    return Questionnaire(key="visit_feedback", title="Your visit", sections=(section,))


def found(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in check(questionnaire)]


@given(questionnaires())
def test_a_sound_questionnaire_has_no_problem(questionnaire: Questionnaire) -> None:
    assert check(questionnaire) == []


@pytest.mark.parametrize(
    "key", ["", "x", "Visit", "1st", "visit-feedback", "é_x", "v" * 64, "ab\n"]
)
def test_the_key_is_lower_case_and_short(key: str) -> None:
    assert found(replace(asking(COMMENT), key=key)) == [("key", "bad_key")]


def test_a_title_is_needed() -> None:
    assert found(replace(asking(COMMENT), title="  ")) == [("title", "no_title")]


@pytest.mark.parametrize("language", ["", "english!", "de_CH"])
def test_the_language_is_a_code(language: str) -> None:
    assert found(replace(asking(COMMENT), language=language)) == [("language", "bad_language")]


def test_something_is_asked_in_every_section() -> None:
    assert found(replace(asking(), sections=())) == [("questionnaire", "no_sections")]
    assert found(asking()) == [('section 1 "visit"', "empty_section")]


@pytest.mark.parametrize("bad", ["", "1q", "q 1", "q-1", "ä", "q" * 64])
def test_ids_can_name_fields_and_columns(bad: str) -> None:
    codes = [code for _, code in found(asking(replace(COMMENT, id=bad)))]
    assert codes == ["bad_id"]
    section = Section(id=bad, questions=(COMMENT,))
    assert [code for _, code in found(replace(asking(), sections=(section,)))] == ["bad_id"]


@pytest.mark.parametrize("reserved", ["csrf_token", "q1__missing", "q1__other", "q1__shown"])
def test_ids_that_the_form_itself_uses_are_refused(reserved: str) -> None:
    assert found(asking(replace(COMMENT, id=reserved))) == [
        (f'section 1 "visit", question {reserved}, id', "reserved_id")
    ]


def test_ids_are_unique_whatever_their_case() -> None:
    other = replace(COMMENT, id="Q1")
    sections = (Section(id="a", questions=(COMMENT,)), Section(id="A", questions=(other,)))
    assert found(replace(asking(), sections=sections)) == [
        ('section "a"', "duplicate_section"),
        ('question "q1"', "duplicate_question"),
    ]


def test_every_question_has_a_text() -> None:
    assert found(asking(replace(COMMENT, text=" "))) == [
        ('section 1 "visit", question q1, text', "no_text")
    ]


def test_a_missing_code_is_offered_once() -> None:
    question = replace(COMMENT, missing=("refused", "refused"))
    assert found(asking(question)) == [
        ('section 1 "visit", question q1, missing', "duplicate_missing")
    ]


def test_the_types_own_problems_come_with_their_place() -> None:
    rating = Rating(id="q2", text="How?", scale=Scale(lowest=5, highest=1))
    assert found(asking(COMMENT, rating)) == [
        ('section 1 "visit", question q2, scale', "reversed_scale")
    ]


def test_what_measures_one_kpi_has_one_scale() -> None:
    five, ten = Scale(lowest=1, highest=5), Scale(lowest=1, highest=10)
    row = Option(code="speed", label="Speed")
    first = Rating(id="q1", text="How?", scale=five, kpi="service")
    matrix = Matrix(id="q2", text="How?", rows=(row,), scale=ten, kpi="service")
    (problem,) = check(asking(first, matrix))
    assert (problem.place, problem.code) == (
        'section 1 "visit", question q2, kpi',
        "unequal_scales",
    )
    assert "from 1 to 10" in problem.message
    assert "by q1" in problem.message
    turned = replace(first, id="q2", scale=replace(five, direction="lower_is_better"))
    assert found(asking(first, turned)) == []
    assert found(asking(first, replace(matrix, scale=five))) == []
    assert found(asking(first, replace(matrix, kpi="other"))) == []
    nps = Nps(id="q3", text="How likely?", kpi="service")
    assert [code for _place, code in found(asking(first, nps))] == ["unequal_scales"]


def test_paths_are_only_searched_through_what_is_sound() -> None:
    broken = Rating(id="q1", text="How?", scale=Scale(lowest=5, highest=1))
    later = replace(COMMENT, id="q2", show_if={"question": "q1", "answered": True})
    assert [code for _place, code in found(asking(broken, later))] == ["reversed_scale"]


def test_the_largest_questionnaire_is_checked_within_its_bounds() -> None:
    hard = {
        "all": [
            *({"any": [{"question": f"q{n}", "equals": v} for v in (1, 2)]} for n in range(11)),
            {"question": "q11", "at_least": 3},
            {"not": {"any": [{"question": "q11", "equals": v} for v in (3, 4, 5)]}},
        ]
    }
    easy = [Rating(id=f"q{n}", text="?", scale=Scale(lowest=1, highest=5)) for n in range(12)]
    asked = [replace(easy[0], id=f"h{n}", show_if=hard) for n in range(488)]
    questionnaire = asking(*easy, *asked)
    told = [code for _place, code in found(questionnaire)]
    # Where searching would take too long nothing is said: never more than there is.
    assert set(told) <= {"never_holds"}
    terms = MOST_TERMS_IN_ALL + MOST_TERMS
    paths = Paths(questionnaire)
    for question in asked:
        assert question.show_if is not None
        paths.can_hold((question.show_if,))
    assert MOST_TERMS_IN_ALL - paths._left <= terms


def test_what_can_never_hold_is_told_beside_other_problems() -> None:
    both = {"all": [{"question": "q1", "at_least": 4}, {"question": "q1", "less_than": 3}]}
    first = Rating(id="q1", text="How?", scale=Scale(lowest=1, highest=5))
    hidden = replace(first, id="q2", show_if=both)
    broken = Rating(id="q3", text="", scale=Scale(lowest=5, highest=1))
    told = {code for _place, code in found(asking(first, hidden, broken))}
    assert told == {"never_holds", "no_text", "reversed_scale"}
    twice = {code for _place, code in found(asking(first, hidden, first))}
    assert twice == {"duplicate_question", "asked_later"}
