"""A text among the questions that asks for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Definition, Posted, Question, QuestionPart, Value


class InfoPart(QuestionPart):
    """Definition of an information text."""


@dataclass(frozen=True, kw_only=True)
class Info(Question):
    """Words to read; nothing is answered and nothing is kept."""

    type: ClassVar[str] = "info"
    definition: ClassVar[Definition] = InfoPart

    @property
    def items(self) -> tuple[Question, ...]:
        """See `Question.items`: none."""
        return ()

    @property
    def field_names(self) -> tuple[str, ...]:
        """See `Question.field_names`: none."""
        return ()

    def check(self) -> list[Problem]:
        """See `Question.check`: nothing can be wanted of a text."""
        if not self.required and not self.missing:
            return []
        message = "A text asks for nothing. Remove `required` and `missing`."
        return [Problem("required" if self.required else "missing", "asks_nothing", message)]

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """There is nothing to read."""
        return None

    def collect(self, posted: Posted) -> None:
        """There is nothing to collect."""
        return None
