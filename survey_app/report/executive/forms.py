"""Forms for a note on a report, and for who gets which report by mail."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from wtforms import HiddenField, RadioField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from survey_app.forms import FlaskForm
from survey_app.report.executive.annotating import LONGEST_NOTE
from survey_app.report.executive.subscribing import OCCASIONS, PERIOD_TYPES
from survey_app.report.queries import Scope

WHOLE = "the whole report"


class NoteForm(FlaskForm):
    """A note on a report, or on one of its goals or KPIs."""

    # Made by the page, so that a double click writes one note.
    public_id = HiddenField(
        validators=[InputRequired(), Length(max=36)], default=lambda: str(uuid.uuid4())
    )
    about = SelectField("What is it about?", choices=[SelectChoice("", WHOLE)])
    text = TextAreaField(
        "Note",
        [InputRequired("Write what the reader should know."), Length(max=LONGEST_NOTE)],
        description=f"Plain text, up to {LONGEST_NOTE} characters. It is shown with your name and "
        "the date to everybody who may see this report.",
        render_kw={"rows": 6},
    )
    submit = SubmitField("Add the note")

    def offer(self, goals: Sequence[tuple[str, str]], kpis: Sequence[tuple[str, str]]) -> list[str]:
        """Offer goals and KPIs (id, name) to write about; returns what may be chosen."""
        offered = [SelectChoice("", WHOLE)]
        offered += [SelectChoice(f"goal:{id_}", f"Goal: {name}") for id_, name in goals]
        offered += [SelectChoice(f"kpi:{id_}", f"KPI: {name}") for id_, name in kpis]
        self.about.choices = offered
        return [str(choice.value) for choice in offered[1:]]


class SubscriptionForm(FlaskForm):
    """Which report somebody gets by mail, and when."""

    scope = SelectField("Report of")
    occasion = RadioField(
        "Send it when",
        choices=[SelectChoice(name, words) for name, words in OCCASIONS.items()],
        default="closed",
    )
    period_type = SelectField(
        "For",
        choices=[SelectChoice(name, words) for name, words in PERIOD_TYPES.items()],
    )
    email = StringField(
        "Send it to",
        [Length(max=254)],
        description="E-mail address of a user who may see these results. Empty: to you.",
    )
    submit = SubmitField("Subscribe")

    def offer(self, scopes: Sequence[Scope]) -> None:
        """Offer the scopes in sight."""
        self.scope.choices = [SelectChoice(one.label, one.name) for one in scopes]
