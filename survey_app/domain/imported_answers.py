"""Read answers that were given elsewhere, from the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping

from survey_app.domain.answers import Document
from survey_app.domain.item_answers import unknown_names, weigh
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import NOT_SHOWN, SKIPPED, Questionnaire


def read_imported(
    questionnaire: Questionnaire, values: Mapping[str, str], missing: Mapping[str, str]
) -> tuple[Document, list[Problem]]:
    """Read one row of imported answers: item id to cell, item id to missing code.

    As posted forms are read, except that a table tells what happened elsewhere: `skipped` and
    `not_shown` are codes too, a required question may be unanswered, and conditions decide
    nothing. The cell of a multiple choice parts its codes by `|`.
    """
    document: Document = {}
    problems: list[Problem] = []
    for item in questionnaire.items:
        read = item.read(item.split_cell(values.get(item.id, "")))
        value = read if read is None or isinstance(read, Problem) else {"value": read}
        code = missing.get(item.id, "")
        answer = weigh(item, value, [code] if code else [], (SKIPPED, NOT_SHOWN, *item.missing))
        if isinstance(answer, Problem):
            problems.append(answer)
            answer = {"missing": SKIPPED}
        document[item.id] = answer
    ids = [item.id for item in questionnaire.items]
    problems += unknown_names([*values, *missing], set(ids), ids)
    return document, problems
