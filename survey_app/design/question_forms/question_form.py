"""What the forms of all question types have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    Field,
    FloatField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.design.condition_forms import ConditionFields
from survey_app.design.forms import RevisionForm
from survey_app.design.question_forms.line_checks import sound_points
from survey_app.domain.digits import with_point
from survey_app.domain.questionnaire import RANDOM

MISSING_LABELS = {
    "not_applicable": "Does not apply",
    "dont_know": "I don't know",
    "refused": "I'd rather not say",
}
LOOK_LABELS = {"numbers": "Numbers", "stars": "Stars (up to 10 points)", "faces": "Faces (up to 5)"}
SHORT = {"class": "short"}


class WholeNumber(IntegerField):
    """A whole number in digits."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; raises ValueError with a sentence."""
        try:
            super().process_formdata([with_point(text.strip()) for text in valuelist])
        except ValueError:
            raise ValueError("Write a whole number in digits, like 5.") from None


class DecimalNumber(FloatField):
    """A number; a decimal comma is taken where it can be nothing else."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; raises ValueError with a sentence."""
        try:
            super().process_formdata([with_point(text.strip()) for text in valuelist])
        except ValueError:
            self.data = math.nan
        if self.data is not None and not math.isfinite(self.data):
            self.data = None
            raise ValueError("Write a number with a decimal point, like 0.5.")


class QuestionForm(ConditionFields, RevisionForm):
    """What all questions have; each type adds its own fields, of which `own` tells.

    `shown` is a question of a draft as data for the fields, `typed` the fields as keys of a
    question, in which None takes a key out. Keys that a form does not show stay as they are.
    """

    kind: ClassVar[str]
    # How its fields are read, in a sentence above them; '' for none.
    note: ClassVar[str] = ""

    text = TextAreaField(
        "What is asked", [DataRequired("Write what is asked.")], render_kw={"rows": 2}
    )
    help = TextAreaField("Help", description="Small print below it.", render_kw={"rows": 2})
    required = BooleanField("An answer is needed")
    missing = SelectMultipleField(
        "Also offer",
        choices=[SelectChoice(code, label) for code, label in MISSING_LABELS.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description="Kept apart from the answers, with its reason; it never counts as zero.",
    )
    id = StringField(
        "Id",
        [DataRequired("Give it an id, such as q1.")],
        description="Names the question in results, such as q1: letters, digits, underscores.",
    )
    kpi = StringField(
        "Measures, together with others",
        description="A word such as service, the same for questions that measure one thing; "
        "publishing sees to it that their scales fit together. May stay empty.",
    )
    submit = SubmitField("Save the draft")

    @property
    def own(self) -> list[Field]:
        """The fields of the type alone."""
        return [
            field
            for field in self
            if not hasattr(QuestionForm, field.short_name) and field.name != "csrf_token"
        ]

    @classmethod
    def shown(cls, stored: dict[str, Any]) -> dict[str, Any]:
        """A question of a draft as data for the fields."""
        return dict(stored)

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """What the fields say of a question."""
        return {
            "id": (self.id.data or "").strip(),
            "type": self.kind,
            "text": self.text.data or "",
            "help": self.help.data or "",
            "required": self.required.data,
            "missing": in_order(self.missing.data, stored.get("missing", ())),
            "kpi": (self.kpi.data or "").strip(),
        }

    def question(self, stored: dict[str, Any]) -> dict[str, Any]:
        """The question as typed: what is stored of it, changed by the fields."""
        changed = {**stored, **self.typed(stored), "show_if": self.condition}
        return {key: value for key, value in changed.items() if value is not None}


def in_order(chosen: Iterable[str] | None, stored: Iterable[str]) -> list[str]:
    """What is chosen, in the order in which it is stored, what is new at the end."""
    now = list(chosen or ())
    return list(dict.fromkeys([*(one for one in stored if one in now), *now]))


def need(what: str) -> InputRequired:
    """The check that a number is given; `what` says which, and an example."""
    return InputRequired(f"Write {what}.")


def look_field() -> SelectField:
    """How the points of a scale look."""
    return SelectField(
        "The points look like",
        choices=[SelectChoice(look, label) for look, label in LOOK_LABELS.items()],
        default="numbers",
    )


def read_look(typed: str, stored: dict[str, Any]) -> str | None:
    """The key `look` as typed; numbers, the usual look, are named only where they were before."""
    return None if typed == "numbers" != stored.get("look") else typed


def words_field() -> TextAreaField:
    """Words at points of a scale."""
    return TextAreaField(
        "Words at points",
        [sound_points],
        description="One a line, such as: 1 = very poor",
        render_kw={"rows": 3},
    )


def random_field(what: str) -> BooleanField:
    """Whether an order is drawn."""
    return BooleanField(f"Show the {what} in random order, drawn anew for each person")


def order_of(random: bool) -> str | None:
    """The key `order` as ticked."""
    return RANDOM if random else None
