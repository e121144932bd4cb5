"""What changed in the rules between answers; `changes` says what kinds mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from survey_app.domain.changed_answers import COMPARABLE, COSMETIC, Change, same_words
from survey_app.domain.conditions import constraint_place
from survey_app.domain.questionnaire import Constraint, Question, Questionnaire
from survey_app.domain.routing import items_in


def rules_by_item(questionnaire: Questionnaire) -> dict[str, list[str]]:
    """Return the rules of each item, in one form and one order."""
    rules: dict[str, list[str]] = {}
    for constraint in questionnaire.constraints:
        for item_id in items_in(constraint.must):
            rules.setdefault(item_id, []).append(_form_of(constraint.must))
    return {item_id: sorted(of_item) for item_id, of_item in rules.items()}


def compare_rules(
    question: Question, old: Mapping[str, list[str]], new: Mapping[str, list[str]]
) -> Iterator[Change]:
    """The changes of what must hold between a question's items and others."""
    for item in question.items:
        if old.get(item.id) != new.get(item.id):
            reason = "Another rule between answers asks some people to correct theirs."
            code = "constraint_changed"
            yield Change(f"{item.id}/{code}", "", item.id, COMPARABLE, code, reason)


def compare_rule_texts(
    old: Sequence[Constraint], new: Sequence[Constraint], items: Sequence[str]
) -> Iterator[Change]:
    """The changes of what is said where a rule is broken, of where, and of the rules' order."""
    numbers = match_rules([one.must for one in old], [one.must for one in new])
    for number, before in numbers.items():
        one, other = old[before - 1], new[number - 1]
        place = constraint_place(number)
        told_at = other.at or max(items_in(other.must), key=lambda name: _at(items, name))
        if one.message != other.message:
            kind = COSMETIC if same_words(one.message, other.message) else COMPARABLE
            code = "constraint_message_changed"
            reason = "Whoever breaks the rule reads other words; the rule and the questions stay."
            yield Change(f"{place}/{code}", f"{place}, message", told_at, kind, code, reason)
        if one.at != other.at:
            code = "constraint_place_changed"
            reason = "The rule is told at another question; what is asked for stays."
            yield Change(f"{place}/{code}", f"{place}, at", told_at, COSMETIC, code, reason)
    order = list(numbers.values())
    if order != sorted(order):
        reason = "The rules are looked at in another order; each stays."
        code = "constraints_moved"
        yield Change(f"/{code}", "constraints", "", COSMETIC, code, reason)


def match_rules(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> dict[int, int]:
    """Return, by the number of a new rule from 1, that of the same rule before."""
    before: dict[str, list[int]] = {}
    for number, must in enumerate(old, start=1):
        before.setdefault(_form_of(must), []).append(number)
    matched = {}
    for number, must in enumerate(new, start=1):
        if left := before.get(_form_of(must)):
            matched[number] = left.pop(0)
    return matched


def _form_of(must: Mapping[str, Any]) -> str:
    return json.dumps(must, sort_keys=True)


def _at(items: Sequence[str], name: str) -> int:
    return items.index(name) if name in items else -1
