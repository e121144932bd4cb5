"""Publishing: checked, numbered, frozen."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, text, update

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.design.editing import create_questionnaire, save_draft
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.design.publishing import advise, draft_problems, preview_changes, publish
from survey_app.domain.overruling import Overrule
from survey_app.domain.problems import Conflict
from survey_app.domain.translating import texts_of
from survey_app.domain.wire import definition_hash, dump_definition, load_definition
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


def reworded(text: str) -> dict[str, Any]:
    """The definition with another wording of q1, a rating."""
    changed = definition()
    changed["sections"][0]["questions"][0]["text"] = text
    return changed


def publish_next(
    questionnaire: Questionnaire, changed: dict[str, Any], **overruled: Overrule
) -> QuestionnaireVersion:
    """The changed definition as the next version; keys of changes with __ for the slash."""
    assert save_draft(questionnaire, changed, questionnaire.draft_revision, NOW) == []
    by_key = {key.replace("__", "/"): one for key, one in overruled.items()}
    version, problems = publish(questionnaire, NOW, overruled=by_key)
    assert version is not None, problems
    return version


def test_a_first_version_has_no_changes_and_all_its_items_in_series_one(app: Flask) -> None:
    with app.app_context():
        version = add_version()
        assert version.changes == []
        assert version.series == {"q1": 1, "q2": 1, "q3": 1, "q4": 1, "q5": 1}


def test_a_breaking_change_begins_a_new_series_of_its_item_alone(app: Flask) -> None:
    with app.app_context():
        version = publish_next(add_version().questionnaire, reworded("How content are you?"))
        assert [(one["key"], one["kind"]) for one in version.changes] == [
            ("q1/text_changed", "breaking")
        ]
        assert version.series == {"q1": 2, "q2": 1, "q3": 1, "q4": 1, "q5": 1}


def test_an_overruled_change_carries_its_series_on_and_is_kept_with_its_note(app: Flask) -> None:
    with app.app_context():
        note = Overrule("comparable", " A typing error. ")
        questionnaire = add_version().questionnaire
        version = publish_next(questionnaire, reworded("How satisfied?"), q1__text_changed=note)
        (kept,) = version.changes
        assert (kept["kind"], kept["overruled"], kept["note"], kept["by"]) == (
            "breaking",
            "comparable",
            "A typing error.",
            None,
        )
        assert version.series["q1"] == 1
        entry = db.session.query(AuditEntry).filter_by(action="change overruled").one()
        assert entry.subject == "visit_feedback 2"
        assert entry.detail["note"] == "A typing error."


def test_a_harmless_change_can_be_held_to_break(app: Flask) -> None:
    with app.app_context():
        changed = definition()
        changed["sections"][0]["questions"][0]["help"] = "In general."
        note = Overrule("breaking", "People answered to the small print.")
        questionnaire = add_version().questionnaire
        version = publish_next(questionnaire, changed, q1__help_changed=note)
        assert version.series["q1"] == 2


@pytest.mark.parametrize(
    ("key", "note", "code"),
    [("q1/text_changed", " ", "no_note"), ("q2/text_changed", "Really.", "unknown_change")],
)
def test_an_overruling_without_reason_or_subject_publishes_nothing(
    key: str, note: str, code: str, app: Flask
) -> None:
    with app.app_context():
        questionnaire = add_version().questionnaire
        save_draft(questionnaire, reworded("How content?"), 1, NOW)
        version, problems = publish(
            questionnaire, NOW, overruled={key: Overrule("comparable", note)}
        )
        assert version is None
        assert [problem.code for problem in problems] == [code]
        assert len(questionnaire.versions) == 1


def test_an_item_that_comes_back_begins_a_new_series(app: Flask) -> None:
    with app.app_context():
        questionnaire = add_version().questionnaire
        without = definition()
        without["sections"][0]["questions"].pop(0)
        assert publish_next(questionnaire, without).series["q1"] == 1
        version = publish_next(questionnaire, definition())
        assert version.series["q1"] == 2
        assert [(one["code"], one["kind"]) for one in version.changes] == [
            ("question_returned", "breaking")
        ]


def test_an_item_that_comes_back_as_it_was_can_be_held_to_compare(app: Flask) -> None:
    with app.app_context():
        questionnaire = add_version().questionnaire
        without = definition()
        without["sections"][0]["questions"].pop(0)
        publish_next(questionnaire, without)
        note = Overrule("comparable", "It was left out for a week.")
        version = publish_next(questionnaire, definition(), q1__question_returned=note)
        assert version.series["q1"] == 1


def test_translations_that_their_source_left_behind_are_told_before_publishing(app: Flask) -> None:
    with app.app_context():
        translated = definition()
        loaded, _problems = load_definition(translated)
        assert loaded is not None
        texts = texts_of(dump_definition(loaded))
        questionnaire, _ = create_questionnaire(translated | {"translations": {"de": texts}}, NOW)
        assert questionnaire is not None
        assert publish(questionnaire, NOW)[1] == []
        changed = reworded("How content are you?") | {"translations": {"de": texts}}
        assert save_draft(questionnaire, changed, 1, NOW) == []
        advice = advise(questionnaire)
        assert advice is not None
        (stale,) = [one for one in advice.warnings if one.code == "stale_translation"]
        assert stale.place == "translation de, q1.text"
        assert "since version 1;" in stale.message


def test_versions_from_before_series_were_kept_are_in_series_one(app: Flask) -> None:
    with app.app_context():
        questionnaire = add_version().questionnaire
        db.session.flush()
        statement = text("UPDATE questionnaire_version SET series = '{}'")
        db.session.execute(statement)
        db.session.expire_all()
        without = definition()
        without["sections"][0]["questions"].pop(0)
        assert publish_next(questionnaire, without).series["q2"] == 1
        version = publish_next(questionnaire, reworded("How content?"))
        assert (version.series["q1"], version.series["q2"]) == (2, 1)


def test_changes_can_be_looked_at_before(app: Flask) -> None:
    with app.app_context():
        questionnaire, _problems = create_questionnaire(definition(), NOW)
        assert questionnaire is not None
        assert preview_changes(questionnaire) == []
        publish(questionnaire, NOW)
        save_draft(questionnaire, reworded("How content?"), 1, NOW)
        assert [change.key for change in preview_changes(questionnaire)] == ["q1/text_changed"]
        assert len(questionnaire.versions) == 1


def test_advice_is_given_beside_problems(app: Flask) -> None:
    with app.app_context():
        changed = definition()
        asked = changed["sections"][0]["questions"]
        asked[0]["text"] = "word " * 40
        asked.append(
            {"id": "q1", "type": "text", "text": "", "show_if": {"question": "q9", "equals": 1}}
        )
        questionnaire, _ = create_questionnaire(changed, NOW)
        assert questionnaire is not None
        assert len(draft_problems(questionnaire)) >= 3
        advice = advise(questionnaire)
        assert advice is not None
        assert "long_question" in {one.code for one in advice.warnings}
        assert advice.minutes[1] > 0
