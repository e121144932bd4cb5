"""One item's answer, a value or the code for a missing one, and names that name no item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from survey_app.domain.problems import Problem, nearest, quoted
from survey_app.domain.questionnaire import (
    MISSING_PREFIX,
    MISSING_SUFFIX,
    SKIPPED,
    Answer,
    Posted,
    Question,
)

# How many unknown fields are told; looking for what each could have meant takes its time.
MOST_UNKNOWN = 20


def read_item(item: Question, posted: Posted) -> Answer | Problem:
    """What was posted for an item; of one radio group, the codes are among the values."""
    codes = [code for code in posted.get(item.id + MISSING_SUFFIX, ()) if code]
    if item.picks_one:
        values = posted.get(item.id, ())
        marks = [value for value in values if value.startswith(MISSING_PREFIX)]
        if marks:
            codes += [mark.removeprefix(MISSING_PREFIX) for mark in marks]
            given = [value for value in values if not value.startswith(MISSING_PREFIX)]
            posted = {**posted, item.id: given}
    return weigh(item, item.collect(posted), codes, item.missing)


def weigh(
    item: Question, value: Answer | Problem | None, codes: Sequence[str], known: Sequence[str]
) -> Answer | Problem:
    if isinstance(value, Problem):
        return value
    if not codes:
        return {"missing": SKIPPED} if value is None else value
    if value is not None:
        return Problem.told(
            item.id,
            "value_and_missing",
            "There is an answer and also the mark {code}. Keep one of the two.",
            code=quoted(codes[0]),
        )
    if len(codes) > 1:
        return Problem.told(
            item.id,
            "several_missing",
            "{count} marks for a missing answer were given. Keep one of them.",
            count=len(codes),
        )
    if codes[0] not in known:
        return _not_offered(item, codes[0], known)
    return {"missing": codes[0]}


def _not_offered(item: Question, code: str, known: Sequence[str]) -> Problem:
    if known:
        return Problem.told(
            item.id,
            "missing_not_offered",
            "This question does not offer {code}. Use one of: {known}.",
            code=quoted(code),
            known=", ".join(known),
        )
    return Problem.told(
        item.id,
        "missing_not_offered",
        "This question does not offer {code}. Answer it, or leave it empty.",
        code=quoted(code),
    )


def unknown_names(names: Iterable[str], known: set[str], ids: Iterable[str]) -> list[Problem]:
    unknown = [name for name in names if name not in known]
    return [_unknown_question(name, ids) for name in unknown[:MOST_UNKNOWN]]


def _unknown_question(name: str, ids: Iterable[str]) -> Problem:
    given, near = quoted(name), nearest(name, ids)
    place = given[1:-1] or given
    if near:
        return Problem.told(
            place,
            "unknown_question",
            "There is no question {given} here. Did you mean {near}? Remove it, or use the version "
            "and page that asks it.",
            given=given,
            near=quoted(near),
        )
    return Problem.told(
        place,
        "unknown_question",
        "There is no question {given} here. Remove it, or use the version and page that asks it.",
        given=given,
    )
