"""How each item of a published version lies in the columnar copy of its answers.

An item that picks one of a few values is one column of whole numbers: the place of its value among
`cells`, and from `len(cells)` on the place of its missing code among MISSING_CODES. Every other
item has its values apart and a column that holds the place of the missing code, or nothing where
there is a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import GIVEN, Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Rated
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.time import DAY_MINUTES, Time
from survey_app.domain.question_types.yes_no import NO, YES, YesNo
from survey_app.domain.questionnaire import Question, Questionnaire

Cell: TypeAlias = int | str

CODED = "coded"  # one of a few values
FLAGS = "flags"  # 1 or 0 for each option
PLACES = "places"  # the place of each option, 1 for the first
SHARES = "shares"  # the share of each option
WHOLE = "whole"
DECIMAL = "decimal"
DATE = "date"
CLOCK = "clock"  # minutes since midnight
TEXT = "text"
FILE = "file"  # its name
BY_OPTION = (FLAGS, PLACES, SHARES)
FREE = (TEXT, FILE)

CLOCK_CELLS = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(DAY_MINUTES))


@dataclass(frozen=True)
class Stored:
    """One item of one version, and the names of its columns in the copy."""

    item: Question
    kind: str
    cells: tuple[Cell, ...] = ()
    options: tuple[Option, ...] = ()
    has_other: bool = False

    @property
    def value(self) -> str:
        """The column of the value, or of the code where it picks one."""
        return self.item.id

    @property
    def missing(self) -> str:
        """The column of the missing code; there is none where the item picks one."""
        return f"{self.item.id}!"

    @property
    def other(self) -> str:
        """The column of the words written beside the option "other"."""
        return f"{self.item.id}+"

    def of_option(self, place: int) -> str:
        """The column of an option, by its place in the definition."""
        return f"{self.item.id}[{place}]"

    @property
    def columns(self) -> tuple[str, ...]:
        """All its columns in the copy."""
        others = (self.other,) if self.has_other else ()
        if self.kind == CODED:
            return (self.value, *others)
        if self.kind in BY_OPTION:
            options = tuple(self.of_option(place) for place in range(len(self.options)))
            return (*options, self.missing, *others)
        return (self.value, self.missing)


def stored_items(questionnaire: Questionnaire) -> list[Stored]:
    """How the items of a version are stored, in their order."""
    return [_stored(item) for item in questionnaire.items]


def _stored(item: Question) -> Stored:
    if isinstance(item, Rated):
        return Stored(item, CODED, cells=tuple(item.scale.points))
    if isinstance(item, Choice):
        other = item.other is not None
        if item.multiple:
            return Stored(item, FLAGS, options=item.options, has_other=other)
        return Stored(item, CODED, _codes(item.options), item.options, other)
    if isinstance(item, YesNo):
        return Stored(item, CODED, cells=(YES, NO))
    if isinstance(item, Consent):
        return Stored(item, CODED, cells=(GIVEN,))
    if isinstance(item, Ranking):
        return Stored(item, PLACES, options=item.options)
    if isinstance(item, ConstantSum):
        return Stored(item, SHARES, options=item.options)
    if isinstance(item, Number):
        return Stored(item, WHOLE if item.whole else DECIMAL)
    kinds = {Duration: WHOLE, Date: DATE, Time: CLOCK, Text: TEXT, File: FILE}
    return Stored(item, kinds[type(item)])


def _codes(options: Sequence[Option]) -> tuple[str, ...]:
    return tuple(option.code for option in options)
