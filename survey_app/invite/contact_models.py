"""Tables of the contacts: who may be asked, what is known of them, and who must not be asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from survey_app.db import Json, UtcDateTime, db, utc_now
from survey_app.organisation.models import Representative, Unit

# Why an address gets no invitations, in words.
REASONS = {
    "opted_out": "opted out",
    "hard_bounce": "the address does not exist",
    "soft_bounces": "the mailbox took no mail several times",
    "complaint": "complained about a mail",
    "listed": "put on the list by hand",
}


class Contact(db.Model):
    """Somebody who may be invited; one row an e-mail address.

    `consent_at` and `consent_source` tell since when and from where it is known that the person
    agrees to be asked; `suppression` is the entry of the address on the suppression list.
    """

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
    consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consent_source: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    unit: Mapped[Unit | None] = relationship()
    representative: Mapped[Representative | None] = relationship()
    suppression: Mapped[Suppression | None] = relationship(
        primaryjoin=lambda: foreign(Contact.email) == Suppression.email, viewonly=True
    )


class Suppression(db.Model):
    """An address that is never invited, whether or not there is a contact with it."""

    __tablename__ = "suppression"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint(
            "reason IN ('opted_out', 'hard_bounce', 'soft_bounces', 'complaint', 'listed')",
            name="reason_known",
        ),
    )

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    reason: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ContactAttribute(db.Model):
    """An attribute that is declared with a type; others that a file brings are kept as text.

    `choices` are the values that an attribute of kind 'choice' may have.
    """

    __tablename__ = "contact_attribute"
    __table_args__ = (
        CheckConstraint("kind IN ('text', 'number', 'date', 'choice')", name="kind_known"),
    )

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(6))
    choices: Mapped[list[str]] = mapped_column(Json, default=list)


class AskingRules(db.Model):
    """The rules for all campaigns; the one row has the id 1.

    `fatigue_days`: not more than one invitation in so many days, 0 without that rule.
    `bounce_limit`: share in percent of bounced mails over which a campaign pauses.
    `soft_bounces`: so many soft bounces without a delivery between them suppress an address.
    """

    __tablename__ = "asking_rules"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fatigue_days: Mapped[int]
    needs_consent: Mapped[bool]
    bounce_limit: Mapped[float]
    soft_bounces: Mapped[int]


class ContactBatch(db.Model):
    """A file of contacts on its way in: looked at, then stored, perhaps undone.

    The file lies in the installation's folder until it is stored or given up. `bytes_done` of
    `size_bytes` is how far the present state has come; `claimed_at` says since when a worker is at
    it. `problems` are the first ones, as documents.
    """

    __tablename__ = "contact_batch"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'checking', 'checked', 'refused', 'storing', 'stored', "
            "'undoing', 'undone')",
            name="state_known",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    key_column: Mapped[str] = mapped_column(String(12), default="email")
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    bytes_done: Mapped[int] = mapped_column(default=0)
    row_count: Mapped[int] = mapped_column(default=0)
    rows_stored: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ContactChange(db.Model):
    """What a file changed of one contact: `before` are its columns, None where it was added."""

    __tablename__ = "contact_change"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("contact_batch.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any]] = mapped_column(Json)


def rules() -> AskingRules:
    """The rules that hold for all campaigns."""
    return db.session.get_one(AskingRules, 1)
