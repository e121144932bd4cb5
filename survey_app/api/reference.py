"""The API as a whole: its rooms registered, its OpenAPI document, and a page to read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template
from flask_smorest import Api
from marshmallow import Schema, fields

from survey_app.api.entering import init_entrance
from survey_app.api.outline import outline_of
from survey_app.api.resources import PREFIX, Resources
from survey_app.problem_documents import MEDIA_TYPE
from survey_app.web import allow, csrf

bp = Blueprint("api", __name__, url_prefix=PREFIX)

ROOMS, DOCUMENT = "soundings_api_rooms", "soundings_api_document"

ABOUT = (
    "Questionnaires, campaigns, contacts, responses, visits, figures, goals and scores for "
    "programs. Send a personal token as `Authorization: Bearer snd_…`; it is made on the page API "
    "tokens, and never sees more than its user. Lists come in pages: follow `next` until it is "
    "null. Every refusal is a problem document (RFC 9457). Moments are in UTC, months in the "
    "organisation's time zone."
)


class ProblemSchema(Schema):
    """One thing that is wrong."""

    place = fields.String(required=True, metadata={"description": "Where it is, for people."})
    code = fields.String(required=True, metadata={"description": "What it is, for programs."})
    message = fields.String(required=True, metadata={"description": "A sentence with the remedy."})


class ProblemDocument(Schema):
    """Why a request was refused (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    problems = fields.List(fields.Nested(ProblemSchema), required=True)


class MachineApi(Api):  # type: ignore[misc]
    """flask-smorest's part: the document. Errors are `survey_app.web`'s."""

    # An answer that no operation names is a fault, and not a default.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """None of its own: there is one shape of errors."""

    def _register_responses(self) -> None:
        """Refusals by name, for operations to refer to."""
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["content"] = {MEDIA_TYPE: {"schema": ProblemDocument}}
            self.spec.components.response(status.name, response, lazy=True)

    def _register_etag_headers(self) -> None:
        """None: `Resources.operation` documents them."""

    def _register_pagination_header(self) -> None:
        """None: pages name the next one in their body."""


def init_api(app: Flask, rooms: Sequence[Resources]) -> None:
    """Install the API with the resources of these rooms."""
    init_entrance(app)
    for room in rooms:
        # There is no cookie that a foreign page could ride on.
        csrf.exempt(room)
        app.register_blueprint(room)
    app.register_blueprint(bp)
    app.extensions[ROOMS] = rooms


def api_document() -> dict[str, Any]:
    """The OpenAPI document; made when it is first asked for, since most processes never are."""
    kept = current_app.extensions
    if DOCUMENT not in kept:
        kept[DOCUMENT] = _make_document(current_app, kept[ROOMS])
    document: dict[str, Any] = kept[DOCUMENT]
    return document


def _make_document(app: Flask, rooms: Sequence[Resources]) -> dict[str, Any]:
    app.config.update(API_TITLE="Soundings", API_VERSION=_version(), OPENAPI_VERSION="3.1.0")
    api = MachineApi(
        app,
        spec_kwargs={
            "info": {"description": ABOUT},
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        },
    )
    for room in rooms:
        room.register_views_in_doc(api, app, api.spec, name=room.name, parameters=None)
        api.spec.tag({"name": room.kind, "description": room.description})
    document: dict[str, Any] = api.spec.to_dict()
    return document


@bp.get("/openapi.json")
@allow("public")
def show_document() -> Response:
    """The OpenAPI 3.1 document of the API."""
    return Response(json.dumps(api_document()), mimetype="application/json")


@bp.get("/reference")
@allow("public")
def show_reference() -> str:
    """The same as a page for people."""
    document = api_document()
    return render_template("api/reference.html", about=document["info"], kinds=outline_of(document))


def _version() -> str:
    try:
        return version("soundings")
    except PackageNotFoundError:
        return "source"
