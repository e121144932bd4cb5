"""One link, one response, stored exactly."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.domain.problems import Gone, NotFound
from survey_app.invite.models import Invitation
from survey_app.organisation.arranging import add_representative, add_unit
from survey_app.respond.entering import find_invitation
from survey_app.respond.models import Response
from survey_app.respond.outcomes import Received, Shown, Stored
from tests.factories.questionnaires import NOW, add_invitation, add_version, definition
from tests.factories.sending import send

ANSWERS = {"q1": ["4"], "q2": ["shop"], "q3": ["a", "b"], "q4": ["12"], "q5": ["Nothing."]}
STORED: dict[str, Any] = {
    "q1": {"value": 4},
    "q2": {"value": "shop"},
    "q3": {"value": ["a", "b"]},
    "q4": {"value": 12},
    "q5": {"value": "Nothing."},
}


def test_a_response_pins_what_the_invitation_says(app: Flask) -> None:
    with app.app_context():
        company, _ = add_unit("company", "Example Ltd", None)
        assert company is not None
        person, _ = add_representative("anna", "Anna", company)
        assert person is not None
        named = {"unit_id": company.id, "representative_id": person.id}
        invitation, token = add_invitation(add_version(), **named)
        assert isinstance(send(token, ANSWERS), Stored)
        response = db.session.query(Response).one()
        assert response.answers == STORED
        assert (response.unit_id, response.representative_id) == (company.id, person.id)
        assert response.customer == f"contact-{invitation.contact_id}"
        assert response.attributes == {"segment": "gold"}
        assert (response.questionnaire_key, response.version_number) == ("visit_feedback", 1)
        assert (response.source, response.source_id) == ("invitation", str(invitation.id))
        assert (response.submitted_at, response.revision) == (NOW, 1)


def test_a_second_submission_leaves_the_first(app: Flask) -> None:
    with app.app_context():
        _, token = add_invitation(add_version())
        send(token, ANSWERS)
        assert isinstance(send(token, ANSWERS | {"q1": ["1"]}), Received)
        assert db.session.query(Response).one().answers == STORED


def test_refused_answers_store_nothing(app: Flask) -> None:
    with app.app_context():
        _, token = add_invitation(add_version())
        outcome = send(token, ANSWERS | {"q1": ["9"]})
        assert isinstance(outcome, Shown)
        assert [problem.place for problem in outcome.problems] == ["q1"]
        assert db.session.query(Response).count() == 0


@pytest.mark.parametrize(
    "ended",
    [
        {"expires_at": NOW},
        {"closes_at": NOW - timedelta(seconds=1)},
        {"revoked_at": NOW - timedelta(days=1)},
    ],
)
def test_a_link_that_has_ended_says_so_and_takes_nothing(app: Flask, ended: dict[str, Any]) -> None:
    with app.app_context():
        _, token = add_invitation(add_version(), **ended)
        with pytest.raises(Gone):
            find_invitation(db.session.connection(), token, NOW)
        with pytest.raises(Gone):
            send(token, ANSWERS)
        assert db.session.query(Response).count() == 0


def test_a_link_takes_answers_until_the_very_end(app: Flask) -> None:
    with app.app_context():
        _, token = add_invitation(add_version(), expires_at=NOW)
        assert isinstance(send(token, ANSWERS, now=NOW - timedelta(microseconds=1)), Stored)
        # Who has answered is thanked, not turned away.
        assert find_invitation(db.session.connection(), token, NOW).response_id is not None


def test_an_unknown_link_is_not_found(app: Flask) -> None:
    with app.app_context():
        add_invitation(add_version())
        for token in ("", "x", "x" * 5000, "é", "\0"):
            with pytest.raises(NotFound):
                find_invitation(db.session.connection(), token, NOW)


def test_an_invitation_cannot_leave_from_under_its_answers(app: Flask) -> None:
    with app.app_context():
        _, token = add_invitation(add_version())
        send(token, ANSWERS)
        db.session.commit()
        with pytest.raises(IntegrityError):
            db.session.execute(delete(Invitation))
        db.session.rollback()


def test_twenty_submissions_at_once_make_one_response(app: Flask) -> None:
    with app.app_context():
        _, token = add_invitation(add_version())
        db.session.commit()
    gate = threading.Barrier(20)
    outcomes: list[str] = []

    def send_one(number: int) -> None:
        with app.app_context():
            gate.wait(30)
            outcome = send(token, ANSWERS | {"q4": [str(number)]})
            db.session.commit()
            outcomes.append(type(outcome).__name__)

    threads = [threading.Thread(target=send_one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["Received"] * 19 + ["Stored"]
    with app.app_context():
        assert db.session.query(Response).count() == 1
        invitation = db.session.query(Invitation).one()
        assert (invitation.started, invitation.answered) == (True, True)


def test_a_form_in_which_nothing_was_answered_does_not_use_up_the_link(app: Flask) -> None:
    optional = definition()
    for question in optional["sections"][0]["questions"]:
        question["required"] = False
    with app.app_context():
        _, token = add_invitation(add_version(optional))
        outcome = send(token, {"q5": ["  "]})
        assert isinstance(outcome, Shown)
        assert [problem.code for problem in outcome.problems] == ["nothing_answered"]
        assert db.session.query(Response).count() == 0
        assert isinstance(send(token, {"q1": ["missing:dont_know"]}), Stored)
