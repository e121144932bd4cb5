"""A number with its unit and range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from survey_app.domain.cells import LARGEST_NUMBER, read_number, read_whole
from survey_app.domain.definition_fields import FlagField, NumberField, TextField
from survey_app.domain.digits import with_point
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Answer, Definition, Question, QuestionPart, Value
from survey_app.domain.routing import as_number


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
        given = self.read_single(values)
        if given is None or isinstance(given, Problem):
            return given
        number = (read_whole if self.whole else read_number)(with_point(given), self.id)
        if isinstance(number, Problem):
            return number
        if self.lowest is not None and number < self.lowest:
            return self._outside(number)
        if self.highest is not None and number > self.highest:
            return self._outside(number)
        return number

    def encode(self, value: Value) -> list[str]:
        """See `Question.encode`."""
        return [repr(value)]

    def say(self, answer: Answer) -> str:
        """See `Question.say`: with its unit."""
        number = _shown(answer["value"])
        return f"{number} {self.unit}" if self.unit else number

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: the ends, each constant, and one number between any two."""
        known = [one for one in map(as_number, constants) if one is not None]
        ends = [end for end in (self.lowest, self.highest) if end is not None]
        marks = sorted({*known, *ends}) or [0.0]
        between = [(earlier + later) / 2 for earlier, later in pairwise(marks)]
        tried = {*marks, *between, marks[0] - 1, marks[-1] + 1}
        if self.whole:
            tried = {float(side) for one in tried for side in (math.floor(one), math.ceil(one))}
        lowest = -LARGEST_NUMBER if self.lowest is None else self.lowest
        highest = LARGEST_NUMBER if self.highest is None else self.highest
        return [
            int(one) if self.whole else one for one in sorted(tried) if lowest <= one <= highest
        ]

    def _outside(self, number: float) -> Problem:
        shown = {"number": _plain(number)}
        if self.lowest is not None:
            shown["lowest"] = _plain(self.lowest)
        if self.highest is not None:
            shown["highest"] = _plain(self.highest)
        if self.lowest is None:
            return Problem.told(
                self.id, "outside_range", "{number} is too high: {highest} at most.", **shown
            )
        if self.highest is None:
            return Problem.told(
                self.id, "outside_range", "{number} is too low: {lowest} at least.", **shown
            )
        return Problem.told(
            self.id,
            "outside_range",
            "{number} is outside the range. Answer with a number from {lowest} to {highest}.",
            **shown,
        )


def _plain(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number


def _shown(number: float) -> str:
    return str(_plain(number))
