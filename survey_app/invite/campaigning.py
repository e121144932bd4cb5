"""Writing a campaign: what is sent, to whom, in which words, until when answers count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db, mark_of
from survey_app.design.models import QuestionnaireVersion
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem, quoted
from survey_app.invite.composing import check_words
from survey_app.invite.models import Campaign
from survey_app.organisation.models import Unit

LONGEST_NAME = 120


@dataclass(frozen=True)
class Plan:
    """What a campaign is to be; `audience` None means all contacts."""

    name: str
    questionnaire_key: str
    version_number: int
    subject: str
    message: str
    audience: Unit | None = None
    closes_at: datetime | None = None
    answers_may_change: bool = False


def add_campaign(plan: Plan, now: datetime) -> tuple[Campaign | None, list[Problem]]:
    """Add a campaign; nothing is sent before it is launched."""
    campaign = Campaign(created_at=now, created_by_id=acting_user_id())
    stored, problems = _store(campaign, plan, now)
    if stored is not None:
        record("campaign added", stored.name, now)
    return stored, problems


def revise_campaign(
    campaign: Campaign, plan: Plan, now: datetime, seen: str | None = None
) -> tuple[Campaign | None, list[Problem]]:
    """Change a campaign that was not launched yet; `seen` is the `mark_of` what was opened."""
    # A launch at the same moment comes before or after this change, never in between.
    db.session.refresh(campaign, with_for_update=True)
    if campaign.launched_at is not None:
        message = "This campaign was sent already and stays as it is. Add another campaign."
        return None, [Problem("campaign", "launched", message)]
    if seen not in (None, mark_of(campaign)):
        return None, [CHANGED_MEANWHILE]
    return _store(campaign, plan, now)


def _store(campaign: Campaign, plan: Plan, now: datetime) -> tuple[Campaign | None, list[Problem]]:
    name, subject = plan.name.strip(), plan.subject.strip()
    message = plan.message.replace("\r\n", "\n").strip()
    problems = _check_plan(name, plan, now) + check_words(subject, message)
    if problems:
        return None, problems
    try:
        with db.session.begin_nested():
            campaign.name = name
            campaign.questionnaire_key = plan.questionnaire_key
            campaign.version_number = plan.version_number
            campaign.audience_unit = plan.audience
            campaign.subject = subject
            campaign.message = message
            campaign.closes_at = plan.closes_at
            campaign.answers_may_change = plan.answers_may_change
            db.session.add(campaign)
            db.session.flush()
    except IntegrityError:
        text = f"There is a campaign named {quoted(name)} already. Choose another name."
        return None, [Problem("name", "taken", text)]
    return campaign, []


def _check_plan(name: str, plan: Plan, now: datetime) -> list[Problem]:
    problems = []
    if not name:
        problems.append(Problem("name", "empty", "Give the campaign a name."))
    if len(name) > LONGEST_NAME:
        text = f"The name has {len(name)} characters; shorten it to {LONGEST_NAME}."
        problems.append(Problem("name", "too_long", text))
    version = (plan.questionnaire_key, plan.version_number)
    if db.session.get(QuestionnaireVersion, version) is None:
        text = (
            f"There is no published version {plan.version_number} of the questionnaire "
            f"{quoted(plan.questionnaire_key)}. Publish it first, or choose another."
        )
        problems.append(Problem("questionnaire", "unpublished", text))
    if plan.closes_at is not None and plan.closes_at <= now:
        text = "The last day for answers is over. Choose a later one, or leave it empty."
        problems.append(Problem("last day", "past", text))
    return problems
