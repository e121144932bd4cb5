"""The watch: in order, exactly once with two workers, and told by mail to whom it concerns."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import db
from survey_app.organisation.arranging import grant_sight, set_sight
from survey_app.organisation.queries import unit_by_key
from survey_app.report.alerts import jobs, looking
from survey_app.report.alerts.jobs import watch_for_alerts
from survey_app.report.alerts.kinds import CONTROL_LIMITS, KINDS, VERDICT_TURNED
from survey_app.report.alerts.models import Alert, AlertLook, AlertSubscription
from survey_app.report.alerts.subscribing import WantedMails, subscribe
from survey_app.report.alerts.telling import tell_subscribers
from survey_app.report.alerts.watching import lock_watch
from survey_app.report.jobs import score_now
from survey_app.report.models import StaffMail
from tests.conftest import MailCatcher
from tests.factories.people import add_user
from tests.factories.scorings import add_figures, make_organisation, make_sources
from tests.report.alerts.stored_runs import make_row, store_run, store_verdicts, verdict_row

EARLIER = datetime(2026, 8, 1, 6, 0, tzinfo=UTC)
ALL = {"all", "unit", "unit:leasing", "unit:sales", "representative"}


@pytest.fixture
def settings(settings: Settings, smtp_server: MailCatcher) -> Settings:
    """Mails go to the test's own server; days begin in Zurich."""
    return replace(
        settings,
        smtp_host="127.0.0.1",
        smtp_port=smtp_server.port,
        smtp_security="none",
        time_zone="Europe/Zurich",
        public_url="https://surveys.example.org",
    )


def add_subscriber(email: str, sees: str, wanted: WantedMails) -> User:
    """A manager who sees a unit, and has asked for mails on 1 August at 8:00 in Zurich."""
    user = add_user("manager", email)
    grant_sight(user, unit_by_key(sees))
    assert subscribe(user, wanted, ALL, EARLIER, ZoneInfo("Europe/Zurich")) == []
    return user


AT_ONCE = WantedMails("at_once", tuple(KINDS))
DAILY = WantedMails("daily", tuple(KINDS), hour=9)


def turn(scope: str = "leasing") -> None:
    """Sales of a unit were met in June and are missed in July."""
    of_unit = {"scope_type": "unit", "scope_id": scope, "scope_name": scope.title()}
    for label, verdict in (("2026-06", "met"), ("2026-07", "not_met")):
        store_run(label, [verdict_row(label, verdict, **of_unit)])


def recipients(smtp_server: MailCatcher) -> list[str]:
    """To whom mails have come."""
    return sorted(str(one["To"]) for one in smtp_server.messages)


def test_a_new_alert_is_mailed_to_who_may_see_it_and_asked(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        make_organisation()
        add_subscriber("all@example.org", "company", AT_ONCE)
        add_subscriber("leasing@example.org", "leasing", AT_ONCE)
        add_subscriber("sales@example.org", "sales", AT_ONCE)
        other = replace(AT_ONCE, kinds=(CONTROL_LIMITS,))
        add_subscriber("limits@example.org", "company", other)
        add_subscriber("only@example.org", "company", replace(AT_ONCE, scopes=("unit:sales",)))
        turn()
        watch_for_alerts()
        run_jobs()
        watch_for_alerts()
        run_jobs()
        alert_id = db.session.query(Alert).one().id
    assert recipients(smtp_server) == [
        "Manager <all@example.org>",
        "Manager <leasing@example.org>",
    ]
    message = smtp_server.messages[0]
    assert message["Subject"] == (
        "Leasing: Sales misses its target in 2026-07; in 2026-06 it met it"
    )
    text = message.get_content()
    assert "Counted in full: 30.0 CHF worse than the target of 120 CHF." in text
    assert f"https://surveys.example.org/report/alerts/{alert_id}" in text


def test_who_lost_sight_or_may_not_sign_in_gets_nothing(
    app: Flask, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        make_organisation()
        moved = add_subscriber("moved@example.org", "leasing", AT_ONCE)
        gone = add_subscriber("gone@example.org", "leasing", AT_ONCE)
        bare = add_subscriber("bare@example.org", "leasing", AT_ONCE)
        set_sight(moved, [unit_by_key("sales")])
        gone.active, bare.roles = False, []
        turn()
        watch_for_alerts()
        run_jobs()
        assert db.session.query(Alert).count() == 1
    assert smtp_server.messages == []


def test_the_daily_mail_comes_once_at_its_hour_with_what_is_still_open(
    app: Flask, settings: Settings, smtp_server: MailCatcher, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        make_organisation()
        add_subscriber("daily@example.org", "company", DAILY)
        # 9:00 in Zurich is 7:00 UTC. Nothing is new: no mail.
        tell_subscribers(datetime(2026, 9, 1, 7, 0, tzinfo=UTC), settings)
        turn("leasing")
        turn("sales")
        for run in iter(jobs.next_run, None):
            judge = looking.read_numbers(run, settings.zone)
            assert judge is not None
            looking.look_at_run(run, judge, EARLIER)
            jobs.note_look(run, EARLIER)
        tell_subscribers(datetime(2026, 9, 2, 6, 59, tzinfo=UTC), settings)
        assert db.session.query(StaffMail).count() == 0
        tell_subscribers(datetime(2026, 9, 2, 7, 0, tzinfo=UTC), settings)
        tell_subscribers(datetime(2026, 9, 2, 7, 1, tzinfo=UTC), settings)
        mail = db.session.query(StaffMail).one()
        assert mail.subject.startswith("Sales: ")
        tell_subscribers(datetime(2026, 9, 3, 7, 0, tzinfo=UTC), settings)
        assert db.session.query(StaffMail).count() == 1


def test_somebody_who_changes_to_once_a_day_misses_nothing_and_gets_nothing_twice(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        make_organisation()
        user = add_subscriber("manager@example.org", "company", AT_ONCE)
        turn("leasing")
        watch_for_alerts()
        assert db.session.query(StaffMail).count() == 1
        assert subscribe(user, DAILY, ALL, EARLIER, settings.zone) == []
        store_run("2026-Q1", [verdict_row("2026-Q1", "met")])
        store_run("2026-Q2", [verdict_row("2026-Q2", "not_met")])
        watch_for_alerts()
        kept = db.session.get_one(AlertSubscription, user.id)
        kept.told_on = date(2026, 8, 1)
        db.session.commit()
        tell_subscribers(datetime(2026, 9, 2, 12, 0, tzinfo=UTC), settings)
        texts = [one.text for one in db.session.query(StaffMail).order_by(StaffMail.id)]
        assert [("2026-07" in text, "2026-Q2" in text) for text in texts] == [
            (True, False),
            (False, True),
        ]


def test_two_workers_raise_and_tell_once(
    app: Flask,
    smtp_server: MailCatcher,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def announce_slowly(*_arguments: object) -> None:
        """Between what is raised and its commit there is time for the other worker to come in."""
        time.sleep(0.3)

    monkeypatch.setattr(jobs, "announce_alerts", announce_slowly)
    with app.app_context():
        make_organisation()
        add_subscriber("manager@example.org", "company", AT_ONCE)
        turn("leasing")
        store_verdicts(may="met", august="not_met")
    start, errors = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            start.wait()
            try:
                watch_for_alerts()
            except Exception as error:
                errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert errors == []
    assert "could not be looked at" not in caplog.text
    with app.app_context():
        run_jobs()
        found = {(one.scope_id, one.direction) for one in db.session.query(Alert)}
        assert found == {("leasing", "not_met"), ("", "not_met")}
        assert db.session.query(Alert).count() == 2
        assert db.session.query(AlertLook).count() == 4
    told = "".join(one.get_content() for one in smtp_server.messages)
    assert told.count("misses its target in 2026-07") == 1
    assert told.count("misses its target in 2026-08") == 1


def test_a_worker_waits_while_another_one_looks(app: Flask) -> None:
    def work() -> None:
        with app.app_context():
            watch_for_alerts()

    other = threading.Thread(target=work)
    with app.app_context():
        make_organisation()
        turn()
        lock_watch()
        other.start()
        other.join(1.0)
        assert other.is_alive()
        db.session.commit()
        other.join()
        assert db.session.query(Alert).count() == 1


def test_a_run_that_cannot_be_looked_at_is_noted_and_keeps_no_other_waiting(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        make_organisation()
        broken = make_row("2026-05")
        del broken["verdict"]
        store_run("2026-05", [broken])
        store_run("2026-Q1", [verdict_row("2026-Q1", "met")])
        store_run("2026-Q2", [verdict_row("2026-Q2", "not_met")])
        watch_for_alerts()
        assert [one.period_label for one in db.session.query(Alert)] == ["2026-Q2"]
        look = db.session.get_one(AlertLook, "2026-05")
        assert look.trouble == "KeyError; the details are in the server's log."
        db.session.commit()
        watch_for_alerts()
    assert caplog.text.count("could not be looked at") == 1


def test_months_scored_by_the_engine_are_watched(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        make_sources()
        # 40 + 50 in June are under the company's target of 120; 100 + 50 in July are not. Ben's own
        # target of 60 is missed in both.
        add_figures([("sales", "anna", 40.0), ("sales", "ben", 50.0)], date(2026, 6, 1))
        db.session.commit()
        score_now("2026-06", EARLIER)
        db.session.commit()
        watch_for_alerts()
        assert db.session.query(Alert).count() == 0
        score_now("2026-07", EARLIER)
        db.session.commit()
        watch_for_alerts()
        (alert,) = db.session.query(Alert).filter_by(kind=VERDICT_TURNED, scope_type="all")
        assert alert.title == "Sales meets its target in 2026-07; in 2026-06 it missed it"
        turned = {one.scope_id for one in db.session.query(Alert)}
        assert "ben" not in turned
        assert [one.trouble for one in db.session.query(AlertLook)] == ["", ""]


def test_without_anything_new_nothing_is_done(app: Flask, run_jobs: Callable[[], int]) -> None:
    with app.app_context():
        make_organisation()
        add_subscriber("manager@example.org", "company", AT_ONCE)
        db.session.commit()
        watch_for_alerts()
        assert db.session.query(StaffMail).count() == 0
        assert run_jobs() == 0
