"""The form for webhooks."""

from __future__ import annotations

from wtforms import SelectMultipleField, StringField, SubmitField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.forms import FlaskForm
from survey_app.webhooks.models import EVENTS
from survey_app.webhooks.registering import LONGEST_ADDRESS


class WebhookForm(FlaskForm):
    """Where to call, and of what to tell."""

    address = StringField(
        "Address",
        [DataRequired(), Length(max=LONGEST_ADDRESS)],
        description="Begins with https:// and takes POST requests.",
    )
    events = SelectMultipleField(
        "Call it when",
        choices=[SelectChoice(event, f"{words} ({event})") for event, words in EVENTS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    submit = SubmitField("Add the webhook")
