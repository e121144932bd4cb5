"""Read answers into the document of a response: every item's value, or its missing code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from survey_app.domain.constraints import broken, ends_of
from survey_app.domain.item_answers import read_item, unknown_names
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import (
    CSRF_FIELD,
    MISSING_PREFIX,
    MISSING_SUFFIX,
    NOT_SHOWN,
    SHOWN_SUFFIX,
    SKIPPED,
    Answer,
    Page,
    Posted,
    Question,
    Questionnaire,
)
from survey_app.domain.routing import Contact, find_path, walk

# {item id: {"value": value} or {"missing": code}}
Document: TypeAlias = dict[str, Answer]


@dataclass(frozen=True)
class Reading:
    """What a posted form says.

    `answers` has the items of the page that are on the path; `problems` each have an item's id (or
    an unknown field's name) as their place. `unseen` are questions that are on the path only with
    these answers and were not on the page as it was seen: they have to be shown first.
    """

    answers: Document
    problems: list[Problem]
    unseen: tuple[Question, ...] = ()


class AnswerForm:
    """The form of a questionnaire, made ready once to read many posts.

    Where one of a few values is picked, reading is a look into a table; all else is read by its
    question.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self._pages = {page.id: _PageForm(page) for page in questionnaire.pages}
        self._ends = ends_of(questionnaire)

    def read_page(
        self,
        page_id: str,
        posted: Posted,
        earlier: Mapping[str, Answer],
        contact: Contact,
        required: bool = True,
    ) -> Reading:
        """Read the form of one page: field name to its values.

        Missing codes come under `<item>__missing`; where one value is picked, a code may also be
        posted as one: `<item>=missing:<code>`. `earlier` are the answers of the other pages. Items
        off the path are not in the answers, whatever was posted for them; one on it that is not
        answered is `skipped`. Without `required` nothing has to be answered yet.
        """
        form = self._pages[page_id]
        problems = form.refuse_unknown(posted)
        if not self.questionnaire.is_routed:
            read = {item.id: form.read(item, posted) for item in form.items}
            answers = _keep(form.items, read, required, problems)
            self._add_broken(answers, earlier, contact, problems)
            return Reading(answers, problems)
        return self._read_routed(form, posted, earlier, contact, required, problems)

    def complete(self, answers: Mapping[str, Answer], contact: Contact) -> Document:
        """Return the document of a response: each item's answer, `not_shown` where it is off the
        path, `skipped` where it was never reached."""
        if not self.questionnaire.is_routed:
            return {
                item.id: answers.get(item.id, {"missing": SKIPPED})
                for item in self.questionnaire.items
            }
        path = {question.id for question in find_path(self.questionnaire, answers, contact)}
        met = _met(answers)
        return {
            item.id: met.get(item.id, {"missing": SKIPPED})
            if question.id in path
            else {"missing": NOT_SHOWN}
            for question in self.questionnaire.questions
            for item in question.items
        }

    def lacking(self, answers: Mapping[str, Answer], contact: Contact) -> list[Question]:
        """Return the questions on the path of which an item was never answered nor skipped."""
        met = _met(answers)
        return [
            question
            for question in find_path(self.questionnaire, answers, contact)
            if any(item.id not in met for item in question.items)
        ]

    def _read_routed(
        self,
        form: _PageForm,
        posted: Posted,
        earlier: Mapping[str, Answer],
        contact: Contact,
        required: bool,
        problems: list[Problem],
    ) -> Reading:
        # The document grows as the walk comes by, so that each answer decides what comes after it.
        document: Document = dict(earlier)
        for item in form.items:
            document.pop(item.id, None)
        answers: Document = {}
        unseen = []
        for question, shown in walk(self.questionnaire, document, contact):
            if not shown or question.id not in form.ids:
                continue
            read = {item.id: form.read(item, posted) for item in question.items}
            if question.id in form.conditional and _is_unseen(question, read, posted):
                if question.id not in self._asked_before(earlier, contact):
                    unseen.append(question)
                    continue
                # A page from before it was asked: what was saved since stays.
                read = {
                    item.id: earlier.get(item.id, {"missing": SKIPPED}) for item in question.items
                }
            kept = _keep(question.items, read, required, problems)
            answers.update(kept)
            document.update(kept)
        self._add_broken(answers, earlier, contact, problems)
        return Reading(answers, problems, tuple(unseen))

    def _asked_before(self, earlier: Mapping[str, Answer], contact: Contact) -> set[str]:
        """The questions that were on the path and answered, or skipped, before this post."""
        return {
            question.id
            for question in find_path(self.questionnaire, earlier, contact)
            if all(item.id in _met(earlier) for item in question.items)
        }

    def unanswered(self, document: Mapping[str, Answer]) -> list[Problem]:
        """Return the problems of items in a complete document that need an answer and have none."""
        return [
            _not_answered(item)
            for item in self.questionnaire.items
            if item.required and document[item.id].get("missing") == SKIPPED
        ]

    def broken_constraints(self, document: Mapping[str, Answer], contact: Contact) -> list[Problem]:
        """Return the problems between the answers of a complete document."""
        found = (broken(*end, document, contact) for end in self._ends)
        return [problem for problem in found if problem is not None]

    def _add_broken(
        self,
        answers: Document,
        earlier: Mapping[str, Answer],
        contact: Contact,
        problems: list[Problem],
    ) -> None:
        """Add the problems of the constraints that are decided by these answers."""
        ending = [end for end in self._ends if end[0] in answers]
        if not ending:
            return
        document = self.complete({**earlier, **answers}, contact)
        for end in ending:
            problem = broken(*end, document, contact)
            if problem is not None:
                problems.append(problem)


class _PageForm:
    """One page of a form."""

    def __init__(self, page: Page) -> None:
        self.items = tuple(item for question in page.questions for item in question.items)
        self.ids = {question.id for question in page.questions}
        self.conditional = {
            question.id
            for section in page.sections
            for question in section.questions
            if question.show_if is not None or section.show_if is not None
        }
        self.known = {CSRF_FIELD}
        for question in page.questions:
            self.known.update(question.field_names, (question.id + SHOWN_SUFFIX,))
        self.known.update(item.id + MISSING_SUFFIX for item in self.items)
        self.quick = {item.id: _quick_answers(item) for item in self.items if _is_quick(item)}

    def read(self, item: Question, posted: Posted) -> Answer | Problem:
        """What was posted for an item; `skipped` for nothing."""
        quick = self.quick.get(item.id)
        if quick is not None and item.id + MISSING_SUFFIX not in posted:
            values = posted.get(item.id)
            if values is not None and len(values) == 1:
                answer = quick.get(values[0])
                if answer is not None:
                    # A copy: what is read belongs to whoever asked.
                    return answer.copy()
        return read_item(item, posted)

    def refuse_unknown(self, posted: Iterable[str]) -> list[Problem]:
        """The problems of fields that the page does not have."""
        return unknown_names(posted, self.known, self.ids)


def spread_answers(questions: Iterable[Question], answers: Mapping[str, Answer]) -> Posted:
    """Return the fields that are read as these answers again, to fill in a form."""
    fields: dict[str, list[str]] = {}
    for question in questions:
        for item in question.items:
            answer = answers.get(item.id, {})
            if "value" in answer:
                fields.update(item.spread(answer))
            elif answer.get("missing") in item.missing:
                code = answer["missing"]
                if item.picks_one:
                    fields[item.id] = [MISSING_PREFIX + code]
                else:
                    fields[item.id + MISSING_SUFFIX] = [code]
    return fields


def _met(answers: Mapping[str, Answer]) -> Document:
    """The answers to what was asked; what was off the path before may be on it now."""
    return {
        item_id: answer for item_id, answer in answers.items() if answer.get("missing") != NOT_SHOWN
    }


def _keep(
    items: Iterable[Question],
    read: Mapping[str, Answer | Problem],
    required: bool,
    problems: list[Problem],
) -> Document:
    """The answers without those that are problems, which are added to the problems."""
    answers: Document = {}
    for item in items:
        answer = read[item.id]
        if isinstance(answer, Problem):
            problems.append(answer)
        elif required and item.required and answer.get("missing") == SKIPPED:
            problems.append(_not_answered(item))
        else:
            answers[item.id] = answer
    return answers


def _not_answered(item: Question) -> Problem:
    if item.missing:
        return Problem.told(
            item.id,
            "required",
            "This question needs an answer. Answer it, or say why not.",
        )
    return Problem.told(item.id, "required", "This question needs an answer. Answer it.")


def _is_unseen(question: Question, read: Mapping[str, Answer | Problem], posted: Posted) -> bool:
    """Whether a question with a condition was hidden from the person who posted.

    A form says that it was shown; whoever posts an answer to it without saying so has seen it.
    """
    if posted.get(question.id + SHOWN_SUFFIX):
        return False
    return all(
        not isinstance(answer, Problem) and answer.get("missing") == SKIPPED
        for answer in read.values()
    )


def _is_quick(item: Question) -> bool:
    return item.picks_one and item.field_names == (item.id,)


def _quick_answers(item: Question) -> dict[str, Answer]:
    """What the form of an item that picks one posts for each choice, and how it is kept."""
    table: dict[str, Answer] = {}
    for value in item.probe(()):
        for text in item.encode(value):
            table[text] = {"value": value}
    for code in item.missing:
        table[MISSING_PREFIX + code] = {"missing": code}
    return table
