"""Campaigns of each mode with several people in them, for tests; all inside an app context."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation
from survey_app.invite.tokens import issue_token
from tests.factories.questionnaires import NOW, add_version

CLOSES = datetime(2099, 1, 1, tzinfo=UTC)


def start_campaign(
    mode: str, version: QuestionnaireVersion | None = None, **named: Any
) -> Campaign:
    """A campaign that was sent, to nobody yet."""
    version = version or add_version()
    fields = {"name": f"A {mode} one", "closes_at": CLOSES} | named
    campaign = Campaign(
        questionnaire_key=version.questionnaire_key,
        version_number=version.number,
        mode=mode,
        subject="Your visit",
        message="Please tell us.",
        created_at=NOW,
        launched_at=NOW,
        **fields,
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign


def ask(campaign: Campaign, number: int, **named: Any) -> tuple[Invitation, str]:
    """Invite one more person to it; gives the invitation and the token of its link."""
    contact = Contact(
        email=f"person{number}@asked.example",
        name=f"Zelda {number}",
        external_id=f"EXT-{number}",
        language=named.pop("language", ""),
        attributes={},
        created_at=NOW,
    )
    db.session.add(contact)
    db.session.flush()
    invitation = Invitation(
        **{
            "campaign_id": campaign.id,
            "contact_id": contact.id,
            "questionnaire_key": campaign.questionnaire_key,
            "version_number": campaign.version_number,
            "attributes": {},
            "created_at": NOW - timedelta(hours=1),
            "expires_at": campaign.closes_at,
            **named,
        }
    )
    db.session.add(invitation)
    db.session.flush()
    return invitation, open_link_to(invitation)


def open_link_to(invitation: Invitation) -> str:
    """One more token that opens an invitation, as that of a reminder does."""
    token = issue_token(invitation.id, NOW)
    db.session.flush()
    return token
