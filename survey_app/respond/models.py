"""Tables of answers: one row a revision of a response, all of its answers in one document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Json, UtcDateTime, db


class AnswerBatch(db.Model):
    """One imported file of answers."""

    __tablename__ = "answer_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_key: Mapped[str] = mapped_column(
        ForeignKey("questionnaire.key", ondelete="RESTRICT"), index=True
    )
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class Response(db.Model):
    """What one person answered, once; a change of it is a new revision, the old one is kept.

    `answers` holds for every item of the version {"value": v} or {"missing": code}. `unit_id`,
    `representative_id` and `attributes` are as of sending. (source, source_id) names the person's
    one response: the invitation's id, or '<questionnaire key>/<respondent>' of an import.
    `language` is the one it was answered in, and `seed` drew its random orders ('' where there are
    none). `submitted_at` is when it was first sent, the same for all revisions; `stored_at` is the
    revision's own. Of an anonymous response the source id is drawn at random, and its moments are
    those at which it was put among others.
    """

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("source", "source_id", "revision"),
        UniqueConstraint("invitation_id", "revision"),
        CheckConstraint("source IN ('invitation', 'import', 'anonymous')", name="source_known"),
        CheckConstraint(
            "(source = 'invitation') = (invitation_id IS NOT NULL)", name="invitation_named"
        ),
        CheckConstraint("(source = 'import') = (batch_id IS NOT NULL)", name="batch_named"),
        ForeignKeyConstraint(
            ["questionnaire_key", "version_number"],
            ["questionnaire_version.questionnaire_key", "questionnaire_version.number"],
            name="fk_response_questionnaire_version",
            ondelete="RESTRICT",
        ),
        Index(None, "questionnaire_key", "version_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(10))
    source_id: Mapped[str] = mapped_column(String(300))
    revision: Mapped[int] = mapped_column(default=1)
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id", ondelete="RESTRICT")
    )
    batch_id: Mapped[int | None] = mapped_column(
        ForeignKey("answer_batch.id", ondelete="RESTRICT"), index=True
    )
    questionnaire_key: Mapped[str] = mapped_column(String(63))
    version_number: Mapped[int]
    answers: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    representative_id: Mapped[int | None] = mapped_column(
        ForeignKey("representative.id", ondelete="RESTRICT")
    )
    customer: Mapped[str] = mapped_column(String(300), default="")
    attributes: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    language: Mapped[str] = mapped_column(String(35), default="", server_default="")
    seed: Mapped[str] = mapped_column(String(16), default="", server_default="")
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SealedResponse(db.Model):
    """An anonymous response that waits to be put among others, in no order that tells anything.

    Its id is drawn at random, and nothing says when it came: see `respond.unsealing`.
    """

    __tablename__ = "sealed_response"
    __table_args__ = (
        ForeignKeyConstraint(
            ["questionnaire_key", "version_number"],
            ["questionnaire_version.questionnaire_key", "questionnaire_version.number"],
            name="fk_sealed_response_questionnaire_version",
            ondelete="RESTRICT",
        ),
        # Row numbers of SQLite would tell the order in which they came.
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="RESTRICT"), index=True
    )
    questionnaire_key: Mapped[str] = mapped_column(String(63))
    version_number: Mapped[int]
    answers: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    representative_id: Mapped[int | None] = mapped_column(
        ForeignKey("representative.id", ondelete="RESTRICT")
    )
    attributes: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    language: Mapped[str] = mapped_column(String(35), default="")
    seed: Mapped[str] = mapped_column(String(16), default="")


class AnonymousDraft(db.Model):
    """What the holder of an anonymous link has answered and not sent yet.

    `key` is a hash of the token, which is in the mail alone: nobody who has only the tables can
    tell whose draft it is. `touched_on` is the day, for clearing drafts away.
    """

    __tablename__ = "anonymous_draft"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int]
    answers: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json)
    language: Mapped[str] = mapped_column(String(35))
    touched_on: Mapped[date] = mapped_column(index=True)


class ResponseDraft(db.Model):
    """What one person has answered and not sent yet.

    `answers` holds the items of the pages that were saved. `revision` grows by one with every save,
    so that a save made on an older state is noticed. `base_revision` is the revision of the
    response that is being changed, 0 where there is none.
    """

    __tablename__ = "response_draft"

    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    revision: Mapped[int]
    base_revision: Mapped[int] = mapped_column(default=0)
    answers: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json)
    language: Mapped[str] = mapped_column(String(35))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
