"""Trouble told to machines: one shape for every refusal of the API (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from flask import Response

from survey_app.domain.problems import Problem

MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="Soundings"'


def problem_response(
    status: int,
    detail: str,
    problems: Sequence[Problem] = (),
    allowed: Iterable[str] | None = None,
) -> Response:
    """The answer to a request that is refused.

    `detail` is a sentence for people; `problems` are the single things that are wrong, each with
    its place and its code. `allowed` are the methods that the address takes, where another came.
    """
    document = {
        # The status says what kind of trouble it is (RFC 9457, 4.2.1).
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "problems": [
            {"place": one.place, "code": one.code, "message": one.message} for one in problems
        ],
    }
    response = Response(json.dumps(document, ensure_ascii=True), status, mimetype=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = CHALLENGE
    if allowed is not None:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
