"""Responses for machines: read in pages, and taken over by the import step alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_login import current_user
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from survey_app.api.paging import Page, page_of, read_page
from survey_app.api.resources import Resources, accept
from survey_app.db import db, utc_now
from survey_app.design.queries import version_by_number
from survey_app.domain.problems import NotFound
from survey_app.organisation.calendars import month_bounds
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.sight import is_in_sight, sight_of
from survey_app.respond.importing import import_answers
from survey_app.respond.models import AnswerBatch, Response
from survey_app.respond.schemas import (
    AnswerBatchSchema,
    ResponseQuery,
    ResponseSchema,
    WantedAnswers,
)

resources = Resources("responses", "What people have answered.")


@resources.operation(
    "GET", "/responses", "responses:read", page_of(ResponseSchema), query=ResponseQuery
)
def list_responses(query: dict[str, Any]) -> Page:
    """List responses, each in its newest revision."""
    rows = _newest_in_sight()
    if query["questionnaire"]:
        rows = rows.where(Response.questionnaire_key == query["questionnaire"])
    if query["month"]:
        begins, ends = month_bounds(query["month"], _zone())
        rows = rows.where(Response.submitted_at >= begins, Response.submitted_at < ends)
    if query["updated_since"]:
        rows = rows.where(Response.stored_at >= query["updated_since"])
    page = read_page(rows, Response.id, query)
    return Page(with_keys(page.items), page.next)


@resources.operation("GET", "/responses/<int:response_id>", "responses:read", ResponseSchema)
def show_response(response_id: int) -> dict[str, Any]:
    """Read a response; of one that was changed since there is a newer one in its place."""
    response = db.session.scalar(_newest_in_sight().where(Response.id == response_id))
    if response is None:
        raise NotFound("There is no such response, or it was changed and has another id now.")
    return with_keys([response])[0]


@resources.operation(
    "POST",
    "/responses/imports",
    "responses:write",
    AnswerBatchSchema,
    status=201,
    body=WantedAnswers,
    refusals=[404],
)
def import_file(body: dict[str, Any]) -> AnswerBatch:
    """Import a CSV file of answers: all of its rows, or none."""
    return accept(
        import_answers(
            version_by_number(body["questionnaire"], body["version"]),
            body["csv"].encode(),
            body["mapping"],
            body["filename"],
            utc_now(),
            _zone(),
            sight_of(current_user),
        )
    )


def newest_responses() -> Select[Any]:
    """All responses, each in its newest revision."""
    later = aliased(Response)
    changed_since = exists().where(
        later.source == Response.source,
        later.source_id == Response.source_id,
        later.revision > Response.revision,
    )
    return select(Response).where(~changed_since)


def _newest_in_sight() -> Select[Any]:
    return newest_responses().where(is_in_sight(Response.unit_id, sight_of(current_user)))


def with_keys(responses: Iterable[Response]) -> list[dict[str, Any]]:
    """Responses as their schema dumps them, with unit and representative in place of their ids."""
    units = {unit.id: unit for unit in db.session.scalars(select(Unit))}
    people = {person.id: person for person in db.session.scalars(select(Representative))}
    return [
        {
            **{column.key: getattr(one, column.key) for column in Response.__table__.columns},
            "unit": units.get(one.unit_id),
            "representative": people.get(one.representative_id),
        }
        for one in responses
    ]


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.config["SETTINGS"].zone
    return zone
