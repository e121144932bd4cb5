"""A day of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from survey_app.domain.cells import read_date
from survey_app.domain.definition_fields import TextField
from survey_app.domain.digits import with_ascii_digits
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Definition, Question, QuestionPart, Value


class DatePart(QuestionPart):
    """Definition of a date question."""

    earliest = TextField(longest=10, load_default="")
    latest = TextField(longest=10, load_default="")


@dataclass(frozen=True, kw_only=True)
class Date(Question):
    """A question answered with a day, 'YYYY-MM-DD', from `earliest` to `latest` (both included)."""

    type: ClassVar[str] = "date"
    definition: ClassVar[Definition] = DatePart

    earliest: str = ""
    latest: str = ""

    def check(self) -> list[Problem]:
        """See `Question.check`: the two ends."""
        problems = [
            read
            for name, end in (("earliest", self.earliest), ("latest", self.latest))
            if end and isinstance(read := read_date(end, name), Problem)
        ]
        if not problems and self.earliest and self.latest and self.earliest > self.latest:
            message = (
                f"The days run from {self.earliest} to {self.latest}. Give `latest` a day not "
                "before `earliest`."
            )
            problems.append(Problem("earliest", "reversed_range", message))
        return problems

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`."""
        given = self.read_single(values)
        if given is None or isinstance(given, Problem):
            return given
        day = read_date(with_ascii_digits(given), self.id)
        if isinstance(day, Problem):
            return day
        if self.earliest and day.isoformat() < self.earliest:
            return Problem.told(
                self.id,
                "too_early",
                "{day} is too early: {earliest} at the earliest.",
                day=day,
                earliest=date.fromisoformat(self.earliest),
            )
        if self.latest and day.isoformat() > self.latest:
            return Problem.told(
                self.id,
                "too_late",
                "{day} is too late: {latest} at the latest.",
                day=day,
                latest=date.fromisoformat(self.latest),
            )
        return day.isoformat()

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: the ends, each day compared with, and the days beside it."""
        marks = [*(one for one in constants if isinstance(one, str)), self.earliest, self.latest]
        days = [day for mark in marks if isinstance(day := read_date(mark, ""), date)]
        tried = {
            date.fromordinal(number).isoformat()
            for day in days or [date(2000, 1, 1)]
            for number in range(day.toordinal() - 1, day.toordinal() + 2)
            if number <= date.max.toordinal()
        }
        return [one for one in sorted(tried) if self.read([one]) == one]
