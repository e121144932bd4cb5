"""Lists in pages: a cursor names the last row that was seen, so that new rows shift nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from marshmallow import Schema, fields, validate
from sqlalchemy import Select

from survey_app.config import Settings
from survey_app.db import db
from survey_app.domain.problems import Problem, Refused

A_PAGE = 100
MOST_A_PAGE = 1000


class PageQuery(Schema):
    """Which part of a list is wanted."""

    limit = fields.Integer(
        load_default=A_PAGE,
        validate=validate.Range(1, MOST_A_PAGE),
        metadata={"description": "How many items at most."},
    )
    cursor = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "Where to go on: from `next` of the page before."},
    )


@dataclass(frozen=True)
class Page:
    """One page; `next` is the address of the page after it, None where it is the last."""

    items: Sequence[Any]
    next: str | None


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of such items."""
    return page_of_fields(item.__name__.removesuffix("Schema"), fields.Nested(item))


def page_of_fields(name: str, item: fields.Field[Any]) -> type[Schema]:
    """The schema of a page whose items are no objects of a schema of their own."""
    return Schema.from_dict(
        {
            "items": fields.List(item, required=True),
            "next": fields.String(
                required=True,
                allow_none=True,
                metadata={"description": "Address of the next page; null on the last one."},
            ),
        },
        name=f"{name}Page",
    )


def read_page(
    rows: Select[Any], key: Any, query: dict[str, Any], newest_first: bool = False
) -> Page:
    """A page of a query's first column, in the order of `key`: a unique column of whole numbers."""
    signer = _signer()
    if query["cursor"]:
        seen = _read_cursor(signer, query["cursor"])
        rows = rows.where(key < seen if newest_first else key > seen)
    limit = query["limit"]
    ordered = rows.add_columns(key).order_by(key.desc() if newest_first else key).limit(limit + 1)
    found = db.session.execute(ordered).all()
    items = [row[0] for row in found[:limit]]
    more = len(found) > limit
    return Page(items, _address_after(signer, found[limit - 1][-1]) if more else None)


def _address_after(signer: URLSafeSerializer, last: int) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    told = request.args.to_dict() | {"cursor": str(signer.dumps(last))}
    assert request.endpoint is not None
    return settings.address + url_for(request.endpoint, **(request.view_args or {}), **told)


def _read_cursor(signer: URLSafeSerializer, cursor: str) -> int:
    try:
        seen = signer.loads(cursor)
    except BadSignature as error:
        message = "This is no cursor of this list. Take it from `next` of a page."
        raise Refused([Problem("cursor", "invalid", message)]) from error
    return int(seen)


def _signer() -> URLSafeSerializer:
    """Signed for its list: a cursor of another list, or one made up, is refused."""
    return URLSafeSerializer(current_app.secret_key or "", salt=f"page of {request.endpoint}")
