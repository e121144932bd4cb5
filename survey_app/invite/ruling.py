"""Changing the rules that hold for all campaigns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from survey_app.accounts.auditing import record
from survey_app.db import db, mark_of
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem
from survey_app.invite.contact_models import AskingRules

LONGEST_FATIGUE = 3650
MOST_SOFT_BOUNCES = 100


@dataclass(frozen=True)
class Ruling:
    """The rules as `AskingRules` has them."""

    fatigue_days: int
    needs_consent: bool
    bounce_limit: float
    soft_bounces: int


def revise_rules(
    ruling: Ruling, now: datetime, seen: str | None = None
) -> tuple[AskingRules | None, list[Problem]]:
    """Let other rules hold from now on; `seen` is the `mark_of` the rules that were opened."""
    kept = db.session.get_one(AskingRules, 1, with_for_update=True, populate_existing=True)
    if seen not in (None, mark_of(kept)):
        return None, [CHANGED_MEANWHILE]
    if problems := _problems(ruling):
        return None, problems
    before = {name: getattr(kept, name) for name in asdict(ruling)}
    if before != asdict(ruling):
        for name, value in asdict(ruling).items():
            setattr(kept, name, value)
        db.session.flush()
        record("rules of asking changed", "all campaigns", now, before=before, after=asdict(ruling))
    return kept, []


def _problems(ruling: Ruling) -> list[Problem]:
    problems = []
    if not 0 <= ruling.fatigue_days <= LONGEST_FATIGUE:
        message = f"Write a number of days from 0 (no such rule) to {LONGEST_FATIGUE}."
        problems.append(Problem("days between two invitations", "out_of_range", message))
    if not 0 < ruling.bounce_limit <= 100:
        message = "Write a share in percent above 0 and up to 100."
        problems.append(Problem("share of bounced mails", "out_of_range", message))
    if not 1 <= ruling.soft_bounces <= MOST_SOFT_BOUNCES:
        message = f"Write a number from 1 to {MOST_SOFT_BOUNCES}."
        problems.append(Problem("soft bounces", "out_of_range", message))
    return problems
