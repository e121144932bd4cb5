"""Writing a campaign: what is sent, to whom, when, in which words, until when answers count."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db, mark_of
from survey_app.design.models import QuestionnaireVersion
from survey_app.design.queries import read_definition
from survey_app.domain.preselecting import preselectable
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem, quoted
from survey_app.invite.anonymity import anonymity_problems
from survey_app.invite.composing import check_words
from survey_app.invite.models import ANONYMOUS, IDENTIFIED, MODES, Campaign
from survey_app.organisation.models import Unit

LONGEST_NAME = 120
DAY = 24 * 60
MOST_REMINDERS = 5
MOST_REMINDER_DAYS = 60
LARGEST_NUMBER = 10_000_000


@dataclass(frozen=True)
class Plan:
    """What a campaign is to be, with the fields of `models.Campaign`; `audience` None means all."""

    name: str
    questionnaire_key: str
    version_number: int
    subject: str
    message: str
    audience: Unit | None = None
    closes_at: datetime | None = None
    answers_may_change: bool = False
    mode: str = IDENTIFIED
    audience_filter: dict[str, list[str]] = field(default_factory=dict)
    sample_size: int | None = None
    first_question: bool = False
    opens_at: datetime | None = None
    send_from: int = 0
    send_until: int = DAY
    send_days: str = "1111111"
    pace: int | None = None
    reminders: int = 0
    reminder_days: int = 7
    reminder_subject: str = ""
    reminder_message: str = ""
    enough: int | None = None
    quotas: list[dict[str, Any]] = field(default_factory=list)


# What is taken over as it stands; name, words and audience are looked at first.
AS_PLANNED = (
    *("questionnaire_key", "version_number", "closes_at", "answers_may_change", "mode"),
    *("audience_filter", "sample_size", "first_question", "opens_at", "send_from", "send_until"),
    *("send_days", "pace", "reminders", "reminder_days", "enough", "quotas"),
)


def add_campaign(plan: Plan, now: datetime) -> tuple[Campaign | None, list[Problem]]:
    """Add a campaign; nothing is sent before it is launched."""
    campaign = Campaign(
        created_at=now, created_by_id=acting_user_id(), sample_seed=secrets.token_hex(8)
    )
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
    name = plan.name.strip()
    words = {
        "subject": plan.subject.strip(),
        "message": _tidy(plan.message),
        "reminder_subject": plan.reminder_subject.strip(),
        "reminder_message": _tidy(plan.reminder_message),
    }
    problems = _check_plan(name, plan, now) + check_words(words["subject"], words["message"])
    if words["reminder_subject"] or words["reminder_message"]:
        # What is left empty is the invitation's own.
        problems += check_words(
            words["reminder_subject"] or words["subject"],
            words["reminder_message"] or words["message"],
            "reminder’s",
        )
    if problems:
        return None, problems
    try:
        with db.session.begin_nested():
            campaign.name = name
            campaign.audience_unit = plan.audience
            for column, text in words.items():
                setattr(campaign, column, text)
            for column in AS_PLANNED:
                setattr(campaign, column, getattr(plan, column))
            db.session.add(campaign)
            db.session.flush()
    except IntegrityError:
        text = f"There is a campaign named {quoted(name)} already. Choose another name."
        return None, [Problem("name", "taken", text)]
    return campaign, []


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _check_plan(name: str, plan: Plan, now: datetime) -> list[Problem]:
    problems = []
    if not name:
        problems.append(Problem("name", "empty", "Give the campaign a name."))
    if len(name) > LONGEST_NAME:
        text = f"The name has {len(name)} characters; shorten it to {LONGEST_NAME}."
        problems.append(Problem("name", "too_long", text))
    if plan.mode not in MODES:
        text = f"There is no mode {quoted(plan.mode)}; there are {', '.join(MODES)}."
        problems.append(Problem("mode", "unknown", text))
    return problems + _check_questionnaire(plan) + _check_times(plan, now) + _check_numbers(plan)


def _check_questionnaire(plan: Plan) -> list[Problem]:
    key = (plan.questionnaire_key, plan.version_number)
    version = db.session.get(QuestionnaireVersion, key)
    if version is None:
        text = (
            f"There is no published version {plan.version_number} of the questionnaire "
            f"{quoted(plan.questionnaire_key)}. Publish it first, or choose another."
        )
        return [Problem("questionnaire", "unpublished", text)]
    questionnaire = read_definition(version.definition)
    problems = []
    if plan.first_question and preselectable(questionnaire) is None:
        text = (
            "The mail cannot begin with the first question: it must be a rating, a choice of one "
            "or yes or no, with at most 11 answers, and asked of everybody. Leave the link alone."
        )
        problems.append(Problem("first question", "not_preselectable", text))
    if plan.mode == ANONYMOUS:
        problems += anonymity_problems(questionnaire, plan.answers_may_change, plan.closes_at)
    return problems


def _check_times(plan: Plan, now: datetime) -> list[Problem]:
    problems = []
    if plan.closes_at is not None and plan.closes_at <= now:
        text = "The last day for answers is over. Choose a later one, or leave it empty."
        problems.append(Problem("last day", "past", text))
    if plan.opens_at is not None and plan.opens_at <= now:
        text = "The first mails would leave in the past. Choose a later moment, or leave it empty."
        problems.append(Problem("first mails", "past", text))
    elif plan.opens_at and plan.closes_at and plan.opens_at >= plan.closes_at:
        text = "The first mails would leave after the last day for answers. Change one of the two."
        problems.append(Problem("first mails", "after_end", text))
    if not 0 <= plan.send_from < plan.send_until <= DAY:
        text = "Mails are sent from an hour of the day to a later one. Change one of the two."
        problems.append(Problem("hours", "no_hours", text))
    if len(plan.send_days) != 7 or set(plan.send_days) - {"0", "1"} or "1" not in plan.send_days:
        text = "Choose at least one day of the week on which mails are sent."
        problems.append(Problem("days", "no_days", text))
    return problems


def _check_numbers(plan: Plan) -> list[Problem]:
    bounds = (
        ("sample", plan.sample_size, 1, LARGEST_NUMBER),
        ("pace", plan.pace, 1, LARGEST_NUMBER),
        ("enough answers", plan.enough, 1, LARGEST_NUMBER),
        ("reminders", plan.reminders, 0, MOST_REMINDERS),
        ("days between reminders", plan.reminder_days, 1, MOST_REMINDER_DAYS),
    )
    return [
        Problem(place, "out_of_range", f"Write a whole number from {lowest:,} to {highest:,}.")
        for place, number, lowest, highest in bounds
        if number is not None and not lowest <= number <= highest
    ]
