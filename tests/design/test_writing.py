"""Definitions as YAML."""

from __future__ import annotations

from hypothesis import given

from survey_app.design.reading import read_document
from survey_app.design.writing import write_yaml
from survey_app.domain.questionnaire import Questionnaire
from survey_app.domain.wire import dump_definition
from tests.domain.strategies import questionnaires


@given(questionnaires())
def test_what_is_written_is_read_again(questionnaire: Questionnaire) -> None:
    definition = dump_definition(questionnaire)
    assert read_document(write_yaml(definition)) == (definition, [])


def test_people_find_numbers_at_points_and_lines_as_lines() -> None:
    written = write_yaml({"introduction": "one\ntwo", "anchors": {"1": "poor"}, "options": ["a"]})
    assert written == "introduction: |-\n  one\n  two\nanchors:\n  1: poor\noptions:\n  - a\n"
