"""Consent to something, given by a tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from survey_app.domain.definition_fields import TextField
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.questionnaire import Definition, Question, QuestionPart, Value

GIVEN = "given"


class ConsentPart(QuestionPart):
    """Definition of a consent."""

    statement = TextField(longest=2000, load_default="")


@dataclass(frozen=True, kw_only=True)
class Consent(Question):
    """A box to tick beside `statement`; the value is 'given', a box left empty is `skipped`.

    If `required`, nothing can be sent without it.
    """

    type: ClassVar[str] = "consent"
    definition: ClassVar[Definition] = ConsentPart

    statement: str = ""

    def check(self) -> list[Problem]:
        """See `Question.check`: what is consented to."""
        if self.statement.strip():
            return []
        message = "The consent has no statement. Write what stands beside the box."
        return [Problem("statement", "no_statement", message)]

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`."""
        given = self.read_single(values)
        if given is None or isinstance(given, Problem) or given == GIVEN:
            return given
        return Problem.told(
            self.id,
            "not_a_consent",
            "{given} is no consent. Tick the box, or leave it empty.",
            given=quoted(given),
        )

    def probe(self, constants: Sequence[Any]) -> list[Value]:
        """See `Question.probe`."""
        return [GIVEN]
