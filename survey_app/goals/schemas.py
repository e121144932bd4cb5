"""Goals, KPIs and targets as machines read and write them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from analysis.definitions import AGGREGATIONS, ELASTICITY_SOURCES, HORIZONS
from survey_app.api.paging import PageQuery
from survey_app.api.schema_fields import wanted_key
from survey_app.domain.cells import LARGEST_NUMBER
from survey_app.goals.models import SCOPE_TYPES, TARGET_SOURCES

MOST_TARGETS = 1000
ENTRY = {"description": "As in a scorebook, without `version`: id, goal, name, kind and the rest."}


class GoalSchema(Schema):
    """What the organisation wants, in words."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    aim = fields.String(required=True)
    vision = fields.String(required=True)
    weight = fields.Float(required=True)
    least_coverage = fields.Float(required=True)
    parent = fields.String(
        required=True,
        allow_none=True,
        attribute="parent_key",
        metadata={"description": "The key of the goal above, or null."},
    )
    owner = fields.String(required=True)
    horizon = fields.String(required=True, validate=validate.OneOf(["", *HORIZONS]))
    aggregation = fields.String(required=True, validate=validate.OneOf(AGGREGATIONS))
    target = fields.Float(required=True, allow_none=True)
    retired = fields.Boolean(required=True)


class KpiQuery(PageQuery):
    """Which KPIs are wanted."""

    retired = fields.Boolean(
        load_default=False, metadata={"description": "Those that are scored no more instead."}
    )


class KpiSchema(Schema):
    """One version of a KPI's definition."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)
    goal = fields.String(required=True, attribute="goal_key")
    retired = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    definition = fields.Dict(required=True, metadata=ENTRY)


class WantedKpi(Schema):
    """A KPI to be defined, or its next version."""

    definition = fields.Dict(required=True, metadata=ENTRY)


class TargetQuery(PageQuery):
    """Which targets are wanted."""

    kpi = wanted_key("KPI", load_default="")


class TargetSchema(Schema):
    """A value to reach, for whom and from when; the latest that holds on a day counts."""

    id = fields.Integer(required=True)
    kpi = fields.String(required=True, attribute="kpi_key")
    scope_type = fields.String(required=True)
    scope = fields.String(required=True, attribute="scope_key")
    value = fields.Float(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(
        required=True, allow_none=True, metadata={"description": "The first day without it."}
    )
    source = fields.String(required=True)
    note = fields.String(required=True)
    index_measure = fields.String(
        required=True, metadata={"description": "The measure that it follows; empty for none."}
    )
    at_setting = fields.Float(required=True, allow_none=True)
    elasticity = fields.Float(required=True, allow_none=True)
    elasticity_source = fields.String(required=True)
    justification = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class WantedAdjustment(Schema):
    """Local conditions: value x (index now / at_setting) ^ elasticity, and why."""

    index_measure = wanted_key("measure", required=True)
    at_setting = fields.Float(required=True, validate=validate.Range(0, LARGEST_NUMBER))
    elasticity = fields.Float(
        required=True, validate=validate.Range(-LARGEST_NUMBER, LARGEST_NUMBER)
    )
    elasticity_source = fields.String(
        load_default="given", validate=validate.OneOf(ELASTICITY_SOURCES)
    )
    justification = fields.String(required=True, validate=validate.Length(1, 2000))


class WantedTarget(Schema):
    """A target to be set."""

    kpi = wanted_key("KPI", required=True)
    scope_type = fields.String(required=True, validate=validate.OneOf(SCOPE_TYPES))
    scope = fields.String(
        load_default="",
        validate=validate.Length(max=63),
        metadata={"description": "Key of the unit or representative; empty for all."},
    )
    value = fields.Float(required=True, validate=validate.Range(-LARGEST_NUMBER, LARGEST_NUMBER))
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(load_default=None, allow_none=True)
    source = fields.String(load_default="agreed", validate=validate.OneOf(TARGET_SOURCES))
    note = fields.String(load_default="", validate=validate.Length(max=2000))
    adjustment = fields.Nested(WantedAdjustment, load_default=None, allow_none=True)


class WantedTargets(Schema):
    """Targets to be set, all of them or with any problem none."""

    targets = fields.List(
        fields.Nested(WantedTarget), required=True, validate=validate.Length(1, MOST_TARGETS)
    )


class SetTargets(Schema):
    """The targets that hold now as they were told."""

    targets = fields.List(fields.Nested(TargetSchema), required=True)
