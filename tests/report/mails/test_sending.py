"""Mails to users: sent once, tried again, never to who may not sign in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.jobs import dispatch_queued
from survey_app.report.mails.jobs import send_staff_mails
from survey_app.report.mails.queueing import queue_mail
from survey_app.report.mails.sending import claim_mail, send_mail
from survey_app.report.models import StaffMail
from tests.conftest import MailCatcher, free_port
from tests.factories.people import add_user

PDF = b"%PDF-1.7 a report"


@pytest.fixture
def settings(settings: Settings, smtp_server: MailCatcher) -> Settings:
    """Mails go to the test's own server."""
    return replace(
        settings, smtp_host="127.0.0.1", smtp_port=smtp_server.port, smtp_security="none"
    )


def write(key: str = "report 2026-07") -> StaffMail | None:
    """A mail with a file to the manager, committed as the edge does."""
    user = add_user("manager") if not db.session.query(StaffMail).count() else None
    user = user or db.session.query(StaffMail).first().user
    mail = queue_mail(user, key, "The report", "See the file.", utc_now(), ("report.pdf", PDF))
    db.session.commit()
    dispatch_queued()
    return mail


def test_a_mail_written_twice_is_sent_once_with_its_file(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        assert write() is not None
        assert write() is None
        run_jobs()
        send_staff_mails()
    (message,) = smtp_server.messages
    assert "<manager@example.org>" in message["To"]
    assert message["Subject"] == "The report"
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("report.pdf", PDF)


def test_nobody_who_may_not_sign_in_is_written_to(app: Flask, smtp_server: MailCatcher) -> None:
    with app.app_context():
        mail = write()
        assert mail is not None
        mail.user.active = False
        db.session.commit()
        assert write("another") is None
        send_staff_mails()
        assert db.session.query(StaffMail).one().state == "failed"
    assert smtp_server.messages == []


def test_what_was_not_taken_is_tried_again_later(app: Flask, smtp_server: MailCatcher) -> None:
    smtp_server.answers["manager@example.org"] = "451 Later"
    with app.app_context():
        write()
        send_staff_mails()
        mail = db.session.query(StaffMail).one()
        assert (mail.state, mail.attempts) == ("queued", 1)
        assert mail.not_before > utc_now() + timedelta(seconds=50)
        smtp_server.answers.clear()
        mail.not_before = utc_now()
        db.session.commit()
        send_staff_mails()
        assert db.session.query(StaffMail).one().state == "sent"
    assert len(smtp_server.messages) == 1


def test_a_server_that_is_away_loses_no_mail(app: Flask, settings: Settings) -> None:
    app.config["SETTINGS"] = replace(settings, smtp_port=free_port())
    with app.app_context():
        write()
        send_staff_mails()
        mail = db.session.query(StaffMail).one()
        assert (mail.state, mail.sent_at) == ("queued", None)
        assert mail.error


def test_an_outcome_changes_nothing_once_another_worker_has_taken_the_mail(
    app: Flask, settings: Settings
) -> None:
    class Slow:
        """While it sends, the claim is given up and another worker's begins."""

        def send(self, _message: object) -> None:
            taken = update(StaffMail).values(claimed_at=utc_now() + timedelta(hours=1))
            db.session.execute(taken.execution_options(synchronize_session=False))

    with app.app_context():
        write()
        mail = claim_mail(utc_now())
        assert mail is not None
        send_mail(Slow(), mail, settings, utc_now())  # type: ignore[arg-type]
        assert (mail.state, mail.attempts, mail.sent_at) == ("sending", 0, None)
