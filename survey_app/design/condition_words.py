"""Conditions in words, as outlines tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.design.conditions import OPERATOR_WORDS, UNANSWERED, codes_of
from survey_app.domain.condition_fields import GROUPS, operator_of
from survey_app.domain.questionnaire import Condition, Question

MOST_VALUES = 6
JOINTS = {"all": " and ", "any": " or "}


def say_condition(condition: Condition, items: Sequence[Question]) -> str:
    """Return a condition in words: 'q1 is at least 4 and q2 is “In the shop”'."""
    return _say(condition, {item.id: item for item in items})


def _say(condition: Condition, known: Mapping[str, Question]) -> str:
    if "not" in condition:
        return f"not ({_say(condition['not'], known)})"
    for group, joint in JOINTS.items():
        if group in condition:
            return joint.join(_say_part(part, known) for part in condition[group])
    operator = operator_of(condition)
    operand = condition[operator]
    item = known.get(condition.get("question", ""))
    subject = condition.get("question") or f"the contact’s {condition['contact']}"
    if operator == "answered":
        return f"{subject} {OPERATOR_WORDS['answered' if operand else UNANSWERED]}"
    return f"{subject} {OPERATOR_WORDS[operator]} {_say_operand(operand, item)}"


def _say_part(part: Condition, known: Mapping[str, Question]) -> str:
    said = _say(part, known)
    nested = any(group in part for group in GROUPS if group != "not")
    return f"({said})" if nested else said


def _say_operand(operand: Any, item: Question | None) -> str:
    if isinstance(operand, Mapping):
        return f"the answer to {operand['question']}"
    if isinstance(operand, (list, tuple)):
        said = ", ".join(_say_operand(one, item) for one in operand[:MOST_VALUES])
        return said + (" …" if len(operand) > MOST_VALUES else "")
    if isinstance(operand, str):
        return f"“{(codes_of(item) if item else {}).get(operand, operand)}”"
    return str(operand)
