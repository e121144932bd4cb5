"""Forms for units and representatives."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, SubmitField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from survey_app.organisation.queries import units_in_order

KEY_HELP = "Short name for imports: small letters, digits, underscores."


def unit_choices() -> list[SelectChoice]:
    """All units, indented as the tree is."""
    return [
        SelectChoice(unit.key, "\u2003" * depth + unit.name) for depth, unit in units_in_order()
    ]


class UnitForm(FlaskForm):
    """One unit below another."""

    key = StringField("Key", [DataRequired(), Length(max=63)], description=KEY_HELP)
    name = StringField("Name", [DataRequired(), Length(max=120)])
    parent = SelectField("Belongs to")
    submit = SubmitField("Add the unit")

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.parent.choices = unit_choices()


class RepresentativeForm(FlaskForm):
    """One representative of a unit."""

    key = StringField("Key", [DataRequired(), Length(max=63)], description=KEY_HELP)
    name = StringField("Name", [DataRequired(), Length(max=120)])
    unit = SelectField("Unit")
    email = StringField(
        "E-mail of their sign-in",
        [Length(max=254)],
        description="Leave empty if they do not sign in.",
    )
    submit = SubmitField("Add the representative")

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.unit.choices = unit_choices()
