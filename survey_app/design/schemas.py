"""Questionnaires as machines read and write them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

DEFINITION = {"description": "A questionnaire in the format soundings-questionnaire/1."}


class QuestionnaireSchema(Schema):
    """A questionnaire, without its definitions."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    draft_revision = fields.Integer(required=True)
    updated_at = fields.AwareDateTime(required=True)
    versions = fields.List(fields.Integer(), required=True, metadata={"description": "Published."})


class DraftSchema(Schema):
    """The definition that is being written; it may be incomplete."""

    revision = fields.Integer(required=True)
    definition = fields.Dict(required=True, metadata=DEFINITION)


class WantedDraft(Schema):
    """A definition to be kept as the draft."""

    definition = fields.Dict(required=True, metadata=DEFINITION)


class VersionSchema(Schema):
    """A published version; it never changes."""

    questionnaire = fields.String(required=True, attribute="questionnaire_key")
    number = fields.Integer(required=True)
    hash = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    definition = fields.Dict(required=True, metadata=DEFINITION)


class WantedVersion(Schema):
    """Which state of the draft is to be published."""

    revision = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Of the draft that was looked at; a later one is refused."},
    )
