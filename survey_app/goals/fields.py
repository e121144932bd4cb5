"""Fields that this room's forms share."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import ValidationError

from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.goals.amounts import read_amount, write_amount


class AmountField(StringField):
    """A number with its unit, as people write it; `number` is the value, None where empty.

    The unit is the field's own, or what the form's field `unit` says.
    """

    def __init__(self, label: str, unit: str = "", **named: Any) -> None:
        super().__init__(label, **named)
        self.unit = unit
        self.number: float | None = None
        # Whether what else was chosen in the form has such a number.
        self.is_asked = True

    def show(self, value: float | None, unit: str) -> None:
        """Fill in a value."""
        self.data = write_amount(value, self.unit or unit)

    def pre_validate(self, form: FlaskForm) -> None:
        """Read what was written."""
        self.number = None
        if not self.is_asked or not (self.data or "").strip():
            return
        read = read_amount(self.data, self.unit or (form.unit.data or "").strip(), self.label.text)
        if isinstance(read, Problem):
            raise ValidationError(read.message)
        self.number = read
