"""Forms for campaigns that come again. They carry what was typed; the steps judge it."""

from __future__ import annotations

from datetime import time

from wtforms import HiddenField, IntegerField, SelectField, StringField, SubmitField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from survey_app.forms import FlaskForm
from survey_app.invite.models import Campaign, CampaignSeries
from survey_app.invite.repeating import LONGEST_SERIES_NAME, MONTHLY, SeriesPlan
from survey_app.invite.series_queries import possible_patterns
from survey_app.organisation.sight import Sight

NEEDED = "Fill this in."


class SeriesForm(FlaskForm):
    """What all series have; the patterns to choose from are those in sight."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    name = StringField(
        "Name",
        [DataRequired(), Length(max=LONGEST_SERIES_NAME)],
        description="The campaigns that are sent are called like this, with the month behind it.",
    )
    pattern = SelectField(
        "Pattern",
        coerce=int,
        description="A campaign that was not sent. Each time a copy of it is sent, as it is by "
        "then; it is not sent itself. Its own dates do not count.",
    )
    at = TimeField("Time of day", [InputRequired(NEEDED)], default=time(9))
    open_days = IntegerField(
        "Days open",
        [InputRequired(NEEDED)],
        default=14,
        description="Links work until the end of the day so many days later.",
    )
    submit = SubmitField("Save the series")

    def __init__(self, within: Sight, **named: object) -> None:
        super().__init__(**named)
        self._patterns = {campaign.id: campaign for campaign in possible_patterns(within)}
        self.pattern.choices = [
            SelectChoice(str(campaign.id), campaign.name) for campaign in self._patterns.values()
        ]

    def chosen_pattern(self) -> Campaign:
        """The campaign that was chosen."""
        return self._patterns[self.pattern.data]

    def minute(self) -> int:
        """The time of day as a minute of the day."""
        at: time = self.at.data
        return at.hour * 60 + at.minute


class MonthlyForm(SeriesForm):
    """A campaign that is sent each month."""

    day = IntegerField(
        "Day of the month",
        [InputRequired(NEEDED)],
        default=1,
        description="31 is the last day of shorter months.",
    )

    def plan(self) -> SeriesPlan:
        """What was typed, as the steps take it."""
        return SeriesPlan(
            name=self.name.data,
            kind=MONTHLY,
            pattern=self.chosen_pattern(),
            at=self.minute(),
            open_days=self.open_days.data,
            day=self.day.data,
        )


class StopForm(FlaskForm):
    """The decision to stop a series."""

    submit = SubmitField("Stop the series")


def series_data(series: CampaignSeries) -> dict[str, object]:
    """A series as the fields of its form show it."""
    return {
        "name": series.name,
        "pattern": series.pattern_id,
        "at": time(series.at // 60, series.at % 60),
        "open_days": series.open_days,
        "day": series.day,
        "kind": series.process_key,
        "days": series.days,
    }
