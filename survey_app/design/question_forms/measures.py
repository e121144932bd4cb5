"""Forms of questions for numbers, days, times and durations."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectMultipleField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.design.question_forms.question_form import (
    SHORT,
    DecimalNumber,
    QuestionForm,
    WholeNumber,
    in_order,
)
from survey_app.domain.cells import read_date
from survey_app.domain.problems import Problem
from survey_app.domain.question_types.duration import UNITS


class NumberForm(QuestionForm):
    """A number."""

    kind = "number"

    unit = StringField("Unit", description="Such as minutes.", render_kw=SHORT)
    lowest = DecimalNumber("Lowest", [Optional()], render_kw=SHORT)
    highest = DecimalNumber("Highest", [Optional()], render_kw=SHORT)
    whole = BooleanField("Whole numbers only")

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        return {
            **super().typed(stored),
            "unit": self.unit.data or "",
            "lowest": self.lowest.data,
            "highest": self.highest.data,
            "whole": self.whole.data,
        }


class DayField(StringField):
    """A day: browsers offer a calendar and send year-month-day, as it is stored."""

    def __call__(self, **named: Any) -> Any:
        """Show it; what is no day needs a field of text to be seen at all."""
        is_day = not self.data or not isinstance(read_date(self.data, ""), Problem)
        return super().__call__(type="date" if is_day else "text", **named)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no day."""
        read = read_date(self.data, "") if self.data else None
        if isinstance(read, Problem):
            raise ValidationError(read.message)


class DateForm(QuestionForm):
    """A day."""

    kind = "date"

    earliest = DayField("Earliest day", render_kw=SHORT, description="May stay empty.")
    latest = DayField("Latest day", render_kw=SHORT, description="May stay empty.")

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        ends = {"earliest": self.earliest.data or "", "latest": self.latest.data or ""}
        return {**super().typed(stored), **ends}


class TimeForm(QuestionForm):
    """A time of day."""

    kind = "time"


class DurationForm(QuestionForm):
    """How long something took."""

    kind = "duration"

    units = SelectMultipleField(
        "Asked in",
        [DataRequired("Tick at least one unit, such as minutes.")],
        choices=[SelectChoice(unit, unit.capitalize()) for unit in UNITS],
        default=("hours", "minutes"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    lowest = WholeNumber("Shortest", [Optional()], render_kw=SHORT)
    highest = WholeNumber(
        "Longest", [Optional()], description="Both in the smallest unit ticked.", render_kw=SHORT
    )

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        return {
            **super().typed(stored),
            "units": in_order(self.units.data, stored.get("units", ())),
            "lowest": self.lowest.data,
            "highest": self.highest.data,
        }
