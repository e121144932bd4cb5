"""Forms for contacts and campaigns. They carry what was typed; the steps judge it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from survey_app.forms import FlaskForm
from survey_app.invite.campaigning import LONGEST_NAME, Plan
from survey_app.invite.composing import LONGEST_SUBJECT
from survey_app.invite.contact_fields import FIELDS
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Campaign
from survey_app.invite.queries import published_versions
from survey_app.organisation.calendars import day_begins
from survey_app.organisation.forms import unit_choices
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import keys_to_representatives, keys_to_units, unit_by_key
from survey_app.organisation.sight import Sight

FIRST_MESSAGE = """\
Dear {name},

thank you for your visit. How was it? Your answers take about two minutes:

{link}

The link is yours alone; please do not pass it on.
"""


class ImportForm(FlaskForm):
    """A file of contacts."""

    file = FileField("CSV file", [FileRequired("Choose a file.")], render_kw={"accept": ".csv"})
    submit = SubmitField("Import the contacts")


class ContactForm(FlaskForm):
    """One contact."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    email = StringField("E-mail", [DataRequired(), Length(max=254)], render_kw={"type": "email"})
    name = StringField(
        "Name", description="As the mail is to address the person, such as Ms Weber."
    )
    unit = SelectField("Unit", description="Empty: the unit of the representative, if any.")
    representative = SelectField("Representative")
    external_id = StringField(
        "External id", description="The customer's number in your other systems."
    )
    language = StringField("Language", description='A code such as "en" or "de-CH".')
    submit = SubmitField("Save the contact")

    def __init__(self, within: Sight, kept: Representative | None = None, **named: object) -> None:
        super().__init__(**named)
        known = keys_to_representatives(within)
        if kept is not None:
            # Saving a contact must not take away a representative who works out of sight.
            known.setdefault(kept.key, kept)
        people = sorted(known.values(), key=lambda person: person.name)
        nobody = SelectChoice("", "–")
        self.unit.choices = [nobody, *_choices(within)]
        self.representative.choices = [
            nobody,
            *(SelectChoice(person.key, person.name) for person in people),
        ]

    def cells(self) -> dict[str, str]:
        """The fields as a row of an import has them."""
        return {field: self[field].data or "" for field in FIELDS}


def contact_data(contact: Contact) -> dict[str, str]:
    """A contact as the fields of its form show it."""
    return {
        "email": contact.email,
        "name": contact.name,
        "external_id": contact.external_id or "",
        "unit": contact.unit.key if contact.unit else "",
        "representative": contact.representative.key if contact.representative else "",
        "language": contact.language,
    }


class CampaignForm(FlaskForm):
    """One campaign."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    name = StringField(
        "Name",
        [DataRequired(), Length(max=LONGEST_NAME)],
        description="For your own lists; recipients do not see it.",
    )
    version = SelectField("Questionnaire")
    audience = SelectField("Audience", description="A unit stands for all units below it, too.")
    subject = StringField("Subject of the mail", [DataRequired(), Length(max=LONGEST_SUBJECT)])
    message = TextAreaField(
        "Message",
        [DataRequired()],
        default=FIRST_MESSAGE,
        description="{link} becomes the personal link and must be there. {name} becomes the "
        "contact's name; without one, it and the space before it are left out.",
        render_kw={"rows": 12},
    )
    last_day = DateField(
        "Last day for answers",
        [Optional()],
        description="Links work until the end of this day. Empty: they keep working.",
    )
    answers_may_change = BooleanField(
        "Answers may be changed until then",
        description="Whoever has answered may open the link again and send other answers; the "
        "earlier ones are kept, the newest count.",
    )
    submit = SubmitField("Save and preview")

    def __init__(self, within: Sight, **named: object) -> None:
        super().__init__(**named)
        self.version.choices = [
            SelectChoice(
                f"{version.questionnaire_key}/{version.number}",
                f"{title} (version {version.number})",
            )
            for version, title in published_versions()
        ]
        everybody = [SelectChoice("", "All contacts")] if within is None else []
        self.audience.choices = [*everybody, *_choices(within)]

    def plan(self, zone: ZoneInfo) -> Plan:
        """What was typed, as the steps take it; the last day ends in the organisation's zone."""
        key, _, number = self.version.data.rpartition("/")
        last_day = self.last_day.data
        return Plan(
            name=self.name.data,
            questionnaire_key=key,
            version_number=int(number),
            subject=self.subject.data,
            message=self.message.data,
            audience=unit_by_key(self.audience.data) if self.audience.data else None,
            closes_at=day_begins(last_day + timedelta(days=1), zone) if last_day else None,
            answers_may_change=self.answers_may_change.data,
        )


def _choices(within: Sight) -> list[SelectChoice]:
    known = keys_to_units(within)
    return [choice for choice in unit_choices() if choice.value in known]


def campaign_data(campaign: Campaign, zone: ZoneInfo) -> dict[str, object]:
    """A campaign as the fields of its form show it."""
    return {
        "name": campaign.name,
        "version": f"{campaign.questionnaire_key}/{campaign.version_number}",
        "audience": campaign.audience_unit.key if campaign.audience_unit else "",
        "subject": campaign.subject,
        "message": campaign.message,
        "last_day": last_day_of(campaign.closes_at, zone),
        "answers_may_change": campaign.answers_may_change,
    }


def last_day_of(closes_at: datetime | None, zone: ZoneInfo) -> object:
    """The last day on which answers count, in the organisation's zone."""
    if closes_at is None:
        return None
    return (closes_at - timedelta(microseconds=1)).astimezone(zone).date()
