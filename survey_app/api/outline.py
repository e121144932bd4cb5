"""The OpenAPI document as its page shows it: operations by kind, each with fields in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body or an answer; `depth` counts what it lies in."""

    name: str
    type: str
    required: bool
    words: str
    depth: int = 0


@dataclass(frozen=True)
class Operation:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    success: str
    refusals: list[str]


@dataclass(frozen=True)
class Kind:
    """The operations on one kind of thing."""

    name: str
    words: str
    operations: list[Operation] = field(default_factory=list)


def outline_of(document: Document) -> list[Kind]:
    """The kinds in the document's order, with their operations in the order of their paths."""
    kinds = {tag["name"]: Kind(tag["name"], tag["description"]) for tag in document["tags"]}
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, told in methods.items():
            if method != "parameters":
                operation = _operation(document, path, method, told, shared)
                kinds[told["tags"][0]].operations.append(operation)
    return list(kinds.values())


def _operation(
    document: Document, path: str, method: str, told: Document, shared: list[Document]
) -> Operation:
    answers = told["responses"]
    success = next(status for status in answers if status.startswith("2"))
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        scope=told["security"][0]["token"][0],
        parameters=[_parameter(one) for one in [*shared, *told.get("parameters", [])]],
        body=_content_fields(document, told.get("requestBody", {})),
        answer=_content_fields(document, answers[success]),
        success=f"{success} {HTTPStatus(int(success)).phrase}",
        refusals=sorted(status for status in answers if not status.startswith("2")),
    )


def _parameter(told: Document) -> Field:
    schema = told["schema"]
    words = told.get("description") or schema.get("description", "")
    place = {"path": "in the path", "header": "header"}.get(told["in"], "")
    type_ = ", ".join(part for part in (_type_of(schema), place) if part)
    return Field(told["name"], type_, bool(told.get("required")), words)


def _content_fields(document: Document, told: Document) -> list[Field]:
    fields: list[Field] = []
    for media, content in told.get("content", {}).items():
        schema = _resolved(document, content["schema"])
        if "properties" in schema:
            fields += _fields(document, schema, 0)
        else:
            fields.append(Field(media, _type_of(schema), True, ""))
    return fields


def _fields(document: Document, schema: Document, depth: int) -> list[Field]:
    fields = []
    for name, told in schema["properties"].items():
        below = _resolved(document, told.get("items", told))
        words = told.get("description") or ""
        required = name in schema.get("required", [])
        fields.append(Field(name, _type_of(_resolved(document, told)), required, words, depth))
        if "properties" in below:
            fields += _fields(document, below, depth + 1)
    return fields


def _resolved(document: Document, schema: Document) -> Document:
    reference = schema.get("$ref", "")
    found: Document = (
        document["components"]["schemas"][reference.rpartition("/")[2]] if (reference) else schema
    )
    return found


def _type_of(schema: Document) -> str:
    types = schema.get("type", "any")
    names = [types] if isinstance(types, str) else list(types)
    told = " or ".join(names)
    if "enum" in schema:
        told = ", ".join(str(one) for one in schema["enum"] if one not in ("", None))
    return f"{told} ({schema['format']})" if "format" in schema else told
