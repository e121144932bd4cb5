"""Forms for processes, for starting and timing a visit, and for imports."""

from __future__ import annotations

import re
from uuid import uuid4

from flask_login import current_user
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    Field,
    FloatField,
    HiddenField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from survey_app.forms import FlaskForm
from survey_app.organisation.forms import KEY_HELP
from survey_app.organisation.import_fields import MappingField, example_mapping
from survey_app.organisation.queries import representative_of
from survey_app.visits.correcting import TOLD
from survey_app.visits.models import OUTCOMES, Process, Visit
from survey_app.visits.queries import all_processes, kind_started_last, units_and_people
from survey_app.visits.timing import LONGEST_CUSTOMER

# Before a stage's key in the name of its field: a stage may be called like another field.
STAGE_FIELD = "stage-"
STAGES_EXAMPLE = "Arrived\nWalked through\nQuestions answered\nProduct shown"


class ProcessForm(FlaskForm):
    """A process with its stages, one a line."""

    key = StringField("Key", [DataRequired(), Length(max=63)], description=KEY_HELP)
    name = StringField("Name", [DataRequired(), Length(max=120)])
    stages = TextAreaField(
        "Stages, one in each line, in their order",
        [DataRequired()],
        description="The last stage is the one that completes a visit. To choose a stage's short "
        "name for imports yourself, write it first: “shown: Product shown”.",
        render_kw={"rows": 6, "placeholder": STAGES_EXAMPLE},
    )
    submit = SubmitField("Define the process")


class ProcessChangeForm(ProcessForm):
    """The same for a process that exists; its key stays."""

    key = None
    submit = SubmitField("Save the changes")


def read_stages(text: str) -> list[tuple[str, str]]:
    """Stages (key, name) from lines 'key: Name' or 'Name'; a missing key is made from the name."""
    stages = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        key, colon, name = line.partition(":")
        if not colon:
            key, name = re.sub(r"[^a-z0-9]+", "_", line.lower()).strip("_")[:63], line
        stages.append((key.strip(), name.strip()))
    return stages


def write_stages(process: Process) -> str:
    """The stages as lines that `read_stages` reads."""
    return "\n".join(f"{stage.key}: {stage.name}" for stage in process.stages)


class StartForm(FlaskForm):
    """Start of a visit; the choices are those that the user may time."""

    public_id = HiddenField(default=lambda: str(uuid4()))
    device_started_at = HiddenField()
    kind = SelectField("Kind of visit")
    unit = SelectField("Unit")
    representative = SelectField("Representative")
    customer = StringField(
        "Customer",
        [Length(max=LONGEST_CUSTOMER)],
        description="A name or number by which you know them. May stay empty.",
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, *arguments: object, **named: object) -> None:
        person = representative_of(current_user)
        named = {"kind": kind_started_last(current_user)} | named
        if person is not None:
            named = {"unit": person.unit.key, "representative": person.key} | named
        super().__init__(*arguments, **named)
        units, people, anybody = units_and_people(current_user)
        self.kind.choices = [SelectChoice(one.key, one.name) for one in all_processes()]
        self.unit.choices = [
            SelectChoice(unit.key, "\u2003" * depth + unit.name) for depth, unit in units
        ]
        self.representative.choices = [SelectChoice("", "Nobody in particular")] * anybody + [
            SelectChoice(person.key, person.name) for person in people
        ]


class TapForm(FlaskForm):
    """A tap on the stopwatch: which stage or which outcome, and when."""

    stage = HiddenField()
    outcome = HiddenField()
    # The start from which the page counts: it may have been corrected since.
    since = HiddenField()
    elapsed = FloatField(validators=[Optional()])


class CorrectionForm(FlaskForm):
    """A visit as it was, with the reason for the correction; see `correction_form` for stages."""

    based_on = HiddenField()
    started_at = StringField("Started", [DataRequired()])
    ended_at = StringField(
        "Ended", description="Empty while it is open. The last stage mostly has the same moment."
    )
    outcome = SelectField(
        "Outcome",
        choices=[SelectChoice("", "open"), *(SelectChoice(*one) for one in OUTCOMES.items())],
    )
    observed_until = StringField(
        "Seen open until",
        description="Only for a visit that is open elsewhere: when it was last seen so.",
    )
    idle_seconds = StringField("Idle, in seconds", description="Time in which nothing was done.")
    unit = SelectField("Unit")
    representative = SelectField("Representative")
    customer = StringField("Customer", [Length(max=LONGEST_CUSTOMER)])
    void = BooleanField(
        "This visit never took place",
        description="It stays in the record and counts nowhere. What else is typed is left aside.",
    )
    reason = TextAreaField("Reason", description="Why it is corrected, for whoever asks later.")
    submit = SubmitField("Save the correction")

    @property
    def stage_fields(self) -> list[Field]:
        """The fields of the stages, in their order."""
        return [field for field in self if field.name.startswith(STAGE_FIELD)]

    def cells(self) -> dict[str, str]:
        """What was typed, as the step reads it."""
        stages = {field.name.removeprefix(STAGE_FIELD): field for field in self.stage_fields}
        return {name: self[name].data or "" for name in TOLD} | {
            key: field.data or "" for key, field in stages.items()
        }


def correction_form(
    visit: Visit, cells: dict[str, str], void: bool, based_on: str, **named: object
) -> CorrectionForm:
    """The form of this visit, filled with its cells, with a field for each stage."""
    stages = {
        f"{STAGE_FIELD}{stage.key}": StringField(stage.name) for stage in visit.process.stages
    }
    data = {
        (name if name in TOLD else f"{STAGE_FIELD}{name}"): cell for name, cell in cells.items()
    }
    form: CorrectionForm = type("CorrectionForm", (CorrectionForm,), stages)(
        data=data | {"void": void, "based_on": based_on}, **named
    )
    units, people, _anybody = units_and_people(current_user)
    form.unit.choices = [SelectChoice(one.key, "\u2003" * depth + one.name) for depth, one in units]
    known = {one.key: one.name for one in people}
    # Who works elsewhere or no more may have made the visit all the same.
    if visit.unit.key not in [unit.key for _depth, unit in units]:
        form.unit.choices.append(SelectChoice(visit.unit.key, visit.unit.name))
    if visit.representative is not None:
        known.setdefault(visit.representative.key, visit.representative.name)
    form.representative.choices = [
        SelectChoice("", "Nobody in particular"),
        *(SelectChoice(key, name) for key, name in known.items()),
    ]
    return form


class ImportForm(FlaskForm):
    """A file of visits of one process."""

    kind = SelectField("Kind of visit")
    file = FileField(
        "CSV file", [FileRequired("Choose a file.")], render_kw={"accept": ".csv,text/csv"}
    )
    mapping = MappingField(
        "Column names",
        description="Only if the file comes from another system: which of its columns is which "
        "of ours. Leave it empty if the columns have the names below.",
        render_kw=example_mapping(
            [
                "external_id: incident",
                "started_at: opened_at",
                "ended_at: resolved_at",
                "outcome: {if_ended: completed}",
                "observed_until: {constant: 2016-03-09 00:00}",
                "unit: {constant: company}",
            ]
        ),
    )
    submit = SubmitField("Import the visits")

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.kind.choices = [SelectChoice(one.key, one.name) for one in all_processes()]


def outcome_word(outcome: str | None) -> str:
    """An outcome as a reader says it; without one the visit was open."""
    return OUTCOMES[outcome] if outcome else "open when seen last"
