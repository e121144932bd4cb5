"""What can be compared with what: whether one comparison of a condition can ever say something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_app.domain.cells import read_date
from survey_app.domain.condition_fields import ORDERING, operator_of
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Rated
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.time import Time
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import Question
from survey_app.domain.routing import CALENDAR, PLAIN_NUMBER

# The kinds of answers as far as comparing them goes, in words for people.
NUMBER = "a number"
CODE = "one option"
CODES = "several options"
DAY = "a day"
CLOCK = "a time of day"
WORDS = "words"
OPAQUE = "nothing that can be compared"
KINDS: tuple[tuple[type[Question], str], ...] = (
    (Rated, NUMBER),
    (Number, NUMBER),
    (Duration, NUMBER),
    (YesNo, CODE),
    (Consent, CODE),
    (Ranking, CODES),
    (Date, DAY),
    (Time, CLOCK),
    (Text, WORDS),
    (ConstantSum, OPAQUE),
    (File, OPAQUE),
)
ALIKE = ("equals", "one_of")
OPERATORS_OF: dict[str, tuple[str, ...]] = {
    NUMBER: (*ALIKE, *ORDERING, "answered"),
    CODE: (*ALIKE, "answered"),
    CODES: ("includes", "answered"),
    DAY: (*ALIKE, *ORDERING, "answered"),
    CLOCK: (*ALIKE, *ORDERING, "answered"),
    WORDS: (*ALIKE, "answered"),
    OPAQUE: ("answered",),
}


def kind_of_answer(item: Question) -> str:
    """What an item is answered with, one of the kinds above."""
    if isinstance(item, Choice):
        return CODES if item.multiple else CODE
    return next((kind for type_, kind in KINDS if isinstance(item, type_)), OPAQUE)


def check_comparison(leaf: Mapping[str, Any], items: Mapping[str, Question]) -> Problem | None:
    """Return why a comparison can never say something; its items must be among `items`."""
    operator = operator_of(leaf)
    operand = leaf[operator]
    other = items[operand["question"]] if isinstance(operand, Mapping) else None
    if "contact" in leaf:
        return _check_contact(leaf["contact"], operator, operand, other)
    item = items[leaf["question"]]
    kind = kind_of_answer(item)
    if operator not in OPERATORS_OF[kind]:
        known = ", ".join(OPERATORS_OF[kind])
        return Problem(
            "",
            "cannot_compare",
            f"{item.id} is answered with {kind}; `{operator}` cannot compare that. Use {known}.",
        )
    if operator == "answered":
        return None
    if other is not None:
        return _check_pair(item, kind, other)
    for constant in operand if operator == "one_of" else (operand,):
        if problem := _check_constant(item, kind, operator, constant):
            return problem
    return None


def _check_pair(item: Question, kind: str, other: Question) -> Problem | None:
    wanted = CODE if kind == CODES else kind
    found = kind_of_answer(other)
    if found == wanted:
        return None
    return Problem(
        "",
        "cannot_compare",
        f"{other.id} is answered with {found}, and {item.id} is compared with {wanted}. Compare it "
        "with another question, or with a constant.",
    )


def _check_contact(
    attribute: str, operator: str, operand: Any, other: Question | None
) -> Problem | None:
    told = f"The contact's {quoted(attribute)} is text"
    if operator == "includes":
        message = f"{told}, not a list of options. Use `equals` or `one_of`."
        return Problem("", "cannot_compare", message)
    if other is not None:
        kind = kind_of_answer(other)
        if operator in OPERATORS_OF[kind] and kind != CODES:
            return None
        message = f"{told}; `{operator}` cannot compare it with {other.id}, {kind}. Use `equals`."
        return Problem("", "cannot_compare", message)
    if operator in ORDERING and isinstance(operand, str) and not _is_ordered(operand):
        return Problem(
            "",
            "cannot_compare",
            f"{quoted(operand)} is neither a number nor a day nor a time, so nothing is before or "
            "after it. Compare with one of these, or use `equals`.",
        )
    return None


def _check_constant(item: Question, kind: str, operator: str, constant: Any) -> Problem | None:
    if flaw := _flaw_of_constant(item, kind, operator, constant):
        return Problem("", "no_such_value", flaw)
    return None


def _flaw_of_constant(item: Question, kind: str, operator: str, constant: Any) -> str:
    if kind == NUMBER:
        return _flaw_of_number(item, operator, constant)
    shown = quoted(str(constant))
    if not isinstance(constant, str):
        return f"{item.id} is never the number {constant}. Put it into quotation marks: {shown}."
    if kind in (CODE, CODES):
        codes = _codes_of(item)
        if constant in codes:
            return ""
        known = ", ".join(quoted(code) for code in codes[:20])
        near = did_you_mean(constant, codes)
        return f"{item.id} has no option {shown}.{near} Use one of {known}."
    if kind == DAY and operator in ORDERING:
        return "" if not isinstance(read_date(constant, ""), Problem) else _no_day(item, constant)
    read = item.read([constant])
    if isinstance(read, Problem):
        return f"{item.id} can never be {shown}: {read.message}"
    if read == constant:
        return ""
    if kind == CLOCK:
        return f"{item.id} is never kept as {shown}. Write hours and minutes, like 09:30."
    return f"{item.id} can never be {shown}. Use `answered` to ask whether there is an answer."


def _flaw_of_number(item: Question, operator: str, constant: Any) -> str:
    if isinstance(constant, str):
        return (
            f"{item.id} is a number, never the word {quoted(constant)}. Compare it with a number, "
            "without quotation marks."
        )
    if isinstance(item, Rated):
        low, high = item.scale.lowest, item.scale.highest
        if not low <= constant <= high or (operator in ALIKE and constant != int(constant)):
            return (
                f"{item.id} is rated from {low} to {high}, so {constant} is no point of its scale. "
                "Use a point."
            )
        return ""
    if operator in ORDERING:
        return ""
    read = item.read([repr(constant)])
    return f"{item.id} can never be {constant}: {read.message}" if isinstance(read, Problem) else ""


def _no_day(item: Question, constant: str) -> str:
    return f"{quoted(constant)} is no day, and {item.id} is one. Write it like 2026-07-31."


def _codes_of(item: Question) -> list[str]:
    if isinstance(item, (Choice, Ranking)):
        return [option.code for option in item.options]
    return [str(value) for value in item.probe(())]


def _is_ordered(text: str) -> bool:
    return bool(PLAIN_NUMBER.fullmatch(text) or CALENDAR.fullmatch(text))
