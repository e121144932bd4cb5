"""The form of dimensions: a box for each attribute that was seen, and a line for others."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import StringField, SubmitField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from survey_app.forms import FlaskForm
from survey_app.goals.dimensions import SeenAttribute
from survey_app.organisation.forms import CheckboxesField


class DimensionsForm(FlaskForm):
    """Which attributes answers may be told apart by."""

    chosen = CheckboxesField("Attributes of contacts and answers")
    others = StringField(
        "Other names",
        [Length(max=400)],
        description="Of attributes that are yet to come, with commas between.",
    )
    submit = SubmitField("Save the dimensions")

    def __init__(self, seen: Sequence[SeenAttribute], declared: Sequence[str]) -> None:
        super().__init__()
        self.declared = declared
        values = {one.name: one.examples for one in seen if one.is_fit}
        names = sorted({*values, *declared})
        self.chosen.choices = [
            SelectChoice(name, f"{name}: {values[name]}" if name in values else f"{name}: not seen")
            for name in names
        ]

    def show(self) -> None:
        """Tick what is declared."""
        self.chosen.data = list(self.declared)

    def names(self) -> list[str]:
        """All names that were chosen or written."""
        written = (self.others.data or "").split(",")
        return [*(self.chosen.data or []), *written]
