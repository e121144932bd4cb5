"""Runs and scores as machines read them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from survey_app.api.paging import PageQuery, page_of_fields
from survey_app.api.schema_fields import wanted_key

SCOPE_TYPES = ("all", "unit", "representative")


class RunSchema(Schema):
    """One scoring of one period."""

    id = fields.UUID(required=True, attribute="public_id")
    period = fields.String(required=True, attribute="period_label")
    period_start = fields.Date(required=True)
    period_end = fields.Date(
        required=True, metadata={"description": "The first day that is not in it."}
    )
    state = fields.String(required=True)
    progress = fields.Integer(required=True, metadata={"description": "Per cent."})
    message = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    facts_hash = fields.String(required=True)
    code_version = fields.String(required=True)
    engine = fields.String(required=True)
    seed = fields.Integer(required=True)


class WantedRun(Schema):
    """A period to be scored."""

    period = fields.String(
        required=True,
        validate=validate.Length(4, 40),
        metadata={
            "description": "A month, quarter, year or range of months.",
            "examples": ["2026-07", "2026-Q3", "2026", "2025-07..2026-06"],
        },
    )


class ClosingSchema(Schema):
    """A period and the run that it is, or was, closed with."""

    period = fields.String(required=True, attribute="period_label")
    run = fields.UUID(required=True, attribute="run.public_id")
    closed_at = fields.AwareDateTime(required=True)
    note = fields.String(required=True)
    reopened_at = fields.AwareDateTime(required=True, allow_none=True)
    reopen_reason = fields.String(required=True)


class WantedClosing(Schema):
    """A period to be closed."""

    note = fields.String(load_default="", validate=validate.Length(max=2000))


class WantedReopening(Schema):
    """A period to be opened again."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class RowQuery(PageQuery):
    """Which rows of a run are wanted."""

    scope_type = fields.String(load_default="", validate=validate.OneOf(["", *SCOPE_TYPES]))
    scope = wanted_key("unit or representative", load_default="")


class ScoreQuery(RowQuery):
    """Which scores of a run are wanted."""

    kpi = wanted_key("KPI", load_default="")
    dimension = fields.String(
        load_default="",
        validate=validate.Length(max=63),
        metadata={"description": "Told apart by this dimension; empty: the whole of each scope."},
    )


class GoalRowQuery(RowQuery):
    """Which goals of a run are wanted."""

    goal = wanted_key("goal", load_default="")


# The columns are the library's (docs/reference/scores.md): a row is passed on as it is stored.
ScorePage = page_of_fields(
    "Score", fields.Dict(metadata={"description": "A row with the columns of the scored CSV."})
)
GoalRowPage = page_of_fields(
    "GoalRow", fields.Dict(metadata={"description": "A row with the columns of the goals' table."})
)
