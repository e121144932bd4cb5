"""Periods that are scored by themselves: every month, quarter or year, some days after its end."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from analysis.periods import LENGTHS, Period, PeriodType
from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.report.models import RunSchedule, ScoreRun
from survey_app.report.running import add_run

# Names a schedule's run of a period: asked for twice, it is one run.
NAMESPACE = uuid.UUID("6f0f7a3e-2f0d-4a53-9d0c-2b6f6f9f7c11")
MOST_DAYS = 90


def add_schedule(
    period_type: str, days_after: int, now: datetime
) -> tuple[RunSchedule | None, list[Problem]]:
    """Score every period of a type so many days after its end; periods over by now are left out."""
    problems = []
    if period_type not in [one.value for one in LENGTHS]:
        problems.append(Problem("period_type", "unknown", "Choose month, quarter or year."))
    if not 0 <= days_after <= MOST_DAYS:
        message = f"Give a number of days from 0 to {MOST_DAYS}."
        problems.append(Problem("days_after", "range", message))
    if problems:
        return None, problems
    schedule = RunSchedule(
        period_type=period_type,
        days_after=days_after,
        created_at=now,
        created_by_id=acting_user_id(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(schedule)
            db.session.flush()
    except IntegrityError:
        message = "There is such a schedule already. Choose another number of days."
        return None, [Problem("days_after", "taken", message)]
    record("schedule added", f"every {period_type}", now, days_after=days_after)
    return schedule, []


def remove_schedule(schedule: RunSchedule, now: datetime) -> None:
    """Score no more by this schedule; the runs it has made stay."""
    record("schedule removed", f"every {schedule.period_type}", now, days_after=schedule.days_after)
    db.session.delete(schedule)
    db.session.flush()


def all_schedules() -> list[RunSchedule]:
    """Every schedule, the shortest periods first."""
    found = db.session.scalars(select(RunSchedule).order_by(RunSchedule.days_after))
    return sorted(found, key=lambda one: LENGTHS[PeriodType(one.period_type)])


def next_day(schedule: RunSchedule, now: datetime, zone: ZoneInfo) -> date:
    """The day on which the schedule scores next, in the organisation's zone."""
    today = now.astimezone(zone).date()
    period = Period.holding(
        PeriodType(schedule.period_type), today - timedelta(schedule.days_after)
    )
    return period.end + timedelta(schedule.days_after)


def ask_for_due_runs(now: datetime, zone: ZoneInfo) -> list[ScoreRun]:
    """Queue the newest period of each schedule that is due and was not asked for yet.

    Of periods that passed while nothing ran only the newest is scored: the others can be asked for
    by hand. A period that is closed is left as it is.
    """
    asked = []
    for schedule in all_schedules():
        type_ = PeriodType(schedule.period_type)
        today = now.astimezone(zone).date()
        present = Period.holding(type_, today - timedelta(schedule.days_after))
        due = Period.holding(type_, present.start - timedelta(1))
        if due.is_over(schedule.created_at, zone.key):
            continue
        public_id = str(uuid.uuid5(NAMESPACE, f"{schedule.id} {due.label}"))
        if db.session.scalar(select(ScoreRun.id).where(ScoreRun.public_id == public_id)):
            continue
        run, _problems = add_run(due.label, now, public_id)
        # Without any KPI, or with a closed period, there is nothing to do.
        if run is not None:
            run.schedule_id = schedule.id
            asked.append(run)
    db.session.flush()
    return asked
