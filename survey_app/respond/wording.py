"""Problems and answers put into words in the language of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import force_locale, gettext

from survey_app.design.languages import locale_of
from survey_app.domain.problems import Problem
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.yes_no import YES, YesNo
from survey_app.domain.questionnaire import Question
from survey_app.respond.languages import interface_locale

# How the codes for a missing answer are offered, and said.
MISSING: dict[str, Callable[[], str]] = {
    "not_applicable": lambda: str(gettext("Does not apply to me")),
    "dont_know": lambda: str(gettext("I don’t know")),
    "refused": lambda: str(gettext("I’d rather not say")),
}


def say_problem(problem: Problem, language: str) -> str:
    """The sentence of a problem, where it is translated."""
    if not problem.template:
        return problem.message
    with force_locale(interface_locale(language)):
        values = {name: _written(value, language) for name, value in problem.values.items()}
        return str(gettext(problem.template)).format(**values)


def say_answer(item: Question, answer: Mapping[str, Any], language: str) -> str:
    """An answer in words, '' where there is none."""
    if "value" not in answer:
        with force_locale(interface_locale(language)):
            return MISSING[answer["missing"]]() if answer.get("missing") in MISSING else ""
    value = answer["value"]
    if isinstance(item, Number):
        return f"{_written(value, language)} {item.unit}".rstrip()
    if isinstance(item, Date):
        return str(_written(date.fromisoformat(value), language))
    with force_locale(interface_locale(language)):
        if isinstance(item, YesNo):
            return str(gettext("Yes") if value == YES else gettext("No"))
        if isinstance(item, Consent):
            return str(gettext("Agreed"))
    return item.say(dict(answer))


def say_day(day: date, language: str) -> str:
    """A day as the language writes it."""
    return str(_written(day, language))


def _written(value: object, language: str) -> object:
    locale = locale_of(language)
    if isinstance(value, tuple):
        return ", ".join(gettext(word) for word in value)
    if locale is None:
        return value
    if isinstance(value, date):
        return format_date(value, "long", locale=locale)
    if isinstance(value, (int, float)):
        # Grouped digits would look like decimals to many.
        return format_decimal(
            value, locale=locale, decimal_quantization=False, group_separator=False
        )
    return value
