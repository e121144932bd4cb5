"""Forms for goals, targets, the files they come in, and what holds for every run."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    FloatField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from analysis.definitions import Goal as WantedGoal
from survey_app.forms import FlaskForm
from survey_app.goals.fields import AmountField
from survey_app.goals.models import Target
from survey_app.goals.queries import goals_in_order, known_owners, scope_names
from survey_app.goals.sight import Scopes
from survey_app.goals.wanted import WantedAdjustment, WantedTarget
from survey_app.goals.words import (
    AGGREGATIONS,
    ELASTICITY_SOURCES,
    HORIZONS,
    TARGET_SOURCES,
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
    parent_key = SelectField(
        "Belongs to",
        description="The goal above counts this one in its score. At the top it stands for itself.",
    )
    aim = TextAreaField(
        "Aim", [Length(max=2000)], description="What shall be reached, in a sentence."
    )
    vision = TextAreaField(
        "Vision", [Length(max=2000)], description="How it will be when the aim is reached."
    )
    owner = StringField(
        "Owner",
        [Length(max=120)],
        description="Who answers for it, by name. They need not sign in.",
        render_kw={"list": "known-owners", "autocomplete": "off"},
    )
    horizon = SelectField(
        "Horizon", choices=[SelectChoice(*one) for one in HORIZONS.items()], default=""
    )
    weight = FloatField(
        "Weight",
        [InputRequired()],
        default=1.0,
        description="Among the goals it stands beside, and beside the KPIs of the goal above.",
    )
    least_coverage = FloatField(
        "Least coverage",
        [InputRequired()],
        default=0.5,
        description="Share of the weight of its KPIs and of the goals below, 0 to 1, that must "
        "have a score.",
    )
    aggregation = RadioField(
        "Its score is",
        choices=[SelectChoice(*one) for one in AGGREGATIONS.items()],
        default="arithmetic",
    )
    target = FloatField(
        "Target for its score",
        [Optional()],
        description="From 0 to 100; the goal is met from there on. Empty: it has no verdict.",
    )
    submit = SubmitField("Save the goal")

    def __init__(self, own_key: str = "", **named: Any) -> None:
        super().__init__(**named)
        # A goal below itself would be refused; it is not offered either.
        offered, hidden_from = [SelectChoice("", "nothing: it stands at the top")], None
        for depth, goal in goals_in_order():
            if hidden_from is not None and depth > hidden_from:
                continue
            hidden_from = depth if goal.key == own_key else None
            if hidden_from is None:
                offered.append(SelectChoice(goal.key, "\u2003" * depth + goal.name))
        self.parent_key.choices = offered
        if self.parent_key.data is None:
            self.parent_key.data = ""

    @property
    def owners(self) -> list[str]:
        """The names that are offered for the owner."""
        return known_owners()

    def wanted(self, key: str) -> WantedGoal:
        """The goal as in a scorebook."""
        return WantedGoal(
            id=key,
            name=self.name.data,
            aim=self.aim.data or "",
            vision=self.vision.data or "",
            weight=self.weight.data,
            least_coverage=self.least_coverage.data,
            aggregation=self.aggregation.data,
            target=self.target.data,
            parent=self.parent_key.data or None,
            owner=self.owner.data or "",
            horizon=self.horizon.data,
        )


class TargetForm(FlaskForm):
    """A target: a value, for whom, from when; and the local conditions that it follows."""

    scope = SelectField("For whom")
    value = AmountField("Value", validators=[InputRequired()])
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
    index_measure = SelectField(
        "Index",
        default="",
        description="A measure among your figures that tells of local conditions, like regional "
        "demand. The run takes its mean over the months of the period.",
    )
    at_setting = FloatField(
        "Index when the target is set",
        [Optional()],
        description="While the index stands here, the target is exactly the value above.",
    )
    elasticity = FloatField(
        "Elasticity",
        [Optional()],
        description="By how many per cent the target moves when the index moves by one: 1 in step, "
        "0.5 half as much, -1 the other way.",
    )
    elasticity_source = RadioField(
        "The elasticity is",
        choices=[SelectChoice(*one) for one in ELASTICITY_SOURCES.items()],
        default="given",
    )
    justification = TextAreaField(
        "Justification",
        [Length(max=2000)],
        description="Why the target follows this index, and where the elasticity comes from.",
    )
    estimate = SubmitField("Estimate from past months")
    submit = SubmitField("Set the target")

    def __init__(
        self, within: Scopes, kpi_unit: str, measures: dict[str, str], **named: Any
    ) -> None:
        super().__init__(**named)
        self.value.unit = kpi_unit
        self.scope.choices = [
            SelectChoice(scope_value(*scope), name)
            for scope, name in scope_names().items()
            if within is None or scope in within
        ]
        self.index_measure.choices = [SelectChoice("", "none: the target stays as it is")] + [
            SelectChoice(key, name) for key, name in measures.items()
        ]

    def show(self, target: Target, kpi_unit: str) -> None:
        """Fill in a target that holds, to set the next one like it."""
        self.scope.data = scope_value(target.scope_type, target.scope_key)
        self.value.show(target.value, kpi_unit)
        for name in ("index_measure", "at_setting", "elasticity", "elasticity_source"):
            self[name].data = getattr(target, name)
        self.justification.data = target.justification

    @property
    def scope_chosen(self) -> tuple[str, str]:
        """(scope type, key) of whom it is for."""
        scope_type, _, scope_key = self.scope.data.partition(":")
        return scope_type, scope_key

    def wanted(self, kpi_key: str) -> WantedTarget:
        """The target before it is set."""
        scope_type, scope_key = self.scope_chosen
        adjustment = None
        if self.index_measure.data:
            adjustment = WantedAdjustment(
                index_measure=self.index_measure.data,
                at_setting=self.at_setting.data,
                elasticity=self.elasticity.data,
                justification=(self.justification.data or "").strip(),
                elasticity_source=self.elasticity_source.data,
            )
        assert self.value.number is not None
        return WantedTarget(
            kpi_key=kpi_key,
            scope_type=scope_type,
            scope_key=scope_key,
            value=self.value.number,
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            source=self.source.data,
            note=self.note.data or "",
            adjustment=adjustment,
        )


class GridForm(FlaskForm):
    """What all values that are saved together in the grid have in common."""

    valid_from = DateField(
        "From", [InputRequired()], description="For periods that begin on this day or later."
    )
    valid_to = DateField(
        "Until", [Optional()], description="The first day on which they hold no more; may be empty."
    )
    source = SelectField(
        "Where they come from", choices=[SelectChoice(*one) for one in TARGET_SOURCES.items()]
    )
    note = StringField("Note", [Length(max=2000)])
    submit = SubmitField("Set the targets")


class TargetsFileForm(FlaskForm):
    """A CSV file of targets."""

    file = FileField(
        "CSV file",
        [FileRequired("Choose a file.")],
        description="Columns kpi, scope_type, scope, value, valid_from; and if you like valid_to, "
        "source, note, index, at_setting, elasticity, elasticity_source, justification.",
    )
    submit = SubmitField("Import the targets")


class ScorebookFileForm(FlaskForm):
    """A scorebook with goals, KPIs, KPI sets and targets."""

    file = FileField(
        "Scorebook (YAML)",
        [FileRequired("Choose a file.")],
        description="What it says alike already is left as it is.",
    )
    submit = SubmitField("Import the scorebook")


class RulesForm(FlaskForm):
    """What holds for every run."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    minimum_n = IntegerField(
        "Least number of people",
        [InputRequired()],
        description="A number that rests on fewer people is withheld, and so is what would give it "
        "away. 1 withholds nothing.",
    )
    submit = SubmitField("Save")


def scope_value(scope_type: str, scope_key: str) -> str:
    """A scope as one word: 'all', 'unit:leasing'."""
    return f"{scope_type}:{scope_key}" if scope_key else scope_type
