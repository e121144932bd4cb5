"""Fields that the schemas of several rooms share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from survey_app.domain.tables import LARGEST_FILE

KEY_PATTERN = "^[a-z][a-z0-9_]{0,62}$"
# Of years that every calendar here can reckon with.
MONTH_PATTERN = "^[12][0-9]{3}-(0[1-9]|1[0-2])$"


def key_of(name: str) -> fields.String:
    """The key of a row that this one belongs to, dumped; null where there is none."""
    return fields.String(
        attribute=f"{name}.key",
        required=True,
        dump_default=None,
        allow_none=True,
        metadata={"description": f"Key of the {name.replace('_', ' ')}."},
    )


def wanted_key(what: str, **named: Any) -> fields.String:
    """A key, loaded: as the organisation gave it."""
    return fields.String(
        validate=validate.Regexp(KEY_PATTERN),
        metadata={"description": f"Key of the {what}."},
        **named,
    )


def wanted_month(words: str, **named: Any) -> fields.String:
    """A month like 2026-07, loaded."""
    return fields.String(
        validate=validate.Regexp(MONTH_PATTERN, error="Write a month like 2026-07."),
        metadata={"description": words},
        **named,
    )


class MonthField(fields.String):
    """The month of a date, dumped like 2026-07."""

    def _serialize(self, value: Any, *_rest: Any, **_named: Any) -> str:
        month: str = value.isoformat()[:7]
        return month


class MomentField(fields.AwareDateTime):
    """A moment with its offset from UTC (RFC 3339), loaded as UTC."""

    def _deserialize(self, value: Any, *rest: Any, **named: Any) -> datetime:
        moment = super()._deserialize(value, *rest, **named)
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("This moment lies beyond all calendars. Correct it.") from error


def wanted_moment(words: str, **named: Any) -> MomentField:
    """A moment with its offset, loaded."""
    return MomentField(format="iso", metadata={"description": words}, **named)


def whole_file() -> fields.String:
    """The text of a CSV file, loaded."""
    return fields.String(
        required=True,
        validate=validate.Length(max=LARGEST_FILE),
        metadata={"description": "The file's text: a header and rows, as the pages take it."},
    )


def file_name() -> fields.String:
    """The name under which an import is listed, loaded."""
    return fields.String(
        required=True,
        validate=validate.Length(1, 255),
        metadata={"description": "Under this name the import is listed.", "examples": ["july.csv"]},
    )


def column_mapping() -> fields.Dict:
    """How another system's columns are named, loaded; as the pages take it in YAML."""
    return fields.Dict(
        keys=fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": "Which column of the file is which of ours; see the how-to."},
    )
