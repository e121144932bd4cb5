"""Resources of the API: what an operation asks for and answers, done and told in one place."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema

from survey_app.accounts.scopes import SCOPES
from survey_app.api.bodies import JSON, StrictParser
from survey_app.api.etags import etag_of, require_if_match
from survey_app.api.idempotency import HEADER, LONGEST_KEY, answer_once
from survey_app.domain.problems import Problem, Refused, SoundingsError
from survey_app.web import allow

PREFIX = "/api/v1"
View = Callable[..., Any]
Made = TypeVar("Made")

# Codes of problems that say: somebody else's came first.
TAKEN = frozenset({"taken", "conflict", "launched", "undone", "imported_before", "unchanged"})
CHANGED = frozenset({"stale", "changed", "changed_meanwhile", "audience_changed"})

ALWAYS = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 503: "SERVICE_UNAVAILABLE"}
KEY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Sent again with the same key within a day, the request is done once.",
    "schema": {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[!-~]*$"},
}
MATCH_PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag of what was read: the change is made on that state or not at all.",
    "schema": {"type": "string"},
}
NONE_MATCH_PARAMETER = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The ETag of what is known already: 304 if it is the same still.",
    "schema": {"type": "string"},
}


class Resources(Blueprint):  # type: ignore[misc]
    """The operations on one kind of thing."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, kind: str, description: str) -> None:
        super().__init__(f"{kind}_api", __name__, description=description, url_prefix=PREFIX)
        self.kind = kind
        self._prepare_doc_cbks.append(_document_operation)

    def operation(
        self,
        method: str,
        path: str,
        scope: str,
        answer: type[Schema] | Schema | None = None,
        *,
        status: int = 200,
        query: type[Schema] | None = None,
        body: type[Schema] | None = None,
        matched: bool = False,
        media: str = JSON,
        refusals: Sequence[int] = (),
    ) -> Callable[[View], View]:
        """Declare an operation: GET reads, POST adds or does something, PUT and PATCH change.

        The view gets the query and the body, as far as there are schemas for them, then what the
        path names. It gives what `answer` dumps, or that and the address of what it has made, or a
        whole Response. `matched` asks for If-Match, which the view compares with `check_match`.
        `refusals` are statuses of refusals beyond those that every operation of this form has.
        """
        changes = method != "GET"

        def declare(view: View) -> View:
            handler = _answer_with(view, answer, status)
            handler = self.response(status, answer, content_type=media)(handler)
            if body is not None:
                handler = self.arguments(body, location="json")(handler)
            if query is not None:
                handler = self.arguments(query, location="query")(handler)
            handler = _check_request(handler, body is not None, matched, method == "POST")
            statuses = dict(ALWAYS)
            if "<" in path:
                statuses[404] = "NOT_FOUND"
                if changes and "<int:" in path:
                    # How the router tells of a number that is too large to be anybody's.
                    statuses[405] = "METHOD_NOT_ALLOWED"
            if query is not None or changes:
                statuses[422] = "UNPROCESSABLE_ENTITY"
            if changes:
                statuses |= {409: "CONFLICT", 413: "REQUEST_ENTITY_TOO_LARGE"}
            if body is not None:
                statuses[415] = "UNSUPPORTED_MEDIA_TYPE"
            if matched:
                statuses |= {412: "PRECONDITION_FAILED", 428: "PRECONDITION_REQUIRED"}
            statuses |= {one: _NAMES[one] for one in refusals}
            parameters = []
            if method == "POST":
                parameters.append(KEY_PARAMETER)
            if matched:
                parameters.append(MATCH_PARAMETER)
            if not changes and media == JSON:
                parameters.append(NONE_MATCH_PARAMETER)
                statuses[304] = "NOT_MODIFIED"
            handler._apidoc["operation"] = {  # type: ignore[attr-defined]
                "id": f"{self.kind}_{view.__name__}",
                "scope": scope,
                "refusals": statuses,
                "parameters": parameters,
            }
            # Its roles are those of its scope: one rule for the making and the using of tokens.
            handler = allow(*SCOPES[scope][1])(handler)
            handler.scope = scope  # type: ignore[attr-defined]
            self.route(path, methods=[method], tags=[self.kind])(handler)
            return handler

        return declare


_NAMES = {404: "NOT_FOUND", 409: "CONFLICT", 422: "UNPROCESSABLE_ENTITY"}


def accept(outcome: tuple[Made | None, list[Problem]]) -> Made:
    """What a step made; raises Refused with its problems where it was refused.

    The status is 409 where somebody else's came first, 412 where the request named the state that
    it was made on, and 422 otherwise.
    """
    made, problems = outcome
    if problems:
        refuse(problems)
    assert made is not None
    return made


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Refused with the status that fits the problems, if there are any."""
    codes = {problem.code for problem in problems}
    if not codes:
        return
    if codes <= CHANGED and request.if_match:
        raise Refused(problems, 412)
    raise Refused(problems, 409 if codes <= CHANGED | TAKEN else 422)


def _answer_with(view: View, answer: type[Schema] | Schema | None, status: int) -> View:
    """Dump what the view gives; tag it, and send nothing where the client has it already."""

    @wraps(view)
    def handler(*arguments: Any, **named: Any) -> Response:
        given = view(*arguments, **named)
        if isinstance(given, Response):
            return given
        given, address = given if isinstance(given, tuple) else (given, "")
        assert answer is not None
        schema = answer() if isinstance(answer, type) else answer
        document = schema.dump(given)
        # Not `jsonify`, which would put the keys of definitions and rows into another order.
        response = Response(json.dumps(document), status, mimetype=JSON)
        response.set_etag(etag_of(document))
        if address:
            response.headers["Location"] = address
        if isinstance(document, dict) and document.get("next"):
            response.headers["Link"] = f'<{document["next"]}>; rel="next"'
        if request.method in ("GET", "HEAD"):
            response.cache_control.private = True
            response.cache_control.no_cache = True
            response.make_conditional(request)
        return response

    return handler


def _check_request(view: View, has_body: bool, matched: bool, once: bool) -> View:
    """What is asked of a request before its parts are read."""

    @wraps(view)
    def handler(*arguments: Any, **named: Any) -> Any:
        if has_body and request.mimetype != JSON:
            raise SoundingsError(f"Send the body as JSON, with Content-Type: {JSON}.", 415)
        if matched:
            require_if_match()
        if once:
            return answer_once(lambda: view(*arguments, **named))
        return view(*arguments, **named)

    return handler


def _document_operation(
    doc: dict[str, Any], doc_info: dict[str, Any], **_rest: Any
) -> dict[str, Any]:
    """Write what `operation` knows into the OpenAPI document."""
    told = doc_info["operation"]
    doc["operationId"] = told["id"]
    doc["security"] = [{"token": [told["scope"]]}]
    doc.setdefault("parameters", []).extend(told["parameters"])
    for status, name in told["refusals"].items():
        # In place of what the library writes: a reference to the one shape of refusals.
        doc["responses"][str(status)] = name
        doc["responses"].pop(status, None)
    return doc
