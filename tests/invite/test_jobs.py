from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from survey_app.config import Settings
from survey_app.db import Base, db, utc_now
from survey_app.invite import jobs
from survey_app.invite.composing import Letter
from survey_app.invite.contact_models import Contact
from survey_app.invite.delivering import WireMail, open_post
from survey_app.invite.encoding import Writer
from survey_app.invite.inviting import launch
from survey_app.invite.mailing import claim_mails
from survey_app.invite.models import OutboxMail
from survey_app.invite.outbox import list_mails
from survey_app.jobs import dispatch_queued
from tests.conftest import MailCatcher, free_port, make_settings
from tests.factories.campaigns import invitation_of, make_campaign, make_contact, make_contacts

LINK = re.compile(r"http://127\.0\.0\.1:8000/r/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")

ZONE = ZoneInfo("UTC")


@pytest.fixture
def settings(database_url: str, tmp_path: Path, smtp_server: MailCatcher) -> Settings:
    return make_settings(
        tmp_path,
        database_url,
        smtp_host="127.0.0.1",
        smtp_port=smtp_server.port,
        smtp_security="none",
    )


def send_to(app: Flask, count: int, run_jobs: Callable[[], int]) -> None:
    """A campaign to so many contacts, launched and worked off."""
    with app.app_context():
        make_contacts(count)
        launch(make_campaign(), utc_now())
        db.session.commit()
        dispatch_queued()
    run_jobs()


def states(app: Flask) -> list[tuple[str, int, str]]:
    with app.app_context():
        mails = db.session.query(OutboxMail).order_by(OutboxMail.id)
        return [(mail.state, mail.attempts, mail.error) for mail in mails]


def test_every_recipient_gets_one_mail_whose_link_is_theirs(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    send_to(app, 3, run_jobs)
    assert [mail["To"].addresses[0].addr_spec for mail in smtp_server.messages] == [
        f"person{number}@example.org" for number in (1, 2, 3)
    ]
    assert states(app) == [("sent", 1, "")] * 3
    with app.app_context():
        for mail in smtp_server.messages:
            plain, html = (part.get_content() for part in mail.iter_parts())
            found = LINK.search(plain)
            assert found is not None
            assert found.group(0) in html
            invitation = invitation_of(found.group(1))
            assert invitation is not None
            assert invitation.contact.email == mail["To"].addresses[0].addr_spec


def test_no_token_is_anywhere_in_the_database(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    send_to(app, 3, run_jobs)
    tokens = [LINK.search(str(mail)).group(1) for mail in smtp_server.messages]  # type: ignore[union-attr]
    with app.app_context():
        kept = "\n".join(
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in db.session.execute(text(f'SELECT * FROM "{table.name}"'))
        )
    assert "person1@example.org" in kept
    assert len(tokens) == 3
    for token in tokens:
        assert token not in kept


def test_a_refused_recipient_fails_and_the_others_get_their_mail(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    smtp_server.answers["person2@example.org"] = "550 mailbox unknown"
    send_to(app, 3, run_jobs)
    assert states(app) == [
        ("sent", 1, ""),
        ("failed", 1, "The mail server answered: 550 mailbox unknown."),
        ("sent", 1, ""),
    ]


def test_a_deferred_recipient_is_tried_again_after_a_pause(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    smtp_server.answers["person1@example.org"] = "451 greylisted"
    send_to(app, 2, run_jobs)
    assert states(app)[0] == ("queued", 1, "The mail server answered: 451 greylisted.")
    assert states(app)[1][0] == "sent"
    smtp_server.answers.clear()
    with app.app_context():
        jobs.look_for_mails()
        assert len(smtp_server.messages) == 1
        waiting = db.session.query(OutboxMail).filter_by(state="queued").one()
        assert utc_now() < waiting.not_before < utc_now() + timedelta(seconds=61)
        waiting.not_before = utc_now()
        db.session.commit()
        jobs.look_for_mails()
    assert states(app)[0] == ("sent", 2, "")


def test_while_the_server_is_down_nothing_is_lost(
    app: Flask, settings: Settings, database_url: str, run_jobs: Callable[[], int]
) -> None:
    down = make_settings(settings.home, database_url, smtp_host="127.0.0.1", smtp_port=free_port())
    app.config["SETTINGS"] = down
    send_to(app, 3, run_jobs)
    kept = states(app)
    assert [(state, attempts) for state, attempts, _ in kept] == [
        ("queued", 1),
        ("queued", 0),
        ("queued", 0),
    ]
    assert "cannot be reached" in kept[0][2]


def test_a_server_without_starttls_gets_nothing_and_the_mails_wait(
    app: Flask,
    settings: Settings,
    database_url: str,
    smtp_server: MailCatcher,
    run_jobs: Callable[[], int],
) -> None:
    app.config["SETTINGS"] = make_settings(
        settings.home, database_url, smtp_host="127.0.0.1", smtp_port=smtp_server.port
    )
    send_to(app, 2, run_jobs)
    assert smtp_server.messages == []
    assert [state for state, _, _ in states(app)] == ["queued", "queued"]
    assert "STARTTLS" in states(app)[0][2]


def test_a_line_break_in_a_name_sends_nothing(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        # Past the product's own check, as if it had a hole.
        db.session.add(
            Contact(email="mia@example.org", name="Mia\r\nBcc: all@example.org", attributes={})
        )
        make_contact("jo@example.org")
        launch(make_campaign(), utc_now())
        db.session.commit()
        dispatch_queued()
    run_jobs()
    assert [mail["To"].addresses[0].addr_spec for mail in smtp_server.messages] == [
        "jo@example.org"
    ]
    assert states(app)[0][0] == "failed"
    assert "could not be written" in states(app)[0][2]


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("=?utf-8?q?x=0D=0ABcc:_evil=40evil.test?=", "mia@example.org"),
        ("Mia", "=?utf-8?q?x=0d=0abcc=3ae?=@example.org"),
    ],
)
def test_an_encoded_line_break_sends_nothing(
    name: str,
    email: str,
    app: Flask,
    smtp_server: MailCatcher,
    run_jobs: Callable[[], int],
) -> None:
    with app.app_context():
        db.session.add(Contact(email=email, name=name, attributes={}))
        make_contact("jo@example.org")
        launch(make_campaign(), utc_now())
        db.session.commit()
        dispatch_queued()
    run_jobs()
    assert [mail["To"].addresses[0].addr_spec for mail in smtp_server.messages] == [
        "jo@example.org"
    ]
    assert [state for state, _, _ in states(app)] == ["failed", "sent"]
    assert "Change the contact's" in states(app)[0][2]


@pytest.mark.parametrize(
    "trouble",
    [ValueError("odd"), UnicodeEncodeError("ascii", "odd", 0, 1, "odd"), LookupError("odd")],
)
def test_a_mail_over_which_the_library_stumbles_fails_alone(
    trouble: Exception,
    app: Flask,
    smtp_server: MailCatcher,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = Writer.write

    def stumbling(writer: Writer, letter: Letter, now: datetime) -> WireMail:
        if letter.to_name == "Person 1":
            raise trouble
        return write(writer, letter, now)

    monkeypatch.setattr(Writer, "write", stumbling)
    send_to(app, 2, run_jobs)
    assert states(app) == [
        ("failed", 1, f"The mail could not be written: {trouble}"),
        ("sent", 1, ""),
    ]


def test_a_long_run_gives_way_and_is_taken_up_again(
    app: Flask,
    smtp_server: MailCatcher,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "SECONDS_A_RUN", 0.0)
    monkeypatch.setattr(jobs, "BATCH", 2)
    with app.app_context():
        make_contacts(5)
        launch(make_campaign(), utc_now())
        db.session.commit()
        dispatch_queued()
    assert run_jobs() == 4
    assert len(smtp_server.messages) == 5
    assert {state for state, _, _ in states(app)} == {"sent"}


def test_the_rest_of_a_slow_batch_is_given_back(
    app: Flask, smtp_server: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_contacts(2)
        launch(make_campaign(), utc_now())
        mails = claim_mails(2, utc_now(), ZONE)
        db.session.commit()
        monkeypatch.setattr(jobs, "CLAIM_USED", timedelta(0))
        post = open_post(app.config["SETTINGS"])
        assert jobs._send_batch(post, mails, app.config["SETTINGS"])
    assert smtp_server.messages == []
    assert states(app) == [("queued", 0, "")] * 2


def test_a_mail_whose_claim_nearly_ends_while_the_server_is_asked_is_given_back(
    app: Flask, smtp_server: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_contacts(2)
        launch(make_campaign(), utc_now())
        mails = claim_mails(2, utc_now(), ZONE)
        db.session.commit()
        post = open_post(app.config["SETTINGS"])
        begin = post.begin

        def take_long(sender: str) -> None:
            begin(sender)
            monkeypatch.setattr(jobs, "CLAIM_USED", timedelta(0))

        monkeypatch.setattr(post, "begin", take_long)
        assert jobs._send_batch(post, mails, app.config["SETTINGS"])
        post.close()
    assert smtp_server.messages == []
    assert states(app) == [("queued", 0, "")] * 2


def test_the_look_round_leaves_a_worker_at_it_alone_and_takes_over_a_dead_ones_mails(
    app: Flask, smtp_server: MailCatcher
) -> None:
    with app.app_context():
        make_contacts(2)
        launch(make_campaign(), utc_now())
        claim_mails(1, utc_now(), ZONE)
        db.session.commit()
        jobs.look_for_mails()
        assert smtp_server.messages == []
        stuck = db.session.query(OutboxMail).filter_by(state="sending").one()
        stuck.claimed_at = utc_now() - timedelta(minutes=11)
        db.session.commit()
        jobs.look_for_mails()
    assert len(smtp_server.messages) == 2
    assert {state for state, _, _ in states(app)} == {"sent"}


def test_without_a_mail_server_the_mails_lie_in_the_outbox(
    app: Flask, tmp_path: Path, database_url: str, run_jobs: Callable[[], int]
) -> None:
    app.config["SETTINGS"] = make_settings(tmp_path, database_url)
    send_to(app, 2, run_jobs)
    mails, total = list_mails(tmp_path / "outbox", 1)
    assert total == 2
    assert {mail.to for mail in mails} == {
        "Person 1 <person1@example.org>",
        "Person 2 <person2@example.org>",
    }
    assert states(app) == [("sent", 1, "")] * 2


def test_a_fault_of_our_own_at_one_mail_counts_as_an_attempt_and_the_others_leave(
    app: Flask,
    smtp_server: MailCatcher,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write = Writer.write

    def broken(writer: Writer, letter: Letter, now: datetime) -> WireMail:
        if letter.to_name == "Person 1":
            raise RuntimeError("broken")
        return write(writer, letter, now)

    monkeypatch.setattr(Writer, "write", broken)
    send_to(app, 3, run_jobs)
    told = "Something went wrong on our side (RuntimeError)."
    assert states(app) == [("queued", 1, told), ("sent", 1, ""), ("sent", 1, "")]
    assert "could not be sent" in caplog.text


def test_what_is_queued_of_a_campaign_that_is_over_is_dropped_at_once(
    app: Flask, smtp_server: MailCatcher
) -> None:
    with app.app_context():
        make_contacts(3)
        campaign = make_campaign(closes_at=utc_now() + timedelta(days=1))
        launch(campaign, utc_now())
        campaign.closes_at = utc_now()
        db.session.commit()
        jobs.send_mails()
    over = "The last day for answers was over before the mail could be sent."
    assert states(app) == [("dropped", 0, over)] * 3
    assert smtp_server.messages == []
