"""Whether conditions name what is there and was asked before, and compare it in a way that counts.

Whether they can hold is for `reachability` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from survey_app.domain.comparisons import check_comparison
from survey_app.domain.condition_fields import leaves_of, operator_of
from survey_app.domain.places import question_place, section_place
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.questionnaire import (
    RANDOM,
    Condition,
    Constraint,
    Question,
    Questionnaire,
    Section,
)
from survey_app.domain.routing import items_in

# Why an item cannot be looked at from where a condition stands; None where it can.
Refuse = Callable[[str], Problem | None]


def check_conditions(questionnaire: Questionnaire) -> list[Problem]:
    """Return what is wrong with the conditions of sections, questions and constraints."""
    checker = _Checker(questionnaire)
    problems: list[Problem] = []
    for number, section in enumerate(questionnaire.sections, start=1):
        place = section_place(number, section.id)
        problems += [one.within(place) for one in checker.check_section(section)]
    for number, constraint in enumerate(questionnaire.constraints, start=1):
        place = constraint_place(number)
        problems += [one.within(place) for one in checker.check_constraint(constraint)]
    return problems


def constraint_place(number: int) -> str:
    """Return the place of a constraint, counted from 1."""
    return f"constraint {number}"


@dataclass
class _Checker:
    """Knows what was asked before each place; sections are checked in their order."""

    questionnaire: Questionnaire
    items: dict[str, Question] = field(init=False)
    questions: dict[str, Question] = field(init=False)
    # Where each item stands: its question's place in the order of all questions.
    order: dict[str, int] = field(init=False)
    asked: int = 0

    def __post_init__(self) -> None:
        self.items = {item.id: item for item in self.questionnaire.items}
        self.questions = {question.id: question for question in self.questionnaire.questions}
        self.order = {
            item.id: place
            for place, question in enumerate(self.questionnaire.questions)
            for item in question.items
        }

    def check_section(self, section: Section) -> Iterator[Problem]:
        first = self.asked
        if section.show_if is not None:
            found = self._check(section.show_if, self._refuse_inside(section, first))
            yield from (problem.within("show_if") for problem in found)
        for number, question in enumerate(section.questions, start=1):
            if question.show_if is not None:
                found = self._check(question.show_if, self._refuse_ahead(section, question, first))
                place = question_place(number, question.id)
                yield from (problem.within(f"{place}, show_if") for problem in found)
            self.asked += 1

    def check_constraint(self, constraint: Constraint) -> Iterator[Problem]:
        if any("contact" in leaf for leaf in leaves_of(constraint.must)):
            yield Problem(
                "must",
                "contact_in_constraint",
                "A constraint is about answers, which people can change; the contact is not theirs "
                "to change. Compare questions only.",
            )
            return
        if any(operator_of(leaf) == "answered" for leaf in leaves_of(constraint.must)):
            yield Problem(
                "must",
                "answered_in_constraint",
                "A constraint is looked at once all that it names has an answer, so `answered` is "
                "decided by then. Compare the answers, or set `required` at the question.",
            )
        found = self._check(constraint.must, lambda _item_id: None)
        yield from (problem.within("must") for problem in found)
        if constraint.at and constraint.at not in self.items:
            yield self._unknown(constraint.at).within("at")

    def _check(self, condition: Condition, refuse: Refuse) -> Iterator[Problem]:
        refused = {}
        for name in items_in(condition):
            problem = self._unknown(name) if name not in self.items else refuse(name)
            if problem is not None:
                refused[name] = problem
                yield problem
        for leaf in leaves_of(condition):
            if refused.keys().isdisjoint(items_in(leaf)) and (
                problem := check_comparison(leaf, self.items)
            ):
                yield problem

    def _unknown(self, name: str) -> Problem:
        question = self.questions.get(name)
        if question is None:
            near = did_you_mean(name, self.items)
            message = f"There is no question {quoted(name)}.{near} Name one that is there."
            return Problem("", "unknown_question", message)
        if not question.items:
            message = f"{name} asks for nothing, so there is no answer. Name a question."
        else:
            message = (
                f"{name} has an answer for each of its rows. Name one of them, like "
                f"{question.items[0].id}."
            )
        return Problem("", "no_answer_of_its_own", message)

    def _refuse_inside(self, section: Section, first: int) -> Refuse:
        def refuse(name: str) -> Problem | None:
            if self.order[name] < first:
                return None
            if self.order[name] < first + len(section.questions):
                return Problem(
                    "",
                    "asked_inside",
                    f"{name} is asked inside this section, which is only shown once the condition "
                    "holds. Ask it in an earlier section.",
                )
            return _ahead(name)

        return refuse

    def _refuse_ahead(self, section: Section, question: Question, first: int) -> Refuse:
        here = self.asked
        own = {item.id for item in question.items}

        def refuse(name: str) -> Problem | None:
            if name in own:
                message = f"The condition of {question.id} looks at its own answer. Name another."
                return Problem("", "asks_itself", message)
            if self.order[name] > here:
                return _ahead(name)
            if section.order == RANDOM and self.order[name] >= first:
                return Problem(
                    "",
                    "random_order",
                    f"{name} is in the same section, whose order is random, so it may come later. "
                    "Move it to an earlier section, or remove the random order.",
                )
            return None

        return refuse


def _ahead(name: str) -> Problem:
    return Problem(
        "",
        "asked_later",
        f"{name} is asked later, so it has no answer yet. Move it before this, or name an earlier "
        "question.",
    )
