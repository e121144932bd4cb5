from __future__ import annotations

import re
from typing import Any

from flask import Flask

from tests.api.test_entering import operations


def document_of(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.json is not None
    return dict(answer.json)


def told_operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        told
        for methods in document["paths"].values()
        for method, told in methods.items()
        if method != "parameters"
    ]


def test_the_document_has_every_operation_with_its_refusals(app: Flask) -> None:
    document = document_of(app)
    assert document["openapi"] == "3.1.0"
    told = told_operations(document)
    assert len(told) == len(operations(app))
    assert len({one["operationId"] for one in told}) == len(told)
    for one in told:
        answers = one["responses"]
        assert {"400", "401", "403", "503"} <= answers.keys(), one["operationId"]
        assert "default" not in answers
        if any(parameter.get("name") == "If-Match" for parameter in one["parameters"]):
            assert {"412", "428"} <= answers.keys()
        if "requestBody" in one:
            assert {"409", "413", "415", "422"} <= answers.keys()
    refusal = document["components"]["responses"]["FORBIDDEN"]
    assert list(refusal["content"]) == ["application/problem+json"]


def test_the_page_has_every_operation_and_loads_nothing_from_elsewhere(app: Flask) -> None:
    page = app.test_client().get("/api/v1/reference").get_data(as_text=True)
    for told in told_operations(document_of(app)):
        assert f'id="{told["operationId"]}"' in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
