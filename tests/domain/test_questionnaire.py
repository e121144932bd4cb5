"""The questionnaire as an object."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given

from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Questionnaire, Section
from tests.domain.strategies import laws, routed_questionnaires

FIRST, SECOND, THIRD = (Text(id=name) for name in ("q1", "q2", "q3"))
ROWS = (Option(code="a", label="A"), Option(code="b", label="B"))
MATRIX = Matrix(id="m", rows=ROWS, scale=Scale(lowest=1, highest=5))
SECTIONS = (
    Section(id="a", title="A", questions=(FIRST, SECOND), show_if={"contact": "x", "equals": 1}),
    Section(id="b", questions=(THIRD, Info(id="i"), MATRIX)),
)


def test_questions_come_in_order_through_all_sections() -> None:
    survey = Questionnaire(key="visit", sections=SECTIONS)
    assert [question.id for question in survey.questions] == ["q1", "q2", "q3", "i", "m"]


def test_what_leaves_an_answer_is_an_item() -> None:
    survey = Questionnaire(key="visit", sections=SECTIONS)
    assert [item.id for item in survey.items] == ["q1", "q2", "q3", "m.a", "m.b"]


def test_pages_are_the_whole_its_sections_or_its_questions() -> None:
    survey = Questionnaire(key="visit", sections=SECTIONS)
    assert [page.id for page in survey.pages] == [""]
    sections = dataclasses.replace(survey, paging="sections")
    assert [(page.id, len(page.questions)) for page in sections.pages] == [("a", 2), ("b", 3)]
    single = dataclasses.replace(survey, paging="questions")
    assert [page.id for page in single.pages] == ["q1", "q2", "q3", "i", "m"]
    # The section's title and condition go with each of its questions.
    [alone] = single.pages[1].sections
    assert (alone.title, alone.show_if) == ("A", SECTIONS[0].show_if)


def test_its_own_language_comes_first() -> None:
    survey = Questionnaire(key="visit", language="de", translations={"fr": {}, "de": {}})
    assert survey.languages == ("de", "fr")


def test_a_questionnaire_is_frozen() -> None:
    questionnaire = Questionnaire(key="visit")
    with pytest.raises(dataclasses.FrozenInstanceError):
        questionnaire.key = "other"  # type: ignore[misc]


@laws
@given(routed_questionnaires())
def test_every_question_is_on_one_page_and_every_field_is_of_one_question(
    survey: Questionnaire,
) -> None:
    paged = [question.id for page in survey.pages for question in page.questions]
    assert paged == [question.id for question in survey.questions]
    fields = [name for question in survey.questions for name in question.field_names]
    assert len(fields) == len(set(fields))
    ids = [item.id for item in survey.items]
    assert len(ids) == len(set(ids))
    assert hash(survey) == hash(dataclasses.replace(survey))
