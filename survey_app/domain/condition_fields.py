"""The form of a condition: a small tree, as it stands in a definition.

    {all: [..]}  {any: [..]}  {not: ..}              of other conditions
    {question: q1, at_least: 4}                       an answer compared with a constant
    {question: q2, more_than: {question: q1}}         or with another answer
    {contact: segment, one_of: [gold, silver]}        what is known of the person who answers
    {question: q3, answered: true}                    whether there is an answer at all

`routing` says when a condition holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from survey_app.domain.definition_fields import (
    LARGEST_NUMBER,
    PlainField,
    find_flaw,
    kind_of,
    refuse,
)
from survey_app.domain.problems import did_you_mean, quoted

GROUPS = ("all", "any", "not")
SUBJECTS = ("question", "contact")
# Which compare two numbers, dates or times.
ORDERING = ("at_least", "at_most", "more_than", "less_than")
OPERATORS = ("equals", "one_of", *ORDERING, "includes", "answered")
DEEPEST = 8
MOST_PARTS = 200
LONGEST_CONSTANT = 500
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}(\.[A-Za-z0-9_-]{1,64})?", re.ASCII)
LONGEST_ATTRIBUTE = 100


class ConditionField(PlainField):
    """A condition; what is loaded has its keys in one order, so that one tree has one hash."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> dict[str, Any]:
        read = _read(value, DEEPEST)
        parts = sum(1 for _leaf in leaves_of(read))
        if parts > MOST_PARTS:
            raise refuse(
                "too_many", f"The condition compares {parts} times. Use {MOST_PARTS} or fewer."
            )
        return read

    def _serialize(self, value: Any, *_rest: Any, **_options: Any) -> Any:
        return value


def leaves_of(condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The comparisons of a condition, in order."""
    for group in ("all", "any"):
        if group in condition:
            for part in condition[group]:
                yield from leaves_of(part)
            return
    if "not" in condition:
        yield from leaves_of(condition["not"])
        return
    yield condition


def operator_of(leaf: Mapping[str, Any]) -> str:
    """The operator of a comparison."""
    return next(key for key in leaf if key in OPERATORS)


def _read(value: Any, depth: int) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise refuse(
            "not_a_condition",
            f"A condition is wanted here, not {kind_of(value)}. Write one like "
            "`{question: q1, at_least: 4}`.",
        )
    if depth == 0:
        raise refuse("too_deep", f"The condition is nested more than {DEEPEST} deep. Flatten it.")
    groups = [key for key in value if key in GROUPS]
    if not groups:
        return _read_leaf(value)
    if len(value) > 1:
        raise refuse(
            "mixed_condition",
            f"Beside {groups[0]} there is another key. Put both conditions into a list under "
            "`all:` or `any:`.",
        )
    if groups[0] == "not":
        return {"not": _read(value["not"], depth - 1)}
    parts = value[groups[0]]
    if not isinstance(parts, (list, tuple)) or not parts:
        raise refuse(
            "not_a_list", f"Below {groups[0]} a list of conditions is wanted. Begin each with `- `."
        )
    return {groups[0]: [_read(part, depth - 1) for part in parts]}


def _read_leaf(value: Mapping[Any, Any]) -> dict[str, Any]:
    for key in value:
        if key not in SUBJECTS and key not in OPERATORS:
            name = quoted(key) if isinstance(key, str) else kind_of(key)
            near = did_you_mean(key, (*OPERATORS, *SUBJECTS)) if isinstance(key, str) else ""
            raise refuse(
                "unknown_operator",
                f"A condition knows no {name}.{near} Use one of: {', '.join(OPERATORS)}.",
            )
    subjects = [key for key in SUBJECTS if key in value]
    operators = [key for key in OPERATORS if key in value]
    if len(subjects) != 1 or len(operators) != 1:
        raise refuse(
            "not_a_condition",
            "A condition names one question (or contact) and compares it once, like "
            "`{question: q1, at_least: 4}`. For more, use `all:` or `any:`.",
        )
    (subject,), (operator,) = subjects, operators
    return {
        subject: _read_name(subject, value[subject]),
        operator: _read_operand(operator, value[operator]),
    }


def _read_name(subject: str, name: object) -> str:
    if not isinstance(name, str):
        raise refuse("not_text", f"Name the {subject} in letters, not {kind_of(name)}.")
    if subject == "question" and not NAME.fullmatch(name):
        raise refuse("bad_id", f"{quoted(name)} cannot be the id of a question.")
    if subject == "contact" and (not name or len(name) > LONGEST_ATTRIBUTE or find_flaw(name)):
        raise refuse("bad_name", f"{quoted(name)} cannot be the name of a contact's attribute.")
    return name


def _read_operand(operator: str, operand: object) -> Any:
    if operator == "answered":
        if not isinstance(operand, bool):
            raise refuse("not_a_flag", "Write `answered: true` or `answered: false`.")
        return operand
    if operator == "one_of":
        if not isinstance(operand, (list, tuple)) or not 0 < len(operand) <= MOST_PARTS:
            raise refuse("not_a_list", "Write a list of values, like `one_of: [shop, web]`.")
        return [_read_constant(entry) for entry in operand]
    if isinstance(operand, Mapping):
        if list(operand) != ["question"]:
            raise refuse(
                "not_a_condition", "Another answer is named like `at_least: {question: q1}`."
            )
        return {"question": _read_name("question", operand["question"])}
    return _read_constant(operand)


def _read_constant(constant: object) -> int | float | str:
    if isinstance(constant, str):
        if len(constant) > LONGEST_CONSTANT:
            raise refuse("too_long", f"Compare with {LONGEST_CONSTANT} characters or fewer.")
        if flaw := find_flaw(constant):
            raise refuse("bad_character", flaw)
        return constant
    if isinstance(constant, bool) or not isinstance(constant, (int, float)):
        raise refuse(
            "not_a_value",
            f"Compare with a number or a text, not {kind_of(constant)}. Codes such as yes and no "
            "stand in quotation marks.",
        )
    if not abs(constant) <= LARGEST_NUMBER:
        raise refuse("too_large", f"Compare with a number within {LARGEST_NUMBER:.0f}.")
    # 3 and 3.0 are one number: one form, so that they have one hash.
    return int(constant) if float(constant).is_integer() else constant
