"""How long a draft takes to answer, also while it lacks something."""

from __future__ import annotations

from flask import Flask

from survey_app.design.editing import create_questionnaire
from survey_app.design.estimating import draft_minutes
from tests.factories.questionnaires import NOW, definition


def test_minutes_are_told_of_a_draft_that_lacks_something(app: Flask) -> None:
    lacking = definition(title="", translations={"de": {}})
    lacking["sections"].append({"id": "visit", "questions": []})
    questions = lacking["sections"][0]["questions"]
    questions[0] |= {"id": "", "text": "", "scale": {"lowest": 5, "highest": 1}}
    questions[1] |= {"id": "q3", "options": [], "show_if": {"question": "q9", "at_least": 1}}
    rated = {"id": "q8", "type": "matrix", "text": "All?", "scale": {"lowest": 1, "highest": 1}}
    ranked = {"id": "q8", "type": "ranking", "text": "Which?", "options": [], "places": 3}
    questions += [rated | {"rows": []}, ranked]
    with app.app_context():
        questionnaire, _problems = create_questionnaire(definition(), NOW)
        assert questionnaire is not None
        whole = draft_minutes(questionnaire)
        assert whole is not None
        questionnaire.draft = lacking
        minutes = draft_minutes(questionnaire)
        assert minutes is not None
        assert 1 < minutes[0] == minutes[1] < 3
        # A translation that is missing changes nobody's way.
        questionnaire.draft = definition(translations={"de": {}})
        assert draft_minutes(questionnaire) == whole
        questionnaire.draft = definition(sections=[])
        assert draft_minutes(questionnaire) is None
