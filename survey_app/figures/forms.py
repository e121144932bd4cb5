"""Forms for measures and for importing figures."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField, StringField, SubmitField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from survey_app.figures.defining import LONGEST_NAME, LONGEST_UNIT
from survey_app.figures.models import KINDS
from survey_app.forms import FlaskForm
from survey_app.organisation.forms import KEY_HELP
from survey_app.organisation.import_fields import MappingField, example_mapping


class MeasureForm(FlaskForm):
    """One measure."""

    key = StringField("Key", [DataRequired(), Length(max=63)], description=KEY_HELP)
    name = StringField("Name", [DataRequired(), Length(max=LONGEST_NAME)])
    unit_of_measure = StringField(
        "Unit of measure",
        [DataRequired(), Length(max=LONGEST_UNIT)],
        description="What one is: CHF, contracts, share, weeks.",
    )
    kind = SelectField(
        "Kind", choices=[SelectChoice(kind, text) for kind, text in KINDS.items()], default="flow"
    )
    submit = SubmitField("Add the measure")


class ImportForm(FlaskForm):
    """A file of figures."""

    file = FileField(
        "CSV file", [FileRequired("Choose a file.")], render_kw={"accept": ".csv,text/csv"}
    )
    mapping = MappingField(
        "Column names",
        description="Only if the file comes from another system: which of its columns is which "
        "of ours. Leave it empty if the columns have the names below.",
        render_kw=example_mapping(
            [
                "period: month",
                "measure: {column: figure, names: {New contracts: contracts}}",
                "value: value",
                "unit: {constant: company}",
            ]
        ),
    )
    submit = SubmitField("See what would change")


class ConfirmForm(FlaskForm):
    """The same file again, with what its reader saw of it."""

    packed = HiddenField(validators=[DataRequired()])
    filename = HiddenField()
    mapping = MappingField()
    seen = HiddenField(validators=[DataRequired()])


class UndoForm(FlaskForm):
    """Only the protection that every form has."""
