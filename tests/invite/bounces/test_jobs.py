from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.bounces import jobs
from survey_app.invite.bounces.fetching import PAUSE_AFTER_TROUBLE, fetching_state
from survey_app.invite.bounces.maildirs import Maildir
from survey_app.invite.contact_models import Suppression
from survey_app.invite.models import OutboxMail
from survey_app.jobs import _every_minute, run_job
from tests.factories.campaigns import NOW
from tests.factories.imap_server import Mailbox, make_certificate, serve_imap
from tests.factories.returned_mails import returned
from tests.factories.sent_mails import make_sent

JOB = "invite.bounces.jobs.fetch_reports"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Bounces come into a maildir."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / name).mkdir(parents=True)
    return replace(
        settings,
        bounce_address="bounces@example.org",
        bounce_maildir=str(tmp_path / "bounces"),
    )


class Clock:
    """The moment that the job takes for the present one."""

    now: datetime = NOW + timedelta(days=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(jobs, "utc_now", lambda: clock.now)
    return clock


def put(settings: Settings, name: str, content: bytes) -> None:
    Path(settings.bounce_maildir, "new", name).write_bytes(content)


def kept(settings: Settings) -> list[str]:
    return sorted(
        f"{path.parent.name}/{path.name}" for path in Path(settings.bounce_maildir).glob("*/*")
    )


def sent(app: Flask, *emails: str) -> list[int]:
    with app.app_context():
        ids = [make_sent(email).id for email in emails]
        db.session.commit()
    return ids


def reports(app: Flask) -> dict[int, str]:
    with app.app_context():
        return {mail.id: mail.report for mail in db.session.query(OutboxMail)}


def suppressed(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {one.email: one.reason for one in db.session.query(Suppression)}


def unreadable(settings: Settings) -> bytes:
    """Nobody writes an action in other letters than ASCII, and the library stumbles over it."""
    content = returned("postfix", 1, settings)
    return content.replace(b"Reporting-MTA:", b"Action: f\xe4iled\r\nReporting-MTA:")


def test_what_has_come_is_recorded_and_moved_and_one_that_breaks_the_reader_stops_no_other(
    app: Flask, settings: Settings, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    mia, leo, kim = sent(app, "mia@example.org", "leo@example.org", "kim@example.org")
    put(settings, "1.a", unreadable(settings))
    put(settings, "2.b", returned("postfix", mia, settings))
    put(settings, "3.c", returned("gmail_full", leo, settings, "leo@example.org"))
    put(settings, "4.d", returned("vacation", kim, settings, "kim@example.org"))
    run_job(app, JOB)
    assert reports(app) == {mia: "hard", leo: "soft", kim: ""}
    assert suppressed(app) == {"mia@example.org": "hard_bounce"}
    assert kept(settings) == ["cur/1.a:2,FS", "cur/2.b:2,S", "cur/3.c:2,S", "cur/4.d:2,S"]
    told = [one.getMessage() for one in caplog.records if one.name == jobs.log.name]
    assert told == ["The message 1.a among the bounces could not be read"]
    with app.app_context():
        state = fetching_state()
        assert (state.tried_at, state.worked_at) == (clock.now, clock.now)
        assert (state.trouble, state.troubled_since) == ("", None)


def test_whoever_is_stopped_before_marking_loses_nothing_and_counts_nothing_twice(
    app: Flask, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia, leo = sent(app, "mia@example.org", "leo@example.org")
    put(settings, "1.a", returned("gmail_full", mia, settings))
    put(settings, "2.b", returned("gmail_full", leo, settings, "leo@example.org"))

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Maildir, "mark", stop)
        with pytest.raises(KeyboardInterrupt):
            run_job(app, JOB)
    assert reports(app) == {mia: "soft", leo: ""}
    assert kept(settings) == ["new/1.a", "new/2.b"]
    first = clock.now
    clock.now += timedelta(hours=1)
    run_job(app, JOB)
    assert reports(app) == {mia: "soft", leo: "soft"}
    assert kept(settings) == ["cur/1.a:2,S", "cur/2.b:2,S"]
    with app.app_context():
        assert db.session.get_one(OutboxMail, mia).reported_at == first


def test_whoever_is_stopped_before_storing_finds_the_message_unread(
    app: Flask, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    [mia] = sent(app, "mia@example.org")
    put(settings, "1.a", returned("postfix", mia, settings))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    record_report = jobs.record_report
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "record_report", lambda *told: (record_report(*told), stop()))
        with pytest.raises(KeyboardInterrupt):
            run_job(app, JOB)
    assert reports(app) == {mia: ""}
    assert kept(settings) == ["new/1.a"]
    run_job(app, JOB)
    assert reports(app) == {mia: "hard"}


def test_a_run_takes_so_many_and_the_next_one_the_rest(
    app: Flask, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_A_RUN", 2)
    for number in range(3):
        put(settings, f"{number}.x", b"")
    run_job(app, JOB)
    assert [name for name in kept(settings) if name.startswith("new/")] == ["new/2.x"]
    run_job(app, JOB)
    assert [name for name in kept(settings) if name.startswith("new/")] == []


def test_trouble_is_logged_when_it_begins_and_when_it_ends_and_left_alone_meanwhile(
    app: Flask, settings: Settings, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(settings.bounce_maildir, "new")
    began = clock.now
    folder.rename(folder.with_name("away"))
    for _ in range(3):
        run_job(app, JOB)
        clock.now += PAUSE_AFTER_TROUBLE
    with app.app_context():
        state = fetching_state()
        assert "cannot be read as a maildir" in state.trouble
        assert (state.troubled_since, state.worked_at) == (began, None)
        assert state.tried_at == clock.now - PAUSE_AFTER_TROUBLE
    folder.with_name("away").rename(folder)
    clock.now -= timedelta(seconds=1)
    run_job(app, JOB)
    with app.app_context():
        assert fetching_state().worked_at is None, "the pause is not over"
    clock.now += timedelta(seconds=1)
    run_job(app, JOB)
    run_job(app, JOB)
    with app.app_context():
        state = fetching_state()
        assert (state.trouble, state.troubled_since, state.worked_at) == ("", None, clock.now)
    told = [one for one in caplog.records if one.name == "survey_app.invite.bounces.fetching"]
    assert [one.levelno for one in told] == [logging.ERROR, logging.WARNING]


def test_where_nothing_is_set_up_nothing_is_done(
    app: Flask, settings: Settings, clock: Clock
) -> None:
    app.config["SETTINGS"] = replace(settings, bounce_maildir="")
    run_job(app, JOB)
    with app.app_context():
        assert fetching_state().tried_at is None


def test_the_worker_looks_once_a_minute() -> None:
    assert JOB in _every_minute


# The mailbox is served by a small IMAP server of the tests' own: none is installed.
@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def mailbox(
    app: Flask, settings: Settings, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mailbox]:
    """Bounces come into a mailbox on a server."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serve_imap(Mailbox(), certificate) as served:
        app.config["SETTINGS"] = replace(settings, bounce_maildir="", bounce_imap=served.url())
        yield served


def test_a_mailbox_is_read_and_marked(
    app: Flask, settings: Settings, clock: Clock, mailbox: Mailbox
) -> None:
    mia, leo = sent(app, "mia@example.org", "leo@example.org")
    broken = mailbox.add(unreadable(settings))
    first = mailbox.add(returned("postfix", mia, settings))
    second = mailbox.add(returned("complaint", leo, settings))
    run_job(app, JOB)
    assert reports(app) == {mia: "hard", leo: "complaint"}
    assert suppressed(app) == {"mia@example.org": "hard_bounce", "leo@example.org": "complaint"}
    assert mailbox.flags == {
        broken: {"\\Seen", "\\Flagged"},
        first: {"\\Seen"},
        second: {"\\Seen"},
    }


def test_a_connection_that_is_lost_in_the_middle_loses_nothing(
    app: Flask, settings: Settings, clock: Clock, mailbox: Mailbox
) -> None:
    mia, leo = sent(app, "mia@example.org", "leo@example.org")
    first = mailbox.add(returned("gmail_full", mia, settings))
    second = mailbox.add(returned("gmail_full", leo, settings, "leo@example.org"))
    mailbox.cut_at_store = first
    run_job(app, JOB)
    # Stored, and not marked.
    assert reports(app) == {mia: "soft", leo: ""}
    assert mailbox.flags == {first: set(), second: set()}
    with app.app_context():
        assert "was lost" in fetching_state().trouble
    mailbox.cut_at_store = 0
    clock.now += PAUSE_AFTER_TROUBLE
    run_job(app, JOB)
    assert reports(app) == {mia: "soft", leo: "soft"}
    assert mailbox.flags == {first: {"\\Seen"}, second: {"\\Seen"}}


def test_a_wrong_password_is_tried_once_in_a_while_and_is_not_logged(
    app: Flask,
    settings: Settings,
    clock: Clock,
    mailbox: Mailbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app.config["SETTINGS"] = replace(
        settings, bounce_maildir="", bounce_imap=mailbox.url("hunter2")
    )
    for _minute in range(5):
        run_job(app, JOB)
        clock.now += timedelta(minutes=1)
    assert mailbox.commands.count("LOGIN") == 1
    assert "does not accept the sign-in of anna" in caplog.text
    assert "hunter2" not in caplog.text
