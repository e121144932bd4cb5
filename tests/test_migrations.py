"""Migrations carry over what is there."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from survey_app.db import db
from survey_app.design.editing import save_draft
from survey_app.design.models import QuestionnaireVersion
from survey_app.design.publishing import publish
from survey_app.migrating import downgrade_database, upgrade_database
from tests.factories.questionnaires import NOW, add_version, definition


def test_versions_from_before_series_have_none_and_are_published_on(app: Flask) -> None:
    with app.app_context():
        add_version()
        db.session.commit()
        db.session.remove()
        downgrade_database("0001")
        with db.engine.connect() as connection:
            columns = connection.execute(text("SELECT * FROM questionnaire_version")).keys()
        assert "series" not in columns
        upgrade_database()
        version = db.session.query(QuestionnaireVersion).one()
        assert (version.changes, version.series) == ([], {})
        questionnaire = version.questionnaire
        assert save_draft(questionnaire, definition(title="Another"), 1, NOW) == []
        second, problems = publish(questionnaire, NOW)
        assert second is not None, problems
        assert second.series["q1"] == 1
