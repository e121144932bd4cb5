"""Figures that used to come every month: when they are late, when not, and when they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.figures.models import Figure, FigureBatch, Measure
from survey_app.figures.undoing import undo_batch
from survey_app.organisation.models import Unit
from survey_app.report.alerts.kinds import DEFAULTS, FIGURES_LATE
from survey_app.report.alerts.late_figures import due_month, find_missing
from survey_app.report.alerts.models import Alert, AlertEvent
from survey_app.report.alerts.ruling import change_rule
from survey_app.report.alerts.watching import lock_watch, look_at_figures
from tests.factories.workplaces import make_measure, make_workplace

ZONE = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("today", "days", "month"),
    [
        (date(2026, 8, 10), 10, date(2026, 6, 1)),
        (date(2026, 8, 11), 10, date(2026, 7, 1)),
        (date(2026, 8, 1), 0, date(2026, 7, 1)),
        (date(2026, 1, 11), 10, date(2025, 12, 1)),
    ],
)
def test_a_month_is_due_so_many_days_after_its_end(today: date, days: int, month: date) -> None:
    assert due_month(today, days) == month


@pytest.mark.parametrize(
    ("came", "missing"),
    [
        ([3, 4, 5, 6], 4),
        ([3, 5, 6], 3),
        ([2, 3, 4, 5], 3),
        ([5, 6], 0),
        ([1, 2, 3], 0),
        ([3, 4, 5, 6, 7], 0),
        ([], 0),
    ],
)
def test_late_is_what_came_in_three_of_the_four_months_before(
    came: Sequence[int], missing: int
) -> None:
    found = find_missing([(1, 1, date(2026, month, 1)) for month in came], date(2026, 7, 1))
    assert [one.came for one in found.values()] == ([missing] if missing else [])


@pytest.fixture
def _contracts(app: Flask) -> Iterator[None]:
    """Contracts of Leasing came from March to June; of Credit in May and June alone."""
    with app.app_context():
        make_workplace()
        make_measure("contracts")
        for month in (3, 4, 5, 6):
            import_figure("leasing", month)
        for month in (5, 6):
            import_figure("credit", month)
        db.session.commit()
        yield


def import_figure(unit: str, month: int) -> FigureBatch:
    """One file with one figure of 2026."""
    batch = FigureBatch(
        filename="f.csv", sha256="0" * 64, row_count=1, imported_at=datetime(2026, 8, 1, tzinfo=UTC)
    )
    db.session.add(batch)
    db.session.flush()
    db.session.add(
        Figure(
            batch_id=batch.id,
            row_number=2,
            measure_id=db.session.query(Measure).one().id,
            unit_id=db.session.query(Unit).filter_by(key=unit).one().id,
            period_start=date(2026, month, 1),
            value=5.0,
        )
    )
    db.session.flush()
    return batch


def look(now: datetime) -> list[Alert]:
    """Look once, as the job does."""
    raised = look_at_figures(lock_watch(), now, ZONE)
    db.session.commit()
    return raised


# In Zurich it is 11 August from 22:00 UTC of the day before on.
DUE = datetime(2026, 8, 10, 22, 0, tzinfo=UTC)


@pytest.mark.usefixtures("_contracts")
def test_a_missing_figure_is_told_on_the_day_it_is_late_and_once() -> None:
    assert look(DUE - timedelta(minutes=1)) == []
    (alert,) = look(DUE)
    assert (alert.subject_id, alert.scope_type, alert.scope_id) == ("contracts", "unit", "leasing")
    assert alert.title == "No figure of Contracts has come for 2026-07"
    assert alert.sentence == "It came in 4 of the 4 months before. 2026-07 ended before 2026-08-01."
    assert look(DUE + timedelta(hours=1)) == []
    assert look(DUE + timedelta(days=1)) == []
    assert db.session.query(Alert).count() == 1


@pytest.mark.usefixtures("_contracts")
def test_when_it_comes_the_alert_is_resolved_and_when_it_is_undone_open_again() -> None:
    (alert,) = look(DUE)
    batch = import_figure("leasing", 7)
    look(DUE + timedelta(minutes=1))
    assert alert.resolved_at == DUE + timedelta(minutes=1)
    undo_batch(batch, DUE + timedelta(minutes=2))
    look(DUE + timedelta(minutes=3))
    assert alert.resolved_at is None
    what = [one.what for one in db.session.query(AlertEvent).order_by(AlertEvent.id)]
    assert what == ["raised", "resolved", "reopened"]


@pytest.mark.usefixtures("_contracts")
def test_the_rule_says_how_many_days_and_of_what() -> None:
    labels = {"all", "unit", "unit:credit"}
    rule = DEFAULTS[FIGURES_LATE]
    assert change_rule(replace(rule, limit=20.0), labels, DUE) == []
    assert look(DUE) == []
    assert change_rule(replace(rule, limit=5.0, scopes=("unit:credit",)), labels, DUE) == []
    assert look(DUE + timedelta(days=1)) == []
    assert change_rule(replace(rule, enabled=False), labels, DUE) == []
    assert look(DUE + timedelta(days=2)) == []
    assert change_rule(replace(rule, subjects=("measure:other",)), labels, DUE) == []
    assert look(DUE + timedelta(days=3)) == []
    assert change_rule(replace(rule, subjects=("measure:contracts",)), labels, DUE) == []
    assert len(look(DUE + timedelta(days=4))) == 1
