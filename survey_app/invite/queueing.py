"""Writing invitations and mails into their tables, inside the database, however many they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, insert, literal, null, select

from survey_app.db import UtcDateTime, db
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation, OutboxMail


def write_invitations(campaign: Campaign, whom: ColumnElement[bool], begins: datetime) -> int:
    """Invitations of a campaign for the contacts that a condition names; gives their number."""
    invitations = {
        Invitation.campaign_id: literal(campaign.id),
        Invitation.contact_id: Contact.id,
        Invitation.questionnaire_key: literal(campaign.questionnaire_key),
        Invitation.version_number: literal(campaign.version_number),
        Invitation.unit_id: Contact.unit_id,
        Invitation.representative_id: Contact.representative_id,
        Invitation.attributes: Contact.attributes,
        Invitation.created_at: literal(begins, UtcDateTime()),
        Invitation.expires_at: literal(campaign.closes_at, UtcDateTime()),
        Invitation.revoked_at: null(),
    }
    invited: int = db.session.execute(
        insert(Invitation).from_select(
            list(invitations), select(*invitations.values()).where(whom).order_by(Contact.id)
        ),
        execution_options={"preserve_rowcount": True},
    ).rowcount
    return invited


def write_mails(
    campaign: Campaign, number: int, whom: ColumnElement[bool], not_before: datetime
) -> int:
    """Mails, the invitation itself (`number` 0) or a reminder, for the invitations of a campaign
    that a condition names; gives how many."""
    mails = {
        OutboxMail.invitation_id: Invitation.id,
        OutboxMail.campaign_id: literal(campaign.id),
        OutboxMail.number: literal(number),
        OutboxMail.state: literal("queued"),
        OutboxMail.attempts: literal(0),
        OutboxMail.not_before: literal(not_before, UtcDateTime()),
        OutboxMail.error: literal(""),
    }
    written: int = db.session.execute(
        insert(OutboxMail).from_select(
            list(mails),
            select(*mails.values())
            .where(Invitation.campaign_id == campaign.id, whom)
            .order_by(Invitation.id),
        ),
        execution_options={"preserve_rowcount": True},
    ).rowcount
    return written
