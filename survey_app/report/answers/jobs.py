"""Copying answers behind the pages."""

from __future__ import annotations

from sqlalchemy import select

from survey_app.db import db, utc_now
from survey_app.design.models import QuestionnaireVersion
from survey_app.jobs import every_minute, job
from survey_app.report.answers.preparing import bring_up_to_date

MINUTES_BETWEEN = 15


@job
def copy_answers(key: str) -> None:
    """Bring the copies of one questionnaire up to date, because somebody waits for it."""
    numbers = db.session.scalars(
        select(QuestionnaireVersion.number)
        .where(QuestionnaireVersion.questionnaire_key == key)
        .order_by(QuestionnaireVersion.number)
    ).all()
    # Whoever copies a version already will be done with it sooner.
    bring_up_to_date(key, numbers, utc_now(), wait=False)


@every_minute
def copy_all_answers() -> None:
    """Bring all copies up to date, a few times an hour, so that few have to wait for it."""
    if utc_now().minute % MINUTES_BETWEEN:
        return
    for key in db.session.scalars(select(QuestionnaireVersion.questionnaire_key).distinct()).all():
        copy_answers(key)
