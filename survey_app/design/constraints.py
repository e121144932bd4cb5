"""Rules between answers in a draft: definition in, changed definition out, as in `outline`."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from survey_app.domain.problems import NotFound
from survey_app.domain.translating import CONSTRAINT

Definition = dict[str, Any]


def constraints_of(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of a draft."""
    return list(definition.get("constraints", []))


def constraint_at(definition: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The rule with this number, counted from 1; raises NotFound."""
    rules = constraints_of(definition)
    if not 1 <= number <= len(rules):
        raise NotFound("The draft has no such rule any more. Go back to the rules.")
    return rules[number - 1]


def put_constraint(
    definition: Definition, number: int | None, content: Mapping[str, Any]
) -> Definition:
    """Change a rule, or (None) add one at the end."""
    changed = copy.deepcopy(definition)
    rules = constraints_of(changed)
    if number is None:
        rules.append({})
    rule = rules[(number or len(rules)) - 1]
    rule.update(content)
    return {**changed, "constraints": rules}


def remove_constraint(definition: Definition, number: int) -> Definition:
    """Take out a rule; the translations of those behind it, named by number, move up."""
    constraint_at(definition, number)
    changed = copy.deepcopy(definition)
    del changed["constraints"][number - 1]
    for language, texts in changed.get("translations", {}).items():
        moved = {_moved(name, number): text for name, text in texts.items()}
        changed["translations"][language] = {
            name: text for name, text in moved.items() if name is not None
        }
    return changed


def _moved(name: str, removed: int) -> str | None:
    holder, _dot, number = name.partition(".")
    if holder != CONSTRAINT or not number.isdecimal() or int(number) < removed:
        return name
    return None if int(number) == removed else f"{CONSTRAINT}.{int(number) - 1}"
