"""Tables of the organisation: units and the representatives who work in them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import db


class Unit(db.Model):
    """A part of the organisation; the one without a parent is the company itself."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        # NULL or true, and unique: the database itself allows one root only.
        CheckConstraint("(parent_id IS NULL) = (is_root IS NOT NULL)", name="root_has_no_parent"),
        CheckConstraint("is_root IS NULL OR is_root", name="root_or_null"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    is_root: Mapped[bool | None] = mapped_column(unique=True)
    parent: Mapped[Unit | None] = relationship(remote_side=[id])


class Representative(db.Model):
    """Somebody who serves customers; may sign in, need not."""

    __tablename__ = "representative"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), unique=True
    )
    active: Mapped[bool] = mapped_column(default=True)
    unit: Mapped[Unit] = relationship()
    user: Mapped[User | None] = relationship()


class UnitAccess(db.Model):
    """A user may see this unit and all below it."""

    __tablename__ = "unit_access"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True
    )


class Dimension(db.Model):
    """An attribute of contacts that answers may be told apart by, as the organisation declared."""

    __tablename__ = "dimension"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
