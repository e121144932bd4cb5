"""The preview: a page at a time, with all that depends on what nobody has answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.design.editing import create_questionnaire
from tests.factories.questionnaires import NOW

SURVEY: dict[str, Any] = {
    "format": "soundings-questionnaire/1",
    "key": "looked_at",
    "title": "Dear {{contact.name|customer}}",
    "paging": "sections",
    "sections": [
        {
            "id": "one",
            "questions": [
                {"id": "a", "type": "yes_no", "text": "Were you here?"},
                {
                    "id": "b",
                    "type": "text",
                    "text": "Why not?",
                    "show_if": {"question": "a", "equals": "no"},
                },
            ],
        },
        {
            "id": "two",
            "show_if": {"question": "a", "equals": "yes"},
            "questions": [
                {"id": "c", "type": "text", "text": "You said {{a|so}}, why?"},
                {
                    "id": "d",
                    "type": "text",
                    "text": "For gold only",
                    "show_if": {"contact": "segment", "equals": "gold"},
                },
            ],
        },
    ],
}


def test_what_other_pages_and_the_contact_decide_is_shown(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    manager = signed_in("manager")
    with app.app_context():
        create_questionnaire(SURVEY, NOW)
        db.session.commit()
    first = manager.get("/design/looked_at/preview").text
    assert "Dear customer" in first
    assert 'data-question="b" data-show-if=' in first
    second = manager.get("/design/looked_at/preview?page=two").text
    assert "You said so, why?" in second
    assert "For gold only" in second
    assert "data-show-if" not in second
    assert "disabled" in second


def test_a_draft_without_a_question_has_no_preview_and_says_so(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    manager = signed_in("manager")
    with app.app_context():
        create_questionnaire(SURVEY | {"sections": [], "paging": "questions"}, NOW)
        db.session.commit()
    answer = manager.get("/design/looked_at/preview")
    assert answer.status_code == 404
    assert "no question to look at yet" in answer.text
