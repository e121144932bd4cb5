"""Read answers that were given elsewhere, from the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping

from survey_app.domain.answers import Document
from survey_app.domain.item_answers import unknown_names, weigh
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import (
    NOT_SHOWN,
    SKIPPED,
    Answer,
    Condition,
    Question,
    Questionnaire,
    Section,
)
from survey_app.domain.routing import attributes_in, holds, items_in


def read_imported(
    questionnaire: Questionnaire, values: Mapping[str, str], missing: Mapping[str, str]
) -> tuple[Document, list[Problem]]:
    """Read one row of imported answers: item id to cell, item id to missing code.

    As posted forms are read, except that a table tells what happened elsewhere: `skipped` and
    `not_shown` are codes too, and a required question may be unanswered. Where all that a
    question's conditions look at is among `values`, they decide: an empty cell off the path is
    `not_shown`, an answer there a problem. The cell of a multiple choice parts its codes by `|`.
    """
    document: Document = {}
    problems: list[Problem] = []
    unread: set[str] = set()
    for section in questionnaire.sections:
        for question in section.questions:
            closed = _closed_by(section, question, values, document, unread)
            for item in question.items:
                answer = _read_item(item, values, missing)
                if isinstance(answer, Problem):
                    problems.append(answer)
                    unread.add(item.id)
                    answer = {"missing": SKIPPED}
                elif closed and "value" in answer:
                    problems.append(_off_path(item, *closed))
                elif closed and answer["missing"] == SKIPPED and not missing.get(item.id):
                    answer = {"missing": NOT_SHOWN}
                document[item.id] = answer
    ids = [item.id for item in questionnaire.items]
    problems += unknown_names([*values, *missing], set(ids), ids)
    return document, problems


def _read_item(
    item: Question, values: Mapping[str, str], missing: Mapping[str, str]
) -> Answer | Problem:
    read = item.read(item.split_cell(values.get(item.id, "")))
    value = read if read is None or isinstance(read, Problem) else {"value": read}
    code = missing.get(item.id, "")
    return weigh(item, value, [code] if code else [], (SKIPPED, NOT_SHOWN, *item.missing))


def _closed_by(
    section: Section,
    question: Question,
    values: Mapping[str, str],
    document: Document,
    unread: set[str],
) -> tuple[str, Condition] | None:
    """Whose condition does not hold, and the condition; None where all hold or it is not known."""
    for owner, condition in (
        (f"section {section.id}", section.show_if),
        (f"question {question.id}", question.show_if),
    ):
        if condition is None or attributes_in(condition):
            continue
        names = items_in(condition)
        # What could not be read has its own problem.
        if not all(name in values and name in document and name not in unread for name in names):
            continue
        if not holds(condition, lambda name: document[name].get("value"), {}):
            return owner, condition
    return None


def _off_path(item: Question, owner: str, condition: Condition) -> Problem:
    looked_at = ", ".join(items_in(condition))
    return Problem(
        item.id,
        "off_path",
        f"There is an answer, but the condition of {owner} on {looked_at} does not hold, so this "
        "was not asked. Empty the cell, or correct what the condition looks at.",
    )
