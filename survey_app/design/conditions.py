"""Conditions as lines of a form, and back.

Lines show a list of comparisons of which all or any must hold, or a single one. Anything else (a
`not`, a list within a list) is left to the definition as text. What lines show and nobody changes
is kept as it is, to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from survey_app.domain.cells import read_date, read_number
from survey_app.domain.condition_fields import GROUPS, ORDERING, operator_of
from survey_app.domain.digits import with_point
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import GIVEN, Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Rated
from survey_app.domain.question_types.time import Time
from survey_app.domain.question_types.yes_no import NO, YES, YesNo
from survey_app.domain.questionnaire import Condition, Question, Questionnaire

MOST_LINES = 5
ALWAYS, ALL, ANY = "always", "all", "any"
# What stands for the contact where an item's id could stand; no id can hold the colon.
CONTACT = "contact:"
# Begins a value that is another item's answer, where these may be compared.
ANSWER_SIGN = "="
UNANSWERED = "unanswered"
# By what they make sense for.
OPERATOR_GROUPS = {
    "With one value, or one of several": {"equals": "is", "one_of": "is one of"},
    "Where several may be chosen": {"includes": "includes"},
    "Ratings, numbers, durations, days, times": {
        "at_least": "is at least",
        "at_most": "is at most",
        "more_than": "is more than",
        "less_than": "is less than",
    },
    "Any question, without a value": {"answered": "is answered", UNANSWERED: "is not answered"},
}
OPERATOR_WORDS = {
    operator: said for group in OPERATOR_GROUPS.values() for operator, said in group.items()
}
# Of longer scales people write the number.
MOST_POINTS = 11


class Line(NamedTuple):
    """One comparison as typed: an item's id or CONTACT with an attribute, operator, value."""

    subject: str
    attribute: str
    operator: str
    value: str


def earlier_items(
    questionnaire: Questionnaire, section: int, question: int | None = None
) -> list[Question]:
    """The items before a section, or before a question in it; positions count from 1."""
    asked = [one for before in questionnaire.sections[: section - 1] for one in before.questions]
    if question is not None:
        asked += questionnaire.sections[section - 1].questions[: question - 1]
    return [item for one in asked for item in one.items]


def lines_of(
    condition: Condition | None, with_answers: bool = False
) -> tuple[str, list[Line]] | None:
    """ALWAYS, ALL or ANY and the lines of a condition; None where lines cannot show it.

    Comparisons of two answers have lines only `with_answers`.
    """
    if condition is None:
        return ALWAYS, []
    how = next((group for group in (ALL, ANY) if group in condition), None)
    parts = condition[how] if how else [condition]
    lines = [_line_of(part, with_answers) for part in parts]
    shown = [line for line in lines if line is not None]
    return (how or ALL, shown) if len(shown) == len(lines) <= MOST_LINES else None


def read_lines(
    how: str,
    typed: Sequence[Line],
    items: Sequence[Question],
    stored: Condition | None = None,
    with_answers: bool = False,
) -> tuple[Condition | None, list[Problem]]:
    """The condition that was typed over the `stored` one, or what is wrong with which line.

    Lines without a subject are empty.
    """
    if how == ALWAYS:
        return None, []
    before = lines_of(stored, with_answers)
    lines = {number: line for number, line in enumerate(typed, start=1) if line.subject}
    if before == (how, list(lines.values())):
        return stored, []
    known = {item.id: item for item in items}
    kept = _leaves(stored, before[1]) if stored and before else {}
    parts: list[Condition] = []
    problems: list[Problem] = []
    for number, line in lines.items():
        part = kept[line] if line in kept else _read_line(line, known, with_answers)
        if isinstance(part, Problem):
            problems.append(part.within(f"line {number}"))
        else:
            parts.append(part)
    if not lines:
        problems.append(
            Problem("line 1", "no_condition", "Choose what is compared, in one line or more.")
        )
    if problems:
        return None, problems
    return parts[0] if len(parts) == 1 else {how: parts}, []


def codes_of(item: Question) -> dict[str, str]:
    """The codes that an item is answered with and their labels; {} where it has none."""
    if isinstance(item, (Choice, Ranking)):
        return {option.code: option.label for option in item.options}
    if isinstance(item, YesNo):
        return {YES: "Yes", NO: "No"}
    return {GIVEN: "Given"} if isinstance(item, Consent) else {}


def values_of(item: Question) -> dict[str, str]:
    """What an item can be compared with, where that can be listed: codes or points, with words."""
    if isinstance(item, Rated) and len(item.scale.points) <= MOST_POINTS:
        return {str(point): item.scale.anchors.get(point, "") for point in item.scale.points}
    return codes_of(item)


def _leaves(stored: Condition, lines: list[Line]) -> dict[Line, Condition]:
    parts = next((stored[group] for group in (ALL, ANY) if group in stored), [stored])
    return dict(zip(lines, parts, strict=True))


def _line_of(leaf: Condition, with_answers: bool) -> Line | None:
    if any(group in leaf for group in GROUPS):
        return None
    operator = operator_of(leaf)
    operand = leaf[operator]
    if operator == "answered":
        value: str | None = ""
        operator = "answered" if operand else UNANSWERED
    elif isinstance(operand, Mapping):
        value = ANSWER_SIGN + operand["question"] if with_answers else None
    elif operator == "one_of":
        texts = [str(one) for one in operand]
        value = None if any("," in one or not _fits(one) for one in texts) else ", ".join(texts)
    else:
        value = str(operand) if _fits(str(operand)) else None
    if value is None or (with_answers and _is_sign_of_text(value, operand)):
        return None
    attribute = leaf.get("contact", "")
    if attribute:
        return Line(CONTACT, attribute, operator, value) if _fits(attribute) else None
    return Line(leaf["question"], "", operator, value)


def _fits(text: str) -> bool:
    return bool(text) and text == text.strip() and text.isprintable()


def _is_sign_of_text(value: str, operand: object) -> bool:
    return value.startswith(ANSWER_SIGN) and not isinstance(operand, Mapping)


def _read_line(
    line: Line, known: Mapping[str, Question], with_answers: bool
) -> Condition | Problem:
    if line.subject == CONTACT:
        if not line.attribute:
            return Problem("", "no_attribute", "Name what is known of the contact, like segment.")
        subject = {"contact": line.attribute}
    elif line.subject in known:
        subject = {"question": line.subject}
    else:
        message = f"{quoted(line.subject)} is not asked before. Choose an earlier question."
        return Problem("", "not_earlier", message)
    if line.operator in ("answered", UNANSWERED):
        return {**subject, "answered": line.operator == "answered"}
    if not line.value:
        return Problem("", "no_value", "Write what it is compared with.")
    if with_answers and line.value.startswith(ANSWER_SIGN):
        operand: Any = _read_answer(line, known)
    elif line.operator == "one_of":
        texts = [text.strip() for text in line.value.split(",") if text.strip()]
        read = [_read_constant(text, line, known) for text in texts]
        operand = next((one for one in read if isinstance(one, Problem)), read)
    else:
        operand = _read_constant(line.value, line, known)
    return operand if isinstance(operand, Problem) else {**subject, line.operator: operand}


def _read_answer(line: Line, known: Mapping[str, Question]) -> dict[str, str] | Problem:
    name = line.value.removeprefix(ANSWER_SIGN).strip()
    if line.operator == "one_of":
        message = "“Is one of” takes values. Use “is” for the answer to another question."
        return Problem("", "answer_in_list", message)
    if name not in known:
        near = did_you_mean(name, known)
        message = f"There is no question {quoted(name)}.{near} Write = and its id, like =q1."
        return Problem("", "unknown_question", message)
    return {"question": name}


def _read_constant(
    text: str, line: Line, known: Mapping[str, Question]
) -> int | float | str | Problem:
    """Text as answers to the item are kept: numbers, codes (labels will do), days and times."""
    if line.subject == CONTACT:
        read: Any = read_number(with_point(text), "") if line.operator in ORDERING else text
        return text if isinstance(read, Problem) else _plain(read)
    item = known[line.subject]
    if isinstance(item, (File, ConstantSum)):
        message = f"Of {item.id} only “is answered” and “is not answered” can be asked."
        return Problem("", "not_compared", message)
    if isinstance(item, (Rated, Number, Duration)):
        return _plain(read_number(with_point(text), f"{item.id} is answered with numbers"))
    if codes := codes_of(item):
        return _read_code(text, item, codes)
    if isinstance(item, Date):
        day = read_date(text, f"{item.id} is answered with days")
        return day if isinstance(day, Problem) else day.isoformat()
    if isinstance(item, Time):
        time = item.read([text])
        return time if isinstance(time, (str, Problem)) else text
    return text


def _read_code(text: str, item: Question, codes: Mapping[str, str]) -> str | Problem:
    if text in codes:
        return text
    by_label = {label.casefold(): code for code, label in codes.items()}
    if text.casefold() in by_label:
        return by_label[text.casefold()]
    shown = ", ".join(quoted(code) for code in list(codes)[:20])
    return Problem(
        "",
        "unknown_option",
        f"{item.id} has no option {quoted(text)}.{did_you_mean(text, codes)} Use one of: {shown}.",
    )


def _plain(read: Any) -> Any:
    # 3 and 3.0 are one number.
    return int(read) if isinstance(read, float) and read.is_integer() else read
