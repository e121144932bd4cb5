"""Who holds a link, found by one query."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import update

from survey_app.db import db
from survey_app.invite.models import Campaign
from survey_app.invite.tokens import hash_of
from survey_app.respond.entering import (
    FIND_INVITATION,
    ballot_of,
    find_invitation,
    read_invitation,
)
from survey_app.respond.models import ResponseDraft
from survey_app.respond.outcomes import CHANGE, SAVE
from tests.factories.questionnaires import NOW, add_invitation, add_version
from tests.factories.sending import send

ANSWERS = {"q1": ["4"], "q2": ["shop"], "q3": ["a", "b"], "q4": ["12"], "q5": ["Nothing."]}


def test_a_page_that_reads_finds_what_a_post_finds(app: Flask) -> None:
    with app.app_context():
        version = add_version()
        tokens = [add_invitation(version, number)[1] for number in (1, 2, 3)]
        send(tokens[1], {"q1": ["4"]}, action=SAVE)
        send(tokens[2], ANSWERS)
        db.session.commit()
        for token in tokens:
            found = find_invitation(db.session.connection(), token, NOW)
            assert read_invitation(token, NOW) == found
        assert found.response_revision == 1


def test_however_often_a_response_was_changed_one_row_is_read_the_newest(app: Flask) -> None:
    with app.app_context():
        token = add_invitation(add_version())[1]
        db.session.execute(update(Campaign).values(answers_may_change=True))
        send(token, ANSWERS)
        for _ in range(3):
            send(token, {}, action=CHANGE)
            revision = db.session.query(ResponseDraft).one().revision
            send(token, ANSWERS, revision=revision)
        found = db.session.connection().execute(
            FIND_INVITATION, {"token_hash": hash_of(token), "ballot": ballot_of(token)}
        )
        assert [row.revision for row in found] == [4]
        db.session.commit()
        assert read_invitation(token, NOW).response_revision == 4
