"""Closing a period with one run, whose numbers then count; reopening it, with who and why."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from analysis.periods import Period
from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.report.models import PeriodClosing, ScoreRun
from survey_app.report.queries import closing_of
from survey_app.webhooks.announcing import announce

LONGEST_WORDS = 2000


def close_period(
    run: ScoreRun, note: str, now: datetime, zone: ZoneInfo
) -> tuple[PeriodClosing | None, list[Problem]]:
    """Close the run's period with this run; closed with it already, the closing as it is."""
    problems = _check_words("note", note)
    if run.state != "done":
        message = "Only a run that is done can close its period. Wait for it, or score again."
        problems.append(Problem("run", "not_done", message))
    if not Period.parse(run.period_label).is_over(now, zone.key):
        message = f"{run.period_label} is not over yet. Close it when it has ended."
        problems.append(Problem("period", "not_over", message))
    elif not was_over(run, zone):
        message = (
            f"This run was begun before {run.period_label} had ended, so its verdicts are "
            "provisional. Score the period again, and close it with the new run."
        )
        problems.append(Problem("run", "provisional", message))
    if problems:
        return None, problems
    closing = PeriodClosing(
        period_label=run.period_label,
        run_id=run.id,
        is_closed=True,
        closed_at=now,
        closed_by_id=acting_user_id(),
        note=note.strip(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(closing)
            db.session.flush()
    except IntegrityError:
        present = closing_of(run)
        if present is not None and present.run_id == run.id:
            return present, []
        message = (
            f"{run.period_label} is closed with another run already. Reopen it first, with the "
            "reason, then close it with this one."
        )
        return None, [Problem("period", "closed", message)]
    record("period closed", run.period_label, now, run=run.public_id)
    announce("period.closed", {"run": run.public_id, "period": run.period_label}, now)
    return closing, []


def was_over(run: ScoreRun, zone: ZoneInfo) -> bool:
    """Whether the period was over when the run began, so that its verdicts are final."""
    began = run.started_at
    return began is not None and Period.parse(run.period_label).is_over(began, zone.key)


def reopen_period(
    closing: PeriodClosing, reason: str, now: datetime
) -> tuple[PeriodClosing | None, list[Problem]]:
    """Reopen a closed period: it may be scored again. The closing stays on record with the reason.

    The run it was closed with stays too, and downloads the same bytes as ever.
    """
    problems = _check_words("reason", reason)
    if not reason.strip():
        message = "Say why the period is opened again: it stays on record."
        problems.append(Problem("reason", "empty", message))
    if problems:
        return None, problems
    db.session.refresh(closing, with_for_update=True)
    if closing.is_closed:
        closing.is_closed = None
        closing.reopened_at = now
        closing.reopened_by_id = acting_user_id()
        closing.reopen_reason = reason.strip()
        record("period reopened", closing.period_label, now, reason=closing.reopen_reason)
        db.session.flush()
        told = {"run": closing.run.public_id, "period": closing.period_label}
        announce("period.reopened", {**told, "reason": closing.reopen_reason}, now)
    return closing, []


def _check_words(place: str, text: str) -> list[Problem]:
    if len(text) <= LONGEST_WORDS:
        return []
    message = f"The text has {len(text)} characters; shorten it to {LONGEST_WORDS}."
    return [Problem(place, "too_long", message)]
