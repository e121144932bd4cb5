"""Schedules: each period once, when it is due, and none that was over before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.organisation.arranging import grant_sight
from survey_app.report.jobs import score_queued
from survey_app.report.models import RunSchedule, ScoreRun
from survey_app.report.scheduling import (
    add_schedule,
    ask_for_due_runs,
    next_day,
    remove_schedule,
)
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import ZONE, make_organisation, make_sources, unit

MADE = datetime(2026, 7, 15, 8, 0, tzinfo=UTC)


@pytest.fixture
def _sources(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        make_sources()
        grant_sight(add_user("manager"), unit("company"))
        db.session.commit()


def make_schedule(period_type: str = "month", days_after: int = 3) -> RunSchedule:
    schedule, problems = add_schedule(period_type, days_after, MADE)
    assert schedule is not None, problems
    return schedule


def labels(now: datetime) -> list[str]:
    return [run.period_label for run in ask_for_due_runs(now, ZONE)]


@pytest.mark.usefixtures("_sources")
def test_a_month_is_asked_for_once_when_its_days_are_over(app: Flask) -> None:
    with app.app_context():
        make_schedule()
        # June was over before the schedule was made.
        assert labels(MADE) == []
        assert labels(datetime(2026, 8, 3, 21, 59, tzinfo=UTC)) == []
        # 4 August begins in Zurich at 22:00 UTC of the day before: July and three days are over.
        assert labels(datetime(2026, 8, 3, 22, 0, tzinfo=UTC)) == ["2026-07"]
        assert labels(datetime(2026, 8, 3, 22, 1, tzinfo=UTC)) == []
        run = db.session.query(ScoreRun).one()
        assert (run.state, run.schedule_id) == ("queued", db.session.query(RunSchedule).one().id)


@pytest.mark.usefixtures("_sources")
def test_of_periods_missed_the_newest_is_asked_for(app: Flask) -> None:
    with app.app_context():
        make_schedule()
        make_schedule("quarter", 10)
        assert labels(datetime(2026, 12, 24, tzinfo=UTC)) == ["2026-11", "2026-Q3"]


@pytest.mark.usefixtures("_sources")
@pytest.mark.parametrize(
    ("period_type", "days", "day"),
    [
        ("month", 3, date(2026, 8, 4)),
        ("month", 20, date(2026, 7, 21)),
        ("quarter", 0, date(2026, 10, 1)),
        ("year", 5, date(2027, 1, 6)),
    ],
)
def test_the_next_day_is_told(app: Flask, period_type: str, days: int, day: date) -> None:
    with app.app_context():
        schedule = make_schedule(period_type, days)
        assert next_day(schedule, MADE, ZONE) == day
        evening = datetime.combine(day, datetime.min.time(), ZONE) - timedelta(minutes=1)
        assert labels(evening) == []


@pytest.mark.usefixtures("_sources")
def test_the_day_told_is_the_day_on_which_it_is_asked_for(app: Flask) -> None:
    with app.app_context():
        schedule = make_schedule("month", 3)
        day = next_day(schedule, MADE, ZONE)
        assert labels(datetime.combine(day, datetime.min.time(), ZONE)) == ["2026-07"]


@pytest.mark.usefixtures("_sources")
def test_the_worker_scores_what_is_due(app: Flask) -> None:
    with app.app_context():
        schedule = make_schedule()
        schedule.created_at = datetime(2026, 7, 1, tzinfo=UTC)
        db.session.commit()
        score_queued()
        run = db.session.query(ScoreRun).one()
        assert run.state in ("done", "failed")
        assert run.schedule_id == schedule.id
        # A schedule that is taken away leaves its runs.
        remove_schedule(schedule, MADE)
        db.session.commit()
        assert db.session.query(ScoreRun).one().schedule_id is None


@pytest.mark.usefixtures("_sources")
def test_a_manager_puts_runs_on_a_schedule(app: Flask) -> None:
    client = sign_in(app, "manager@example.org")
    assert "Nothing is scored by itself yet" in client.get("/report/schedules").text
    form = {"period_type": "month", "days_after": "5"}
    assert client.post("/report/schedules", data=form).status_code == 302
    again = client.post("/report/schedules", data=form)
    assert again.status_code == 422
    assert "There is such a schedule already" in again.text
    wrong = client.post("/report/schedules", data={**form, "days_after": "91"})
    assert wrong.status_code == 422
    with app.app_context():
        schedule_id = db.session.query(RunSchedule).one().id
    for _twice in range(2):
        assert client.post(f"/report/schedules/{schedule_id}/remove").status_code == 302
    assert "Nothing is scored by itself yet" in client.get("/report/schedules").text
