"""Forms for goals, KPIs, targets and the files they come in."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    FloatField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from analysis.definitions import RATING_STATISTICS
from survey_app.goals.models import KpiDefinition
from survey_app.goals.queries import all_goals, scope_names
from survey_app.goals.sight import Scopes
from survey_app.organisation.forms import CheckboxesField

STATISTICS = {
    "mean": "Mean of answers",
    "top_box": "Share of answers at or above a cut",
    "net_score": "Net score: promoters less detractors",
    "km_median": "Median time to a milestone of visits",
    "sum": "Sum of figures",
    "last": "Latest figure, for stocks",
    "ratio": "Ratio of two sums of figures",
}
DIRECTIONS = {"higher_is_better": "Higher is better", "lower_is_better": "Lower is better"}
SCOPES = {
    "all": "the whole organisation",
    "unit": "each unit",
    "representative": "each representative",
}
MISSING_WORDS = {
    "skipped": "skipped: shown and not answered",
    "not_applicable": "does not apply",
    "dont_know": "don't know",
    "refused": "no answer wished",
}
TARGET_SOURCES = {
    "agreed": "agreed with those it is for",
    "default": "default, until one is agreed",
    "placeholder": "placeholder, not meant seriously yet",
}
# Keys of a source whose field is named otherwise.
SOURCE_FIELDS = {"process": "visit_process"}


# Fields that offer what there is, and take what is not there yet.
OFFERED_FIELDS = (
    *("questionnaire", "question", "visit_process", "milestone"),
    *("measure", "numerator", "denominator"),
)


class GoalForm(FlaskForm):
    """One goal in words; the key is given once."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    key = StringField(
        "Key",
        [DataRequired(), Length(max=63)],
        description="Short name for files: small letters, digits, underscores.",
    )
    name = StringField("Name", [DataRequired(), Length(max=120)])
    aim = TextAreaField(
        "Aim", [Length(max=2000)], description="What shall be reached, in a sentence."
    )
    vision = TextAreaField(
        "Vision", [Length(max=2000)], description="How it will be when the aim is reached."
    )
    weight = FloatField("Weight among the goals", [InputRequired()], default=1.0)
    least_coverage = FloatField(
        "Least coverage",
        [InputRequired()],
        default=0.5,
        description="Share of the weight of its KPIs, 0 to 1, that must have a score.",
    )
    submit = SubmitField("Save the goal")


class KpiForm(FlaskForm):
    """One KPI, with the fields of a scorebook; `analysis.kpi` says whether they fit together."""

    based_on = HiddenField(default="0")
    id = StringField(
        "Key",
        [DataRequired(), Length(max=63)],
        description="Short name for files: small letters, digits, underscores.",
    )
    name = StringField("Name", [DataRequired(), Length(max=120)])
    goal = SelectField("Goal it measures")
    statistic = SelectField("Statistic", choices=[SelectChoice(*one) for one in STATISTICS.items()])
    questionnaire = StringField("Questionnaire", [Length(max=63)], description="Its key.")
    question = StringField("Question", [Length(max=64)], description="Its id, like q1.")
    versions = StringField(
        "Versions",
        [Length(max=200)],
        description="Numbers with commas between them; empty means all versions.",
    )
    cut = FloatField("Cut", [Optional()], description="For a share: the lowest answer that counts.")
    promoters_from = FloatField(
        "Promoters from", [Optional()], description="For a net score; empty on a 0-10 scale: 9."
    )
    detractors_to = FloatField(
        "Detractors up to", [Optional()], description="For a net score; empty on a 0-10 scale: 6."
    )
    unit_of_analysis = RadioField(
        "One vote is",
        choices=[
            SelectChoice("response", "one answer"),
            SelectChoice("customer", "one customer, however often they answered"),
        ],
        default="response",
    )
    in_denominator = CheckboxesField(
        "Also counted, in the denominator of a share",
        choices=[SelectChoice(*one) for one in MISSING_WORDS.items()],
    )
    # A form has a method named process already.
    visit_process = StringField("Process", [Length(max=63)], description="Its key.")
    milestone = StringField(
        "Milestone", [Length(max=63)], description="A stage's key, or end for the end of the visit."
    )
    measure = StringField("Measure", [Length(max=63)], description="Its key.")
    numerator = StringField("Numerator", [Length(max=63)], description="A measure's key.")
    denominator = StringField("Denominator", [Length(max=63)], description="A measure's key.")
    unit = StringField(
        "Unit of measurement",
        [DataRequired(), Length(max=40)],
        description="Write share for 0 to 1 shown as per cent, seconds for durations.",
    )
    direction = RadioField(
        "Direction",
        choices=[SelectChoice(*one) for one in DIRECTIONS.items()],
        default="higher_is_better",
    )
    worst = FloatField(
        "Worst", [InputRequired()], description="The value that scores 0, in the unit above."
    )
    best = FloatField(
        "Best", [InputRequired()], description="The value that scores 100, in the unit above."
    )
    weight = FloatField("Weight within the goal", [InputRequired()], default=1.0)
    scopes = CheckboxesField(
        "Computed for",
        choices=[SelectChoice(*one) for one in SCOPES.items()],
        default=list(SCOPES),
    )
    only_for = StringField(
        "Only for",
        [Length(max=2000)],
        description="Keys of units or representatives with commas between them; empty means all.",
    )
    submit = SubmitField("Save the KPI")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.goal.choices = [SelectChoice(goal.key, goal.name) for goal in all_goals()]

        for name in OFFERED_FIELDS:
            self[name].render_kw = {"list": f"known-{name}", "autocomplete": "off"}

    def show(self, kpi: KpiDefinition) -> None:
        """Fill in a KPI as it is defined at present."""
        said = kpi.definition
        self.based_on.data = str(kpi.version)
        self.id.data, self.goal.data = kpi.key, kpi.goal_key
        for name in (
            *("name", "unit", "direction", "weight", "statistic", "cut", "promoters_from"),
            "detractors_to",
        ):
            self[name].data = said.get(name)
        for name, value in said["source"].items():
            field = self[SOURCE_FIELDS.get(name, name)]
            field.data = ", ".join(map(str, value)) if name == "versions" else value
        self.unit_of_analysis.data = said.get("unit_of_analysis", "response")
        self.in_denominator.data = said.get("in_denominator", [])
        self.worst.data, self.best.data = said["score"]["worst"], said["score"]["best"]
        self.scopes.data = said.get("scopes", list(SCOPES))
        self.only_for.data = ", ".join(said.get("for", []))

    def entry(self) -> dict[str, Any]:
        """The KPI as a scorebook's entry; fields of other statistics are left out."""
        statistic = self.statistic.data
        entry = {
            "id": self.id.data.strip(),
            "goal": self.goal.data,
            "name": self.name.data.strip(),
            "unit": self.unit.data.strip(),
            "direction": self.direction.data,
            "weight": self.weight.data,
            "statistic": statistic,
            "source": self._source(),
            "score": {"rule": "goalposts", "worst": self.worst.data, "best": self.best.data},
            "scopes": self.scopes.data,
            "for": _listed(self.only_for.data),
        }
        if statistic in RATING_STATISTICS:
            entry["unit_of_analysis"] = self.unit_of_analysis.data
        if statistic == "top_box":
            entry |= {"cut": self.cut.data, "in_denominator": self.in_denominator.data}
        if statistic == "net_score":
            entry["promoters_from"] = self.promoters_from.data
            entry["detractors_to"] = self.detractors_to.data
        return {key: value for key, value in entry.items() if value is not None}

    def _source(self) -> dict[str, Any]:
        statistic = self.statistic.data
        if statistic in RATING_STATISTICS:
            names = ["questionnaire", "question"]
        elif statistic == "km_median":
            names = ["process", "milestone"]
        else:
            names = ["numerator", "denominator"] if statistic == "ratio" else ["measure"]
        source: dict[str, Any] = {
            name: (self[SOURCE_FIELDS.get(name, name)].data or "").strip() for name in names
        }
        if "question" in names and (versions := _listed(self.versions.data)):
            source["versions"] = versions
        return source


class TargetForm(FlaskForm):
    """A target: a value, for whom, and from when."""

    scope = SelectField("For whom")
    value = FloatField("Value", [InputRequired()])
    valid_from = DateField(
        "From",
        [InputRequired()],
        description="It holds for periods that begin on this day or later.",
    )
    valid_to = DateField(
        "Until", [Optional()], description="The first day on which it holds no more; may be empty."
    )
    source = SelectField(
        "Where it comes from", choices=[SelectChoice(*one) for one in TARGET_SOURCES.items()]
    )
    note = TextAreaField("Note", [Length(max=2000)])
    submit = SubmitField("Set the target")

    def __init__(self, within: Scopes, **named: Any) -> None:
        super().__init__(**named)
        self.scope.choices = [
            SelectChoice(scope_value(*scope), name)
            for scope, name in scope_names().items()
            if within is None or scope in within
        ]


class TargetsFileForm(FlaskForm):
    """A CSV file of targets."""

    file = FileField(
        "CSV file",
        [FileRequired("Choose a file.")],
        description="Columns kpi, scope_type, scope, value, valid_from; "
        "and if you like valid_to, source, note.",
    )
    submit = SubmitField("Import the targets")


class ScorebookFileForm(FlaskForm):
    """A scorebook with goals, KPIs and targets."""

    file = FileField(
        "Scorebook (YAML)",
        [FileRequired("Choose a file.")],
        description="What it says alike already is left as it is.",
    )
    submit = SubmitField("Import the scorebook")


def scope_value(scope_type: str, scope_key: str) -> str:
    """A scope as one word: 'all', 'unit:leasing'."""
    return f"{scope_type}:{scope_key}" if scope_key else scope_type


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
