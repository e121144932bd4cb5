"""A questionnaire as the rest of the program sees it: frozen, typed, complete with defaults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

from survey_app.domain.condition_fields import ConditionField
from survey_app.domain.definition_fields import FlagField, ListField, Part, TextField, WordField
from survey_app.domain.problems import Problem

FORMAT = "soundings-questionnaire/1"
# A missing code is posted as the field `<item id>__missing`.
MISSING_SUFFIX = "__missing"
# Where one of several is picked, the code may be one more of them: `<item id>=missing:<code>`.
MISSING_PREFIX = "missing:"
# The words written beside the option "other" are posted as the field `<question id>__other`.
OTHER_SUFFIX = "__other"
# Says that a question with a condition was on the page as its reader saw it.
SHOWN_SUFFIX = "__shown"
SUFFIXES = (MISSING_SUFFIX, OTHER_SUFFIX, SHOWN_SUFFIX)
# Parts a question's id from the id of one of its rows or fields, as in `service.speed`; no id of a
# question can hold it.
ITEM_SIGN = "."
# Posted by forms for their own protection; never an answer.
CSRF_FIELD = "csrf_token"

# Why an answer is missing. Missing is not zero: the reason is kept in the value's place.
SKIPPED = "skipped"  # shown and not answered
NOT_SHOWN = "not_shown"  # off the person's path
# What a question may offer to the person who answers, beside its values.
OFFERED_CODES = ("not_applicable", "dont_know", "refused")
MISSING_CODES = (SKIPPED, NOT_SHOWN, *OFFERED_CODES)

# What is put on a page of its own; '' puts everything on one.
PAGING = ("sections", "questions")
# How questions, options or rows are ordered; '' leaves them as they are listed.
RANDOM = "random"

# What an answer may hold: a rating or a duration int, a number int or float, words, dates, times
# and the code of one option str, several options or a ranking a list of codes, a constant sum
# {option code: number}, a file {"id", "name", "size", "type"}.
Value: TypeAlias = int | float | str | list[str] | dict[str, Any]
# {"value": value}, with "other" beside it where words were written at the option "other"; or
# {"missing": code}.
Answer: TypeAlias = dict[str, Any]
# A form as posted: field name to its values.
Posted: TypeAlias = Mapping[str, Sequence[str]]
# A tree of conditions as `condition_fields` reads it and `routing` evaluates it.
Condition: TypeAlias = Mapping[str, Any]


class QuestionPart(Part):
    """What the definitions of all question types have in common."""

    id = TextField(longest=64, required=True)
    type = TextField(longest=20, required=True)
    text = TextField(longest=2000, load_default="")
    help = TextField(longest=2000, load_default="")
    required = FlagField(load_default=False)
    missing = ListField(WordField(known=OFFERED_CODES), most=10, load_default=())
    show_if = ConditionField(load_default=None)
    kpi = TextField(longest=64, load_default="")


# Named here, because within a question `type` is its own word.
Definition: TypeAlias = type[QuestionPart]


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question. Each type is one subclass that knows its definition, its checks, its reading.

    `missing` are the codes offered beside the values. `required` asks for a value or one of these.
    `show_if` is the condition under which it is asked, None for always. `kpi` names what the
    question measures together with the others that name the same.
    """

    type: ClassVar[str]
    definition: ClassVar[Definition]

    id: str
    text: str = ""
    help: str = ""
    required: bool = False
    missing: tuple[str, ...] = ()
    show_if: Condition | None = field(default=None, hash=False)
    kpi: str = ""

    @property
    def items(self) -> tuple[Question, ...]:
        """What leaves an answer each: the question itself, the rows of a matrix, or nothing."""
        return (self,)

    @property
    def field_names(self) -> tuple[str, ...]:
        """The fields of a form that `collect` reads."""
        return (self.id,)

    @property
    def picks_one(self) -> bool:
        """Whether one of the values shown is picked; a form may then show the codes among them."""
        return False

    @abstractmethod
    def check(self) -> list[Problem]:
        """Return what is wrong with this type's own keys, each place relative to the question."""

    @abstractmethod
    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """Read values as text: the value, None where nothing is answered, or the problem."""

    def encode(self, value: Value) -> list[str]:
        """Return the texts that `read` reads as `value` again."""
        return list(value) if isinstance(value, list) else [str(value)]

    def collect(self, posted: Posted) -> Answer | Problem | None:
        """Read the question's fields of a form: its answer, None where there is none, a problem."""
        return as_answer(self.read(posted.get(self.id, ())))

    def spread(self, answer: Answer) -> dict[str, list[str]]:
        """Return the fields that `collect` reads as this answer (one with a value) again."""
        return {self.id: self.encode(answer["value"])}

    def split_cell(self, cell: str) -> list[str]:
        """Return a cell of an imported table as values for `read`."""
        return [cell]

    def say(self, answer: Answer) -> str:
        """Return an answer with a value in words, to be repeated in a later text."""
        return ", ".join(self.encode(answer["value"]))

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """Return values that stand for all that could be answered, as far as comparisons with
        these constants can tell; [] where answers are not compared."""
        return []

    def arrange(self, seed: str) -> Question:
        """Return the question with its options in the order drawn by `seed`, if that is random."""
        return self

    def refuse_several(self, values: Sequence[str]) -> Problem | None:
        """Return the problem of more than one value where one is wanted."""
        if len(values) < 2:
            return None
        return Problem.told(
            self.id,
            "several_values",
            "{count} answers were given, one is wanted. Keep one of them.",
            count=len(values),
        )

    def read_single(self, values: Sequence[str]) -> str | Problem | None:
        """Return the one text that is given, without space at its ends; None for no answer."""
        given = [value.strip() for value in values if value.strip()]
        if not given:
            return None
        return self.refuse_several(given) or given[0]


def as_answer(value: Value | Problem | None) -> Answer | Problem | None:
    """Return what was read as it is kept in a document of answers."""
    return value if value is None or isinstance(value, Problem) else {"value": value}


@dataclass(frozen=True, kw_only=True)
class Section:
    """Questions shown together, under a title, and only under the condition `show_if`."""

    id: str
    title: str = ""
    show_if: Condition | None = field(default=None, hash=False)
    order: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """What must hold between answers, once all that it names have a value; `message` says it.

    The problem is told at the question `at`, or at the last one that the condition names.
    """

    must: Condition = field(hash=False)
    message: str
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is shown at once: sections with those of their questions that are on the page.

    `id` is that of its section or question, or '' of the only page.
    """

    id: str
    sections: tuple[Section, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions of the page in their order."""
        return tuple(question for section in self.sections for question in section.questions)


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """A whole questionnaire; `wire` reads and writes it, `checking` says if it can be published.

    `translations` hold, for each further language, its texts by their names (see `translating`).
    """

    key: str
    title: str = ""
    language: str = "en"
    introduction: str = ""
    thanks: str = ""
    paging: str = ""
    sections: tuple[Section, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def items(self) -> tuple[Question, ...]:
        """All that leaves an answer, in order: the keys of a document of answers are their ids."""
        return tuple(item for question in self.questions for item in question.items)

    @cached_property
    def is_routed(self) -> bool:
        """Whether anything is asked under a condition."""
        return any(section.show_if for section in self.sections) or any(
            question.show_if for question in self.questions
        )

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Its own language first, then those it is translated into."""
        return (self.language, *(one for one in self.translations if one != self.language))

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages in their order; `paging` says what is put on one."""
        if self.paging == "sections":
            return tuple(Page(id=section.id, sections=(section,)) for section in self.sections)
        if self.paging == "questions":
            return tuple(
                Page(id=question.id, sections=(_alone(section, question),))
                for section in self.sections
                for question in section.questions
            )
        return (Page(id="", sections=self.sections),)


def _alone(section: Section, question: Question) -> Section:
    return Section(
        id=section.id, title=section.title, show_if=section.show_if, questions=(question,)
    )
