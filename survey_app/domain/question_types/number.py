"""A number with its unit and range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from survey_app.domain.cells import read_number, read_whole
from survey_app.domain.definition_fields import FlagField, NumberField, TextField
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Definition, Question, QuestionPart, Value


class NumberPart(QuestionPart):
    """Definition of a number question."""

    unit = TextField(longest=100, load_default="")
    lowest = NumberField(load_default=None)
    highest = NumberField(load_default=None)
    whole = FlagField(load_default=False)


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A question answered with a number in `unit`, both ends of its range included.

    The value is an int if `whole`, else a finite float.
    """

    type: ClassVar[str] = "number"
    definition: ClassVar[Definition] = NumberPart

    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    whole: bool = False

    def check(self) -> list[Problem]:
        """See `Question.check`: the range must hold a number that can be answered."""
        if self.lowest is None or self.highest is None:
            return []
        if self.lowest > self.highest:
            return [
                Problem(
                    "lowest",
                    "reversed_range",
                    f"The range runs from {_shown(self.lowest)} to {_shown(self.highest)}. Give "
                    "`highest` a number not below `lowest`.",
                )
            ]
        if self.whole and math.ceil(self.lowest) > math.floor(self.highest):
            return [
                Problem(
                    "lowest",
                    "empty_range",
                    f"No whole number is between {_shown(self.lowest)} and {_shown(self.highest)}. "
                    "Widen the range, or remove `whole`.",
                )
            ]
        return []

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`."""
        given = [value.strip() for value in values if value.strip()]
        if not given:
            return None
        if problem := self.refuse_several(given):
            return problem
        number = (read_whole if self.whole else read_number)(given[0], self.id)
        if isinstance(number, Problem):
            return number
        if self.lowest is not None and number < self.lowest:
            return self._outside(number, "below")
        if self.highest is not None and number > self.highest:
            return self._outside(number, "above")
        return number

    def encode(self, value: Value) -> list[str]:
        """See `Question.encode`."""
        return [repr(value)]

    def _outside(self, number: float, side: str) -> Problem:
        lowest = "" if self.lowest is None else f" from {_shown(self.lowest)}"
        highest = "" if self.highest is None else f" up to {_shown(self.highest)}"
        return Problem(
            self.id,
            "outside_range",
            f"{_shown(number)} is {side} the range. Answer with a number{lowest}{highest}.",
        )


def _shown(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(number)
