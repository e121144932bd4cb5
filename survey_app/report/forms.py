"""Forms for the period to be scored, for schedules, and for closing and reopening."""

from __future__ import annotations

import uuid
from datetime import date

from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from survey_app.forms import FlaskForm
from survey_app.marks import MONTHS


class PeriodForm(FlaskForm):
    """A month, a quarter, a year, or a range of months."""

    # Made by the page, so that a double click asks for one run.
    public_id = HiddenField(
        validators=[InputRequired(), Length(max=36)], default=lambda: str(uuid.uuid4())
    )
    kind = RadioField(
        "What kind of period?",
        choices=[
            SelectChoice("month", "a month"),
            SelectChoice("quarter", "a quarter"),
            SelectChoice("year", "a year"),
            SelectChoice("range", "a range of months"),
        ],
        default="quarter",
    )
    year = IntegerField("Year", [Optional(), NumberRange(1900, 9998)])
    month = SelectField(
        "Month", choices=[SelectChoice(f"{n:02d}", name) for n, name in enumerate(MONTHS, 1)]
    )
    quarter = SelectField(
        "Quarter",
        choices=[
            SelectChoice(str(n), f"Q{n}: {MONTHS[3 * n - 3]} to {MONTHS[3 * n - 1]}")
            for n in range(1, 5)
        ],
    )
    first_month = StringField("First month", [Length(max=7)], description="Written 2015-01.")
    last_month = StringField(
        "Last month", [Length(max=7)], description="Written 2021-03; it is included."
    )
    submit = SubmitField("Score the period")

    def suggest(self, today: date) -> None:
        """Fill in the quarter that ended last."""
        number = (today.month - 1) // 3
        self.year.data = today.year if number else today.year - 1
        self.quarter.data = str(number or 4)
        before = today.month - 1 or 12
        self.month.data = f"{before:02d}"

    def label(self) -> str:
        """The period as `analysis.periods` reads it."""
        year = "" if self.year.data is None else f"{self.year.data:04d}"
        if self.kind.data == "month":
            return f"{year}-{self.month.data}"
        if self.kind.data == "quarter":
            return f"{year}-Q{self.quarter.data}"
        if self.kind.data == "year":
            return year
        return f"{(self.first_month.data or '').strip()}..{(self.last_month.data or '').strip()}"


class ScheduleForm(FlaskForm):
    """Which periods are scored by themselves, and when."""

    period_type = SelectField(
        "Score every",
        choices=[
            SelectChoice("month", "month"),
            SelectChoice("quarter", "quarter"),
            SelectChoice("year", "year"),
        ],
    )
    days_after = IntegerField(
        "Days after its end",
        [InputRequired(), NumberRange(0, 90)],
        default=5,
        description="Time for late answers and figures to come in: 0 to 90.",
    )
    submit = SubmitField("Add the schedule")


class ClosingForm(FlaskForm):
    """Closing a period."""

    note = TextAreaField(
        "Note",
        [Length(max=2000)],
        description="Optional: what a reader of the closed numbers should know.",
    )
    submit = SubmitField("Close the period")


class ReopeningForm(FlaskForm):
    """Reopening a period."""

    reason = TextAreaField(
        "Why is it opened again?",
        [InputRequired("Say why: it stays on record."), Length(max=2000)],
    )
    submit = SubmitField("Reopen the period")
