"""Reading contacts, campaigns, invitations and the state of their mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from survey_app.db import db
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.domain.problems import NotFound
from survey_app.invite.contact_models import ContactAttribute
from survey_app.invite.models import Campaign, Invitation, OutboxMail
from survey_app.organisation.queries import declared_dimensions
from survey_app.organisation.sight import Sight, in_sight, is_in_sight

# What a contact has beside its own attributes and can be chosen by.
OF_EACH = ("language", "representative")
FAILURES_SHOWN = 100


def campaign_by_id(campaign_id: int, within: Sight) -> Campaign:
    """The campaign, if its audience is in sight; raises NotFound."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or not in_sight(campaign.audience_unit_id, within):
        raise NotFound("There is no such campaign. Choose one from the list of campaigns.")
    return campaign


def campaigns_in(within: Sight) -> Sequence[Campaign]:
    """The campaigns whose audience is in sight, newest first."""
    return db.session.scalars(
        select(Campaign)
        .where(is_in_sight(Campaign.audience_unit_id, within))
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
        .options(joinedload(Campaign.audience_unit))
    ).all()


def published_versions() -> list[tuple[QuestionnaireVersion, str]]:
    """All published versions with the questionnaire's title, newest first in each."""
    return list(
        db.session.execute(
            select(QuestionnaireVersion, Questionnaire.title)
            .join(Questionnaire, Questionnaire.key == QuestionnaireVersion.questionnaire_key)
            .order_by(Questionnaire.title, Questionnaire.key, QuestionnaireVersion.number.desc())
        ).tuples()
    )


def known_attributes() -> set[str]:
    """What an audience can be chosen by: language, representative, and declared attributes."""
    declared = db.session.scalars(select(ContactAttribute.key))
    return {*OF_EACH, *declared, *declared_dimensions()}


def title_of(campaign: Campaign) -> str:
    """The title of the version that the campaign sends, as its definition says it."""
    version = db.session.get_one(
        QuestionnaireVersion, (campaign.questionnaire_key, campaign.version_number)
    )
    return str(version.definition.get("title") or campaign.questionnaire_key)


@dataclass(frozen=True)
class MailCounts:
    """How far the mails of one campaign are, reminders among them."""

    queued: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    dropped: int = 0

    @property
    def waiting(self) -> int:
        """Mails that are still to be sent."""
        return self.queued + self.sending


def mail_counts(campaign_ids: Sequence[int]) -> dict[int, MailCounts]:
    """The counts of each of these campaigns."""
    counted = db.session.execute(
        select(OutboxMail.campaign_id, OutboxMail.state, func.count(OutboxMail.id))
        .where(OutboxMail.campaign_id.in_(campaign_ids))
        .group_by(OutboxMail.campaign_id, OutboxMail.state)
    ).tuples()
    by_campaign: dict[int, dict[str, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, state, count in counted:
        by_campaign[campaign_id][state] = count
    return {campaign_id: MailCounts(**counts) for campaign_id, counts in by_campaign.items()}


def invited_counts(campaign_ids: Sequence[int]) -> dict[int, int]:
    """How many contacts each of these campaigns has invited; those with none are not there."""
    counted = db.session.execute(
        select(Invitation.campaign_id, func.count(Invitation.id))
        .where(Invitation.campaign_id.in_(campaign_ids), Invitation.contact_id.is_not(None))
        .group_by(Invitation.campaign_id)
    ).tuples()
    return dict(counted.all())


def count_waiting_mails() -> int:
    """How many mails of all campaigns are still to be written and sent."""
    waiting = select(func.count()).where(OutboxMail.state.in_(("queued", "sending")))
    return db.session.scalar(waiting) or 0


def failed_mails(campaign: Campaign) -> Sequence[OutboxMail]:
    """The first failed mails of a campaign with their contacts."""
    return db.session.scalars(
        select(OutboxMail)
        .join(OutboxMail.invitation)
        .where(Invitation.campaign_id == campaign.id, OutboxMail.state == "failed")
        .order_by(OutboxMail.id)
        .limit(FAILURES_SHOWN)
        .options(joinedload(OutboxMail.invitation).joinedload(Invitation.contact))
    ).all()


@dataclass(frozen=True)
class Delay:
    """Why some mails wait, how many, and when the first of them is tried again."""

    reason: str
    count: int
    next_try: datetime


def delays(campaign: Campaign) -> list[Delay]:
    """The reasons for which mails of a campaign wait for another attempt, commonest first."""
    rows = db.session.execute(
        select(OutboxMail.error, func.count(OutboxMail.id), func.min(OutboxMail.not_before))
        .join(OutboxMail.invitation)
        .where(
            Invitation.campaign_id == campaign.id,
            OutboxMail.state == "queued",
            OutboxMail.error != "",
        )
        .group_by(OutboxMail.error)
        .order_by(func.count(OutboxMail.id).desc())
        .limit(5)
    ).tuples()
    return [Delay(*row) for row in rows]
