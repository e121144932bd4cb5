"""Who is asked what: when a condition holds, which questions are on a person's path.

A comparison with a missing answer is false, whichever the operator; so `not` of one is true. An
answer to a question that is off the path is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeAlias

from survey_app.domain.condition_fields import leaves_of, operator_of
from survey_app.domain.questionnaire import (
    RANDOM,
    Answer,
    Condition,
    Question,
    Questionnaire,
    Section,
    Value,
)

# What is known of the person: attribute to its text.
Contact: TypeAlias = Mapping[str, str]
LookUp: TypeAlias = Callable[[str], Value | None]
# A condition of which part is already decided: true, false, or what is left of it.
Settled: TypeAlias = bool | dict[str, Any]

PLAIN_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
# Dates, times and moments sort as text.
CALENDAR = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}", re.ASCII)


def holds(condition: Condition, answers: LookUp, contact: Contact) -> bool:
    """Return whether a condition holds; `answers` gives an item's value, None where missing."""
    if "all" in condition:
        return all(holds(part, answers, contact) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, answers, contact) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], answers, contact)
    operator = operator_of(condition)
    operand = condition[operator]
    if isinstance(operand, Mapping):
        operand = answers(operand["question"])
    return compare(_subject(condition, answers, contact), operator, operand)


def compare(subject: Value | None, operator: str, operand: Any) -> bool:
    """Return whether a value stands so to a constant; false for a missing one on either side."""
    if operator == "answered":
        return (subject is not None) is bool(operand)
    if subject is None or operand is None:
        return False
    match operator:
        case "equals":
            return _equal(subject, operand)
        case "one_of":
            return any(_equal(subject, one) for one in operand)
        case "includes":
            return isinstance(subject, list) and operand in subject
        case _:
            return _ordered(subject, operator, operand)


def as_number(value: object) -> float | None:
    """Return what a value is compared by where the other side is a number."""
    if isinstance(value, (int, float)):
        return float(value)
    # What is known of a contact is text, also where it is a number.
    if isinstance(value, str) and PLAIN_NUMBER.fullmatch(value):
        return float(value)
    return None


def show_section(section: Section, answers: LookUp, contact: Contact) -> bool:
    """Return whether a section is on the path."""
    return section.show_if is None or holds(section.show_if, answers, contact)


def find_path(
    questionnaire: Questionnaire, document: Mapping[str, Answer], contact: Contact
) -> tuple[Question, ...]:
    """Return the questions that a person with these answers is asked, in their order.

    Answers off the path decide nothing; items that the document lacks are missing.
    """
    return tuple(question for question, shown in walk(questionnaire, document, contact) if shown)


def walk(
    questionnaire: Questionnaire, document: Mapping[str, Answer], contact: Contact
) -> Iterator[tuple[Question, bool]]:
    """Yield each question and whether it is asked; the document may grow meanwhile.

    One pass is enough, since conditions look back alone.
    """
    on_path: set[str] = set()

    def answer(item_id: str) -> Value | None:
        return document.get(item_id, {}).get("value") if item_id in on_path else None

    for section in questionnaire.sections:
        open_section = show_section(section, answer, contact)
        for question in section.questions:
            shown = open_section and (
                question.show_if is None or holds(question.show_if, answer, contact)
            )
            yield question, shown
            if shown:
                on_path.update(item.id for item in question.items)


def items_in(condition: Condition) -> list[str]:
    """The ids of the items that a condition looks at, each once, in order."""
    found: dict[str, None] = {}
    for leaf in leaves_of(condition):
        if "question" in leaf:
            found[leaf["question"]] = None
        operand = leaf[operator_of(leaf)]
        if isinstance(operand, Mapping):
            found[operand["question"]] = None
    return list(found)


def attributes_in(condition: Condition) -> list[str]:
    """The contact's attributes that a condition looks at."""
    return list(
        dict.fromkeys(leaf["contact"] for leaf in leaves_of(condition) if "contact" in leaf)
    )


def settle(condition: Condition, answers: LookUp, contact: Contact, here: set[str]) -> Settled:
    """Decide what can be decided without the items in `here`, which are still being answered.

    What is left is a condition of these items alone; in it `{value: v}` may stand in the place of
    a question, for a comparison whose other side is left. A comparison of the contact with one of
    these items is decided by what `answers` says of it now.
    """
    for group, decisive in (("all", False), ("any", True)):
        if group in condition:
            parts = [settle(part, answers, contact, here) for part in condition[group]]
            if decisive in parts:
                return decisive
            left = [part for part in parts if not isinstance(part, bool)]
            if not left:
                return not decisive
            return left[0] if len(left) == 1 else {group: left}
    if "not" in condition:
        inner = settle(condition["not"], answers, contact, here)
        return not inner if isinstance(inner, bool) else {"not": inner}
    if not here.intersection(items_in(condition)):
        return holds(condition, answers, contact)
    return _settle_sides(condition, answers, contact, here)


def arrange(questionnaire: Questionnaire, seed: str) -> Questionnaire:
    """Return the questionnaire with its random orders drawn: the same for the same seed.

    The order is that of SHA-256 over '<seed>/<id>' (for options '<seed>/<question>/<code>'), so it
    can be had again from the stored seed with any program.
    """
    sections = []
    for section in questionnaire.sections:
        questions = [question.arrange(seed) for question in section.questions]
        if section.order == RANDOM:
            # What asks for nothing introduces what follows, so it keeps its place.
            drawn = iter(
                sorted(
                    (question for question in questions if question.items),
                    key=lambda question: draw_place(seed, question.id),
                )
            )
            questions = [next(drawn) if question.items else question for question in questions]
        sections.append(replace(section, questions=tuple(questions)))
    return replace(questionnaire, sections=tuple(sections))


def draw_place(*names: str) -> str:
    """Return what a random order is sorted by."""
    return sha256("/".join(names).encode()).hexdigest()


def _subject(leaf: Condition, answers: LookUp, contact: Contact) -> Value | None:
    if "question" in leaf:
        return answers(leaf["question"])
    return contact.get(leaf["contact"]) or None


def _settle_sides(leaf: Condition, answers: LookUp, contact: Contact, here: set[str]) -> Settled:
    operator = operator_of(leaf)
    operand = leaf[operator]
    if "contact" in leaf:
        # What is known of a contact never stands in a page: decided with the answers as they are,
        # and again when the page is sent.
        return holds(leaf, answers, contact)
    if isinstance(operand, Mapping) and operand["question"] not in here:
        constant = answers(operand["question"])
        # Nothing compares with a list of codes or a file.
        if not isinstance(constant, (int, float, str)):
            return False
        return {"question": leaf["question"], operator: constant}
    if leaf["question"] in here:
        return dict(leaf)
    constant = answers(leaf["question"])
    return False if constant is None else {"value": constant, operator: dict(operand)}


def _equal(subject: object, operand: object) -> bool:
    if isinstance(subject, str) and isinstance(operand, str):
        return subject == operand
    left, right = as_number(subject), as_number(operand)
    return left is not None and left == right


def _ordered(subject: object, operator: str, operand: object) -> bool:
    sides: tuple[Any, Any] = (as_number(subject), as_number(operand))
    if None in sides:
        if not (
            isinstance(subject, str)
            and isinstance(operand, str)
            and CALENDAR.fullmatch(subject)
            and CALENDAR.fullmatch(operand)
            and len(subject) == len(operand)
        ):
            return False
        sides = (subject, operand)
    left, right = sides
    if operator == "at_least":
        return bool(left >= right)
    if operator == "at_most":
        return bool(left <= right)
    return bool(left > right if operator == "more_than" else left < right)
