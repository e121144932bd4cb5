"""A closed period keeps its numbers; what comes late is told; reopening stays on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db, utc_now
from survey_app.organisation.arranging import grant_sight
from survey_app.report.closing import close_period, reopen_period
from survey_app.report.jobs import score_now
from survey_app.report.late_sources import find_late_sources
from survey_app.report.models import PeriodClosing, ScoreRun
from survey_app.report.queries import closing_of, newest_runs
from survey_app.report.running import add_run
from tests.factories.people import add_user, sign_in
from tests.factories.reports import make_scored_july
from tests.factories.scorings import (
    NOW,
    ZONE,
    add_figures,
    add_response,
    unit,
)


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_scored_july


@pytest.fixture
def run_id(app: Flask) -> str:
    """A scored July, and a manager who sees the company."""
    with app.app_context():
        grant_sight(add_user("manager"), unit("company"))
        grant_sight(add_user("manager", "sales@example.org"), unit("sales"))
        db.session.commit()
        return db.session.query(ScoreRun).one().public_id


def get_run(public_id: str) -> ScoreRun:
    return db.session.query(ScoreRun).filter_by(public_id=public_id).one()


def close(public_id: str) -> PeriodClosing:
    closing, problems = close_period(get_run(public_id), "Agreed by the board.", NOW, ZONE)
    assert problems == []
    assert closing is not None
    db.session.commit()
    return closing


def test_a_closed_period_is_not_scored_again_and_downloads_the_same_bytes(
    app: Flask, run_id: str
) -> None:
    client = sign_in(app, "manager@example.org")
    before = client.get(f"/report/runs/{run_id}/scores.csv").data
    with app.app_context():
        close(run_id)
        add_response("anna", 1, 0)
        db.session.commit()
        run, problems = add_run("2026-07", NOW)
        assert run is None
        assert "2026-07 is closed" in problems[0].message
    assert client.get(f"/report/runs/{run_id}/scores.csv").data == before


def test_the_run_a_period_is_closed_with_is_the_one_that_counts(app: Flask, run_id: str) -> None:
    with app.app_context():
        later = score_now("2026-07", NOW).public_id
        assert [run.public_id for run in newest_runs()] == [later]
        closing = close(run_id)
        assert [run.public_id for run in newest_runs()] == [run_id]
        reopen_period(closing, "A file was missing.", NOW)
        db.session.commit()
        assert [run.public_id for run in newest_runs()] == [later]


def test_closing_twice_is_one_closing_and_another_run_needs_a_reopening(
    app: Flask, run_id: str
) -> None:
    with app.app_context():
        other = score_now("2026-07", NOW)
        first = close(run_id)
        assert close(run_id).id == first.id
        closing, problems = close_period(other, "", NOW, ZONE)
        assert closing is None
        assert "closed with another run already" in problems[0].message
        assert db.session.query(PeriodClosing).count() == 1


def test_reopening_needs_a_reason_and_stays_on_record(app: Flask, run_id: str) -> None:
    with app.app_context():
        closing = close(run_id)
        assert reopen_period(closing, "  ", NOW)[0] is None
        assert closing_of(get_run(run_id)) is not None
        reopened, problems = reopen_period(closing, "A file was missing.", NOW)
        assert (reopened, problems) == (closing, [])
        assert closing_of(get_run(run_id)) is None
        assert closing.reopen_reason == "A file was missing."
        deeds = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
        assert deeds[-2:] == ["period closed", "period reopened"]
        # It can be closed again; both closings are kept.
        close(run_id)
        assert db.session.query(PeriodClosing).count() == 2


def test_a_period_that_is_not_over_or_was_scored_too_early_cannot_be_closed(
    app: Flask, run_id: str
) -> None:
    with app.app_context():
        run = get_run(run_id)
        early = datetime(2026, 7, 31, 21, 59, tzinfo=UTC)
        closing, problems = close_period(run, "", early, ZONE)
        assert closing is None
        assert "is not over yet" in problems[0].message
        run.started_at = early
        closing, problems = close_period(run, "", NOW, ZONE)
        assert closing is None
        assert "before 2026-07 had ended" in problems[0].message


def test_what_comes_after_the_run_is_told_by_kind(app: Flask, run_id: str) -> None:
    with app.app_context():
        assert not find_late_sources(get_run(run_id), ZONE)
        late = utc_now() + timedelta(seconds=1)
        add_response("anna", 1, 0).stored_at = late
        # Two revisions of one response are one response; one of August is of no concern.
        add_response("ben", 1, 0).stored_at = late
        add_response("ben", 1, 0, datetime(2026, 8, 1, 12, tzinfo=UTC)).stored_at = late
        add_figures([("sales", "anna", 1.0)]).imported_at = late
        db.session.commit()
        found = find_late_sources(get_run(run_id), ZONE)
        assert str(found) == "2 responses and 1 figure"
    page = sign_in(app, "manager@example.org").get(f"/report/runs/{run_id}").text
    assert "Since it began, 2 responses and 1 figure of the period came in" in page


def test_a_manager_closes_and_reopens_on_the_pages(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    assert "Close the period" in client.get(f"/report/runs/{run_id}").text
    page = client.get(f"/report/runs/{run_id}/close")
    assert page.status_code == 200
    assert client.post(f"/report/runs/{run_id}/close", data={"note": "Final."}).status_code == 302
    told = client.get(f"/report/runs/{run_id}").text
    assert "July 2026 is closed with this run" in told
    assert "Final." in told
    assert "July 2026 is closed" in client.get("/report/").text
    assert "done, closed" in client.get("/report/runs").text
    answer = client.post(f"/report/runs/{run_id}/reopen", data={"reason": ""})
    assert answer.status_code == 422
    assert "it stays on record" in answer.text
    client.post(f"/report/runs/{run_id}/reopen", data={"reason": "Wrong file."})
    assert "Reopened" in client.get(f"/report/runs/{run_id}").text


@pytest.mark.parametrize("path", ["runs/{}/close", "runs/{}/reopen", "schedules"])
def test_who_sees_a_part_closes_and_schedules_nothing(app: Flask, run_id: str, path: str) -> None:
    client = sign_in(app, "sales@example.org")
    assert client.get(f"/report/{path.format(run_id)}").status_code == 403
    assert "Close the period" not in client.get(f"/report/runs/{run_id}").text
