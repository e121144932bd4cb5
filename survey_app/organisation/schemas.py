"""The organisation as machines read it."""

from __future__ import annotations

from marshmallow import Schema, fields

from survey_app.api.schema_fields import key_of


class UnitSchema(Schema):
    """A unit; the one without a parent is the company."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    parent = key_of("parent")


class RepresentativeSchema(Schema):
    """Somebody who serves customers."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    unit = key_of("unit")
    active = fields.Boolean(required=True)


class UserSchema(Schema):
    """Somebody who signs in."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    active = fields.Boolean(required=True)
    roles = fields.List(fields.Pluck(lambda: RoleSchema(), "name"), required=True)


class RoleSchema(Schema):
    """What a user may do."""

    name = fields.String(required=True)
