"""Questionnaires for machines: drafts are saved and published by the steps that the pages call."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from survey_app.api.etags import check_match
from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.api.resources import Resources, accept, refuse
from survey_app.db import utc_now
from survey_app.design.editing import create_questionnaire, save_draft
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.design.publishing import publish
from survey_app.design.queries import questionnaire_by_key, version_by_number
from survey_app.design.schemas import (
    DraftSchema,
    QuestionnaireSchema,
    VersionSchema,
    WantedDraft,
    WantedVersion,
)

resources = Resources("questionnaires", "Questionnaires: one draft each, and published versions.")
READ, WRITE = "questionnaires:read", "questionnaires:write"


@resources.operation("GET", "/questionnaires", READ, page_of(QuestionnaireSchema), query=PageQuery)
def list_questionnaires(query: dict[str, Any]) -> Page:
    """List questionnaires."""
    rows = select(Questionnaire).options(selectinload(Questionnaire.versions))
    page = read_page(rows, Questionnaire.id, query)
    return Page([_told(one) for one in page.items], page.next)


@resources.operation(
    "POST", "/questionnaires", WRITE, QuestionnaireSchema, status=201, body=WantedDraft
)
def add_questionnaire(body: dict[str, Any]) -> Any:
    """Begin a questionnaire with a draft."""
    made = accept(create_questionnaire(body["definition"], utc_now()))
    return _told(made), url_for("questionnaires_api.show_questionnaire", key=made.key)


@resources.operation("GET", "/questionnaires/<key>", READ, QuestionnaireSchema)
def show_questionnaire(key: str) -> dict[str, Any]:
    """Read a questionnaire."""
    return _told(questionnaire_by_key(key))


@resources.operation("GET", "/questionnaires/<key>/draft", READ, DraftSchema)
def show_draft(key: str) -> dict[str, Any]:
    """Read the draft."""
    return _draft_of(questionnaire_by_key(key))


@resources.operation(
    "PUT", "/questionnaires/<key>/draft", WRITE, DraftSchema, body=WantedDraft, matched=True
)
def replace_draft(body: dict[str, Any], key: str) -> dict[str, Any]:
    """Replace the draft."""
    questionnaire = questionnaire_by_key(key)
    check_match(DraftSchema().dump(_draft_of(questionnaire)))
    revision = questionnaire.draft_revision
    refuse(save_draft(questionnaire, body["definition"], revision, utc_now()))
    return _draft_of(questionnaire)


@resources.operation(
    "GET", "/questionnaires/<key>/versions", READ, page_of(VersionSchema), query=PageQuery
)
def list_versions(query: dict[str, Any], key: str) -> Page:
    """List published versions."""
    questionnaire = questionnaire_by_key(key)
    rows = select(QuestionnaireVersion).where(
        QuestionnaireVersion.questionnaire_key == questionnaire.key
    )
    return read_page(rows, QuestionnaireVersion.number, query)


@resources.operation(
    "POST", "/questionnaires/<key>/versions", WRITE, VersionSchema, status=201, body=WantedVersion
)
def publish_draft(body: dict[str, Any], key: str) -> Any:
    """Publish the draft as the next version."""
    made = accept(publish(questionnaire_by_key(key), utc_now(), body["revision"]))
    return made, url_for("questionnaires_api.show_version", key=key, number=made.number)


@resources.operation("GET", "/questionnaires/<key>/versions/<int:number>", READ, VersionSchema)
def show_version(key: str, number: int) -> QuestionnaireVersion:
    """Read a published version."""
    return version_by_number(key, number)


def _told(questionnaire: Questionnaire) -> dict[str, Any]:
    return {
        "key": questionnaire.key,
        "title": questionnaire.title,
        "draft_revision": questionnaire.draft_revision,
        "updated_at": questionnaire.updated_at,
        "versions": [version.number for version in questionnaire.versions],
    }


def _draft_of(questionnaire: Questionnaire) -> dict[str, Any]:
    return {"revision": questionnaire.draft_revision, "definition": questionnaire.draft}
