"""How long something took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from survey_app.domain.cells import read_whole
from survey_app.domain.definition_fields import ListField, WholeField, WordField
from survey_app.domain.digits import with_ascii_digits
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import (
    ITEM_SIGN,
    Answer,
    Definition,
    Posted,
    Question,
    QuestionPart,
    Value,
    as_answer,
)
from survey_app.domain.routing import as_number

# Seconds of each unit, the greatest first.
UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
# A hundred years, in any unit.
LONGEST_SECONDS = 36_525 * 86_400


class DurationPart(QuestionPart):
    """Definition of a question for a duration."""

    units = ListField(WordField(known=tuple(UNITS)), most=4, load_default=("hours", "minutes"))
    lowest = WholeField(load_default=None)
    highest = WholeField(load_default=None)


@dataclass(frozen=True, kw_only=True)
class Duration(Question):
    """A question answered with a duration; the value is an int in seconds.

    `units` are the fields that a form offers, each '<question>.<unit>'; `lowest` and `highest` are
    in the smallest of them.
    """

    type: ClassVar[str] = "duration"
    definition: ClassVar[Definition] = DurationPart

    units: tuple[str, ...] = ("hours", "minutes")
    lowest: int | None = None
    highest: int | None = None

    @property
    def offered(self) -> tuple[str, ...]:
        """The units, the greatest first."""
        return tuple(unit for unit in UNITS if unit in self.units)

    @property
    def smallest(self) -> str:
        """The unit in which durations are bounded and told."""
        return self.offered[-1] if self.offered else "seconds"

    @property
    def field_names(self) -> tuple[str, ...]:
        """See `Question.field_names`: one for each unit."""
        return tuple(self.field_of(unit) for unit in self.offered)

    def field_of(self, unit: str) -> str:
        """The field that holds the count of a unit."""
        return f"{self.id}{ITEM_SIGN}{unit}"

    def check(self) -> list[Problem]:
        """See `Question.check`: the units and the range."""
        if not self.units:
            message = "Name at least one unit, such as minutes."
            return [Problem("units", "no_units", message)]
        if len(set(self.units)) < len(self.units):
            return [Problem("units", "duplicate_unit", "A unit is named twice. Keep one.")]
        low, high = self.lowest, self.highest
        for name, end in (("lowest", low), ("highest", high)):
            if end is not None and end < 0:
                return [Problem(name, "negative", "A duration is not below zero. Correct it.")]
        if low is not None and high is not None and low > high:
            message = f"The range runs from {low} to {high}. Give `highest` the greater number."
            return [Problem("lowest", "reversed_range", message)]
        if high is None and low is not None and low * UNITS[self.smallest] > LONGEST_SECONDS:
            message = "Nobody waits a hundred years. Set `lowest` to less."
            return [Problem("lowest", "too_lasting", message)]
        return []

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`: whole seconds."""
        given = self.read_single(values)
        if given is None or isinstance(given, Problem):
            return given
        seconds = read_whole(with_ascii_digits(given), self.id)
        return seconds if isinstance(seconds, Problem) else self._refuse_outside(seconds)

    def collect(self, posted: Posted) -> Answer | Problem | None:
        """See `Question.collect`: the count of each unit; a field left empty counts nothing."""
        seconds = None
        for unit in self.offered:
            given = self.read_single(posted.get(self.field_of(unit), ()))
            if given is None:
                continue
            if isinstance(given, Problem):
                return given
            count = read_whole(with_ascii_digits(given), self.id)
            if isinstance(count, Problem):
                return count
            if count < 0:
                return self._below_zero(count)
            seconds = (seconds or 0) + count * UNITS[unit]
        return None if seconds is None else as_answer(self._refuse_outside(seconds))

    def spread(self, answer: Answer) -> dict[str, list[str]]:
        """See `Question.spread`."""
        left = int(answer["value"])
        fields = {}
        for unit in self.offered:
            count, left = divmod(left, UNITS[unit])
            fields[self.field_of(unit)] = [str(count)]
        return fields

    def say(self, answer: Answer) -> str:
        """See `Question.say`: clock-like, since the words for units depend on the language."""
        hours, rest = divmod(int(answer["value"]), UNITS["hours"])
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: each constant and the seconds beside it, as far as can be typed."""
        step = UNITS[self.smallest]
        ends = [end * step for end in (self.lowest, self.highest) if end is not None]
        known = [int(one) for one in map(as_number, constants) if one is not None]
        marks = {(one + side) // step * step for one in (*known, *ends) for side in (-1, 0, step)}
        return [one for one in sorted({0, *marks}) if one >= 0 and self.read([str(one)]) == one]

    def _refuse_outside(self, seconds: int) -> int | Problem:
        step = UNITS[self.smallest]
        if seconds < 0:
            return self._below_zero(seconds)
        if seconds % step:
            return Problem.told(
                self.id, "too_fine", "The duration is finer than asked for. Round it."
            )
        if self.lowest is not None and seconds < self.lowest * step:
            return Problem.told(
                self.id,
                "too_short",
                "The duration is too short. The least is {lowest} ({unit}).",
                lowest=self.lowest,
                unit=(self.smallest,),
            )
        if seconds > (LONGEST_SECONDS if self.highest is None else self.highest * step):
            return Problem.told(
                self.id,
                "too_lasting",
                "The duration is too long. The most is {highest} ({unit}).",
                highest=LONGEST_SECONDS // step if self.highest is None else self.highest,
                unit=(self.smallest,),
            )
        return seconds

    def _below_zero(self, count: int) -> Problem:
        return Problem.told(
            self.id, "negative", "{count} is below zero. Write how long it took.", count=count
        )
