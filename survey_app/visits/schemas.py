"""Processes and visits as machines read and write them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from survey_app.api.paging import PageQuery
from survey_app.api.schema_fields import (
    column_mapping,
    file_name,
    key_of,
    wanted_key,
    wanted_moment,
    wanted_month,
    whole_file,
)
from survey_app.visits.models import OUTCOMES
from survey_app.visits.timing import LONGEST_CUSTOMER

ELAPSED = {"description": "Seconds since the start, by a clock that nobody sets; without it: now."}


class StageSchema(Schema):
    """A stage of a process."""

    key = fields.String(required=True)
    name = fields.String(required=True)


class ProcessSchema(Schema):
    """An ordered sequence of stages that visits go through."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    stages = fields.List(fields.Nested(StageSchema), required=True)


class VisitQuery(PageQuery):
    """Which visits are wanted."""

    process = wanted_key("process", load_default="")
    month = wanted_month("Month in which they started.", load_default="")
    updated_since = wanted_moment("Only those changed at this moment or later.", load_default=None)


class StageEventSchema(Schema):
    """A visit reached a stage."""

    stage = key_of("stage")
    at = fields.AwareDateTime(required=True)


class VisitSchema(Schema):
    """A visit; without an end it is open."""

    id = fields.UUID(required=True, attribute="public_id")
    process = key_of("process")
    unit = key_of("unit")
    representative = key_of("representative")
    customer = fields.String(required=True)
    external_id = fields.String(required=True, allow_none=True)
    started_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    observed_until = fields.AwareDateTime(required=True, allow_none=True)
    idle_seconds = fields.Float(required=True)
    void = fields.Boolean(
        required=True, metadata={"description": "It never took place, and counts nowhere."}
    )
    stages = fields.List(fields.Nested(StageEventSchema), required=True, attribute="events")
    updated_at = fields.AwareDateTime(required=True)


class WantedVisit(Schema):
    """A visit that starts."""

    id = fields.UUID(
        load_default=None,
        metadata={"description": "Made by whoever sends it: sent twice, it is one visit."},
    )
    process = wanted_key("process", required=True)
    unit = wanted_key("unit", required=True)
    representative = wanted_key("representative", load_default=None, allow_none=True)
    customer = fields.String(load_default="", validate=validate.Length(max=LONGEST_CUSTOMER))
    started_at = wanted_moment("By the sender's clock; without it: now.", load_default=None)


class ReachedStage(Schema):
    """The visit has reached a stage."""

    stage = wanted_key("stage", required=True)
    elapsed = fields.Float(load_default=None, allow_none=True, metadata=ELAPSED)


class VisitEnd(Schema):
    """The visit has ended."""

    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    elapsed = fields.Float(load_default=None, allow_none=True, metadata=ELAPSED)


class WantedVisits(Schema):
    """A file of visits of one process."""

    process = wanted_key("process", required=True)
    filename = file_name()
    csv = whole_file()
    mapping = column_mapping()


class ImportedVisits(Schema):
    """What an import did."""

    id = fields.Integer(required=True, attribute="batch.id")
    added = fields.Integer(required=True)
    gone_on = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    behind = fields.Integer(required=True)
    corrected = fields.Integer(required=True)
