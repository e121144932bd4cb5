"""A matrix: several things rated on one scale, each row an item of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from survey_app.domain.definition_fields import ListField, PartField, WordField
from survey_app.domain.problems import Problem
from survey_app.domain.question_types.options import Option, OptionPart, check_options, draw_order
from survey_app.domain.question_types.rating import LOOKS, Rating, Scale, ScalePart
from survey_app.domain.questionnaire import (
    ITEM_SIGN,
    RANDOM,
    Definition,
    Question,
    QuestionPart,
    Value,
)


class MatrixPart(QuestionPart):
    """Definition of a matrix question."""

    rows = ListField(PartField(OptionPart), most=100, load_default=())
    scale = PartField(ScalePart, required=True)
    look = WordField(known=LOOKS, load_default="")
    order = WordField(known=(RANDOM,), load_default="")


@dataclass(frozen=True, kw_only=True)
class Matrix(Question):
    """Ratings on one scale; `required` asks for every row. Item ids are '<question>.<row code>'."""

    type: ClassVar[str] = "matrix"
    definition: ClassVar[Definition] = MatrixPart

    rows: tuple[Option, ...] = ()
    scale: Scale
    look: str = ""
    order: str = ""

    @cached_property
    def items(self) -> tuple[Question, ...]:
        """See `Question.items`: a rating for each row."""
        return tuple(
            Rating(
                id=f"{self.id}{ITEM_SIGN}{row.code}",
                text=row.label,
                required=self.required,
                missing=self.missing,
                scale=self.scale,
                look=self.look,
                kpi=self.kpi,
            )
            for row in self.rows
        )

    @property
    def field_names(self) -> tuple[str, ...]:
        """See `Question.field_names`: one for each row."""
        return tuple(item.id for item in self.items)

    def check(self) -> list[Problem]:
        """See `Question.check`: the scale and the rows."""
        return [*self.scale.flaws(self.look), *check_options(self.rows, "row", at_least=1)]

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """A matrix has no answer of its own: its items have."""
        return None

    def arrange(self, seed: str) -> Question:
        """See `Question.arrange`."""
        if self.order != RANDOM:
            return self
        return replace(self, rows=draw_order(self.rows, seed, self.id))
