"""A questionnaire as the rest of the program sees it: frozen, typed, complete with defaults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from survey_app.domain.definition_fields import FlagField, ListField, Part, TextField, WordField
from survey_app.domain.problems import Problem

FORMAT = "soundings-questionnaire/1"
# A missing code is posted as the field `<question id>__missing`.
MISSING_SUFFIX = "__missing"
# Where one of several is picked, the code may be one more of them: `<question id>=missing:<code>`.
MISSING_PREFIX = "missing:"
# Posted by forms for their own protection; never an answer.
CSRF_FIELD = "csrf_token"

# Why an answer is missing. Missing is not zero: the reason is kept in the value's place.
SKIPPED = "skipped"  # shown and not answered
NOT_SHOWN = "not_shown"  # off the person's path
# What a question may offer to the person who answers, beside its values.
OFFERED_CODES = ("not_applicable", "dont_know", "refused")
MISSING_CODES = (SKIPPED, NOT_SHOWN, *OFFERED_CODES)

# What an answers document holds: rating int, number int or float, text and single choice str,
# multiple choice list of codes.
Value: TypeAlias = int | float | str | list[str]


class QuestionPart(Part):
    """What the definitions of all question types have in common."""

    id = TextField(longest=64, required=True)
    type = TextField(longest=20, required=True)
    text = TextField(longest=2000, load_default="")
    help = TextField(longest=2000, load_default="")
    required = FlagField(load_default=False)
    missing = ListField(WordField(known=OFFERED_CODES), most=10, load_default=())


# Named here, because within a question `type` is its own word.
Definition: TypeAlias = type[QuestionPart]


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question. Each type is one subclass that knows its definition, its checks, its reading.

    `missing` are the codes offered beside the values. `required` asks for a value or one of these.
    """

    type: ClassVar[str]
    definition: ClassVar[Definition]

    id: str
    text: str = ""
    help: str = ""
    required: bool = False
    missing: tuple[str, ...] = ()

    @abstractmethod
    def check(self) -> list[Problem]:
        """Return what is wrong with this type's own keys, each place relative to the question."""

    @abstractmethod
    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """Read posted values: the value, None where nothing is answered, or the problem."""

    @abstractmethod
    def encode(self, value: Value) -> list[str]:
        """Return the values that, posted, are read as `value` again."""

    @property
    def picks_one(self) -> bool:
        """Whether one of the values shown is picked; a form may then show the codes among them."""
        return False

    def split_cell(self, cell: str) -> list[str]:
        """Return a cell of an imported table as posted values."""
        return [cell]

    def refuse_several(self, values: Sequence[str]) -> Problem | None:
        """Return the problem of more than one value where one is wanted."""
        if len(values) < 2:
            return None
        return Problem(
            self.id,
            "several_values",
            f"{len(values)} answers were given, one is wanted. Keep one of them.",
        )


@dataclass(frozen=True, kw_only=True)
class Section:
    """Questions shown together, under a title."""

    id: str
    title: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """A whole questionnaire; `wire` reads and writes it, `checking` says if it can be published."""

    key: str
    title: str = ""
    language: str = "en"
    introduction: str = ""
    thanks: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order."""
        return tuple(question for section in self.sections for question in section.questions)
