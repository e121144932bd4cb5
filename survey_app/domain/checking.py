"""Whether a well-formed questionnaire can be published: what is missing, double or impossible.

Further checks stand beside it: `conditions`, `reachability`, `checking_texts`. What only warns is
in `wording`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from survey_app.domain.checking_texts import check_texts
from survey_app.domain.conditions import check_conditions
from survey_app.domain.definition_fields import LANGUAGE
from survey_app.domain.places import TOP, question_place, section_place
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.rating import Rated, Scale
from survey_app.domain.questionnaire import (
    CSRF_FIELD,
    SUFFIXES,
    Question,
    Questionnaire,
    Section,
)
from survey_app.domain.reachability import find_unreachable

KEY = re.compile(r"[a-z][a-z0-9_]{1,62}", re.ASCII)
ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)


def check(questionnaire: Questionnaire) -> list[Problem]:
    """Return everything that keeps the questionnaire from being published; [] if nothing does."""
    problems = [*_check_head(questionnaire)]
    for number, section in enumerate(questionnaire.sections, start=1):
        place = section_place(number, section.id)
        problems += [problem.within(place) for problem in _check_section(section)]
    problems += _find_duplicates(
        "section", (section.id for section in questionnaire.sections), "duplicate_section"
    )
    problems += _find_duplicates(
        "question", (question.id for question in questionnaire.questions), "duplicate_question"
    )
    problems += check_conditions(questionnaire)
    problems += find_unreachable(questionnaire)
    problems += _compare_scales(questionnaire)
    problems += check_texts(questionnaire)
    return problems


def _check_head(questionnaire: Questionnaire) -> Iterator[Problem]:
    if not KEY.fullmatch(questionnaire.key):
        yield Problem(
            "key",
            "bad_key",
            f"{quoted(questionnaire.key)} cannot be a key. Use 2 to 63 lower-case letters, digits "
            "and underscores, a letter first, like visit_feedback.",
        )
    if not questionnaire.title.strip():
        yield Problem(
            "title", "no_title", "The questionnaire has no title. Write what people see at its top."
        )
    if not LANGUAGE.fullmatch(questionnaire.language):
        yield Problem(
            "language",
            "bad_language",
            f"{quoted(questionnaire.language)} is no language code. Use one like en or de-CH.",
        )
    if not questionnaire.sections:
        yield Problem(
            TOP, "no_sections", "The questionnaire asks nothing. Add a section with a question."
        )


def _check_section(section: Section) -> Iterator[Problem]:
    if not ID.fullmatch(section.id):
        yield Problem("id", "bad_id", _id_rule(section.id))
    if not section.questions:
        yield Problem(
            "", "empty_section", "The section has no question. Add one, or remove the section."
        )
    for number, question in enumerate(section.questions, start=1):
        place = question_place(number, question.id)
        yield from (problem.within(place) for problem in _check_question(question))


def _check_question(question: Question) -> Iterator[Problem]:
    if not ID.fullmatch(question.id):
        yield Problem("id", "bad_id", _id_rule(question.id))
    if question.id == CSRF_FIELD or question.id.endswith(SUFFIXES):
        yield Problem(
            "id",
            "reserved_id",
            f"{quoted(question.id)} is used by the form itself. Choose another id, not "
            f"{CSRF_FIELD} and with none of the endings {', '.join(SUFFIXES)}.",
        )
    if not question.text.strip():
        yield Problem("text", "no_text", "The question has no text. Write what is asked.")
    for code, count in Counter(question.missing).items():
        if count > 1:
            yield Problem(
                "missing", "duplicate_missing", f"{code} is offered {count} times. Keep one."
            )
    yield from question.check()


def _id_rule(given: str) -> str:
    return (
        f"{quoted(given)} cannot be an id. Use up to 63 letters (a to z), digits and underscores, "
        "a letter first."
    )


def _find_duplicates(kind: str, ids: Iterable[str], code: str) -> list[Problem]:
    # Without regard to case: databases and spreadsheets take q1 and Q1 for one column.
    return [
        Problem(
            f"{kind} {quoted(name)}",
            code,
            f"{count} {kind}s have the id {quoted(name)}, upper and lower case taken as one. Give "
            "each its own id.",
        )
        for name, count in Counter(name.lower() for name in ids).items()
        if count > 1
    ]


def _compare_scales(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Ratings that measure one KPI together are only pooled on one scale."""
    first: dict[str, tuple[str, Scale]] = {}
    for number, section in enumerate(questionnaire.sections, start=1):
        for position, question in enumerate(section.questions, start=1):
            # The rows of a matrix share its scale: the first speaks for all.
            rated = next((item for item in question.items if isinstance(item, Rated)), None)
            if rated is None or not rated.kpi:
                continue
            asked, scale = first.setdefault(rated.kpi, (question.id, rated.scale))
            if _ends_of(scale) != _ends_of(rated.scale):
                place = section_place(number, section.id)
                yield Problem(
                    f"{place}, {question_place(position, question.id)}, kpi",
                    "unequal_scales",
                    f"{quoted(rated.kpi)} is measured from {_told(rated.scale)} here and from "
                    f"{_told(scale)} by {asked}. Give both the same scale, or name another KPI.",
                )


def _ends_of(scale: Scale) -> tuple[int, int]:
    # An item of which the low end is better is a reversed one: its scale says so.
    return scale.lowest, scale.highest


def _told(scale: Scale) -> str:
    return f"{scale.lowest} to {scale.highest}"
