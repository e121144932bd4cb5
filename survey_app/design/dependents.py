"""What in a draft names a question or a section, and would be left behind by its removal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey_app.design.languages import name_of
from survey_app.design.outline import question_at, section_at, sections_of
from survey_app.design.translations import place_of_text
from survey_app.domain.piping import pipes_in
from survey_app.domain.questionnaire import ITEM_SIGN, Condition
from survey_app.domain.routing import items_in
from survey_app.domain.translating import CONSTRAINT, texts_of


def named_by(definition: Mapping[str, Any], section: int, question: int | None) -> list[str]:
    """Return, in words, what depends on a question, or (None) on a section; raises NotFound."""
    held = section_at(definition, section)
    gone = [question_at(definition, section, question)] if question else held["questions"]
    asked = {one.get("id", "") for one in gone}
    owners = asked if question else {*asked, held.get("id", "")}
    return [
        *_conditions(definition, asked, section, question),
        *_rules(definition, asked),
        *_pipes(definition, asked, owners),
        *_translations(definition, owners),
    ]


def _conditions(
    definition: Mapping[str, Any], asked: set[str], section: int, question: int | None
) -> Iterator[str]:
    for number, held in enumerate(sections_of(definition), start=1):
        if number == section and question is None:
            continue
        if _looks_at(held.get("show_if"), asked):
            title = held.get("title") or held.get("id", "")
            yield f"When section “{title}” is shown"
        for position, one in enumerate(held["questions"], start=1):
            if (number, position) != (section, question) and _looks_at(one.get("show_if"), asked):
                yield f"When “{one.get('text') or one.get('id', '')}” is asked"


def _rules(definition: Mapping[str, Any], asked: set[str]) -> Iterator[str]:
    for number, rule in enumerate(definition.get("constraints", ()), start=1):
        if _looks_at(rule["must"], asked) or rule.get("at") in asked:
            yield f"Rule {number}, “{rule.get('message', '')}”"


def _pipes(definition: Mapping[str, Any], asked: set[str], owners: set[str]) -> Iterator[str]:
    for name, text in texts_of(definition).items():
        if name.partition(".")[0] not in owners and _of(asked, pipes_in(text)):
            yield f"A text that repeats its answer ({place_of_text(name)})"


def _translations(definition: Mapping[str, Any], owners: set[str]) -> Iterator[str]:
    for language, texts in definition.get("translations", {}).items():
        count = sum(
            name.partition(".")[0] in owners and "." in name and not name.startswith(CONSTRAINT)
            for name in texts
        )
        if count:
            yield f"{count} {name_of(language)} translation{'s' if count != 1 else ''}"


def _looks_at(condition: Condition | None, asked: set[str]) -> bool:
    return bool(condition) and _of(asked, items_in(condition or {}))


def _of(asked: set[str], names: list[str]) -> bool:
    """Whether one of the names is a question's, or that of a row of it."""
    return any(name in asked or name.partition(ITEM_SIGN)[0] in asked for name in names)
