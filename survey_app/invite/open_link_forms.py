"""The form of an open link. It carries what was typed; the step judges it."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from survey_app.forms import FlaskForm
from survey_app.invite.models import OpenLink
from survey_app.invite.opening import (
    KINDS,
    LONGEST_LABEL,
    MOST_AN_HOUR,
    MOST_AN_HOUR_EVER,
    LinkPlan,
    lines_of,
    mark_for_forms,
)
from survey_app.organisation.forms import unit_choices
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.organisation.sight import Sight


class OpenLinkForm(FlaskForm):
    """One open link."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    label = StringField(
        "Label",
        [DataRequired(), Length(max=LONGEST_LABEL)],
        description="For your own lists, such as the place it hangs at; customers do not see it.",
    )
    kind = SelectField("Kind", choices=[SelectChoice(kind, words) for kind, words in KINDS.items()])
    unit = SelectField(
        "Unit",
        description="The answers belong to it. Empty: the unit of the representative, if any.",
    )
    representative = SelectField("Representative")
    attributes = TextAreaField(
        "Attributes",
        description="A line for each, such as place=entrance. Answers are told apart by them.",
        render_kw={"rows": 3},
    )
    most_an_hour = IntegerField(
        "Most an hour",
        [InputRequired(), NumberRange(1, MOST_AN_HOUR_EVER)],
        default=MOST_AN_HOUR,
        description="So many people can begin in an hour; others are asked to come back later.",
    )
    submit = SubmitField("Save the open link")

    def __init__(self, within: Sight, **named: object) -> None:
        super().__init__(**named)
        known = keys_to_units(within)
        none = SelectChoice("", "–")
        self.unit.choices = [none, *(one for one in unit_choices() if one.value in known)]
        people = sorted(keys_to_representatives(within).values(), key=lambda one: one.name)
        self.representative.choices = [none, *(SelectChoice(one.key, one.name) for one in people)]

    def plan(self) -> LinkPlan:
        """What was typed, as the steps take it."""
        return LinkPlan(
            label=self.label.data or "",
            kind=self.kind.data,
            unit=self.unit.data or "",
            representative=self.representative.data or "",
            attributes=self.attributes.data or "",
            most_an_hour=self.most_an_hour.data,
        )


class RevokeForm(FlaskForm):
    """Says that a link is really to be withdrawn."""

    submit = SubmitField("Withdraw this link")


def link_data(link: OpenLink) -> dict[str, object]:
    """A link as the fields of its form show it."""
    return {
        "seen": mark_for_forms(link),
        "label": link.label,
        "kind": link.kind,
        "unit": link.unit.key if link.unit else "",
        "representative": link.representative.key if link.representative else "",
        "attributes": lines_of(link.attributes),
        "most_an_hour": link.most_an_hour,
    }
