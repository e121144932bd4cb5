"""Which page comes next, and what is on a page for one person: what is asked, what may yet be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_app.domain.question_types.info import Info
from survey_app.domain.questionnaire import (
    Answer,
    Condition,
    Page,
    Question,
    Questionnaire,
    Section,
    Value,
)
from survey_app.domain.routing import Contact, LookUp, Settled, find_path, settle


@dataclass(frozen=True)
class Block:
    """A question on a page.

    `condition` is what is left to decide on the page itself, as JSON for the script, '' if it is
    asked anyway; `hidden` says that it is not asked with the answers as they are. `is_conditional`
    says that it is under a condition at all, one that earlier pages have decided too. `number`
    counts the questions of a questionnaire without conditions, None elsewhere.
    """

    question: Question
    number: int | None
    condition: str
    hidden: bool
    is_conditional: bool


@dataclass(frozen=True)
class Part:
    """A section on a page."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def hidden(self) -> bool:
        """Whether none of its questions is asked with the answers as they are."""
        return all(block.hidden for block in self.blocks)


@dataclass(frozen=True)
class Sheet:
    """A page as one person sees it; its place among the pages that this person may see.

    `total` counts pages that later answers may yet leave out; then `is_certain` is false.
    """

    page: Page
    parts: tuple[Part, ...]
    place: int
    total: int
    is_certain: bool

    @property
    def is_first(self) -> bool:
        """Whether no page comes before it."""
        return self.place == 1

    @property
    def is_last(self) -> bool:
        """Whether no page can come after it, whatever is answered on it."""
        return self.place == self.total

    @property
    def items(self) -> tuple[Question, ...]:
        """What leaves an answer on this page."""
        return tuple(
            item for part in self.parts for block in part.blocks for item in block.question.items
        )


def lay_out(
    questionnaire: Questionnaire, page_id: str, answers: Mapping[str, Answer], contact: Contact
) -> Sheet:
    """Lay out a page; `answers` are all that are known, those of the page itself included."""
    path = find_path(questionnaire, answers, contact)
    on_path = {item.id for question in path for item in question.items}
    asked = {question.id for question in path}

    def look(item_id: str) -> Value | None:
        return answers.get(item_id, {}).get("value") if item_id in on_path else None

    pages = questionnaire.pages
    index = next(number for number, page in enumerate(pages) if page.id == page_id)
    page = pages[index]
    here = _items_of([page])
    numbers = _number(questionnaire)
    parts = []
    for section in page.sections:
        blocks = []
        for question in section.questions:
            settled = _settle(section, question, look, contact, here)
            if settled is False:
                continue
            condition = "" if settled is True else json.dumps(settled, ensure_ascii=True)
            hidden = bool(condition) and question.id not in asked
            is_conditional = section.show_if is not None or question.show_if is not None
            number = numbers.get(question.id)
            blocks.append(Block(question, number, condition, hidden, is_conditional))
        if blocks:
            parts.append(Part(section.id, section.title, tuple(blocks)))
    unknown = _items_of(pages[index:])
    states = [_state(other, look, contact, unknown) for other in pages]
    states[index] = True
    return Sheet(
        page,
        tuple(parts),
        place=sum(1 for state in states[: index + 1] if state is not False),
        total=sum(1 for state in states if state is not False),
        is_certain=None not in states,
    )


def next_page(
    questionnaire: Questionnaire, page_id: str, answers: Mapping[str, Answer], contact: Contact
) -> str | None:
    """The first page after this one on which something is asked; None after the last."""
    ids = [page.id for page in questionnaire.pages]
    later = questionnaire.pages[ids.index(page_id) + 1 :]
    return _first_asked(later, questionnaire, answers, contact)


def previous_page(
    questionnaire: Questionnaire, page_id: str, answers: Mapping[str, Answer], contact: Contact
) -> str | None:
    """The last page before this one on which something is asked; None before the first."""
    ids = [page.id for page in questionnaire.pages]
    earlier = questionnaire.pages[: ids.index(page_id)]
    return _first_asked(tuple(reversed(earlier)), questionnaire, answers, contact)


def first_page(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], contact: Contact
) -> str:
    """The first page on which something is asked; the first of all, where nothing is."""
    found = _first_asked(questionnaire.pages, questionnaire, answers, contact)
    return questionnaire.pages[0].id if found is None else found


def last_page(questionnaire: Questionnaire, answers: Mapping[str, Answer], contact: Contact) -> str:
    """The last page on which something is asked; the first page, where nothing is."""
    pages = questionnaire.pages
    found = _first_asked(tuple(reversed(pages)), questionnaire, answers, contact)
    return pages[0].id if found is None else found


def open_page(questionnaire: Questionnaire, answers: Mapping[str, Answer], contact: Contact) -> str:
    """The page on which to go on: the first with an item that was neither answered nor skipped;
    where there is none, the last page on the path."""
    asked = {question.id for question in find_path(questionnaire, answers, contact)}
    last = questionnaire.pages[0].id
    for page in questionnaire.pages:
        on_page = [question for question in page.questions if question.id in asked]
        if any(item.id not in answers for question in on_page for item in question.items):
            return page.id
        if on_page:
            last = page.id
    return last


def page_of(questionnaire: Questionnaire, item_id: str) -> str:
    """The page on which an item is asked."""
    return next(page.id for page in questionnaire.pages if item_id in _items_of([page]))


def _first_asked(
    pages: Sequence[Page],
    questionnaire: Questionnaire,
    answers: Mapping[str, Answer],
    contact: Contact,
) -> str | None:
    asked = {question.id for question in find_path(questionnaire, answers, contact)}
    return next((page.id for page in pages if any(one.id in asked for one in page.questions)), None)


def _state(page: Page, look: LookUp, contact: Contact, unknown: set[str]) -> bool | None:
    """Whether a page is seen; None where that is not decided yet."""
    states = {
        settled if isinstance(settled, bool) else None
        for section in page.sections
        for question in section.questions
        for settled in (_settle(section, question, look, contact, unknown),)
    }
    return True if True in states else None if None in states else False


def _settle(
    section: Section, question: Question, look: LookUp, contact: Contact, here: set[str]
) -> Settled:
    conditions = [one for one in (section.show_if, question.show_if) if one is not None]
    if not conditions:
        return True
    both: Condition = conditions[0] if len(conditions) == 1 else {"all": conditions}
    return settle(both, look, contact, here)


def _items_of(pages: Sequence[Page]) -> set[str]:
    return {item.id for page in pages for question in page.questions for item in question.items}


def _number(questionnaire: Questionnaire) -> dict[str, int]:
    """The number of each question that asks something; none where conditions leave some out."""
    if questionnaire.is_routed:
        return {}
    asking = [one for one in questionnaire.questions if not isinstance(one, Info)]
    return {question.id: number for number, question in enumerate(asking, start=1)}
