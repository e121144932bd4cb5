"""What there is to look at, taken by one worker at a time."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from survey_app.db import db
from survey_app.figures.models import Measure
from survey_app.organisation.models import Unit
from survey_app.report.alerts.kinds import COMPANY, FIGURES_LATE, UNIT, Place
from survey_app.report.alerts.late_figures import (
    MONTHS_LOOKED_AT,
    due_month,
    find_missing,
    has_come,
    months_before,
    read_months,
)
from survey_app.report.alerts.models import Alert, AlertLook, AlertWatch
from survey_app.report.alerts.raising import Finding, raise_alert, reopen_alert, resolve_alert
from survey_app.report.alerts.ruling import read_rules
from survey_app.report.alerts.wording import say_late
from survey_app.report.models import ScoreRun
from survey_app.report.queries import newest_runs


def lock_watch() -> AlertWatch:
    """Wait until no other worker looks for alerts; holds until the transaction ends.

    What is read afterwards is as the other one left it. On SQLite the transaction itself is alone.
    """
    return db.session.scalars(
        select(AlertWatch).with_for_update().execution_options(populate_existing=True)
    ).one()


def next_run() -> ScoreRun | None:
    """The run that finished first of those that count and were not looked at yet.

    A period is looked at again when another run has come to count for it: a newer one, or the one
    it was closed with.
    """
    looks = {one.period_label: one.run_id for one in db.session.query(AlertLook)}
    due = [run for run in newest_runs() if looks.get(run.period_label) != run.id]
    return min(due, key=lambda run: (run.finished_at, run.id), default=None)


def note_look(run: ScoreRun, now: datetime, trouble: str = "") -> None:
    """The period was looked at by this run; `trouble` says why that failed, if it did."""
    look = db.session.get(AlertLook, run.period_label)
    if look is None:
        look = AlertLook(period_label=run.period_label)
        db.session.add(look)
    look.run_id, look.looked_at, look.trouble = run.id, now, trouble
    db.session.flush()


def look_at_figures(watch: AlertWatch, now: datetime, zone: ZoneInfo) -> list[Alert]:
    """Resolve what has come by now; once a day, raise what is late. The alerts that are new."""
    rule, today = read_rules()[FIGURES_LATE], now.astimezone(zone).date()
    _settle_figures(today, now)
    if watch.figures_checked_on is not None and watch.figures_checked_on >= today:
        return []
    watch.figures_checked_on = today
    if not rule.enabled:
        db.session.flush()
        return []
    assert rule.limit is not None
    month = due_month(today, int(rule.limit))
    missing = find_missing(read_months(month), month)
    measures = {one.id: one for one in db.session.query(Measure)} if missing else {}
    units = {one.id: one for one in db.session.query(Unit)} if missing else {}
    raised = []
    for (measure_id, unit_id), one in sorted(missing.items()):
        measure, unit = measures[measure_id], units[unit_id]
        place = Place("measure", measure.key, *_scope_of(unit))
        if not rule.covers(place):
            continue
        label, ended = month.isoformat()[:7], months_before(month, -1)
        title, sentence = say_late(measure.name, label, ended, one.came)
        numbers = {"unit": unit.key, "came": one.came}
        finding = Finding(
            kind=FIGURES_LATE,
            direction="late",
            place=place,
            subject_name=measure.name,
            scope_name=unit.name,
            period_type="month",
            period_label=label,
            period_start=month,
            run_id=None,
            title=title,
            sentence=sentence,
            numbers=numbers,
        )
        alert = raise_alert(finding, now)
        if alert is not None:
            raised.append(alert)
    db.session.flush()
    return raised


def _settle_figures(today: date, now: datetime) -> None:
    """Figures that have come resolve their alert; if their import is undone, it is open again."""
    recent = months_before(today.replace(day=1), MONTHS_LOOKED_AT)
    alerts = db.session.scalars(
        select(Alert).where(
            Alert.kind == FIGURES_LATE,
            or_(Alert.resolved_at.is_(None), Alert.period_start >= recent),
        )
    ).all()
    if not alerts:
        return
    measures = {one.key: one.id for one in db.session.query(Measure)}
    units = {one.key: one.id for one in db.session.query(Unit)}
    missing = {
        (measures[one.subject_id], units[one.document["unit"]], one.period_start): one
        for one in alerts
    }
    for place, came in has_come(missing).items():
        if came:
            resolve_alert(missing[place], "The figure has come.", now)
        else:
            reopen_alert(missing[place], "The figure was taken back.", now)


def _scope_of(unit: Unit) -> tuple[str, str]:
    """The company's own unit stands for the company."""
    return (COMPANY, "") if unit.parent_id is None else (UNIT, unit.key)
