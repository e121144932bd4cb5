"""Responses as machines read them, and files of answers as they send them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from survey_app.api.paging import PageQuery
from survey_app.api.schema_fields import (
    file_name,
    key_of,
    wanted_key,
    wanted_moment,
    wanted_month,
    whole_file,
)


class ResponseQuery(PageQuery):
    """Which responses are wanted."""

    questionnaire = wanted_key("questionnaire", load_default="")
    month = wanted_month("Month in which they were first sent.", load_default="")
    updated_since = wanted_moment(
        "Only those stored at this moment or later, changes of earlier ones among them.",
        load_default=None,
    )


class ResponseSchema(Schema):
    """What one person has answered, in its newest revision."""

    id = fields.Integer(required=True)
    source = fields.String(required=True)
    source_id = fields.String(
        required=True, metadata={"description": "With `source`, the same for all revisions."}
    )
    revision = fields.Integer(required=True)
    questionnaire = fields.String(required=True, attribute="questionnaire_key")
    version = fields.Integer(required=True, attribute="version_number")
    answers = fields.Dict(
        required=True, metadata={"description": 'By question: {"value": …} or {"missing": code}.'}
    )
    unit = key_of("unit")
    representative = key_of("representative")
    customer = fields.String(required=True)
    attributes = fields.Dict(required=True)
    language = fields.String(required=True)
    submitted_at = fields.AwareDateTime(required=True)
    stored_at = fields.AwareDateTime(required=True)


class WantedAnswers(Schema):
    """A file of answers to a published version."""

    questionnaire = wanted_key("questionnaire", required=True)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    filename = file_name()
    csv = whole_file()
    mapping = fields.Dict(
        required=True,
        metadata={"description": "Which column is what, as the import page takes it."},
    )


class AnswerBatchSchema(Schema):
    """An imported file of answers."""

    id = fields.Integer(required=True)
    questionnaire = fields.String(required=True, attribute="questionnaire_key")
    filename = fields.String(required=True)
    sha256 = fields.String(required=True)
    row_count = fields.Integer(required=True)
    imported_at = fields.AwareDateTime(required=True)
