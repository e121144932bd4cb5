"""The form of a KPI: every statistic, score rule and option that a scorebook has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import (
    BooleanField,
    Field,
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

from analysis.definitions import DURATION_STATISTICS, MEAN_INTERVALS, RATING_STATISTICS
from analysis.score_rules import Goalposts
from survey_app.forms import FlaskForm
from survey_app.goals.fields import AmountField
from survey_app.goals.models import KpiDefinition
from survey_app.goals.queries import all_goals
from survey_app.goals.shares_text import read_shares, write_shares
from survey_app.goals.words import (
    DIRECTIONS,
    INTERVALS,
    MISSING_WORDS,
    RULES,
    SCOPES,
    STATISTICS,
    UNITS_OF_ANALYSIS,
)
from survey_app.organisation.forms import CheckboxesField
from survey_app.organisation.queries import declared_dimensions

# Keys of a source whose field is named otherwise: a form has a method named process already.
SOURCE_FIELDS = {"process": "visit_process"}
# Fields that offer what there is, and take what is not there yet.
OFFERED_FIELDS = (
    *("questionnaire", "question", "expected", "visit_process", "milestone"),
    *("measure", "numerator", "denominator"),
)
# The numbers of each rule, in the KPI's unit.
RULE_FIELDS = {
    "goalposts": ("worst", "best"),
    "red_target": ("red",),
    "in_range": ("outer_low", "low", "high", "outer_high"),
}
# The further numbers of each statistic; those of a net score may stay empty.
OPTION_FIELDS = {
    "top_box": ("cut",),
    "net_score": ("promoters_from", "detractors_to"),
    "km_quantile": ("quantile",),
    "restricted_mean": ("tau",),
    "share_within": ("within",),
}
MAY_STAY_EMPTY = ("promoters_from", "detractors_to")
OF_CUSTOMERS = ("mean", "top_box", "net_score")


class KpiForm(FlaskForm):
    """One KPI, with the fields of a scorebook; `analysis.kpi` says whether they fit together."""

    based_on = HiddenField(default="0")
    id = StringField(
        "Key",
        [DataRequired(), Length(max=63)],
        description="Short name for files: small letters, digits, underscores.",
    )
    name = StringField(
        "Name", [DataRequired(), Length(max=120)], description="Like: Would recommend us."
    )
    goal = SelectField("Goal it measures")
    statistic = SelectField(
        "Statistic",
        choices=[SelectChoice(key, one.name, {}, one.group) for key, one in STATISTICS.items()],
    )
    questionnaire = StringField(
        "Questionnaire",
        [Length(max=63)],
        description="Its key; known ones are offered as you type.",
    )
    question = StringField("Question", [Length(max=64)], description="Its id, like q1.")
    expected = StringField(
        "Question about what was expected",
        [Length(max=64)],
        description="Its id. The question above asks what was found.",
    )
    versions = StringField(
        "Versions",
        [Length(max=200)],
        description="Numbers with commas between them; empty means all versions.",
    )
    cut = FloatField(
        "Cut", [Optional()], description="The lowest answer that counts, like 4 on a scale to 5."
    )
    promoters_from = FloatField(
        "Promoters from", [Optional()], description="Empty on a scale from 0 to 10: 9."
    )
    detractors_to = FloatField(
        "Detractors up to", [Optional()], description="Empty on a scale from 0 to 10: 6."
    )
    interval = RadioField(
        "Interval by",
        choices=[SelectChoice(*one) for one in INTERVALS.items()],
        default=MEAN_INTERVALS[0],
    )
    unit_of_analysis = RadioField(
        "One vote is",
        choices=[SelectChoice(*one) for one in UNITS_OF_ANALYSIS.items()],
        default="response",
    )
    in_denominator = CheckboxesField(
        "Also counted, as not in the share",
        choices=[SelectChoice(*one) for one in MISSING_WORDS.items()],
        description="Like don't know, for: knows our services.",
    )
    margins = TextAreaField(
        "Weigh answers by known shares",
        [Length(max=4000)],
        description="Empty: every answer counts the same. Otherwise one attribute of your contacts "
        "a line, with the share that each group has among all customers, like "
        "segment: small = 50 %, medium = 35 %, large = 15 %",
    )
    by = CheckboxesField(
        "Also told for each",
        description="Dimensions of your contacts; where one vote is a response.",
    )
    visit_process = StringField(
        "Process", [Length(max=63)], description="Its key; known ones are offered as you type."
    )
    milestone = StringField(
        "Milestone", [Length(max=63)], description="A stage's key, or end for the end of the visit."
    )
    quantile = AmountField(
        "Share that is done by then", "share", description="Like 90 %; 50 % is the median."
    )
    tau = AmountField(
        "Limit", "seconds", description="Like 7 d or 2 h 30 min; a plain number is in seconds."
    )
    within = AmountField(
        "In time", "seconds", description="Like 30 min or 1 d; a plain number is in seconds."
    )
    measure = StringField(
        "Measure", [Length(max=63)], description="Its key; known ones are offered as you type."
    )
    counts_events = BooleanField(
        "It counts events that happen independently, like complaints (Poisson)",
        description="Then even a complete count has an interval: next month it could be another.",
    )
    numerator = StringField("Above the line", [Length(max=63)], description="A measure's key.")
    denominator = StringField("Below the line", [Length(max=63)], description="A measure's key.")
    unit = StringField(
        "Unit of measurement",
        [DataRequired(), Length(max=40)],
        description="Write share for per cent, seconds for times; otherwise like points, EUR.",
    )
    direction = RadioField(
        "Direction",
        choices=[SelectChoice(*one) for one in DIRECTIONS.items()],
        default="higher_is_better",
    )
    rule = RadioField(
        "Score from 0 to 100",
        choices=[SelectChoice(*one) for one in RULES.items()],
        default=Goalposts.rule,
    )
    worst = AmountField(
        "Worst", description="Scores 0. In the unit above: 1, 20 %, 2 h 30 min, 12 000."
    )
    best = AmountField("Best", description="Scores 100.")
    red = AmountField(
        "Red level",
        description="Scores 33; the target scores 67. Every target must be better than it.",
    )
    outer_low = AmountField("Too low from", description="Scores 0 here and below.")
    low = AmountField("Good from", description="Scores 100 from here …")
    high = AmountField("Good up to", description="… to here.")
    outer_high = AmountField("Too high from", description="Scores 0 here and above.")
    weight = FloatField(
        "Weight within the goal",
        [InputRequired()],
        default=1.0,
        description="2 counts twice as much as 1; 0 is shown and does not count.",
    )
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
    compare = SubmitField("See what would change")
    submit = SubmitField("Save the KPI")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.goal.choices = [SelectChoice(goal.key, goal.name) for goal in all_goals()]
        # What the KPI names already stays, declared or not.
        self._offer_by(self.by.data or ())
        for name in OFFERED_FIELDS:
            self[name].render_kw = {"list": f"known-{name}", "autocomplete": "off"}

    def show(self, kpi: KpiDefinition) -> None:
        """Fill in a KPI as it is defined at present."""
        said = kpi.definition
        self.based_on.data = str(kpi.version)
        self.id.data, self.goal.data = kpi.key, kpi.goal_key
        for name in ("name", "unit", "direction", "weight", "statistic"):
            self[name].data = said.get(name)
        for name in ("cut", "promoters_from", "detractors_to"):
            self[name].data = said.get(name)
        for name in ("quantile", "tau", "within"):
            self[name].show(said.get(name), said["unit"])
        for name, value in said["source"].items():
            field = self[SOURCE_FIELDS.get(name, name)]
            field.data = ", ".join(map(str, value)) if name == "versions" else value
        self.interval.data = said.get("interval", MEAN_INTERVALS[0])
        self.unit_of_analysis.data = said.get("unit_of_analysis", "response")
        self.in_denominator.data = said.get("in_denominator", [])
        self.margins.data = write_shares(said.get("margins", []))
        self.by.data = said.get("by", [])
        self._offer_by(self.by.data)
        self.counts_events.data = said.get("events") == "poisson"
        self.rule.data = said["score"]["rule"]
        for name in RULE_FIELDS[self.rule.data]:
            self[name].show(said["score"][name], said["unit"])
        self.scopes.data = said.get("scopes", list(SCOPES))
        self.only_for.data = ", ".join(said.get("for", []))

    def _offer_by(self, named: Iterable[str]) -> None:
        offered = dict.fromkeys([*declared_dimensions(), *named])
        self.by.choices = [SelectChoice(name, name) for name in offered]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether each field that the statistic and the rule need is filled in, and well."""
        # What belongs to another statistic or rule is hidden, and must not stand in the way.
        every = (*RULE_FIELDS.values(), *OPTION_FIELDS.values())
        for name in {name for names in every for name in names} - set(self._numbers()):
            if isinstance(self[name], AmountField):
                self[name].is_asked = False
            else:
                self[name].process(None)
        fine = super().validate(extra_validators)
        for name in self._numbers():
            if name not in MAY_STAY_EMPTY and not self[name].errors and self._number(name) is None:
                self[name].errors = [*self[name].errors, "Fill this in."]
                fine = False
        if self.statistic.data in RATING_STATISTICS:
            _margins, problems = read_shares(self.margins.data or "")
            self.margins.errors = [*self.margins.errors, *map(str, problems)]
            fine = fine and not problems
        return fine

    def entry(self) -> dict[str, Any]:
        """The KPI as a scorebook's entry; fields of other statistics are left out."""
        statistic, rule = self.statistic.data, self.rule.data
        entry = {
            "id": self.id.data.strip(),
            "goal": self.goal.data,
            "name": self.name.data.strip(),
            "unit": self.unit.data.strip(),
            "direction": self.direction.data,
            "weight": self.weight.data,
            "statistic": statistic,
            "source": self._source(),
            "score": {"rule": rule} | {name: self._number(name) for name in RULE_FIELDS[rule]},
            "scopes": self.scopes.data,
            "for": _listed(self.only_for.data),
        }
        entry |= {name: self._number(name) for name in OPTION_FIELDS.get(statistic, ())}
        if statistic in OF_CUSTOMERS:
            entry["unit_of_analysis"] = self.unit_of_analysis.data
        if statistic in RATING_STATISTICS and self.margins.data:
            entry["margins"] = read_shares(self.margins.data)[0]
        if statistic in RATING_STATISTICS and self.by.data:
            entry["by"] = self.by.data
        if statistic == "top_box":
            entry["in_denominator"] = self.in_denominator.data
        if statistic == "mean":
            entry["interval"] = self.interval.data
        if statistic == "sum" and self.counts_events.data:
            entry["events"] = "poisson"
        return {key: value for key, value in entry.items() if value is not None}

    def _numbers(self) -> tuple[str, ...]:
        """The fields with numbers that the chosen statistic and rule have."""
        options = OPTION_FIELDS.get(self.statistic.data, ())
        return (*options, *RULE_FIELDS.get(self.rule.data, ()))

    def _number(self, name: str) -> float | None:
        field: Field = self[name]
        return field.number if isinstance(field, AmountField) else field.data

    def _source(self) -> dict[str, Any]:
        statistic = self.statistic.data
        if statistic in RATING_STATISTICS:
            names = ["questionnaire", "question"] + (["expected"] if statistic == "gap" else [])
        elif statistic in DURATION_STATISTICS:
            names = ["process", "milestone"]
        else:
            names = ["numerator", "denominator"] if statistic == "ratio" else ["measure"]
        source: dict[str, Any] = {
            name: (self[SOURCE_FIELDS.get(name, name)].data or "").strip() for name in names
        }
        if "question" in names and (versions := _listed(self.versions.data)):
            source["versions"] = versions
        return source


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
