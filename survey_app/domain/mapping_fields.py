"""Fields of a definition that are mappings: words at the points of a scale, texts in languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from survey_app.domain.definition_fields import (
    LANGUAGE,
    LARGEST_POINT,
    PlainField,
    Refusal,
    TextField,
    find_flaw,
    kind_of,
    refuse,
)
from survey_app.domain.problems import quoted

WHOLE = re.compile(r"-?\d{1,7}", re.ASCII)
MOST_LANGUAGES = 100
MOST_TEXTS = 20_000


class AnchorsField(PlainField):
    """Words for points of a scale: whole number (YAML) or its digits (JSON keys) to text."""

    words = TextField(longest=200)

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> dict[int, str]:
        if not isinstance(value, Mapping):
            raise refuse(
                "not_a_mapping", f"Points with words are wanted here, not {kind_of(value)}."
            )
        if len(value) > 200:
            raise refuse("too_many", "There are more than 200 anchors. Use fewer.")
        anchors: dict[int, str] = {}
        refused: list[Any] = []
        for key, words in value.items():
            point = _read_point(key)
            if point is None or point in anchors:
                refused.append(_bad_point(key, point))
                continue
            try:
                anchors[point] = self.words._deserialize(words)
            except ValidationError as error:
                refused += [_at_point(point, said) for said in error.messages]
        if refused:
            raise ValidationError(refused)
        return dict(sorted(anchors.items()))

    def _serialize(self, value: Any, *_rest: Any, **_options: Any) -> dict[str, str]:
        return {str(point): words for point, words in sorted(value.items())}


class TranslationsField(PlainField):
    """Texts in further languages: {language: {name of the text: text}}."""

    words = TextField(longest=20_000)

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> dict[str, dict[str, str]]:
        if not isinstance(value, Mapping):
            raise refuse(
                "not_a_mapping", f"Languages with texts are wanted here, not {kind_of(value)}."
            )
        if len(value) > MOST_LANGUAGES:
            raise refuse("too_many", f"There are more than {MOST_LANGUAGES} languages. Use fewer.")
        translations: dict[str, dict[str, str]] = {}
        refused: dict[str, Any] = {}
        for language, texts in value.items():
            if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
                raise refuse(
                    "bad_language",
                    "Name each language by its code, like de or pt-BR; no, in quotation marks.",
                )
            try:
                translations[language] = self._read_texts(texts)
            except ValidationError as error:
                refused[language] = error.messages
        if refused:
            raise ValidationError(refused)
        return translations

    def _read_texts(self, texts: Any) -> dict[str, str]:
        if not isinstance(texts, Mapping):
            raise refuse("not_a_mapping", f"Texts are wanted here, not {kind_of(texts)}.")
        if len(texts) > MOST_TEXTS:
            raise refuse("too_many", f"There are more than {MOST_TEXTS} texts. Use fewer.")
        read: dict[str, str] = {}
        refused: dict[str, Any] = {}
        for name, text in texts.items():
            if not isinstance(name, str) or find_flaw(name):
                raise refuse("not_text", "Name each text as the list of texts names it.")
            try:
                read[name] = self.words._deserialize(text)
            except ValidationError as error:
                refused[name] = error.messages
        if refused:
            raise ValidationError(refused)
        # An empty text says nothing; a missing one is told by name.
        return {name: text for name, text in sorted(read.items()) if text.strip()}

    def _serialize(self, value: Any, *_rest: Any, **_options: Any) -> dict[str, dict[str, str]]:
        return {language: dict(sorted(texts.items())) for language, texts in value.items()}


def _at_point(point: int, said: Any) -> Refusal:
    return Refusal(said.code, f"Point {point}: {said}")


def _read_point(key: object) -> int | None:
    if isinstance(key, int) and not isinstance(key, bool):
        return key if abs(key) <= LARGEST_POINT else None
    if isinstance(key, str) and WHOLE.fullmatch(key):
        return int(key)
    return None


def _bad_point(key: object, point: int | None) -> Refusal:
    if point is not None:
        return Refusal("duplicate_anchor", f"Point {point} has two anchors. Keep one.")
    shown = quoted(key) if isinstance(key, str) else kind_of(key)
    return Refusal("not_whole", f"An anchor stands at a whole number, not at {shown}. Correct it.")
