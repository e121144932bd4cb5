"""Tables of questionnaires: one draft each, and versions that never change once published."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import CheckConstraint, ForeignKey, String, event, text
from sqlalchemy.orm import Mapped, ORMExecuteState, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import Json, UtcDateTime, db
from survey_app.domain.problems import Conflict


class Questionnaire(db.Model):
    """A questionnaire and its draft: a definition that may be incomplete.

    `draft_revision` grows by one with every save, so that a save made on an older state is noticed.
    """

    __tablename__ = "questionnaire"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(63), unique=True)
    title: Mapped[str] = mapped_column(String(500))
    draft: Mapped[dict[str, Any]] = mapped_column(Json)
    draft_revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    updated_by: Mapped[User | None] = relationship()
    versions: Mapped[list[QuestionnaireVersion]] = relationship(
        back_populates="questionnaire", order_by="QuestionnaireVersion.number"
    )

    @property
    def published(self) -> dict[str, Any]:
        """The definition of the last version; {} where there is none."""
        return self.versions[-1].definition if self.versions else {}


class QuestionnaireVersion(db.Model):
    """A published definition; (questionnaire_key, number) names it for ever.

    `changes` are those against the version before, as `publishing` writes them; `series` has the
    number of each item's series (see `domain.series`), from 1, also of items asked no more. Where
    these are empty they were not kept yet: the items are in series 1.
    """

    __tablename__ = "questionnaire_version"
    __table_args__ = (CheckConstraint("number >= 1", name="number_from_one"),)

    questionnaire_key: Mapped[str] = mapped_column(
        ForeignKey("questionnaire.key", ondelete="RESTRICT"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(
        Json, default=list, server_default=text("'[]'")
    )
    series: Mapped[dict[str, int]] = mapped_column(Json, default=dict, server_default=text("'{}'"))
    hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Not SET NULL: even that would be a change of a published row.
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    published_by: Mapped[User | None] = relationship()
    questionnaire: Mapped[Questionnaire] = relationship(back_populates="versions")


def _refuse_change(*_event: Any) -> NoReturn:
    raise Conflict("A published version never changes. Publish a new version instead.")


event.listen(QuestionnaireVersion, "before_update", _refuse_change)
event.listen(QuestionnaireVersion, "before_delete", _refuse_change)


@event.listens_for(db.session, "do_orm_execute")
def _refuse_statement(state: ORMExecuteState) -> None:
    """UPDATE and DELETE statements pass by the mapper's events, so they are met here."""
    if (state.is_update or state.is_delete) and any(
        mapper.class_ is QuestionnaireVersion for mapper in state.all_mappers
    ):
        _refuse_change()
