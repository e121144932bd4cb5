"""Read answers into the document of a response: every question's value, or its missing code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.questionnaire import (
    CSRF_FIELD,
    MISSING_PREFIX,
    MISSING_SUFFIX,
    NOT_SHOWN,
    SKIPPED,
    Question,
    Questionnaire,
)

# {question id: {"value": value} or {"missing": code}}
Document: TypeAlias = dict[str, dict[str, Any]]


def read_answers(
    questionnaire: Questionnaire, posted: Mapping[str, Sequence[str]]
) -> tuple[Document, list[Problem]]:
    """Read a posted form: field name to its values, missing codes under `<id>__missing`;
    where one value is picked, a code may also be posted as one: `<id>=missing:<code>`.

    The document has every question; one that is not answered is `skipped`. Each problem's place
    is the question's id (or the name of an unknown field). With any problem, store nothing.
    """
    document: Document = {}
    problems: list[Problem] = []
    for question in questionnaire.questions:
        values, codes = _part_posted(question, posted)
        answer = _read_one(question, values, codes, question.missing)
        if not isinstance(answer, Problem) and question.required and _is_skipped(answer):
            answer = _not_answered(question)
        _keep(question, answer, document, problems)
    problems += _unknown_names(questionnaire, posted)
    return document, problems


def read_imported(
    questionnaire: Questionnaire, values: Mapping[str, str], missing: Mapping[str, str]
) -> tuple[Document, list[Problem]]:
    """Read one row of imported answers: question id to cell, question id to missing code.

    As `read_answers`, except that a table tells what happened elsewhere: `skipped` and `not_shown`
    are codes too, and a required question may be unanswered. The cell of a multiple choice parts
    its codes by `|`.
    """
    document: Document = {}
    problems: list[Problem] = []
    for question in questionnaire.questions:
        given = question.split_cell(values.get(question.id, ""))
        code = missing.get(question.id, "")
        known = (SKIPPED, NOT_SHOWN, *question.missing)
        answer = _read_one(question, given, [code] if code else [], known)
        _keep(question, answer, document, problems)
    problems += _unknown_names(questionnaire, dict.fromkeys([*values, *missing]))
    return document, problems


def _part_posted(
    question: Question, posted: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str]]:
    """The posted values and missing codes; of one radio group, the codes are among the values."""
    values = list(posted.get(question.id, ()))
    codes = [code for code in posted.get(question.id + MISSING_SUFFIX, ()) if code]
    if question.picks_one:
        marks = [value for value in values if value.startswith(MISSING_PREFIX)]
        codes += [mark.removeprefix(MISSING_PREFIX) for mark in marks]
        values = [value for value in values if value not in marks]
    return values, codes


def _read_one(
    question: Question, values: Sequence[str], codes: Sequence[str], known: Sequence[str]
) -> dict[str, Any] | Problem:
    value = question.read(values)
    if isinstance(value, Problem):
        return value
    if not codes:
        return {"missing": SKIPPED} if value is None else {"value": value}
    if value is not None:
        return Problem(
            question.id,
            "value_and_missing",
            f"There is an answer and also the mark {quoted(codes[0])}. Keep one of the two.",
        )
    if len(codes) > 1:
        return Problem(
            question.id,
            "several_missing",
            f"{len(codes)} marks for a missing answer were given. Keep one of them.",
        )
    if codes[0] not in known:
        remedy = f"Use one of: {', '.join(known)}" if known else "Answer it, or leave it empty"
        return Problem(
            question.id,
            "missing_not_offered",
            f"This question does not offer {quoted(codes[0])}. {remedy}.",
        )
    return {"missing": codes[0]}


def _is_skipped(answer: Mapping[str, Any]) -> bool:
    return answer.get("missing") == SKIPPED


def _not_answered(question: Question) -> Problem:
    offered = ", or say why not" if question.missing else ""
    return Problem(question.id, "required", f"This question needs an answer. Answer it{offered}.")


def _keep(
    question: Question,
    answer: dict[str, Any] | Problem,
    document: Document,
    problems: list[Problem],
) -> None:
    if isinstance(answer, Problem):
        problems.append(answer)
        answer = {"missing": SKIPPED}
    document[question.id] = answer


def _unknown_names(questionnaire: Questionnaire, names: Mapping[str, Any]) -> list[Problem]:
    ids = [question.id for question in questionnaire.questions]
    known = {CSRF_FIELD, *ids, *(name + MISSING_SUFFIX for name in ids)}
    return [
        Problem(
            quoted(name)[1:-1],
            "unknown_question",
            f"There is no question {quoted(name)} in this questionnaire."
            f"{did_you_mean(name, ids)} Remove it, or use the version that asks it.",
        )
        for name in names
        if name not in known
    ]
