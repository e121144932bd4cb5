"""Publishing: checked, numbered, frozen."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, update

from survey_app.db import db
from survey_app.design.editing import create_questionnaire, save_draft
from survey_app.design.models import QuestionnaireVersion
from survey_app.design.publishing import publish
from survey_app.domain.problems import Conflict
from survey_app.domain.wire import definition_hash
from tests.factories.questionnaires import NOW, add_version, definition


def test_a_published_version_is_the_draft_with_its_hash(app: Flask) -> None:
    with app.app_context():
        version = add_version()
        assert (version.questionnaire_key, version.number) == ("visit_feedback", 1)
        assert version.definition == version.questionnaire.draft
        assert version.hash == definition_hash(version.definition)


def test_later_changes_of_the_draft_leave_the_version_as_it_was(app: Flask) -> None:
    with app.app_context():
        version = add_version()
        questionnaire = version.questionnaire
        assert save_draft(questionnaire, definition(title="Changed"), 1, NOW) == []
        second, problems = publish(questionnaire, NOW)
        assert problems == []
        assert second is not None
        assert second.number == 2
        db.session.commit()
        db.session.expire_all()
        titles = [version.definition["title"] for version in questionnaire.versions]
        assert titles == ["How was your visit?", "Changed"]


def test_an_unchanged_draft_is_not_published_again(app: Flask) -> None:
    with app.app_context():
        questionnaire = add_version().questionnaire
        version, problems = publish(questionnaire, NOW)
        assert version is None
        assert [problem.code for problem in problems] == ["unchanged"]
        assert len(questionnaire.versions) == 1


def test_a_draft_that_lacks_something_is_not_published(app: Flask) -> None:
    with app.app_context():
        questionnaire, _ = create_questionnaire(definition(sections=[]), NOW)
        assert questionnaire is not None
        version, problems = publish(questionnaire, NOW)
        assert version is None
        assert [problem.code for problem in problems] == ["no_sections"]
        assert db.session.query(QuestionnaireVersion).count() == 0


def test_a_draft_that_changed_since_it_was_looked_at_is_not_published(app: Flask) -> None:
    with app.app_context():
        questionnaire, _ = create_questionnaire(definition(), NOW)
        assert questionnaire is not None
        save_draft(questionnaire, definition(title="Changed"), 1, NOW)
        version, problems = publish(questionnaire, NOW, 1)
        assert version is None
        assert [problem.code for problem in problems] == ["stale"]
        assert publish(questionnaire, NOW, 2)[1] == []


def test_a_published_version_cannot_be_changed_or_deleted(app: Flask) -> None:
    with app.app_context():
        add_version()
        db.session.commit()
        version = db.session.query(QuestionnaireVersion).one()
        version.definition = definition(title="Forged")
        with pytest.raises(Conflict):
            db.session.flush()
        db.session.rollback()
        db.session.delete(db.session.query(QuestionnaireVersion).one())
        with pytest.raises(Conflict):
            db.session.flush()
        db.session.rollback()
        for statement in (
            update(QuestionnaireVersion).values(hash="0"),
            delete(QuestionnaireVersion),
        ):
            with pytest.raises(Conflict):
                db.session.execute(statement)
        db.session.rollback()
        kept = db.session.query(QuestionnaireVersion).one()
        assert kept.hash == definition_hash(kept.definition)
