"""Form for adding somebody who signs in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField, SubmitField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from survey_app.accounts.models import ROLES


class UserForm(FlaskForm):
    """One user with one role; password rules are checked by the step."""

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
    submit = SubmitField("Add the user")
