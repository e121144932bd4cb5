"""Tables of the invitations: who may be asked, the campaigns, each invitation and its mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import Json, UtcDateTime, db, utc_now
from survey_app.organisation.models import Representative, Unit


def _to_version(table: str) -> ForeignKeyConstraint:
    """What was used stays pinned: a version that somebody was asked cannot be deleted."""
    return ForeignKeyConstraint(
        ["questionnaire_key", "version_number"],
        ["questionnaire_version.questionnaire_key", "questionnaire_version.number"],
        name=f"fk_{table}_questionnaire_version",
        ondelete="RESTRICT",
    )


class Contact(db.Model):
    """Somebody who may be invited; one row an e-mail address."""

    __tablename__ = "contact"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    external_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("unit.id", ondelete="RESTRICT"), index=True
    )
    representative_id: Mapped[int | None] = mapped_column(
        ForeignKey("representative.id", ondelete="RESTRICT"), index=True
    )
    language: Mapped[str] = mapped_column(String(35), default="")
    attributes: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    unit: Mapped[Unit | None] = relationship()
    representative: Mapped[Representative | None] = relationship()


class Campaign(db.Model):
    """One questionnaire version sent to one audience; sent once, at `launched_at`.

    The audience is everybody, or the contacts of a unit and of all units below it. `closes_at` is
    the moment from which its links no longer take answers; until then, if `answers_may_change`,
    who has answered may change the answers.
    """

    __tablename__ = "campaign"
    __table_args__ = (_to_version("campaign"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    questionnaire_key: Mapped[str] = mapped_column(String(63))
    version_number: Mapped[int]
    audience_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    subject: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    launched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answers_may_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    audience_unit: Mapped[Unit | None] = relationship()


class Invitation(db.Model):
    """One contact asked once in one campaign, with what was known of them at sending."""

    __tablename__ = "invitation"
    __table_args__ = (
        _to_version("invitation"),
        # The database's own promise that a double click invites nobody twice.
        UniqueConstraint("campaign_id", "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="RESTRICT"), index=True
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
    campaign: Mapped[Campaign] = relationship()
    contact: Mapped[Contact] = relationship()


class InvitationToken(db.Model):
    """The SHA-256 of one mailed token; the token itself is kept nowhere but in the mail."""

    __tablename__ = "invitation_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    invitation: Mapped[Invitation] = relationship()


class OutboxMail(db.Model):
    """The mail of one invitation on its way: written with the invitation, sent by the worker.

    `attempts` counts sendings tried since it was last queued by hand; `not_before` is when the next
    may be tried; `claimed_at` says since when a worker has it; `error` is why it is not sent yet.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="state"),
        Index("ix_outbox_mail_state_not_before", "state", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), unique=True
    )
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    invitation: Mapped[Invitation] = relationship()
