"""Campaigns that come again, as machines read them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from survey_app.invite.repeating import AFTER_VISIT, MONTHLY


def _told(of: type[fields.Field], words: str, allow_none: bool = True) -> fields.Field:
    return of(required=True, allow_none=allow_none, metadata={"description": words})


class SeriesSchema(Schema):
    """A campaign that comes again: each month, or some days after a visit closes."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([MONTHLY, AFTER_VISIT]))
    pattern = _told(fields.Integer, "Id of the campaign that copies are sent of.", False)
    at = _told(fields.String, "Time of day in the organisation's zone, such as 09:30.", False)
    open_days = _told(fields.Integer, "Links work until the end of the day so much later.", False)
    day = _told(fields.Integer, "Of each month; 31 is the last one. Null after visits.")
    process = _told(fields.String, "Key of the kind of visit; null of a monthly series.")
    days = _told(fields.Integer, "So many days after a visit; null of a monthly series.")
    next_at = _told(fields.AwareDateTime, "When it comes next; null while it is stopped.")
    stopped_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
