"""The customer's page, made once per published version and then given out as it is.

A version never changes and the page has no part that differs from person to person (its form is
sent to the address it came from), so its bytes are kept for the life of the process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app, render_template

from survey_app.design.queries import read_definition, version_by_number
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Questionnaire


@dataclass(frozen=True)
class _Made:
    questionnaire: Questionnaire
    page: bytes
    thanks: bytes


def questionnaire_of(key: str, number: int) -> Questionnaire:
    """The questionnaire of a published version; raises NotFound."""
    return _made(key, number).questionnaire


def empty_page(key: str, number: int) -> bytes:
    """The page on which a published version is answered, as UTF-8; raises NotFound."""
    return _made(key, number).page


def thanks_page(key: str, number: int) -> bytes:
    """The page that says the answers have arrived; raises NotFound."""
    return _made(key, number).thanks


def refused_page(
    key: str, number: int, typed: Mapping[str, Sequence[str]], problems: list[Problem]
) -> str:
    """The page again, with what was typed and what is wrong with it; raises NotFound."""
    questionnaire = questionnaire_of(key, number)
    ids = {question.id for question in questionnaire.questions}
    return render_template(
        "respond/page.html",
        questionnaire=questionnaire,
        typed=typed,
        problems={problem.place: problem.message for problem in problems if problem.place in ids},
        other_problems=[problem for problem in problems if problem.place not in ids],
    )


def _made(key: str, number: int) -> _Made:
    # Kept with the app, not in this module: another app has another database.
    kept: dict[tuple[str, int], _Made] = current_app.extensions.setdefault("soundings_pages", {})
    if (key, number) not in kept:
        questionnaire = read_definition(version_by_number(key, number).definition)
        page = render_template(
            "respond/page.html", questionnaire=questionnaire, typed={}, problems={}
        )
        thanks = render_template("respond/thanks.html", questionnaire=questionnaire)
        kept[key, number] = _Made(questionnaire, page.encode(), thanks.encode())
    return kept[key, number]
