"""What changed from one version to the next, and whether answers before and after compare.

A change is *cosmetic* (nobody reads anything else), *comparable* (the same is asked and answered,
by other people or in another context) or *breaking* (what is asked or can be answered differs, so
that a trend across it would mix the change with the thing measured). When in doubt it is breaking:
a manager who knows better says so in a note.

The rules follow what survey research has found of wording, scales, labels and order: Schuman and
Presser, Questions and Answers in Attitude Surveys (1981), on wording, offered "don't know", middle
and added options; Tourangeau, Rips and Rasinski, The Psychology of Survey Response (2000), on order
and scales; Tourangeau, Couper and Conrad (2004, 2007) on the look of scales.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from survey_app.domain.changed_answers import (
    BREAKING,
    COMPARABLE,
    COSMETIC,
    KINDS,
    Change,
    compare_answering,
    reworded,
    same_words,
)
from survey_app.domain.changed_rules import compare_rule_texts, compare_rules, rules_by_item
from survey_app.domain.changed_translations import compare_translations, stale_translations
from survey_app.domain.places import TOP, question_place, section_place
from survey_app.domain.question_types.info import Info
from survey_app.domain.questionnaire import ITEM_SIGN, Question, Questionnaire, Section

__all__ = [
    "BREAKING",
    "COMPARABLE",
    "COSMETIC",
    "KINDS",
    "Change",
    "compare_versions",
    "concerns",
    "stale_translations",
]
# An item that was left out and comes back.
RETURNED = ("question_returned", "row_returned")


def compare_versions(
    old: Questionnaire, new: Questionnaire, earlier: Iterable[Questionnaire] = ()
) -> list[Change]:
    """Return what changed from `old` to `new`, in the order of the new one; items match by id.

    `earlier` are the versions before `old`, the newest first: what comes back is compared with the
    last version that asked it. Each change has the kind of its rule. A change of a matrix names the
    matrix as its item, for all its rows. [] means that nobody reads or answers anything else.
    """
    changes = [*_compare_heads(old, new)]
    sections = _match_sections(old, new)
    asked = {question.id: question for question in old.questions}
    returned = _find_returned(old, new, earlier)
    moved = _moved(old, new)
    rules = (rules_by_item(old), rules_by_item(new))
    for number, section in enumerate(new.sections, start=1):
        place = section_place(number, section.id)
        if section.id in sections:
            changes += _compare_sections(sections[section.id], section, place)
        for position, question in enumerate(section.questions, start=1):
            here = f"{place}, {question_place(position, question.id)}"
            was = asked.get(question.id)
            if was is None and question.id in returned:
                found = [_returned(question.id, "", "question_returned")]
                found += _compare_questions(returned[question.id], question)
            else:
                found = [*_compare_questions(was, question)]
            found = [part for one in found for part in _told_of_row(one, question, returned)]
            if question.id in moved:
                found.append(_moved_change(question.id))
            found += compare_rules(question, *rules)
            changes += [replace(change, place=_joined(here, change.place)) for change in found]
    still = {question.id for question in new.questions}
    changes += [_removed(question) for question in old.questions if question.id not in still]
    items = [item.id for item in new.items]
    changes += compare_rule_texts(old.constraints, new.constraints, items)
    changes += compare_translations(old, new)
    return changes


def concerns(change: Change, item_id: str) -> bool:
    """Whether a change is one of this item's series: its own, its matrix', or everybody's."""
    return change.item in ("", item_id, item_id.partition(ITEM_SIGN)[0])


def _compare_heads(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    for name, reason in (
        ("title", "The title tells what the questions are about; the questions stay."),
        ("introduction", "The introduction may win other people over; the questions stay."),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            kind = COSMETIC if same_words(before, after) else COMPARABLE
            yield Change(f"/{name}_changed", name, "", kind, f"{name}_changed", reason)
    if old.thanks != new.thanks:
        reason = "The thanks are read after all answers are given."
        yield Change("/thanks_changed", "thanks", "", COSMETIC, "thanks_changed", reason)
    if old.paging != new.paging:
        reason = (
            "What stands together on a page is answered in view of each other; every question "
            "stays as it is."
        )
        yield Change("/paging_changed", "paging", "", COMPARABLE, "paging_changed", reason)
    if old.language != new.language:
        reason = "Its own language has another name; where texts differ, that is told apart."
        yield Change("/language_changed", "language", "", COMPARABLE, "language_changed", reason)


def _match_sections(old: Questionnaire, new: Questionnaire) -> dict[str, Section]:
    """By the id of a new section the one it was: of that id, or with most of its questions.

    Questions that left a section for a new one come out of one that said nothing.
    """
    matched = {section.id: section for section in old.sections}
    still = {section.id for section in new.sections}
    gone = [section for section in old.sections if section.id not in still]
    known = {question.id for question in old.questions}
    for section in new.sections:
        if section.id in matched:
            continue
        asked = {question.id for question in section.questions}
        shared = [sum(one.id in asked for one in former.questions) for former in gone]
        if any(shared):
            matched[section.id] = gone.pop(shared.index(max(shared)))
        elif asked & known:
            matched[section.id] = Section(id=section.id)
    return matched


def _find_returned(
    old: Questionnaire, new: Questionnaire, earlier: Iterable[Questionnaire]
) -> dict[str, Question]:
    """What `old` left out and `new` asks again, as last asked: questions, and rows of matrices."""
    wanted = {one.id for one in (*new.questions, *new.items) if not isinstance(one, Info)}
    wanted -= {one.id for one in (*old.questions, *old.items)}
    returned: dict[str, Question] = {}
    for version in earlier if wanted else ():
        for one in (*version.questions, *version.items):
            if one.id in wanted and not isinstance(one, Info):
                returned.setdefault(one.id, one)
    return returned


def _returned(item: str, place: str, code: str) -> Change:
    reason = (
        "It was left out and comes back: nobody was asked meanwhile, and what has changed around "
        "it is not known."
    )
    return Change(f"{item}/{code}", place, item, BREAKING, code, reason)


def _told_of_row(
    change: Change, question: Question, returned: Mapping[str, Question]
) -> Iterator[Change]:
    """A row that is new, or comes back with a series of its own."""
    if change.code != "row_added" or change.item not in returned:
        yield change
        return
    yield _returned(change.item, change.place, "row_returned")
    was = returned[change.item].text
    now = next(item.text for item in question.items if item.id == change.item)
    yield from reworded(change.item, change.item, change.place, was, now, "The row")


def _compare_sections(old: Section, new: Section, place: str) -> Iterator[Change]:
    def change(kind: str, code: str, at: str, reason: str) -> Change:
        return Change(f"section {new.id}/{code}", _joined(place, at), "", kind, code, reason)

    if old.title != new.title:
        kind = COSMETIC if same_words(old.title, new.title) else COMPARABLE
        reason = "The heading sets the context of its questions; they stay as they are."
        yield change(kind, "section_title_changed", "title", reason)
    if old.show_if != new.show_if:
        reason = "The section is asked of other people; those asked are asked the same."
        yield change(COMPARABLE, "section_condition_changed", "show_if", reason)
    if old.order != new.order:
        reason = "Its questions come in another order; each stays as it is."
        yield change(COMPARABLE, "section_order_changed", "order", reason)


def _compare_questions(old: Question | None, new: Question) -> Iterator[Change]:
    def change(kind: str, code: str, at: str, reason: str) -> Change:
        item = "" if isinstance(new, Info) else new.id
        return Change(f"{new.id}/{code}", at, item, kind, code, reason)

    if old is None:
        reason = "A new question: it has a series of its own, and others keep theirs."
        if isinstance(new, Info):
            reason = "A new text to read: it sets the context of what follows, which stays."
        yield change(COMPARABLE, "question_added", "", reason)
        return
    if isinstance(new, Info) and isinstance(old, Info):
        if old.text != new.text:
            kind = COSMETIC if same_words(old.text, new.text) else COMPARABLE
            reason = "The text sets the context of what follows; the questions stay."
            yield change(kind, "info_changed", "text", reason)
    else:
        yield from reworded(new.id, new.id, "text", old.text, new.text, "The question")
    if old.help != new.help:
        kind = COSMETIC if same_words(old.help, new.help) else COMPARABLE
        reason = "The small print may be read differently; what is asked stays."
        yield change(kind, "help_changed", "help", reason)
    yield from compare_answering(old, new)
    for name, code, reason in (
        ("required", "required_changed", "Fewer or more people leave it out; the question stays."),
        (
            "missing",
            "missing_codes_changed",
            "Other ways to say why there is no answer shift people between these and the answers; "
            "they are counted apart.",
        ),
        (
            "show_if",
            "condition_changed",
            "It is asked of other people; those asked are asked the same.",
        ),
    ):
        if getattr(old, name) != getattr(new, name):
            yield change(COMPARABLE, code, name, reason)
    if old.kpi != new.kpi:
        reason = "It counts towards another measure; nobody reads that."
        yield change(COSMETIC, "kpi_changed", "kpi", reason)


def _moved_change(question_id: str) -> Change:
    reason = "What is asked before a question colours its answers a little; the question stays."
    return Change(
        f"{question_id}/position_changed",
        "",
        question_id,
        COMPARABLE,
        "position_changed",
        reason,
    )


def _removed(question: Question) -> Change:
    item = "" if isinstance(question, Info) else question.id
    return Change(
        f"{question.id}/question_removed",
        f"question {question.id}",
        item,
        COMPARABLE,
        "question_removed",
        "It is asked no more: its series ends, and others keep theirs.",
    )


def _moved(old: Questionnaire, new: Questionnaire) -> set[str]:
    """The fewest questions that must have been moved, and those that left a section."""
    before = {question.id: at for at, question in enumerate(old.questions)}
    left, right = _sections_of(old), _sections_of(new)
    sections = {section.id for section in new.sections}
    common = [question.id for question in new.questions if question.id in before]
    kept = _longest_rising([before[name] for name in common])
    return {
        name
        for at, name in enumerate(common)
        # A section that only has another id now has not moved anything.
        if at not in kept or (left[name] != right[name] and left[name] in sections)
    }


def _sections_of(questionnaire: Questionnaire) -> dict[str, str]:
    return {
        question.id: section.id
        for section in questionnaire.sections
        for question in section.questions
    }


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The positions of a longest rising subsequence (Fredman 1975: patience sorting)."""
    ends: list[int] = []
    at_end: list[int] = []
    previous: list[int] = []
    for position, number in enumerate(numbers):
        pile = bisect_left(ends, number)
        ends[pile : pile + 1] = [number]
        at_end[pile : pile + 1] = [position]
        previous.append(at_end[pile - 1] if pile else -1)
    kept: set[int] = set()
    position = at_end[-1] if at_end else -1
    while position >= 0:
        kept.add(position)
        position = previous[position]
    return kept


def _joined(place: str, rest: str) -> str:
    return ", ".join(part for part in (place, rest) if part) or TOP
