"""Reading what machines send: strict JSON and query strings, each refusal with its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError

from survey_app.domain.definition_fields import find_flaw
from survey_app.domain.problems import Problem, Refused

JSON = "application/json"
Parser: Any = type(Blueprint.ARGUMENTS_PARSER)


class StrictParser(Parser):  # type: ignore[misc]
    """Takes each part of a request as its schema says and nothing beside it."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE, "headers": EXCLUDE}  # noqa: RUF012

    def load_json(self, request: Request, _schema: Schema) -> Any:
        """The body as data; refuses what is no JSON, or holds what cannot be stored."""
        return read_json(request.get_data(cache=True))

    def handle_error(self, error: ValidationError, *_rest: Any, **_named: Any) -> NoReturn:
        """Tell every refusal as a problem."""
        messages = error.messages
        assert isinstance(messages, Mapping)
        problems = [
            problem for _location, refused in messages.items() for problem in _problems(refused, ())
        ]
        raise Refused(problems)


def read_json(data: bytes) -> Any:
    """Read JSON (RFC 8259, so without NaN); raises Refused (400), with the place of what is wrong.

    No text in it has NUL characters or lone surrogates, which databases cannot keep.
    """
    try:
        document = json.loads(data, parse_constant=_refuse_constant)
        flaws = list(_flaws(document, ()))
    except UnicodeDecodeError as error:
        raise Refused([Problem("body", "encoding", "The body is not UTF-8.")], 400) from error
    except RecursionError as error:
        raise Refused([Problem("body", "too_deep", "The body is nested too deep.")], 400) from error
    except ValueError as error:
        raise Refused([Problem("body", "syntax", f"The body is no JSON: {error}")], 400) from error
    if flaws:
        raise Refused(flaws, 400)
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number that JSON knows")


def _flaws(value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _flaws(key, path)
            yield from _flaws(below, (*path, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _flaws(below, (*path, number))
    elif isinstance(value, str) and (flaw := find_flaw(value)):
        yield Problem(_place(path) or "body", "bad_character", flaw)


def _problems(refused: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    """Marshmallow's tree of refusals as problems with places."""
    if isinstance(refused, Mapping):
        for step, below in refused.items():
            yield from _problems(below, path if step == "_schema" else (*path, step))
        return
    for said in refused if isinstance(refused, list) else [refused]:
        yield Problem(_place(path), "invalid", str(said))


def _place(path: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in path)
