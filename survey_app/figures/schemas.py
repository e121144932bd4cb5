"""Measures and figures as machines read and write them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from survey_app.api.paging import PageQuery
from survey_app.api.schema_fields import (
    MonthField,
    column_mapping,
    file_name,
    key_of,
    wanted_key,
    wanted_month,
    whole_file,
)
from survey_app.figures.defining import LONGEST_NAME, LONGEST_UNIT
from survey_app.figures.models import KINDS

MONTH = {"description": "The month, like 2026-07."}


class MeasureSchema(Schema):
    """What is counted, and in which unit of measurement."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    unit_of_measure = fields.String(required=True)
    kind = fields.String(required=True)


class WantedMeasure(Schema):
    """A measure to be added."""

    key = wanted_key("measure", required=True)
    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    unit_of_measure = fields.String(required=True, validate=validate.Length(1, LONGEST_UNIT))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))


class FigureQuery(PageQuery):
    """Which figures are wanted."""

    measure = wanted_key("measure", load_default="")
    first_month = wanted_month("First month wanted.", load_default="")
    last_month = wanted_month("Last month wanted.", load_default="")


class FigureSchema(Schema):
    """A figure that counts: of the newest import that has it."""

    measure = key_of("measure")
    unit = key_of("unit")
    representative = key_of("representative")
    period = MonthField(required=True, attribute="period_start", metadata=MONTH)
    value = fields.Float(required=True)
    import_id = fields.Integer(required=True, attribute="batch_id")


class WantedFigures(Schema):
    """A file of figures."""

    filename = file_name()
    csv = whole_file()
    mapping = column_mapping()
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Tell what would change, and change nothing."}
    )
    confirmed = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={
            "description": "The fingerprint of a dry run: if something else would change by now, "
            "nothing is stored."
        },
    )


class ReplacedSchema(Schema):
    """A figure that gets another value."""

    row = fields.Integer(required=True, attribute="row_number")
    measure = key_of("measure")
    unit = key_of("unit")
    representative = key_of("representative")
    period = MonthField(required=True, attribute="period_start", metadata=MONTH)
    before = fields.Float(required=True)
    after = fields.Float(required=True, attribute="value")


class FigureChangesSchema(Schema):
    """What a file changes, or would change."""

    import_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null after a dry run."}
    )
    new = fields.Integer(required=True)
    replaced = fields.List(fields.Nested(ReplacedSchema), required=True)
    unchanged = fields.Integer(required=True)
    fingerprint = fields.String(required=True)


class FigureBatchSchema(Schema):
    """An import of figures."""

    id = fields.Integer(required=True)
    filename = fields.String(required=True)
    sha256 = fields.String(required=True)
    row_count = fields.Integer(required=True)
    imported_at = fields.AwareDateTime(required=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
