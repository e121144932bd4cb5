"""The worker copies answers a few times an hour, so that few have to wait for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.jobs import run_job
from survey_app.report.answers import jobs
from survey_app.report.answers.preparing import state_of
from tests.report.answers.answering import FULL, KEY, make_answered, respond


@pytest.mark.parametrize(("minute", "copied"), [(15, True), (16, False)])
def test_copies_are_brought_up_to_date_every_quarter_of_an_hour(
    app: Flask, minute: int, copied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_answered()
        respond(1, FULL)
        db.session.commit()
    monkeypatch.setattr(jobs, "utc_now", lambda: datetime(2026, 9, 1, 8, minute, tzinfo=UTC))
    run_job(app, "report.answers.jobs.copy_all_answers")
    with app.app_context():
        assert state_of(KEY, [1]).fresh is copied
