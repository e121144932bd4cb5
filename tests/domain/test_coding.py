"""Coded ratings: exactly one of value and missing code, with the scale beside it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.coding import CodedRating, code_ratings
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Nps, Rated, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Questionnaire, Section
from tests.domain.strategies import CONTACTS, answers, laws, routed_questionnaires

SURVEY = Questionnaire(
    key="visit",
    sections=(
        Section(
            id="a",
            questions=(
                Rating(id="q1", scale=Scale(lowest=1, highest=5)),
                Text(id="q2"),
                Rating(id="q3", scale=Scale(lowest=0, highest=10)),
            ),
        ),
    ),
)


def test_a_value_and_a_missing_code_are_kept_apart() -> None:
    document: Any = {"q1": {"value": 4}, "q2": {"value": "x"}, "q3": {"missing": "refused"}}
    assert code_ratings(SURVEY, document) == [
        CodedRating("q1", 4.0, None, 1.0, 5.0),
        CodedRating("q3", None, "refused", 0.0, 10.0),
    ]


def test_a_rating_of_zero_is_a_value() -> None:
    document: Any = {"q1": {"missing": "skipped"}, "q2": {"missing": "skipped"}, "q3": {"value": 0}}
    assert code_ratings(SURVEY, document)[1] == CodedRating("q3", 0.0, None, 0.0, 10.0)


def test_each_row_of_a_matrix_and_each_fixed_scale_is_coded_and_no_number_is() -> None:
    matrix = Matrix(
        id="m", rows=(Option(code="speed", label="Speed"),), scale=Scale(lowest=-1, highest=1)
    )
    section = Section(id="a", questions=(Number(id="n"), matrix, Nps(id="r")))
    document: Any = {"n": {"value": 3}, "m.speed": {"value": -1}, "r": {"missing": "not_shown"}}
    assert code_ratings(Questionnaire(key="visit", sections=(section,)), document) == [
        CodedRating("m.speed", -1.0, None, -1.0, 1.0),
        CodedRating("r", None, "not_shown", 0.0, 10.0),
    ]


def test_a_document_of_another_version_is_a_surprise() -> None:
    with pytest.raises(KeyError, match="q3"):
        code_ratings(SURVEY, {"q1": {"value": 4}})


@laws
@given(st.data(), routed_questionnaires(), CONTACTS)
def test_every_rated_item_is_coded_once(
    data: st.DataObject, questionnaire: Questionnaire, contact: dict[str, str]
) -> None:
    document: Any = data.draw(answers(questionnaire, contact))
    coded = code_ratings(questionnaire, document)
    rated = [item.id for item in questionnaire.items if isinstance(item, Rated)]
    assert [row.question for row in coded] == rated
    for row in coded:
        assert (row.value is None) != (row.missing is None)
        assert row.value is None or row.scale_low <= row.value <= row.scale_high
