"""A time of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from survey_app.domain.digits import with_ascii_digits
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.questionnaire import Definition, Question, QuestionPart, Value

CLOCK = re.compile(r"([01]?\d|2[0-3])[:.](\d{2})(:00)?", re.ASCII)
DAY_MINUTES = 24 * 60


class TimePart(QuestionPart):
    """Definition of a question for a time of day."""


@dataclass(frozen=True, kw_only=True)
class Time(Question):
    """A question answered with a time of day to the minute, 'HH:MM' of 24 hours."""

    type: ClassVar[str] = "time"
    definition: ClassVar[Definition] = TimePart

    def check(self) -> list[Problem]:
        """See `Question.check`: there is nothing to be wrong."""
        return []

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`."""
        given = self.read_single(values)
        if given is None or isinstance(given, Problem):
            return given
        found = CLOCK.fullmatch(with_ascii_digits(given))
        if found is None or int(found[2]) > 59:
            return Problem.told(
                self.id,
                "not_a_time",
                "{given} is not a time of day. Write hours and minutes, like 09:30 or 17:05.",
                given=quoted(given),
            )
        return f"{int(found[1]):02d}:{found[2]}"

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: each time compared with, and the minutes beside it."""
        marks = {0, DAY_MINUTES - 1}
        for one in constants:
            read = self.read([one]) if isinstance(one, str) else None
            if isinstance(read, str):
                minute = int(read[:2]) * 60 + int(read[3:])
                marks |= {minute - 1, minute, minute + 1}
        return [
            f"{minute // 60:02d}:{minute % 60:02d}"
            for minute in sorted(marks)
            if 0 <= minute < DAY_MINUTES
        ]
