from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from survey_app.config import Settings
from survey_app.db import db
from survey_app.invite.models import CampaignSeries, Invitation, OutboxMail
from survey_app.visits import inviting, jobs
from survey_app.visits.models import VisitFollowUp
from survey_app.visits.timing import end_visit
from tests.factories.campaigns import make_campaign, make_contact
from tests.factories.databases import make_settings
from tests.factories.series import after_visit, make_series
from tests.factories.workplaces import make_process, make_visit, make_workplace

BEGAN = datetime(2026, 7, 6, 10, 0, tzinfo=UTC)
TURN = datetime(2026, 7, 7, 7, 0, tzinfo=UTC)
VISITS = 7


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An organisation in Zurich."""
    return make_settings(tmp_path, database_url, time_zone="Europe/Zurich")


@pytest.fixture
def series_id(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """Seven visits closed on Monday, one of a customer nobody knows; three are taken at a time."""
    monkeypatch.setattr(inviting, "CHUNK", 3)
    with app.app_context():
        place, process = make_workplace(), make_process()
        series_id = make_series(after_visit(make_campaign()), BEGAN).id
        for number in range(VISITS):
            if number != 3:
                make_contact(f"c{number}@example.org", external_id=f"C-{number}")
            visit = make_visit(process, place.leasing, None, f"C-{number}", BEGAN)
            end_visit(visit, "left", 60, BEGAN + timedelta(minutes=1))
        db.session.commit()
    return series_id


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """The job is told that it is this moment."""

    def tell(moment: datetime) -> None:
        monkeypatch.setattr(jobs, "utc_now", lambda: moment)

    return tell


def test_a_turn_asks_all_customers_once(
    app: Flask, series_id: int, at: Callable[[datetime], None]
) -> None:
    for moment in (TURN - timedelta(minutes=1), TURN, TURN + timedelta(minutes=1)):
        at(moment)
        with app.app_context():
            jobs.ask_after_visits()
    with app.app_context():
        assert db.session.query(Invitation).count() == VISITS - 1
        assert db.session.query(OutboxMail).count() == VISITS - 1
        assert {one.created_at for one in db.session.query(Invitation)} == {TURN}
        series = db.session.get_one(CampaignSeries, series_id)
        assert series.next_at == TURN + timedelta(days=1)


def test_a_worker_that_dies_half_way_is_taken_over_from_and_nobody_is_asked_twice(
    app: Flask,
    series_id: int,
    at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(TURN)
    calls = []

    class Killed(BaseException):
        """As by the system: nothing in the job catches it."""

    def die_in_the_second(*arguments: object) -> int:
        calls.append(arguments)
        count = inviting.decide_on(*arguments)
        if len(calls) == 2:
            raise Killed
        return count

    monkeypatch.setattr(jobs, "decide_on", die_in_the_second)
    with app.app_context():
        with pytest.raises(Killed):
            jobs.ask_after_visits()
        db.session.rollback()
        assert db.session.query(Invitation).count() == 3
        series = db.session.get_one(CampaignSeries, series_id)
        assert series.next_at == TURN
    at(TURN + timedelta(minutes=5))
    with app.app_context():
        jobs.ask_after_visits()
        assert db.session.query(Invitation).count() == VISITS - 1
        assert db.session.query(VisitFollowUp).count() == VISITS - 1


def test_two_workers_ask_once(app: Flask, series_id: int, at: Callable[[datetime], None]) -> None:
    at(TURN)
    start = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            start.wait()
            jobs.ask_after_visits()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with app.app_context():
        assert db.session.query(Invitation).count() == VISITS - 1


def test_a_visit_that_is_told_late_is_asked_about_at_the_next_turn(
    app: Flask, series_id: int, at: Callable[[datetime], None]
) -> None:
    at(TURN)
    with app.app_context():
        jobs.ask_after_visits()
        make_contact("late@example.org", external_id="L-1")
        place = db.session.query(inviting.Visit).first()
        assert place is not None
        visit = make_visit(place.process, place.unit, None, "L-1", BEGAN)
        end_visit(visit, "left", 60, BEGAN + timedelta(minutes=1))
        db.session.commit()
        at(TURN + timedelta(days=1))
        jobs.ask_after_visits()
        assert db.session.query(Invitation).count() == VISITS


def test_a_series_that_fails_keeps_no_other_waiting(
    app: Flask,
    series_id: int,
    at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with app.app_context():
        pattern = db.session.get_one(CampaignSeries, series_id).pattern
        other_id = make_series(after_visit(pattern, name="Other"), BEGAN).id
        db.session.commit()

    def fail_for_one(series: CampaignSeries, *arguments: object) -> int:
        if series.id == series_id:
            raise RuntimeError("broken")
        return inviting.decide_on(series, *arguments)

    monkeypatch.setattr(jobs, "decide_on", fail_for_one)
    at(TURN)
    with app.app_context():
        jobs.ask_after_visits()
        assert {one.campaign.series_id for one in db.session.query(Invitation)} == {other_id}
        assert f"Customers could not be asked for the series {series_id}" in caplog.text
        assert db.session.get_one(CampaignSeries, series_id).next_at == TURN
