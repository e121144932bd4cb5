"""The form for a series that asks customers after their visit."""

from __future__ import annotations

from wtforms import IntegerField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from survey_app.invite.repeating import AFTER_VISIT, SeriesPlan
from survey_app.invite.series_forms import NEEDED, SeriesForm
from survey_app.organisation.sight import Sight
from survey_app.visits.queries import all_processes


class FollowUpForm(SeriesForm):
    """Customers are asked some days after a visit."""

    kind = SelectField(
        "Kind of visit",
        [DataRequired(NEEDED)],
        description="Asked is the customer whom the visit names by a contact's external id or "
        "e-mail address, at most once a month.",
    )
    days = IntegerField(
        "Days after the visit",
        [InputRequired(NEEDED)],
        default=1,
        description="1 is the day after the one on which it closed, whatever its outcome.",
    )

    def __init__(self, within: Sight, **named: object) -> None:
        super().__init__(within, **named)
        self.kind.choices = [SelectChoice(process.key, process.name) for process in all_processes()]

    def plan(self) -> SeriesPlan:
        """What was typed, as the steps take it."""
        return SeriesPlan(
            name=self.name.data,
            kind=AFTER_VISIT,
            pattern=self.chosen_pattern(),
            at=self.minute(),
            open_days=self.open_days.data,
            process_key=self.kind.data,
            days=self.days.data,
        )
