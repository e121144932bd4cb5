"""Reports by mail: once for each run, at the occasion subscribed to, never beyond the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import update

from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import db, utc_now
from survey_app.organisation.arranging import grant_sight, set_sight
from survey_app.report.closing import close_period
from survey_app.report.executive import delivering
from survey_app.report.executive.delivering import (
    deliver,
    find_due,
    stop_without_right,
    write_report,
)
from survey_app.report.executive.jobs import send_reports
from survey_app.report.executive.models import ReportDelivery
from survey_app.report.executive.subscribing import subscribe
from survey_app.report.mails.jobs import send_staff_mails
from survey_app.report.models import RunSchedule, ScoreRun, StaffMail
from survey_app.report.queries import results_seen_by
from tests.conftest import MailCatcher, free_port
from tests.factories.people import add_user
from tests.factories.reports import SCORED, store_run
from tests.factories.scorings import make_organisation, unit

BEFORE = SCORED - timedelta(days=1)


@pytest.fixture
def settings(settings: Settings, smtp_server: MailCatcher) -> Settings:
    """Mails go to the test's own server."""
    return replace(
        settings, smtp_host="127.0.0.1", smtp_port=smtp_server.port, smtp_security="none"
    )


@pytest.fixture(autouse=True)
def _organisation(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        grant_sight(add_user("manager"), unit("company"))
        db.session.commit()


def reader() -> User:
    return db.session.query(User).filter_by(email="manager@example.org").one()


def ask_for(scope: str = "all", occasion: str = "closed", period_type: str = "any") -> None:
    """The manager subscribes the day before the runs of these tests were made."""
    user = reader()
    chosen = results_seen_by(user).choose(scope)
    made, problems = subscribe(user, "", chosen, occasion, period_type, BEFORE)
    assert made is not None, problems


def close(app: Flask, run: ScoreRun) -> None:
    closing, problems = close_period(run, "", SCORED, app.config["SETTINGS"].zone)
    assert closing is not None, problems


def work(run_jobs: Callable[[], int]) -> None:
    """What the worker does within a minute."""
    db.session.commit()
    send_reports()
    run_jobs()
    send_staff_mails()


def outcomes() -> list[str]:
    return [one.outcome for one in db.session.query(ReportDelivery).order_by(ReportDelivery.id)]


def test_closing_a_period_sends_the_answer_the_file_and_the_links(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        ask_for()
        run = store_run([("all", "")])
        close(app, run)
        public_id = run.public_id
        work(run_jobs)
        work(run_jobs)
        address = app.config["SETTINGS"].address
    (message,) = smtp_server.messages
    assert message["Subject"] == "Example Ltd, July 2026: Yes: every goal meets its target."
    text = words_of(message)
    for line in (
        "- Quality: score 75.0 (70.0 to 80.0), target 60.0: met",
        "About 130 answers would decide. That is 90 more.",
        f"{address}/report/runs/{public_id}/executive?scope=all",
        f"To get it no more: {address}/report/subscriptions",
    ):
        assert line in text
    (file,) = message.iter_attachments()
    assert file.get_filename() == f"report_2026-07_all_{public_id[:8]}.pdf"
    assert file.get_content().startswith(b"%PDF-1.7")


def words_of(message: EmailMessage) -> str:
    body = message.get_body()
    assert body is not None
    text = body.get_content()
    assert isinstance(text, str)
    return text


def test_what_was_closed_before_it_was_subscribed_is_not_sent(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        close(app, store_run([("all", "")]))
        user = reader()
        subscribe(user, "", results_seen_by(user).choose("all"), "closed", "any", utc_now())
        work(run_jobs)
    assert smtp_server.messages == []


def test_a_scheduled_run_is_sent_and_one_asked_for_by_hand_is_not(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        ask_for(occasion="scheduled")
        schedule = RunSchedule(period_type="month", days_after=1, created_at=BEFORE)
        db.session.add(schedule)
        db.session.flush()
        store_run([("all", "")])
        store_run([], schedule_id=schedule.id, state="running", finished_at=None)
        scheduled = store_run([("all", "")], schedule_id=schedule.id)
        work(run_jobs)
        assert db.session.query(ReportDelivery).one().run_id == scheduled.id
    assert len(smtp_server.messages) == 1


def test_only_the_periods_that_were_asked_for_are_sent(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        ask_for(period_type="quarter")
        close(app, store_run([("all", "")]))
        second = ("quarter", "2026-Q2", date(2026, 4, 1), date(2026, 7, 1))
        close(app, store_run([("all", "")], second))
        work(run_jobs)
    (message,) = smtp_server.messages
    assert "Q2 2026 (April to June)" in message["Subject"]


def test_two_subscriptions_to_one_report_bring_one_mail(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        schedule = RunSchedule(period_type="month", days_after=1, created_at=BEFORE)
        db.session.add(schedule)
        db.session.flush()
        ask_for(occasion="scheduled")
        ask_for(occasion="closed")
        ask_for(occasion="closed", period_type="month")
        ask_for(scope="unit:sales")
        close(app, store_run([("all", ""), ("unit", "sales")], schedule_id=schedule.id))
        work(run_jobs)
    assert sorted(message["Subject"][:7] for message in smtp_server.messages) == [
        "Example",
        "Sales, ",
    ]


def test_without_the_right_nothing_is_sent_and_that_is_noted(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        ask_for()
        set_sight(reader(), [unit("sales")])
        close(app, store_run([("all", "")]))
        work(run_jobs)
        assert outcomes() == ["no_right"]
        assert db.session.query(StaffMail).count() == 0
    assert smtp_server.messages == []


@pytest.mark.parametrize("loss", ["role", "active"])
def test_who_may_not_sign_in_or_has_no_role_gets_nothing(
    loss: str, app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        ask_for()
        if loss == "role":
            reader().roles = []
        else:
            reader().active = False
        close(app, store_run([("all", "")]))
        work(run_jobs)
        assert outcomes() == ["no_right"]
    assert smtp_server.messages == []


def test_a_right_lost_while_the_mail_waits_stops_it(
    app: Flask, settings: Settings, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        ask_for()
        close(app, store_run([("all", "")]))
        app.config["SETTINGS"] = replace(settings, smtp_port=free_port())
        work(run_jobs)
        mail = db.session.query(StaffMail).one()
        assert mail.state == "queued"
        set_sight(reader(), [unit("sales")])
        mail.not_before = BEFORE
        app.config["SETTINGS"] = settings
        work(run_jobs)
        assert db.session.query(StaffMail).one().state == "failed"
        assert outcomes() == ["no_right"]
    assert smtp_server.messages == []


def test_a_report_with_nothing_in_it_is_not_sent(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        ask_for(scope="unit:leasing")
        close(app, store_run([("all", "")]))
        work(run_jobs)
        assert outcomes() == ["nothing"]
    assert smtp_server.messages == []


def test_a_report_that_fails_keeps_no_other_from_its_reader(
    app: Flask,
    smtp_server: MailCatcher,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from survey_app.report.executive import delivering

    make = delivering.write_pdf

    def fail_for_all(report: object) -> bytes:
        if report.subject.scope_label == "all":  # type: ignore[attr-defined]
            raise RuntimeError("no ink")
        return make(report)  # type: ignore[arg-type]

    with app.app_context():
        ask_for()
        ask_for(scope="unit:sales")
        close(app, store_run([("all", ""), ("unit", "sales")]))
        monkeypatch.setattr(delivering, "write_pdf", fail_for_all)
        work(run_jobs)
        assert [message["Subject"][:5] for message in smtp_server.messages] == ["Sales"]
        monkeypatch.undo()
        work(run_jobs)
    assert len(smtp_server.messages) == 2


def test_a_right_lost_while_the_report_is_written_sends_nothing(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        ask_for()
        close(app, store_run([("all", "")]))
        (due,) = find_due()
        written = write_report(due, settings)
        assert written.outcome == "mailed"
        set_sight(reader(), [unit("sales")])
        delivery = deliver(due, written, SCORED)
        assert delivery is not None
        assert delivery.outcome == "no_right"
        assert db.session.query(StaffMail).count() == 0


def test_a_mail_that_a_worker_has_taken_meanwhile_is_not_stopped(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_and_send(*_asked: object) -> None:
        taken = update(StaffMail).values(state="sending")
        db.session.execute(taken.execution_options(synchronize_session=False))

    with app.app_context():
        ask_for()
        close(app, store_run([("all", "")]))
        (due,) = find_due()
        deliver(due, write_report(due, settings), SCORED)
        monkeypatch.setattr(delivering, "scope_seen_by", lose_and_send)
        stop_without_right(SCORED)
        assert db.session.query(StaffMail).one().state == "sending"
        assert outcomes() == ["mailed"]
