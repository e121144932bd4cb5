"""Free text, stored exactly as typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from survey_app.domain.definition_fields import WholeField, refuse_flaw, with_newlines
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Definition, Question, QuestionPart, Value

LONGEST_TEXT = 20_000
MOST_LINES = 50


class TextPart(QuestionPart):
    """Definition of a text question."""

    lines = WholeField(load_default=4)
    longest = WholeField(load_default=2000)


@dataclass(frozen=True, kw_only=True)
class Text(Question):
    """A question answered in words: `lines` is the height of its field, `longest` in characters.

    One line makes a short text.
    """

    type: ClassVar[str] = "text"
    definition: ClassVar[Definition] = TextPart

    lines: int = 4
    longest: int = 2000

    def check(self) -> list[Problem]:
        """See `Question.check`: the sizes."""
        problems = []
        if not 1 <= self.longest <= LONGEST_TEXT:
            problems.append(
                Problem(
                    "longest",
                    "bad_length",
                    f"The longest answer is set to {self.longest} characters. Set it between 1 and "
                    f"{LONGEST_TEXT}.",
                )
            )
        if not 1 <= self.lines <= MOST_LINES:
            problems.append(
                Problem(
                    "lines",
                    "bad_height",
                    f"The field is {self.lines} lines high. Set it between 1 and {MOST_LINES}.",
                )
            )
        return problems

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`; line ends become newlines, blank text is no answer."""
        given = [with_newlines(value) for value in values if value.strip()]
        if not given:
            return None
        if problem := self.refuse_several(given):
            return problem
        text = given[0]
        if flaw := refuse_flaw(text, self.id):
            return flaw
        if len(text) > self.longest:
            return Problem.told(
                self.id,
                "too_long",
                "The text has {count} characters. Shorten it to {longest} or fewer.",
                count=len(text),
                longest=self.longest,
            )
        return text

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`: what is compared with, and something else."""
        texts = [str(one) for one in constants]
        other = (sign for sign in map(chr, range(ord("a"), 1000)) if sign not in texts)
        texts.append(next(other, ""))
        return [text for text in dict.fromkeys(texts) if self.read([text]) == text]
