"""Forms for campaigns. They carry what was typed; the steps judge it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

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
from survey_app.invite.models import Campaign
from survey_app.invite.queries import published_versions
from survey_app.organisation.calendars import day_begins
from survey_app.organisation.forms import unit_choices
from survey_app.organisation.queries import keys_to_units, unit_by_key
from survey_app.organisation.sight import Sight

FIRST_MESSAGE = """\
Dear {name},

thank you for your visit. How was it? Your answers take about two minutes:

{link}

The link is yours alone; please do not pass it on.
"""


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
        self.audience.choices = [*everybody, *units_offered(within)]

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


def units_offered(within: Sight) -> list[SelectChoice]:
    """The units in sight, as a list to choose from."""
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
