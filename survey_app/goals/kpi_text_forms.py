"""The form of a KPI as YAML."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import HiddenField, SubmitField, TextAreaField
from wtforms.validators import Length

from analysis.definitions import Kpi
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.goals.defining import read_text

LARGEST_TEXT = 50_000


class KpiTextForm(FlaskForm):
    """One KPI as YAML, typed or from a file."""

    based_on = HiddenField()
    text = TextAreaField("The KPI as YAML", [Length(max=LARGEST_TEXT)])
    file = FileField(
        "Or a file", description="It takes the place of the text above; its version says nothing."
    )
    compare = SubmitField("See what would change")
    submit = SubmitField("Save the KPI")

    def read(self, key: str) -> tuple[Kpi | None, list[Problem]]:
        """The KPI that was typed or, if a file was chosen, the file's, which is then shown."""
        if self.file.data:
            try:
                self.text.data = self.file.data.read(LARGEST_TEXT).decode("utf-8-sig")
            except UnicodeDecodeError as error:
                message = f"Byte {error.start + 1} is not UTF-8. Save the file as UTF-8 text."
                return None, [Problem("file", "wrong_encoding", message)]
        return read_text(self.text.data or "", key)
