"""The customer's page, made once per published version and then given out as it is.

A version never changes and the page has no part that differs from person to person (its form is
sent to the address it came from), so its bytes are kept for the life of the process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, render_template

from survey_app.design.queries import read_definition, version_by_number
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Questionnaire


def questionnaire_of(key: str, number: int) -> Questionnaire:
    """The questionnaire of a published version; raises NotFound."""
    kept: dict[tuple[str, int], Questionnaire] = _kept("questionnaires")
    if (key, number) not in kept:
        kept[key, number] = read_definition(version_by_number(key, number).definition)
    return kept[key, number]


def empty_page(key: str, number: int) -> bytes:
    """The page on which a published version is answered, as UTF-8; raises NotFound."""
    return _page("respond/page.html", key, number)


def thanks_page(key: str, number: int) -> bytes:
    """The page that says the answers have arrived; raises NotFound."""
    return _page("respond/thanks.html", key, number)


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


def _page(template: str, key: str, number: int) -> bytes:
    kept: dict[tuple[str, str, int], bytes] = _kept("pages")
    if (template, key, number) not in kept:
        questionnaire = questionnaire_of(key, number)
        page = render_template(template, questionnaire=questionnaire, typed={}, problems={})
        kept[template, key, number] = page.encode()
    return kept[template, key, number]


def _kept(what: str) -> dict[Any, Any]:
    # Kept with the app, not in this module: another app has another database.
    kept: dict[Any, Any] = current_app.extensions.setdefault(f"soundings_{what}", {})
    return kept
