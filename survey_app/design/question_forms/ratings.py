"""Forms of ratings: on a scale of one's own, on one that belongs to the type, of several things."""

from __future__ import annotations

from typing import Any

from wtforms import Field, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired

from survey_app.design.question_forms.line_checks import SoundLines
from survey_app.design.question_forms.lines import (
    PLAIN_MARKS,
    read_options,
    read_words,
    write_options,
    write_words,
)
from survey_app.design.question_forms.options import FIXED_HELP
from survey_app.design.question_forms.question_form import (
    SHORT,
    QuestionForm,
    WholeNumber,
    look_field,
    need,
    order_of,
    random_field,
    read_look,
    words_field,
)


class RatingForm(QuestionForm):
    """A rating on a scale of one's own."""

    kind = "rating"

    lowest = WholeNumber(
        "Lowest point", [need("the lowest point, such as 1")], default=1, render_kw=SHORT
    )
    highest = WholeNumber(
        "Highest point", [need("the highest point, such as 5")], default=5, render_kw=SHORT
    )
    direction = SelectField(
        "Which end is better?",
        choices=[
            SelectChoice("higher_is_better", "The high end"),
            SelectChoice("lower_is_better", "The low end"),
        ],
    )
    anchors = words_field()
    look = look_field()

    @classmethod
    def shown(cls, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.shown`."""
        scale = stored.get("scale", {})
        words = write_words(scale.get("anchors", {}))
        return {**stored, **scale, "anchors": words, "look": stored.get("look") or "numbers"}

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        scale = {
            **stored.get("scale", {}),
            "lowest": self.lowest.data,
            "highest": self.highest.data,
            "direction": self.direction.data,
            "anchors": dict(read_words(self.anchors.data)),
        }
        look = read_look(self.look.data, stored)
        return {**super().typed(stored), "scale": scale, "look": look}


class MatrixForm(RatingForm):
    """Several things rated on one scale."""

    kind = "matrix"

    rows = TextAreaField(
        "Rows: what is rated",
        [
            DataRequired("Write at least one row, such as: speed = The speed"),
            SoundLines("row", PLAIN_MARKS),
        ],
        description="One a line: the code that names it in results, =, what people see. "
        f"Such as: speed = The speed. {FIXED_HELP}",
        render_kw={"rows": 5},
    )
    random = random_field("rows")

    @property
    def own(self) -> list[Field]:
        """See `QuestionForm.own`: the rows before their scale."""
        return sorted(super().own, key=lambda field: field.short_name != "rows")

    @classmethod
    def shown(cls, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.shown`."""
        rows = write_options(stored.get("rows", ()), PLAIN_MARKS)
        return {**super().shown(stored), "rows": rows, "random": bool(stored.get("order"))}

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        rows = read_options(self.rows.data, PLAIN_MARKS)
        return {**super().typed(stored), "rows": rows, "order": order_of(self.random.data)}


class NpsForm(QuestionForm):
    """How likely one is to recommend; eleven points can only look like numbers."""

    kind = "nps"
    note = (
        "The scale is 0 to 10 for everybody, so that results compare: 9 and 10 promote, 0 to 6 "
        "detract."
    )

    anchors = words_field()

    @classmethod
    def shown(cls, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.shown`."""
        words = write_words(stored.get("anchors", {}))
        return {**stored, "anchors": words, "look": stored.get("look") or "numbers"}

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        return {**super().typed(stored), "anchors": dict(read_words(self.anchors.data))}


class CsatForm(NpsForm):
    """Customer satisfaction."""

    kind = "csat"
    note = "The scale is 1 to 5 for everybody, so that results compare: 4 and 5 are satisfied."

    look = look_field()

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        return {**super().typed(stored), "look": read_look(self.look.data, stored)}


class CesForm(CsatForm):
    """Customer effort score."""

    kind = "ces"
    note = "The scale is 1 to 7 for everybody, so that results compare: 5 to 7 agree."
