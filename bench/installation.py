"""A fresh installation with a ten-question survey and as many personal links as are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from survey_app.app import create_app
from survey_app.config import read_settings
from survey_app.db import db, utc_now
from survey_app.design.editing import create_questionnaire
from survey_app.design.publishing import publish
from survey_app.domain.problems import Problem
from survey_app.invite.campaigning import Plan, add_campaign
from survey_app.invite.importing import import_contacts
from survey_app.invite.inviting import launch
from survey_app.invite.models import Invitation
from survey_app.invite.tokens import issue_token
from survey_app.loading import set_up
from survey_app.migrating import upgrade_database

RATINGS = (
    "How easy was it to reach us?",
    "How well did we listen?",
    "How clear were our answers?",
    "How well did the product fit your need?",
    "How satisfied are you with the time it took?",
    "How satisfied are you on the whole?",
)
CHOICES = {
    "How did you come to us?": ("By telephone", "In the branch", "By e-mail", "On the web"),
    "Have you been with us before?": ("Yes", "No"),
}
ANSWERS = urlencode(
    {
        **{f"q{number}": 1 + number % 5 for number in range(1, 7)},
        "q7": "a",
        "q8": "b",
        "q9": 25,
        "q10": "Everybody was friendly.\r\nThe wait was a little long.",
    }
).encode()
MESSAGE = """\
Dear {name},

thank you for your visit. How was it? Your answers take about two minutes:

{link}

The link is yours alone; please do not pass it on.
"""
THANKS = "Your answers have arrived."


@dataclass(frozen=True)
class Installation:
    """Where it is, as environment variables, and the paths of its unused personal links."""

    environment: dict[str, str]
    links: list[str]


def install(home: Path, database_url: str, people: int, launched: bool = True) -> Installation:
    """Set up a database through the product's own steps; an empty address means SQLite."""
    environment = {"SOUNDINGS_HOME": str(home), "SOUNDINGS_DATABASE_URL": database_url}
    app = create_app(read_settings(environment))
    with app.app_context():
        upgrade_database()
        now = utc_now()
        set_up("Example Ltd", now)
        questionnaire = accept(create_questionnaire(_definition(), now))
        version = accept(publish(questionnaire, now))
        rows = [f"person{number}@example.org,Person {number}" for number in range(people)]
        accept(import_contacts("\n".join(["email,name", *rows]).encode(), "contacts.csv", now))
        plan = Plan("Speed", version.questionnaire_key, version.number, "Your visit", MESSAGE)
        campaign = accept(add_campaign(plan, now))
        if launched:
            accept(launch(campaign, now))
        invitations = db.session.scalars(select(Invitation.id).order_by(Invitation.id)).all()
        links = [f"/r/{issue_token(invitation, now)}" for invitation in invitations]
        db.session.commit()
        db.engine.dispose()
    return Installation(environment, links)


def _definition() -> dict[str, Any]:
    questions: list[dict[str, Any]] = [
        {
            "type": "rating",
            "text": text,
            "scale": {
                "lowest": 1,
                "highest": 5,
                "direction": "higher_is_better",
                "anchors": {1: "very poor", 5: "very good"},
            },
            "missing": ["not_applicable"],
        }
        for text in RATINGS
    ]
    questions += [
        {
            "type": "choice",
            "text": text,
            "options": [{"code": "abcd"[n], "label": label} for n, label in enumerate(labels)],
        }
        for text, labels in CHOICES.items()
    ]
    questions += [
        {
            "type": "number",
            "text": "How long did you wait?",
            "unit": "minutes",
            "lowest": 0,
            "highest": 600,
            "whole": True,
        },
        {"type": "text", "text": "What could we do better?"},
    ]
    numbered = [{"id": f"q{n}", **question} for n, question in enumerate(questions, 1)]
    return {
        "format": "soundings-questionnaire/1",
        "key": "visit_feedback",
        "title": "How was your visit?",
        "sections": [{"id": "visit", "title": "Your visit", "questions": numbered}],
    }


def accept(outcome: tuple[Any, list[Problem]]) -> Any:
    """The result of a step; raises RuntimeError with its problems."""
    result, problems = outcome
    if problems:
        raise RuntimeError("; ".join(f"{one.place}: {one.message}" for one in problems))
    return result
