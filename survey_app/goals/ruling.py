"""Setting what holds for every run of the organisation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem
from survey_app.goals.models import ONLY_ROW, ScoringRules
from survey_app.goals.queries import minimum_n

LARGEST_MINIMUM = 1000


def set_minimum_n(wanted: int, now: datetime, seen: int | None = None) -> list[Problem]:
    """Withhold cells of fewer people from now on; past runs keep what they were made with.

    `seen` is the number that was shown when the change was made.
    """
    present = minimum_n()
    if seen not in (None, present):
        return [CHANGED_MEANWHILE]
    if not 1 <= wanted <= LARGEST_MINIMUM:
        message = f"Give a whole number from 1 to {LARGEST_MINIMUM}."
        return [Problem("least number of people", "range", message)]
    if wanted != present:
        try:
            with db.session.begin_nested():
                db.session.merge(ScoringRules(id=ONLY_ROW, minimum_n=wanted))
                db.session.flush()
        except IntegrityError:
            return [CHANGED_MEANWHILE]
        record("least number of people set", "runs", now, before=present, after=wanted)
    return []
