"""Yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from survey_app.domain.problems import Problem, quoted
from survey_app.domain.questionnaire import Definition, Question, QuestionPart, Value

YES, NO = "yes", "no"


class YesNoPart(QuestionPart):
    """Definition of a yes/no question."""


@dataclass(frozen=True, kw_only=True)
class YesNo(Question):
    """A question answered with 'yes' or 'no'."""

    type: ClassVar[str] = "yes_no"
    definition: ClassVar[Definition] = YesNoPart

    @property
    def picks_one(self) -> bool:
        """See `Question.picks_one`."""
        return True

    def check(self) -> list[Problem]:
        """See `Question.check`: there is nothing to be wrong."""
        return []

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`."""
        given = self.read_single(values)
        if given is None or isinstance(given, Problem) or given in (YES, NO):
            return given
        return Problem.told(
            self.id,
            "not_yes_or_no",
            "{given} is neither yes nor no. Choose one of the two.",
            given=quoted(given),
        )

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`."""
        return [YES, NO]
