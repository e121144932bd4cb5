"""Contacts and campaigns as machines read and write them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from survey_app.api.schema_fields import file_name, key_of, wanted_key, wanted_moment, whole_file
from survey_app.invite.campaigning import LONGEST_NAME
from survey_app.invite.composing import LONGEST_SUBJECT
from survey_app.invite.contact_fields import FIELDS, LONGEST_ATTRIBUTE
from survey_app.invite.contact_models import REASONS
from survey_app.invite.contact_rows import KEY_COLUMNS
from survey_app.invite.models import IDENTIFIED, MODES

LONGEST_MESSAGE = 20_000
ATTRIBUTES = {"description": "What else is known; conditions and texts of questionnaires use it."}


FILTER = {"description": "Values that an attribute may have; language and representative too."}
MINUTE = {"description": "Minute of the day on the organisation's clock, 0 to 1440."}
DAYS = {"description": "Seven signs, Monday first: 1 for a day on which mails are sent."}
PACE = {"description": "Mails an hour at most."}


class QuotaSchema(Schema):
    """So many answers of people with some value of an attribute, and no more."""

    attribute = fields.String(required=True, validate=validate.Length(1, 120))
    value = fields.String(required=True, validate=validate.Length(1, LONGEST_ATTRIBUTE))
    limit = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))


class MailCountsSchema(Schema):
    """How far the mails of a campaign are."""

    queued = fields.Integer(required=True)
    sending = fields.Integer(required=True)
    sent = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    dropped = fields.Integer(
        required=True, metadata={"description": "Not to be sent any more when their turn came."}
    )


class CampaignSchema(Schema):
    """A questionnaire version sent, or to be sent, to an audience."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    questionnaire = fields.String(required=True, attribute="questionnaire_key")
    version = fields.Integer(required=True, attribute="version_number")
    audience = key_of("audience_unit")
    subject = fields.String(required=True)
    message = fields.String(required=True)
    mode = fields.String(required=True, validate=validate.OneOf(list(MODES)))
    audience_filter = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), required=True, metadata=FILTER
    )
    sample_size = fields.Integer(required=True, allow_none=True)
    first_question = fields.Boolean(required=True)
    opens_at = fields.AwareDateTime(required=True, allow_none=True)
    closes_at = fields.AwareDateTime(required=True, allow_none=True)
    send_from = fields.Integer(required=True, metadata=MINUTE)
    send_until = fields.Integer(required=True, metadata=MINUTE)
    send_days = fields.String(required=True, metadata=DAYS)
    pace = fields.Integer(required=True, allow_none=True, metadata=PACE)
    reminders = fields.Integer(required=True)
    reminder_days = fields.Integer(required=True)
    reminder_subject = fields.String(required=True)
    reminder_message = fields.String(required=True)
    enough = fields.Integer(required=True, allow_none=True)
    quotas = fields.List(fields.Nested(QuotaSchema), required=True)
    answers_may_change = fields.Boolean(required=True)
    paused_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    launched_at = fields.AwareDateTime(required=True, allow_none=True)
    recipients = fields.Integer(
        required=True,
        metadata={"description": "Before it is sent: how many would be invited now."},
    )
    mails = fields.Nested(MailCountsSchema, required=True)


def _count(description: str) -> fields.Integer:
    return fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 10_000_000),
        metadata={"description": description},
    )


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
    mode = fields.String(load_default=IDENTIFIED, validate=validate.OneOf(list(MODES)))
    audience_filter = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 120)),
        values=fields.List(
            fields.String(validate=validate.Length(1, LONGEST_ATTRIBUTE)),
            validate=validate.Length(1, 100),
        ),
        load_default=dict,
        metadata=FILTER,
    )
    sample_size = _count("How many are drawn at random; null: everybody.")
    first_question = fields.Boolean(load_default=False)
    opens_at = wanted_moment("When the first mails leave.", load_default=None, allow_none=True)
    closes_at = wanted_moment("Until when links work.", load_default=None, allow_none=True)
    send_from = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(0, 1440), metadata=MINUTE
    )
    send_until = fields.Integer(
        load_default=1440, strict=True, validate=validate.Range(0, 1440), metadata=MINUTE
    )
    send_days = fields.String(
        load_default="1111111", validate=validate.Regexp("^[01]{7}$"), metadata=DAYS
    )
    pace = _count(PACE["description"])
    reminders = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 5))
    reminder_days = fields.Integer(load_default=7, strict=True, validate=validate.Range(1, 60))
    reminder_subject = fields.String(load_default="", validate=validate.Length(max=LONGEST_SUBJECT))
    reminder_message = fields.String(load_default="", validate=validate.Length(max=LONGEST_MESSAGE))
    enough = _count("Nobody is reminded once so many have answered.")
    quotas = fields.List(
        fields.Nested(QuotaSchema), load_default=list, validate=validate.Length(max=20)
    )
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
