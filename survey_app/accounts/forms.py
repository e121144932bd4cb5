"""The form for personal tokens."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import RadioField, SelectMultipleField, StringField, SubmitField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.accounts.scopes import SCOPES
from survey_app.accounts.tokens import LONGEST_NAME
from survey_app.forms import FlaskForm

LIVES = {7: "a week", 90: "three months", 365: "a year"}


class TokenForm(FlaskForm):
    """One token: its name, what it may do, how long it holds."""

    name = StringField(
        "What is it for?",
        [DataRequired(), Length(max=LONGEST_NAME)],
        description="For your own list: “monthly sales import”.",
    )
    scopes = SelectMultipleField(
        "What may it do?",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="Choose as little as the program needs. It never sees more than you do.",
    )
    days = RadioField(
        "How long does it hold?",
        choices=[SelectChoice(days, words) for days, words in LIVES.items()],
        coerce=int,
        default=90,
    )
    submit = SubmitField("Make the token")

    def __init__(self, offered: Sequence[str], **named: object) -> None:
        super().__init__(**named)
        self.scopes.choices = [
            SelectChoice(scope, f"{SCOPES[scope][0]} ({scope})") for scope in offered
        ]
