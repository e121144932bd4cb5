"""Definitions in and out: plain data from a file or a table, to a questionnaire and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, post_load
from marshmallow.exceptions import SCHEMA

from survey_app.domain.condition_fields import ConditionField
from survey_app.domain.definition_fields import (
    ListField,
    Part,
    PartField,
    PlainField,
    TextField,
    WordField,
    refuse,
)
from survey_app.domain.mapping_fields import TranslationsField
from survey_app.domain.places import place_of
from survey_app.domain.problems import Problem
from survey_app.domain.question_types import TYPES
from survey_app.domain.questionnaire import (
    FORMAT,
    PAGING,
    RANDOM,
    Constraint,
    Question,
    Questionnaire,
    Section,
)


class _QuestionField(PlainField):
    """A question; its `type` chooses the definition that the rest is read by."""

    def _deserialize(self, value: Any, *_rest: Any, **_options: Any) -> Question:
        if not isinstance(value, Mapping):
            raise refuse("not_a_mapping", "A question is written as keys with values. Correct it.")
        if "type" not in value:
            known = ", ".join(TYPES)
            raise refuse("missing_key", f"The question has no type. Add `type`, one of: {known}.")
        try:
            kind = TYPES[_TYPE._deserialize(value["type"])]
        except ValidationError as error:
            raise ValidationError({"type": error.messages}) from error
        loaded = kind.definition().load(value)
        del loaded["type"]
        return kind(**loaded)

    def _serialize(self, value: Any, *_rest: Any, **_options: Any) -> Any:
        return value.definition().dump(value)


_TYPE = WordField(known=tuple(TYPES))


class _SectionPart(Part):
    id = TextField(longest=64, required=True)
    title = TextField(longest=500, load_default="")
    show_if = ConditionField(load_default=None)
    order = WordField(known=(RANDOM,), load_default="")
    questions = ListField(_QuestionField(), most=500, load_default=())

    @post_load
    def _make(self, loaded: dict[str, Any], **_options: Any) -> Section:
        return Section(**loaded)


class _ConstraintPart(Part):
    must = ConditionField(required=True)
    message = TextField(longest=500, required=True)
    at = TextField(longest=130, load_default="")

    @post_load
    def _make(self, loaded: dict[str, Any], **_options: Any) -> Constraint:
        return Constraint(**loaded)


class _QuestionnairePart(Part):
    format = WordField(known=(FORMAT,), required=True)
    key = TextField(longest=64, required=True)
    title = TextField(longest=500, load_default="")
    language = TextField(longest=35, load_default="en")
    introduction = TextField(longest=20_000, load_default="")
    thanks = TextField(longest=20_000, load_default="")
    paging = WordField(known=PAGING, load_default="")
    sections = ListField(PartField(_SectionPart), most=200, load_default=())
    constraints = ListField(PartField(_ConstraintPart), most=200, load_default=())
    translations = TranslationsField(load_default=dict)

    @post_load
    def _make(self, loaded: dict[str, Any], **_options: Any) -> Questionnaire:
        del loaded["format"]
        return Questionnaire(**loaded)


def load_definition(data: object) -> tuple[Questionnaire | None, list[Problem]]:
    """Read a definition as parsed from YAML or JSON, whatever it holds.

    Every problem of its form is found at once, each with its place in words; with any, there is
    no questionnaire. Whether a well-formed one makes sense is for `checking.check` to say.
    """
    try:
        return _QuestionnairePart().load(data), []  # type: ignore[arg-type]
    except ValidationError as error:
        return None, list(_problems(error.messages, (), data))


def dump_definition(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the canonical definition: ready for JSON, always the same keys in the same order.

    Optional keys that are empty are left out; a default that says something is written.
    """
    return {"format": FORMAT, **_QuestionnairePart(exclude=["format"]).dump(questionnaire)}


def definition_hash(definition: Mapping[str, Any]) -> str:
    """Return the SHA-256 (64 hex digits) of a definition, independent of the order of its keys.

    Formula: SHA-256 over JSON with sorted keys, no spaces, ASCII escapes. Hash what
    `dump_definition` returns, so that one questionnaire has one hash.
    """
    canonical = json.dumps(
        definition, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _problems(refused: Any, path: tuple[str | int, ...], data: object) -> Iterator[Problem]:
    """Turn marshmallow's tree of refusals into problems with places."""
    if isinstance(refused, Mapping):
        for step, below in refused.items():
            yield from _problems(below, path if step == SCHEMA else (*path, step), data)
        return
    for said in refused:
        yield Problem(place_of(path, data), said.code, str(said))
