"""Mails that were sent, for tests; inside an app context."""

from __future__ import annotations

from datetime import datetime

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, OutboxMail
from tests.factories.campaigns import (
    NOW,
    make_campaign,
    make_contact,
    make_invitation,
    make_version,
)


def make_sent(
    email: str = "mia@example.org",
    at: datetime = NOW,
    campaign_name: str = "July",
    **cells: str,
) -> OutboxMail:
    """A mail of a campaign that was sent to a contact; both are made if they are not there."""
    contact = db.session.query(Contact).filter_by(email=email).one_or_none()
    campaign = db.session.query(Campaign).filter_by(name=campaign_name).one_or_none()
    if campaign is None:
        version = db.session.query(QuestionnaireVersion).first() or make_version()
        campaign = make_campaign(version, campaign_name)
    invitation, _token = make_invitation(campaign, contact or make_contact(email, "Mia", **cells))
    mail = OutboxMail(
        invitation_id=invitation.id,
        campaign_id=campaign.id,
        state="sent",
        attempts=1,
        not_before=at,
        sent_at=at,
    )
    db.session.add(mail)
    db.session.flush()
    return mail
