"""Questionnaires made of a few words, for the tests of what can be published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Rating, Scale
from survey_app.domain.questionnaire import Constraint, Question, Questionnaire, Section


def rating(name: str, highest: int = 5, **named: Any) -> Rating:
    """A rating from 1 to `highest`."""
    named.setdefault("text", f"How was {name}?")
    return Rating(id=name, scale=Scale(lowest=1, highest=highest), **named)


def choice(name: str, *codes: str, **named: Any) -> Choice:
    """A choice of options whose labels are their codes."""
    options = tuple(Option(code=code, label=code) for code in codes)
    named.setdefault("text", f"Which {name}?")
    return Choice(id=name, options=options, **named)


def section(name: str, *questions: Question, **named: Any) -> Section:
    """A section without a title."""
    return Section(id=name, questions=questions, **named)


def asking(*questions: Question, **named: Any) -> Questionnaire:
    """A questionnaire with these questions in one section."""
    return in_sections(section("visit", *questions), **named)


def in_sections(*sections: Section, **named: Any) -> Questionnaire:
    """A questionnaire of these sections."""
    named = {"key": "visit_feedback", "title": "Your visit"} | named
    return Questionnaire(sections=sections, **named)


def must(condition: Mapping[str, Any], **named: Any) -> tuple[Constraint, ...]:
    """One constraint."""
    return (Constraint(must=condition, message="Correct one of the two.", **named),)
