"""Reading what came back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.organisation.sight import Sight, is_in_sight

REPORTS_SHOWN = 100
KINDS = {
    "hard": "bounced: the address takes no mail",
    "soft": "bounced: this mail was not delivered",
    "complaint": "complained",
}


def newest_reports(within: Sight) -> Sequence[OutboxMail]:
    """The mails to contacts in sight of which something came back last, the newest first."""
    return db.session.scalars(
        select(OutboxMail)
        .join(OutboxMail.invitation)
        .join(Invitation.contact)
        .join(Campaign, Campaign.id == OutboxMail.campaign_id)
        .where(OutboxMail.reported_at.is_not(None), is_in_sight(Contact.unit_id, within))
        .order_by(OutboxMail.reported_at.desc(), OutboxMail.id.desc())
        .limit(REPORTS_SHOWN)
        .options(
            contains_eager(OutboxMail.invitation).contains_eager(Invitation.contact),
            contains_eager(OutboxMail.campaign),
        )
    ).all()
