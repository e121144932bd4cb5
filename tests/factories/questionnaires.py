"""Questionnaires, their versions and invitations, for tests."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from survey_app.db import db
from survey_app.design.editing import create_questionnaire
from survey_app.design.models import QuestionnaireVersion
from survey_app.design.publishing import publish
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation
from survey_app.invite.tokens import issue_token

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)

DEFINITION: dict[str, Any] = {
    "format": "soundings-questionnaire/1",
    "key": "visit_feedback",
    "title": "How was your visit?",
    "introduction": "Two minutes, five questions.",
    "thanks": "We read every answer.",
    "sections": [
        {
            "id": "visit",
            "title": "Your visit",
            "questions": [
                {
                    "id": "q1",
                    "type": "rating",
                    "text": "How satisfied are you with your visit?",
                    "required": True,
                    "scale": {
                        "lowest": 1,
                        "highest": 5,
                        "anchors": {"1": "not at all", "5": "very"},
                    },
                    "missing": ["not_applicable", "dont_know"],
                },
                {
                    "id": "q2",
                    "type": "choice",
                    "text": "Where did you meet us?",
                    "options": [
                        {"code": "shop", "label": "In the shop"},
                        {"code": "phone", "label": "On the phone"},
                    ],
                    "missing": ["refused"],
                },
                {
                    "id": "q3",
                    "type": "choice",
                    "text": "What did you look at?",
                    "multiple": True,
                    "options": [{"code": "a", "label": "Alarms"}, {"code": "b", "label": "Bells"}],
                    "missing": ["dont_know"],
                },
            ],
        },
        {
            "id": "more",
            "title": "",
            "questions": [
                {
                    "id": "q4",
                    "type": "number",
                    "text": "How long did you wait?",
                    "unit": "minutes",
                    "lowest": 0,
                    "highest": 600,
                    "whole": True,
                },
                {
                    "id": "q5",
                    "type": "text",
                    "text": "What should we do better?",
                    "help": "One sentence is enough.",
                    "longest": 2000,
                },
            ],
        },
    ],
}


def definition(**changed: Any) -> dict[str, Any]:
    """A definition that can be published, of the test's own."""
    return copy.deepcopy(DEFINITION) | changed


def add_version(source: dict[str, Any] | None = None) -> QuestionnaireVersion:
    """A published version 1; inside an app context."""
    questionnaire, problems = create_questionnaire(source or definition(), NOW)
    assert questionnaire is not None, problems
    version, problems = publish(questionnaire, NOW)
    assert version is not None, problems
    return version


def add_invitation(
    version: QuestionnaireVersion, number: int = 1, **named: Any
) -> tuple[Invitation, str]:
    """An invitation of a contact of its own to a campaign of its own, and the token of its link."""
    contact = Contact(email=f"customer{number}@example.org", attributes={}, created_at=NOW)
    campaign = Campaign(
        name=f"Campaign {number}",
        questionnaire_key=version.questionnaire_key,
        version_number=version.number,
        subject="Your visit",
        message="Please tell us.",
        created_at=NOW,
        launched_at=NOW,
        closes_at=named.pop("closes_at", None),
    )
    db.session.add_all([contact, campaign])
    db.session.flush()
    fields = {
        "attributes": {"segment": "gold"},
        "created_at": NOW,
        "expires_at": datetime.now(UTC) + timedelta(days=30),
    } | named
    invitation = Invitation(
        campaign_id=campaign.id,
        contact_id=contact.id,
        questionnaire_key=version.questionnaire_key,
        version_number=version.number,
        **fields,
    )
    db.session.add(invitation)
    db.session.flush()
    token = issue_token(invitation.id, NOW)
    db.session.flush()
    return invitation, token
