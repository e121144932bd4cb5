"""Asking for a period to be scored."""

from __future__ import annotations

from datetime import datetime

from survey_app.accounts.auditing import record
from survey_app.domain.problems import Problem
from survey_app.jobs import enqueue
from survey_app.report.jobs import score_queued
from survey_app.report.models import ScoreRun
from survey_app.report.running import add_run


def request_run(
    period: str, now: datetime, public_id: str = ""
) -> tuple[ScoreRun | None, list[Problem]]:
    """Queue a run of a period ('2026-07', '2026-Q3', '2026' or '2015-01..2021-03').

    The worker scores it after the commit. `public_id` is the page's own: sent twice, one run.
    """
    run, problems = add_run(period, now, public_id)
    if run is None:
        return None, problems
    record("scoring asked for", run.period_label, now, run=run.public_id)
    enqueue(score_queued)
    return run, []
