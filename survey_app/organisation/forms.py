"""Forms for units, representatives and users."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    widgets,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from survey_app.accounts.models import ROLES
from survey_app.forms import FlaskForm
from survey_app.organisation.queries import units_in_order

KEY_HELP = "Short name for imports: small letters, digits, underscores."


class CheckboxesField(SelectMultipleField):
    """Several choices of a list, each with its own box."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


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


class UnitChangeForm(FlaskForm):
    """Another name for a unit; its key and place stay, as stored results name them."""

    name = StringField("Name", [DataRequired(), Length(max=120)])
    submit = SubmitField("Save the unit")


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


class RepresentativeChangeForm(FlaskForm):
    """What may change about a representative; key and unit stay, as stored results name them."""

    name = StringField("Name", [DataRequired(), Length(max=120)])
    email = StringField(
        "E-mail of their sign-in",
        [Length(max=254)],
        description="Leave empty if they do not sign in.",
    )
    active = BooleanField(
        "Works here", description="Nobody can start visits for who no longer works here."
    )
    submit = SubmitField("Save the representative")


class UserForm(FlaskForm):
    """One user with one role and sight of units; password rules are checked by the step."""

    email = StringField("E-mail", [DataRequired(), Length(max=254)])
    name = StringField("Name", [DataRequired(), Length(max=120)])
    password = PasswordField(
        "First password",
        [DataRequired()],
        description="12 characters at least. Tell them by another way than e-mail.",
    )
    role = SelectField(
        "Role",
        choices=[
            SelectChoice(name, f"{name.title()}: {text.lower()}") for name, text in ROLES.items()
        ],
        default="manager",
    )
    sees = CheckboxesField(
        "What they see",
        description="Managers and analysts: these units and all below them. Administrators see "
        "everything, representatives what is their own.",
    )
    submit = SubmitField("Add the user")

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.sees.choices = unit_choices()


class UserChangeForm(UserForm):
    """What may change about a user; for another password there is `soundings set-password`."""

    email = None
    password = None
    active = BooleanField("May sign in")
    submit = SubmitField("Save the user")
