"""Contacts and campaigns as machines read and write them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from survey_app.api.schema_fields import file_name, key_of, wanted_key, wanted_moment, whole_file
from survey_app.invite.campaigning import LONGEST_NAME
from survey_app.invite.composing import LONGEST_SUBJECT
from survey_app.invite.contact_fields import FIELDS, LONGEST_ATTRIBUTE
from survey_app.invite.contact_models import REASONS
from survey_app.invite.contact_rows import KEY_COLUMNS

LONGEST_MESSAGE = 20_000
ATTRIBUTES = {"description": "What else is known; conditions and texts of questionnaires use it."}


class MailCountsSchema(Schema):
    """How far the mails of a campaign are."""

    queued = fields.Integer(required=True)
    sending = fields.Integer(required=True)
    sent = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class CampaignSchema(Schema):
    """A questionnaire version sent, or to be sent, to an audience."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    questionnaire = fields.String(required=True, attribute="questionnaire_key")
    version = fields.Integer(required=True, attribute="version_number")
    audience = key_of("audience_unit")
    subject = fields.String(required=True)
    message = fields.String(required=True)
    closes_at = fields.AwareDateTime(required=True, allow_none=True)
    answers_may_change = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    launched_at = fields.AwareDateTime(required=True, allow_none=True)
    recipients = fields.Integer(
        required=True,
        metadata={"description": "Before it is sent: how many would be invited now."},
    )
    mails = fields.Nested(MailCountsSchema, required=True)


class WantedCampaign(Schema):
    """A campaign to be added; nothing is sent before it is launched."""

    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    questionnaire = wanted_key("questionnaire", required=True)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    subject = fields.String(required=True, validate=validate.Length(1, LONGEST_SUBJECT))
    message = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_MESSAGE),
        metadata={"description": "{link} becomes the personal link and must be there."},
    )
    audience = wanted_key("unit whose contacts are invited", load_default=None, allow_none=True)
    closes_at = wanted_moment("Until when links work.", load_default=None, allow_none=True)
    answers_may_change = fields.Boolean(load_default=False)


class Launch(Schema):
    """The decision to send."""

    recipients = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, 2**31 - 1),
        metadata={
            "description": "As `recipients` said; if the audience has changed, it is refused."
        },
    )


class SuppressionSchema(Schema):
    """Why an address gets no invitations, and since when."""

    reason = fields.String(required=True, validate=validate.OneOf(list(REASONS)))
    at = fields.AwareDateTime(required=True)


class ContactSchema(Schema):
    """Somebody who may be invited."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    external_id = fields.String(required=True, allow_none=True)
    unit = key_of("unit")
    representative = key_of("representative")
    language = fields.String(required=True)
    attributes = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=ATTRIBUTES
    )
    consent_at = fields.AwareDateTime(required=True, allow_none=True)
    consent_source = fields.String(required=True)
    suppression = fields.Nested(
        SuppressionSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Why and since when the address gets no invitations."},
    )
    created_at = fields.AwareDateTime(required=True)


class ContactChange(Schema):
    """What is to be different of a contact; an empty text empties the field."""

    email = fields.String()
    name = fields.String()
    external_id = fields.String()
    unit = fields.String(metadata={"description": "Key of the unit."})
    representative = fields.String(metadata={"description": "Key of the representative."})
    language = fields.String()
    consent = fields.String(
        metadata={
            "description": "Since when the person agrees to be asked: a date or a moment.",
            "examples": ["2026-07-31"],
        }
    )
    consent_source = fields.String(metadata={"description": "From where that is known."})
    attributes = fields.Dict(
        keys=fields.String(validate=[validate.Length(1, 120), validate.NoneOf(FIELDS)]),
        values=fields.String(validate=validate.Length(max=LONGEST_ATTRIBUTE)),
        load_default=dict,
        metadata=ATTRIBUTES,
    )


class WantedContact(ContactChange):
    """A contact to be added."""

    email = fields.String(required=True)


class WantedContacts(Schema):
    """A file of contacts; those that are known are updated."""

    filename = file_name()
    csv = whole_file()
    key = fields.String(
        load_default="email",
        validate=validate.OneOf(list(KEY_COLUMNS)),
        metadata={
            "description": "By what a contact is known; by `external_id` its address may change."
        },
    )
    dry_run = fields.Boolean(
        load_default=False,
        metadata={"description": "Tell what would be done, and store nothing."},
    )


class ImportedContacts(Schema):
    """What an import did, or would do."""

    added = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
