"""Form for taking over answers."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired

from survey_app.design.models import QuestionnaireVersion
from survey_app.design.queries import published_versions, version_by_number
from survey_app.forms import FlaskForm


class ImportForm(FlaskForm):
    """A file of answers, the version it answers, and what its columns mean."""

    version = SelectField("Questionnaire", [DataRequired()])
    file = FileField("File (CSV, UTF-8)", [FileRequired("Choose a file.")])
    mapping = TextAreaField(
        "What its columns mean",
        [DataRequired()],
        render_kw={"rows": 12, "class": "code", "spellcheck": "false"},
    )
    submit = SubmitField("Import the answers")

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.version.choices = [
            SelectChoice(
                f"{version.questionnaire_key} {version.number}",
                f"{version.definition['title']}, version {version.number}",
            )
            for version in published_versions()
        ]

    def chosen_version(self) -> QuestionnaireVersion:
        """The version that was chosen."""
        key, _space, number = (self.version.data or "").rpartition(" ")
        return version_by_number(key, int(number))
