"""The texts of a questionnaire by name, and the questionnaire in another of its languages.

A text is named by where it stands, with ids instead of positions, so that moving a question keeps
its translations: `title`, `visit.title` (a section), `q1.text`, `q1.help`, `q1.anchors.5`,
`q2.options.shop`, `q3.rows.speed`, `q4.unit`, `constraint.2`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

HEAD = ("title", "introduction", "thanks")
OF_QUESTION = ("text", "help", "statement", "unit")
LISTS = ("options", "rows")
CONSTRAINT = "constraint"


def texts_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """Return all texts that people read, by name, in their order; empty ones are left out."""
    return {
        name: holder[key]
        for name, holder, key in _places(definition)
        if isinstance(holder[key], str) and holder[key].strip()
    }


def in_language(definition: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the definition with its texts in a language; what is not translated stays."""
    translated = {**copy.deepcopy(dict(definition)), "language": language}
    texts = definition.get("translations", {}).get(language, {})
    for name, holder, key in _places(translated):
        holder[key] = texts.get(name, holder[key])
    translated.pop("translations", None)
    return translated


def missing_texts(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, for each further language, the names of the texts that it lacks."""
    wanted = texts_of(definition)
    return {
        language: [name for name in wanted if name not in texts]
        for language, texts in definition.get("translations", {}).items()
    }


def idle_texts(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, for each further language, the names that name no text (any more)."""
    wanted = texts_of(definition)
    return {
        language: [name for name in texts if name not in wanted]
        for language, texts in definition.get("translations", {}).items()
    }


def _places(definition: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, the mapping that holds the text, its key there) of every text."""
    yield from ((key, definition, key) for key in HEAD if key in definition)
    for section in definition.get("sections", ()):
        if "title" in section:
            yield f"{section['id']}.title", section, "title"
        for question in section.get("questions", ()):
            yield from _places_of(question)
    for number, constraint in enumerate(definition.get("constraints", ()), start=1):
        yield f"{CONSTRAINT}.{number}", constraint, "message"


def _places_of(question: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    name = question["id"]
    yield from ((f"{name}.{key}", question, key) for key in OF_QUESTION if key in question)
    for anchors in (question.get("anchors", {}), question.get("scale", {}).get("anchors", {})):
        yield from ((f"{name}.anchors.{point}", anchors, point) for point in anchors)
    for key in LISTS:
        for option in question.get(key, ()):
            yield f"{name}.{key}.{option['code']}", option, "label"
