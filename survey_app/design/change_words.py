"""What changed between two versions in words: by question, with what was there before and now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

from survey_app.design.aspects import ASPECTS, Aspect, Side
from survey_app.design.languages import name_of
from survey_app.design.translations import place_of_text
from survey_app.domain.changes import Change
from survey_app.domain.questionnaire import ITEM_SIGN, Questionnaire
from survey_app.domain.translating import CONSTRAINT, HEAD

SECTION, RULE = "section ", f"{CONSTRAINT} "
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Changes whose two sides have words in common that say nothing.
WHOLE = ("position_changed",)
# Beyond so many words differences are not searched for: the texts stand beside each other.
MOST_WORDS = 2000


class Span(NamedTuple):
    """A stretch of a text, and whether it is there on one side only."""

    text: str
    differs: bool


class SaidChange(NamedTuple):
    """One change: what it is about, and that before and after; both are empty where words do."""

    change: Change
    what: str
    before: list[Span]
    after: list[Span]


class ChangedPart(NamedTuple):
    """The changes of one question, or of what surrounds the questions; its id or ''."""

    heading: str
    id: str
    changes: list[SaidChange]


def say_changes(
    changes: Iterable[Change], old: Questionnaire, new: Questionnaire
) -> list[ChangedPart]:
    """Return the changes from `old` to `new` by question, in the order in which they come."""
    sides = (Side.of(old), Side.of(new))
    parts: dict[str, ChangedPart] = {}
    for change in changes:
        owner = change.key.partition("/")[0]
        holder = owner if owner.startswith((SECTION, RULE)) else owner.partition(ITEM_SIGN)[0]
        name = "" if owner.startswith(RULE) else holder.removeprefix(SECTION)
        part = parts.setdefault(holder, ChangedPart(_heading(holder, name, *sides), name, []))
        part.changes.append(_say(change, *sides))
    return list(parts.values())


def mark_differences(before: str, after: str) -> tuple[list[Span], list[Span]]:
    """Both texts in stretches, those marked that the other one lacks."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if not old or not new or max(len(old), len(new)) > MOST_WORDS:
        return [Span(before, False)] if before else [], [Span(after, False)] if after else []
    left: list[Span] = []
    right: list[Span] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left += [Span("".join(old[a:b]), tag != "equal")] if b > a else []
        right += [Span("".join(new[c:d]), tag != "equal")] if d > c else []
    return left, right


def _heading(owner: str, name: str, old: Side, new: Side) -> str:
    for side in (new, old):
        if owner != name and name in side.sections:
            return f"Section “{side.sections[name].get('title') or name}”"
        if owner == name and name in side.questions:
            return str(side.questions[name].get("text") or name)
    return name or owner.replace(RULE, "Rule ") or "Around the questions"


def _say(change: Change, old: Side, new: Side) -> SaidChange:
    owner, _slash, rest = change.key.partition("/")
    if change.code.startswith("translation_"):
        return _say_translation(change, owner, rest.rpartition("/")[2], old, new)
    aspect = ASPECTS.get(change.code) or Aspect(change.code.replace("_", " ").capitalize())
    owners = (owner, owner)
    if owner.startswith(RULE):
        # Of a rule that moved, what it asks for tells which it was.
        number = owner.removeprefix(RULE)
        owners, code = (old.rule_like(new, number), number), ""
    elif owner.startswith(SECTION):
        owners, code = (owner.removeprefix(SECTION),) * 2, ""
    elif ITEM_SIGN in owner:
        owner, _sign, code = owner.partition(ITEM_SIGN)
        owners = (owner, owner)
    else:
        code = rest.removesuffix(f"/{change.code}").removeprefix("option/")
        code = "" if code == change.code else code.removeprefix(f"{change.code}/")
    label = (aspect.of_row if code and aspect.of_row else aspect.label).format(code)
    before, after = (
        aspect.read(side, name, code) if aspect.read else ""
        for side, name in zip((old, new), owners, strict=True)
    )
    if change.code in WHOLE:
        return SaidChange(change, label, [Span(before, False)], [Span(after, False)])
    return SaidChange(change, label, *mark_differences(before, after))


def _say_translation(change: Change, owner: str, language: str, old: Side, new: Side) -> SaidChange:
    what = f"{name_of(language)} translation"
    if change.code != "translation_changed":
        how = "new" if change.code == "translation_added" else "removed"
        return SaidChange(change, f"{name_of(language)}, {how}", [], [])
    before, after = (
        side.definition.get("translations", {}).get(language, {}) for side in (old, new)
    )
    names = [
        name
        for name in (after | before)
        if after.get(name) != before.get(name) and _belongs(name, owner, new)
    ]
    told = (_lines(texts, names) for texts in (before, after))
    return SaidChange(change, what, *mark_differences(*told))


def _belongs(name: str, owner: str, side: Side) -> bool:
    item, sign, code = owner.partition(ITEM_SIGN)
    if sign:
        return name == f"{item}.rows.{code}"
    holder = "" if name in HEAD else name.partition(".")[0]
    return (holder if holder in side.questions else "") == owner


def _lines(texts: Mapping[str, str], names: list[str]) -> str:
    if len(names) == 1:
        return texts.get(names[0], "")
    return "\n".join(f"{place_of_text(name)} = {texts[name]}" for name in names if name in texts)
