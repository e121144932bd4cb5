"""When a condition holds, written a second time: slowly, and from the words of the reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from survey_app.domain.questionnaire import Questionnaire


def judge(condition: Any, values: Mapping[str, Any], contact: Mapping[str, str]) -> bool:
    """Whether a condition, settled or not, holds for items with these values."""
    if isinstance(condition, bool):
        return condition
    if "all" in condition:
        return all([judge(part, values, contact) for part in condition["all"]])
    if "any" in condition:
        return any([judge(part, values, contact) for part in condition["any"]])
    if "not" in condition:
        return not judge(condition["not"], values, contact)
    if "value" in condition:
        left = condition["value"]
    elif "question" in condition:
        left = values.get(condition["question"])
    else:
        left = contact.get(condition["contact"]) or None
    [operator] = set(condition) - {"value", "question", "contact"}
    right = condition[operator]
    if isinstance(right, dict):
        right = values.get(right["question"])
    if operator == "answered":
        return (left is not None) == right
    if left is None or right is None:
        return False
    if operator == "includes":
        return isinstance(left, list) and right in left
    if operator == "one_of":
        return any(equal(left, one) for one in right)
    if operator == "equals":
        return equal(left, right)
    first, second = comparable(left, right)
    if first is None or second is None:
        return False
    return {
        "at_least": first >= second,
        "at_most": first <= second,
        "more_than": first > second,
        "less_than": first < second,
    }[operator]


def equal(left: Any, right: Any) -> bool:
    """Two texts are equal sign by sign, all else as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return number_of(left) is not None and number_of(left) == number_of(right)


def comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """The two as they are ordered: numbers, days or times; otherwise nothing."""
    if number_of(left) is not None and number_of(right) is not None:
        return number_of(left), number_of(right)
    for shape in (r"\d\d\d\d-\d\d-\d\d", r"\d\d:\d\d"):
        if all(
            isinstance(side, str) and re.fullmatch(shape, side, re.ASCII) for side in (left, right)
        ):
            return left, right
    return None, None


def number_of(value: Any) -> float | None:
    """What counts as a number."""
    if isinstance(value, str):
        plain = re.fullmatch(r"-?[0-9]{1,15}([.][0-9]{1,15})?", value)
        return float(value) if plain else None
    return float(value) if isinstance(value, int | float) else None


def path_of(
    questionnaire: Questionnaire, document: Mapping[str, Any], contact: Mapping[str, str]
) -> list[str]:
    """The ids of the questions that are asked."""
    asked: list[str] = []
    seen: dict[str, Any] = {}
    for section in questionnaire.sections:
        opened = section.show_if is None or judge(section.show_if, seen, contact)
        for question in section.questions:
            if opened and (question.show_if is None or judge(question.show_if, seen, contact)):
                asked.append(question.id)
                for item in question.items:
                    if "value" in document.get(item.id, {}):
                        seen[item.id] = document[item.id]["value"]
    return asked
