"""Forms for campaigns. They carry what was typed; the steps judge it."""

from __future__ import annotations

from calendar import day_name
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.invite.campaigning import DAY, LONGEST_NAME, Plan
from survey_app.invite.composing import LONGEST_SUBJECT
from survey_app.invite.lines import read_filter, read_quotas, write_filter, write_quotas
from survey_app.invite.models import IDENTIFIED, MODES, Campaign
from survey_app.invite.queries import published_versions
from survey_app.organisation.calendars import day_begins, moment_on
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
    mode = SelectField(
        "Whose answers these are",
        choices=[SelectChoice(mode, words.capitalize()) for mode, words in MODES.items()],
        default=IDENTIFIED,
    )
    audience = SelectField("Audience", description="A unit stands for all units below it, too.")
    attributes = TextAreaField(
        "Only contacts with",
        description="One line for each attribute, such as “segment: private, business” or "
        "“language: de”. Empty: all of the audience.",
        render_kw={"rows": 2},
    )
    sample_size = IntegerField(
        "Random sample of",
        [Optional()],
        description="So many of them, drawn at random. Empty: everybody.",
    )
    subject = StringField("Subject of the mail", [DataRequired(), Length(max=LONGEST_SUBJECT)])
    message = TextAreaField(
        "Message",
        [DataRequired()],
        default=FIRST_MESSAGE,
        description="{link} becomes the personal link and must be there. {name} becomes the "
        "contact's name; without one, it and the space before it are left out. A link for opting "
        "out is added at the end.",
        render_kw={"rows": 12},
    )
    first_question = BooleanField(
        "The mail begins with the first question",
        description="Each answer is a link that opens the page with it chosen. Nothing is stored "
        "before the person sends it from there.",
    )
    opens_at = DateTimeLocalField(
        "First mails leave",
        [Optional()],
        format="%Y-%m-%dT%H:%M",
        description="Empty: as soon as you send the campaign.",
    )
    last_day = DateField(
        "Last day for answers",
        [Optional()],
        description="Links work until the end of this day. Empty: they keep working.",
    )
    send_from = TimeField("Mails are sent from", [Optional()], default=time(0, 0))
    send_until = TimeField(
        "until", [Optional()], default=time(0, 0), description="00:00 is the end of the day."
    )
    send_days = SelectMultipleField(
        "On",
        choices=[SelectChoice(str(number), name) for number, name in enumerate(day_name)],
        default=[str(number) for number in range(7)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    pace = IntegerField(
        "At most so many mails an hour",
        [Optional()],
        description="Empty: as fast as the mail server takes them.",
    )
    reminders = IntegerField(
        "Reminders",
        [Optional()],
        default=0,
        description="How many times those who have not answered are reminded: 0 to 5.",
    )
    reminder_days = IntegerField("Days before each reminder", [Optional()], default=7)
    reminder_subject = StringField(
        "Subject of the reminders",
        [Length(max=LONGEST_SUBJECT)],
        description="Empty: as in the invitation.",
    )
    reminder_message = TextAreaField(
        "Message of the reminders",
        description="Empty: as in the invitation.",
        render_kw={"rows": 6},
    )
    enough = IntegerField(
        "Stop reminding after so many answers",
        [Optional()],
        description="Empty: until the last day.",
    )
    quotas = TextAreaField(
        "Quotas",
        description="One line for each, such as “segment: private = 50”. Who falls under a full "
        "one is thanked instead of asked.",
        render_kw={"rows": 2},
    )
    answers_may_change = BooleanField(
        "Answers may be changed until the last day",
        description="Whoever has answered may open the link again and send other answers; the "
        "earlier ones are kept, the newest count.",
    )
    submit = SubmitField("Save and preview")

    def __init__(self, within: Sight, zone: ZoneInfo, **named: object) -> None:
        super().__init__(**named)
        self.opens_at.description = f"{self.opens_at.description} Times are of {zone.key}."
        self.version.choices = [
            SelectChoice(
                f"{version.questionnaire_key}/{version.number}",
                f"{title} (version {version.number})",
            )
            for version, title in published_versions()
        ]
        everybody = [SelectChoice("", "All contacts")] if within is None else []
        self.audience.choices = [*everybody, *units_offered(within)]

    def plan(self, zone: ZoneInfo) -> tuple[Plan, list[Problem]]:
        """What was typed, as the steps take it, and lines that cannot be read.

        Times are of the organisation's zone; the last day ends there.
        """
        key, _, number = self.version.data.rpartition("/")
        last_day, opens = self.last_day.data, self.opens_at.data
        audience_filter, problems = read_filter(self.attributes.data or "")
        quotas, more = read_quotas(self.quotas.data or "")
        chosen = self.send_days.data or []
        plan = Plan(
            name=self.name.data,
            questionnaire_key=key,
            version_number=int(number),
            mode=self.mode.data,
            subject=self.subject.data,
            message=self.message.data,
            first_question=self.first_question.data,
            audience=unit_by_key(self.audience.data) if self.audience.data else None,
            audience_filter=audience_filter,
            sample_size=self.sample_size.data,
            opens_at=moment_on(opens.date(), _minute(opens.time()), zone) if opens else None,
            closes_at=day_begins(last_day + timedelta(days=1), zone) if last_day else None,
            send_from=_minute(self.send_from.data or time()),
            send_until=_minute(self.send_until.data or time()) or DAY,
            send_days="".join("1" if str(day) in chosen else "0" for day in range(7)),
            pace=self.pace.data,
            reminders=self.reminders.data or 0,
            reminder_days=Plan.reminder_days if (days := self.reminder_days.data) is None else days,
            reminder_subject=self.reminder_subject.data or "",
            reminder_message=self.reminder_message.data or "",
            enough=self.enough.data,
            quotas=quotas,
            answers_may_change=self.answers_may_change.data,
        )
        return plan, problems + more


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def units_offered(within: Sight) -> list[SelectChoice]:
    """The units that somebody sees, as choices, each below the one it belongs to."""
    known = keys_to_units(within)
    return [choice for choice in unit_choices() if choice.value in known]


def campaign_data(campaign: Campaign, zone: ZoneInfo) -> dict[str, object]:
    """A campaign as the fields of its form show it."""
    as_stored = {
        name: getattr(campaign, name)
        for name in (
            *("name", "mode", "sample_size", "subject", "message", "first_question", "pace"),
            *("reminders", "reminder_days", "reminder_subject", "reminder_message", "enough"),
            "answers_may_change",
        )
    }
    opens = campaign.opens_at
    return as_stored | {
        "version": f"{campaign.questionnaire_key}/{campaign.version_number}",
        "audience": campaign.audience_unit.key if campaign.audience_unit else "",
        "attributes": write_filter(campaign.audience_filter),
        "opens_at": opens.astimezone(zone).replace(tzinfo=None) if opens else None,
        "last_day": last_day_of(campaign.closes_at, zone),
        "send_from": clock_of(campaign.send_from),
        "send_until": clock_of(campaign.send_until),
        "send_days": [str(day) for day in range(7) if campaign.send_days[day] == "1"],
        "quotas": write_quotas(campaign.quotas),
    }


def clock_of(minute: int) -> time:
    """A minute of the day as a clock shows it; the day's end is 00:00 again."""
    return time(minute // 60 % 24, minute % 60)


def last_day_of(closes_at: datetime | None, zone: ZoneInfo) -> object:
    """The last day on which answers count, in the organisation's zone."""
    if closes_at is None:
        return None
    return (closes_at - timedelta(microseconds=1)).astimezone(zone).date()
