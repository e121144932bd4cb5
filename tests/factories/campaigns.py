"""Contacts, campaigns and invitations, for tests; all inside an app context."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from survey_app.db import db
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.domain.wire import definition_hash
from survey_app.invite.campaigning import Plan, add_campaign
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation, InvitationToken
from survey_app.invite.registering import add_contact
from survey_app.invite.tokens import hash_of, issue_token
from survey_app.organisation.models import Unit

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)

DEFINITION: dict[str, Any] = {
    "format": "soundings-questionnaire/1",
    "key": "visit_feedback",
    "title": "How was your visit?",
    "language": "en",
    "introduction": "",
    "thanks": "Thank you.",
    "sections": [
        {
            "id": "visit",
            "title": "Your visit",
            "questions": [
                {
                    "id": "q1",
                    "type": "rating",
                    "text": "How was it?",
                    "scale": {"lowest": 1, "highest": 5, "direction": "higher_is_better"},
                }
            ],
        }
    ],
}


def make_version(
    definition: dict[str, Any] = DEFINITION, number: int = 1, now: datetime = NOW
) -> QuestionnaireVersion:
    """A published version; the questionnaire is made if it is not there."""
    key = definition["key"]
    if not db.session.query(Questionnaire).filter_by(key=key).count():
        db.session.add(
            Questionnaire(key=key, title=definition["title"], draft=definition, updated_at=now)
        )
        db.session.flush()
    version = QuestionnaireVersion(
        questionnaire_key=key,
        number=number,
        definition=definition,
        hash=definition_hash(definition),
        published_at=now,
    )
    db.session.add(version)
    db.session.flush()
    return version


def make_contact(email: str = "mia@example.org", name: str = "Mia", **cells: str) -> Contact:
    """A contact; `cells` as a row of an import has them."""
    contact, problems = add_contact({"email": email, "name": name, **cells}, NOW)
    assert contact is not None, problems
    return contact


def make_contacts(count: int) -> list[Contact]:
    """Contacts person1@example.org, person2@example.org ..."""
    return [
        make_contact(f"person{number}@example.org", f"Person {number}")
        for number in range(1, count + 1)
    ]


def make_campaign(
    version: QuestionnaireVersion | None = None,
    name: str = "July",
    audience: Unit | None = None,
    closes_at: datetime | None = None,
    message: str = "Dear {name},\n\nhow was it?\n{link}\n",
    now: datetime = NOW,
    **planned: Any,
) -> Campaign:
    """A campaign that is not sent yet; `planned` are further fields of a `Plan`."""
    version = version or make_version()
    campaign, problems = add_campaign(
        Plan(
            name=name,
            questionnaire_key=version.questionnaire_key,
            version_number=version.number,
            subject="How was your visit?",
            message=message,
            audience=audience,
            closes_at=closes_at,
            **planned,
        ),
        min(now, closes_at - timedelta(seconds=1)) if closes_at else now,
    )
    assert campaign is not None, problems
    return campaign


def make_invitation(
    campaign: Campaign | None = None, contact: Contact | None = None
) -> tuple[Invitation, str]:
    """An invitation and a token that opens it, without any mail."""
    campaign = campaign or make_campaign()
    contact = contact or make_contact()
    invitation = Invitation(
        campaign_id=campaign.id,
        contact_id=contact.id,
        questionnaire_key=campaign.questionnaire_key,
        version_number=campaign.version_number,
        unit_id=contact.unit_id,
        representative_id=contact.representative_id,
        attributes=contact.attributes,
        created_at=NOW,
        expires_at=campaign.closes_at,
    )
    db.session.add(invitation)
    db.session.flush()
    return invitation, issue_token(invitation.id, NOW)


def invitation_of(token: str) -> Invitation | None:
    """The invitation that a mailed token opens."""
    kept = db.session.get(InvitationToken, hash_of(token))
    return kept.invitation if kept else None
