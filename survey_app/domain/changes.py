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
from survey_app.domain.places import TOP, question_place, section_place
from survey_app.domain.problems import quoted
from survey_app.domain.question_types.info import Info
from survey_app.domain.questionnaire import ITEM_SIGN, Question, Questionnaire, Section
from survey_app.domain.routing import items_in
from survey_app.domain.translating import HEAD, texts_of
from survey_app.domain.wire import dump_definition

__all__ = ["BREAKING", "COMPARABLE", "COSMETIC", "KINDS", "Change", "compare_versions", "concerns"]


def compare_versions(old: Questionnaire, new: Questionnaire) -> list[Change]:
    """Return what changed from `old` to `new`, in the order of the new one; items match by id.

    Each change has the kind of its rule. A change of a matrix names the matrix as its item, for all
    its rows. [] means that nobody reads or answers anything else.
    """
    changes = [*_compare_heads(old, new)]
    before = {section.id: section for section in old.sections}
    asked = {question.id: question for question in old.questions}
    moved = _moved(old, new)
    rules = (_rules_by_item(old), _rules_by_item(new))
    for number, section in enumerate(new.sections, start=1):
        place = section_place(number, section.id)
        if section.id in before:
            changes += _compare_sections(before[section.id], section, place)
        for position, question in enumerate(section.questions, start=1):
            here = f"{place}, {question_place(position, question.id)}"
            found = [*_compare_questions(asked.get(question.id), question)]
            if question.id in moved:
                found.append(_moved_change(question.id))
            found += _compare_rules(question, *rules)
            changes += [replace(change, place=_joined(here, change.place)) for change in found]
    still = {question.id for question in new.questions}
    changes += [_removed(question) for question in old.questions if question.id not in still]
    changes += _compare_translations(old, new)
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
        ("kpi", "kpi_changed", "It counts towards another measure; nobody reads that."),
    ):
        if getattr(old, name) != getattr(new, name):
            yield change(COMPARABLE, code, name, reason)


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


def _rules_by_item(questionnaire: Questionnaire) -> dict[str, list[object]]:
    rules: dict[str, list[object]] = {}
    for constraint in questionnaire.constraints:
        for item_id in items_in(constraint.must):
            rules.setdefault(item_id, []).append(constraint.must)
    return rules


def _compare_rules(
    question: Question, old: Mapping[str, list[object]], new: Mapping[str, list[object]]
) -> Iterator[Change]:
    for item in question.items:
        if old.get(item.id) != new.get(item.id):
            reason = "Another rule between answers asks some people to correct theirs."
            code = "constraint_changed"
            yield Change(f"{item.id}/{code}", "", item.id, COMPARABLE, code, reason)


def _compare_translations(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    for language in dict.fromkeys((*old.translations, *new.translations)):
        place = f"translation {language}"
        if language not in old.translations or language not in new.translations:
            added = language in new.translations
            code = "translation_added" if added else "translation_removed"
            reason = (
                "More people can answer in their language; the others read what they read before."
                if added
                else "Fewer people can answer in their language; the others read what they read."
            )
            yield Change(f"/{code}/{language}", place, "", COMPARABLE, code, reason)
            continue
        yield from _compare_translated(
            old.translations[language], new.translations[language], old, new, language
        )


def _compare_translated(
    before: Mapping[str, str],
    after: Mapping[str, str],
    old: Questionnaire,
    new: Questionnaire,
    language: str,
) -> Iterator[Change]:
    """One change a question: new texts come with the change of their originals."""
    both = texts_of(dump_definition(old)).keys() & texts_of(dump_definition(new)).keys()
    questions = {question.id for question in new.questions if question.items}
    owners: dict[str, list[str]] = {}
    for name in _in_order(both, after):
        if before.get(name) != after.get(name):
            owner = "" if name in HEAD else name.partition(".")[0]
            owners.setdefault(owner if owner in questions else "", []).append(name)
    for owner, names in owners.items():
        alike = all(same_words(before.get(name, ""), after.get(name, "")) for name in names)
        yield Change(
            f"{owner}/translation_changed/{language}",
            f"translation {language}, {', '.join(names[:3])}",
            owner,
            COSMETIC if alike else COMPARABLE,
            "translation_changed",
            f"Only people who read {quoted(language)} meet other words for the same question.",
        )


def _in_order(names: Iterable[str], first: Mapping[str, str]) -> list[str]:
    wanted = set(names)
    return [*(name for name in first if name in wanted), *sorted(wanted - first.keys())]


def _joined(place: str, rest: str) -> str:
    return ", ".join(part for part in (place, rest) if part) or TOP
