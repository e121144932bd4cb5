"""What changed in translations, and which of them a change of their original left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey_app.domain.changed_answers import (
    BREAKING,
    COMPARABLE,
    COSMETIC,
    KINDS,
    Change,
    same_words,
)
from survey_app.domain.changed_rules import match_rules
from survey_app.domain.problems import quoted
from survey_app.domain.questionnaire import ITEM_SIGN, Questionnaire
from survey_app.domain.translating import CONSTRAINT, HEAD, texts_of
from survey_app.domain.wire import dump_definition

# What is read after all answers are given.
AFTERWARDS = "thanks"


def stale_translations(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, by language, the names of texts whose original says something else than in `old`
    while their translation is still the same.

    Both are definitions. Space, punctuation and case say nothing; a language that `old` lacks was
    translated since.
    """
    names = _names_before(old, new)
    was, now = texts_of(old), texts_of(new)
    reworded = {
        name: names.get(name, name)
        for name, text in now.items()
        if names.get(name, name) in was and not same_words(was[names.get(name, name)], text)
    }
    translations = old.get("translations", {})
    return {
        language: found
        for language, texts in new.get("translations", {}).items()
        if (
            found := [
                name
                for name, before in reworded.items()
                if name in texts and texts[name] == translations.get(language, {}).get(before)
            ]
        )
    }


def compare_translations(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    """The changes of languages as a whole, and of the words in those that both have."""
    for language in dict.fromkeys((*old.translations, *new.translations)):
        if language in old.translations and language in new.translations:
            yield from _compare_language(old, new, language)
            continue
        added = language in new.translations
        code = "translation_added" if added else "translation_removed"
        reason = (
            "More people can answer in their language; the others read what they read before."
            if added
            else "Fewer people can answer in their language; the others read what they read."
        )
        key = f"/{code}/{language}"
        yield Change(key, f"translation {language}", "", COMPARABLE, code, reason)


def _compare_language(old: Questionnaire, new: Questionnaire, language: str) -> Iterator[Change]:
    """One change an item: new texts come with the change of their originals."""
    before, after = old.translations[language], new.translations[language]
    was, now = dump_definition(old), dump_definition(new)
    names, both = _names_before(was, now), texts_of(was)
    items = {item.id for item in new.items}
    questions = {question.id for question in new.questions if question.items}
    kinds: dict[str, dict[str, str]] = {}
    for name in texts_of(now):
        earlier = names.get(name, name)
        one, other = before.get(earlier, ""), after.get(name, "")
        if earlier not in both or one == other:
            continue
        owner, asked = _owner_of(name, questions, items)
        kind = BREAKING if asked else COMPARABLE
        if same_words(one, other) or name == AFTERWARDS:
            kind = COSMETIC
        kinds.setdefault(owner, {})[name] = kind
    for owner, found in kinds.items():
        kind = max(found.values(), key=KINDS.index)
        # What decided the kind is named first.
        told = sorted(found, key=lambda name: -KINDS.index(found[name]))
        yield Change(
            f"{owner}/translation_changed/{language}",
            f"translation {language}, {', '.join(told[:3])}",
            owner,
            kind,
            "translation_changed",
            _reason(kind, language),
        )


def _reason(kind: str, language: str) -> str:
    if kind == COSMETIC:
        return "Only space, punctuation or the case of letters changed."
    if kind == BREAKING:
        return (
            f"People who read {quoted(language)} answer to other words, and another wording is "
            "another measurement."
        )
    return f"Only people who read {quoted(language)} meet other words around the same question."


def _owner_of(name: str, questions: set[str], items: set[str]) -> tuple[str, bool]:
    """The item that a text belongs to, '' for none, and whether it is answered to."""
    owner, _dot, rest = name.partition(".")
    if name in HEAD or owner not in questions or rest == "title":
        return "", False
    kind, _dot, code = rest.partition(".")
    if kind == "rows" and f"{owner}{ITEM_SIGN}{code}" in items:
        owner = f"{owner}{ITEM_SIGN}{code}"
    return owner, kind != "help"


def _names_before(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """By the name of a rule's message, its name before; '' for a rule that is new."""
    rules = [
        [one["must"] for one in definition.get("constraints", ())] for definition in (old, new)
    ]
    numbers = match_rules(*rules)
    return {
        f"{CONSTRAINT}.{number}": f"{CONSTRAINT}.{numbers[number]}" if number in numbers else ""
        for number in range(1, len(rules[1]) + 1)
    }
