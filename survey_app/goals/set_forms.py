"""The form of a KPI set."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SelectMultipleField, StringField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from survey_app.domain.cells import read_number
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.goals.amounts import write_amount
from survey_app.goals.grouping import WantedSet
from survey_app.goals.models import KpiDefinition, KpiSet
from survey_app.goals.queries import scope_names
from survey_app.organisation.forms import CheckboxesField


class SetForm(FlaskForm):
    """A role, the KPIs that count for it, and whose role it is.

    The weights are fields `weight:<KPI>` of their own beside the boxes.
    """

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    key = StringField(
        "Key",
        [DataRequired(), Length(max=63)],
        description="Short name for files: small letters, digits, underscores.",
    )
    name = StringField("Name", [DataRequired(), Length(max=120)], description="Like: Field sales.")
    role = TextAreaField(
        "Role", [Length(max=2000)], description="What those do whom the set is for."
    )
    # Drawn as a table with the weights beside.
    kpis = SelectMultipleField("KPIs")
    units = CheckboxesField(
        "Everybody in", description="Whoever serves customers in these units or below."
    )
    representatives = CheckboxesField("And besides")
    submit = SubmitField("Save the set")

    def __init__(self, present: list[KpiDefinition], **named: Any) -> None:
        super().__init__(**named)
        self.kpis.choices = [SelectChoice(kpi.key, kpi.definition["name"]) for kpi in present]
        names = scope_names()
        units = [SelectChoice(key, name) for (kind, key), name in names.items() if kind == "unit"]
        people = [
            SelectChoice(key, name)
            for (kind, key), name in names.items()
            if kind == "representative"
        ]
        self.units.choices, self.representatives.choices = units, people
        self.weights: dict[str, str] = {}

    def show(self, one: KpiSet) -> None:
        """Fill in a set."""
        self.name.data, self.role.data = one.name, one.role
        self.kpis.data = [key for key, _weight in one.kpis]
        self.weights = {key: write_amount(weight, "") for key, weight in one.kpis}
        self.units.data, self.representatives.data = one.units, one.representatives

    def wanted(
        self, key: str, typed: dict[str, str], present: KpiSet | None
    ) -> tuple[WantedSet, list[Problem]]:
        """The set; `typed` are the weights by KPI. Retired KPIs of the present one stay in it."""
        self.weights = typed
        problems, kpis = [], []
        for kpi in self.kpis.data:
            text = typed.get(kpi, "").strip()
            weight = read_number(text, f"weight of {kpi}") if text else None
            if isinstance(weight, Problem):
                problems.append(weight)
            else:
                kpis.append((kpi, weight))
        offered = {choice.value for choice in self.kpis.choices}
        kept = [
            (one, weight) for one, weight in (present.kpis if present else ()) if one not in offered
        ]
        wanted = WantedSet(
            key=key,
            name=self.name.data,
            role=self.role.data or "",
            kpis=(*kpis, *kept),
            units=tuple(self.units.data),
            representatives=tuple(self.representatives.data),
        )
        return wanted, problems
