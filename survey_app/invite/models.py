"""Tables of the invitations: the campaigns, each invitation, its links and its mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import Json, UtcDateTime, db
from survey_app.invite.contact_models import Contact
from survey_app.organisation.models import Representative, Unit

IDENTIFIED, CONFIDENTIAL, ANONYMOUS = "identified", "confidential", "anonymous"
MODES = {
    IDENTIFIED: "identified: who answered what is shown",
    CONFIDENTIAL: "confidential: who answered what is kept, and shown to nobody",
    ANONYMOUS: "anonymous: who answered what is kept nowhere",
}


def _to_version(table: str) -> ForeignKeyConstraint:
    """What was used stays pinned: a version that somebody was asked cannot be deleted."""
    return ForeignKeyConstraint(
        ["questionnaire_key", "version_number"],
        ["questionnaire_version.questionnaire_key", "questionnaire_version.number"],
        name=f"fk_{table}_questionnaire_version",
        ondelete="RESTRICT",
    )


class Campaign(db.Model):
    """One questionnaire version sent to one audience; sent once, decided on at `launched_at`.

    The audience is everybody, or the contacts of a unit and of all units below it; of these, those
    with the values that `audience_filter` names for each attribute (language, representative or a
    contact's own); of these a random sample of `sample_size`, drawn with `sample_seed`.

    Mails leave from `opens_at` on (None: at once), only between the minutes of the day
    `send_from` and `send_until` and on `send_days` (seven characters, Monday first, 1 is yes), all
    in the organisation's zone, and at most `pace` an hour. `closes_at` is the moment from which
    links take no answers; until then, if `answers_may_change`, who has answered may change the
    answers. So many `reminders` go to those who have not answered, `reminder_days` apart, until
    there are `enough` responses. `quotas` are documents {"attribute", "value", "limit"}.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        _to_version("campaign"),
        CheckConstraint("mode IN ('identified', 'confidential', 'anonymous')", name="mode_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    questionnaire_key: Mapped[str] = mapped_column(String(63))
    version_number: Mapped[int]
    mode: Mapped[str] = mapped_column(String(12), default=IDENTIFIED, server_default=IDENTIFIED)
    audience_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    audience_filter: Mapped[dict[str, list[str]]] = mapped_column(
        Json, default=dict, server_default="{}"
    )
    sample_size: Mapped[int | None]
    sample_seed: Mapped[str] = mapped_column(String(16), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(Text)
    first_question: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    launched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    send_from: Mapped[int] = mapped_column(default=0, server_default="0")
    send_until: Mapped[int] = mapped_column(default=1440, server_default="1440")
    send_days: Mapped[str] = mapped_column(String(7), default="1111111", server_default="1111111")
    pace: Mapped[int | None]
    reminders: Mapped[int] = mapped_column(default=0, server_default="0")
    reminder_days: Mapped[int] = mapped_column(default=7, server_default="7")
    reminder_subject: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reminder_message: Mapped[str] = mapped_column(Text, default="", server_default="")
    enough: Mapped[int | None]
    quotas: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list, server_default="[]")
    answers_may_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pause_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    # Mails that were sent before are not counted when a bounce rate is judged.
    bounces_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    series_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaign_series.id", ondelete="SET NULL"), index=True
    )
    audience_unit: Mapped[Unit | None] = relationship()


class CampaignSeries(db.Model):
    """A campaign that comes again: each month, or some days after a visit closes.

    The campaign `pattern_id` is never sent itself; each time a copy of it is. kind 'monthly': on
    `day` (at the latest the month's last one) at the minute `at` of the day. kind 'after_visit':
    `days` after a visit of the process `process_key` closes, at the minute `at`, those of a month
    in one campaign. Links stay open for `open_days`. `next_at` is when it is due next, None while
    it is stopped. Visits that closed before `since` are nobody's concern.
    """

    __tablename__ = "campaign_series"
    __table_args__ = (CheckConstraint("kind IN ('monthly', 'after_visit')", name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(11))
    pattern_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE", use_alter=True)
    )
    day: Mapped[int] = mapped_column(default=1)
    at: Mapped[int] = mapped_column(default=540)
    process_key: Mapped[str] = mapped_column(String(63), default="")
    days: Mapped[int] = mapped_column(default=1)
    open_days: Mapped[int] = mapped_column(default=14)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pattern: Mapped[Campaign] = relationship(foreign_keys=[pattern_id])


class OpenLink(db.Model):
    """A link of a campaign that is not personal: printed, on a web page, or on a kiosk.

    Everybody may know it, so its key is kept as it is. Who answers through it becomes an
    invitation without a contact. `most_an_hour` responses are begun in an hour at most;
    `turned_away` counts the robots that were thanked and of which nothing was stored.
    """

    __tablename__ = "open_link"
    __table_args__ = (CheckConstraint("kind IN ('public', 'kiosk')", name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="RESTRICT"), index=True
    )
    key: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(6))
    label: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    representative_id: Mapped[int | None] = mapped_column(
        ForeignKey("representative.id", ondelete="RESTRICT")
    )
    attributes: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    most_an_hour: Mapped[int]
    turned_away: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    campaign: Mapped[Campaign] = relationship()
    unit: Mapped[Unit | None] = relationship()
    representative: Mapped[Representative | None] = relationship()


class Invitation(db.Model):
    """One contact asked once in one campaign, with what was known of them at sending.

    Who came by an open link has an invitation without a contact. `started` and `answered` say how
    far they are; of an anonymous campaign that is all that is kept: nothing leads to the answers.
    `opted_out_at` is when somebody opted out by a mail of this invitation.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        _to_version("invitation"),
        # The database's own promise that a double click invites nobody twice.
        UniqueConstraint("campaign_id", "contact_id"),
        CheckConstraint(
            "(contact_id IS NULL) = (open_link_id IS NOT NULL)", name="contact_or_link"
        ),
        Index("ix_invitation_contact_id_created_at", "contact_id", "created_at"),
        # How many have answered is asked while others answer.
        Index(
            "ix_invitation_campaign_id_answered",
            "campaign_id",
            sqlite_where=text("answered = 1"),
            postgresql_where=text("answered"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="RESTRICT"))
    open_link_id: Mapped[int | None] = mapped_column(
        ForeignKey("open_link.id", ondelete="RESTRICT"), index=True
    )
    questionnaire_key: Mapped[str] = mapped_column(String(63))
    version_number: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    representative_id: Mapped[int | None] = mapped_column(
        ForeignKey("representative.id", ondelete="RESTRICT")
    )
    attributes: Mapped[dict[str, str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started: Mapped[bool] = mapped_column(default=False, server_default=false())
    answered: Mapped[bool] = mapped_column(default=False, server_default=false())
    campaign: Mapped[Campaign] = relationship()
    contact: Mapped[Contact | None] = relationship()


class InvitationToken(db.Model):
    """The SHA-256 of one mailed token; the token itself is kept nowhere but in the mail.

    `unsubscribe_hash` is of the token in the same mail's link for opting out, which opens nothing
    else.
    """

    __tablename__ = "invitation_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    unsubscribe_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    invitation: Mapped[Invitation] = relationship()


class OutboxMail(db.Model):
    """A mail of one invitation on its way: written with the invitation, sent by the worker.

    `number` is 0 for the invitation itself, 1 for the first reminder and so on. `attempts` counts
    sendings tried since it was last queued by hand; `not_before` is when the next may be tried;
    `claimed_at` and `claimed_by` say since when which worker has it; `error` is why it is not sent
    yet, or why it was dropped: it was not to be sent any more. `report` is what came back after it
    was sent: 'hard' or 'soft' (it bounced), 'complaint', '' for nothing.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'dropped')", name="state"
        ),
        CheckConstraint("report IN ('', 'hard', 'soft', 'complaint')", name="report_known"),
        UniqueConstraint("invitation_id", "number"),
        Index("ix_outbox_mail_state_not_before", "state", "not_before"),
        Index("ix_outbox_mail_campaign_id_state", "campaign_id", "state", "not_before"),
        Index("ix_outbox_mail_campaign_id_sent_at", "campaign_id", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[str] = mapped_column(String(9), default="", server_default="")
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    report_detail: Mapped[str] = mapped_column(Text, default="", server_default="")
    invitation: Mapped[Invitation] = relationship()
    campaign: Mapped[Campaign] = relationship()
