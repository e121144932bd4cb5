"""Drafts: well formed, perhaps incomplete, and never overwritten unseen."""

from __future__ import annotations

import copy

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.design.editing import create_questionnaire, save_draft, start_questionnaire
from survey_app.design.models import Questionnaire
from tests.factories.questionnaires import NOW, definition


def test_a_title_is_enough_to_begin(app: Flask) -> None:
    with app.app_context():
        questionnaire, problems = start_questionnaire("visit", " Visit ", NOW)
        assert problems == []
        assert questionnaire is not None
        assert (questionnaire.key, questionnaire.title) == ("visit", "Visit")
        assert questionnaire.draft_revision == 1


@pytest.mark.parametrize(
    ("key", "title", "code"),
    [
        ("Visit", "Visit", "bad_key"),
        ("v", "Visit", "bad_key"),
        ("visit", "  ", "no_title"),
        ("visit", "\0", "bad_character"),
        ("x" * 65, "Visit", "too_long"),
    ],
)
def test_a_bad_key_or_title_is_refused(app: Flask, key: str, title: str, code: str) -> None:
    with app.app_context():
        questionnaire, problems = start_questionnaire(key, title, NOW)
        assert questionnaire is None
        assert [problem.code for problem in problems] == [code]
        assert db.session.query(Questionnaire).count() == 0


def test_a_taken_key_is_told_and_the_first_stays(app: Flask) -> None:
    with app.app_context():
        start_questionnaire("visit", "First", NOW)
        assert [p.code for p in start_questionnaire("visit", "Second", NOW)[1]] == ["taken"]
        assert db.session.query(Questionnaire).one().title == "First"


def test_a_save_raises_the_revision_and_a_stale_one_changes_nothing(app: Flask) -> None:
    with app.app_context():
        questionnaire, _ = create_questionnaire(definition(), NOW)
        assert questionnaire is not None
        assert save_draft(questionnaire, definition(title="Second"), 1, NOW) == []
        assert (questionnaire.title, questionnaire.draft_revision) == ("Second", 2)
        problems = save_draft(questionnaire, definition(title="Third"), 1, NOW)
        assert [problem.code for problem in problems] == ["stale"]
        assert (questionnaire.title, questionnaire.draft_revision) == ("Second", 2)
        assert questionnaire.draft["title"] == "Second"


def test_a_draft_may_be_incomplete_but_not_malformed(app: Flask) -> None:
    with app.app_context():
        questionnaire, _ = create_questionnaire(definition(), NOW)
        assert questionnaire is not None
        assert save_draft(questionnaire, definition(sections=[]), 1, NOW) == []
        before = copy.deepcopy(questionnaire.draft)
        for malformed in (
            definition(sections=[{"id": "a", "questions": [{"id": "q1", "type": "song"}]}]),
            definition(key="other"),
            definition(title=" "),
        ):
            assert save_draft(questionnaire, malformed, 2, NOW) != []
        assert questionnaire.draft == before
        assert questionnaire.draft_revision == 2
