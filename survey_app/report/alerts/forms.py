"""Forms for the rules of alerts, for mails about them, and for acknowledging one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    FloatField,
    IntegerField,
    RadioField,
    SubmitField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from survey_app.figures.models import Measure
from survey_app.forms import FlaskForm
from survey_app.goals.queries import all_goals, present_kpis
from survey_app.organisation.forms import CheckboxesField
from survey_app.report.alerts.kinds import DEFAULTS, FIGURES_LATE, KINDS, RESPONSE_LOW, Rule
from survey_app.report.alerts.subscribing import DELIVERIES, EVERY, WantedMails
from survey_app.report.queries import Scope


class RuleForm(FlaskForm):
    """The rule of one kind of alert; `limit` is in per cent, or in days."""

    enabled = BooleanField("Raise alerts of this kind")
    limit = FloatField("Limit", [InputRequired("Give a number.")])
    scopes = CheckboxesField("For whom?")
    subjects = CheckboxesField("Of what? None ticked: of all")
    submit = SubmitField("Save the rule")

    def __init__(
        self,
        rule: Rule,
        scopes: Iterable[Scope],
        subjects: Sequence[tuple[str, str]],
        *arguments: Any,
        **named: Any,
    ) -> None:
        scale = 100 if rule.kind == RESPONSE_LOW else 1
        super().__init__(
            *arguments,
            data={
                "enabled": rule.enabled,
                "limit": None if rule.limit is None else round(scale * rule.limit, 6),
                "scopes": rule.scopes,
                "subjects": rule.subjects,
            },
            **named,
        )
        self.scopes.choices = _scope_choices(scopes)
        self.subjects.choices = [SelectChoice(label, name) for label, name in subjects]
        if DEFAULTS[rule.kind].limit is None:
            del self.limit
        elif rule.kind == RESPONSE_LOW:
            self.limit.label.text = "Response rate under which an alert is raised, in per cent"
        else:
            self.limit.label.text = "Days after the month's end"
            self.limit.validators = [InputRequired("Give a number."), _whole]

    def rule(self, kind: str) -> Rule:
        """The rule as it was filled in."""
        limit = self.limit.data if "limit" in self else None
        if limit is not None and kind == RESPONSE_LOW:
            limit /= 100
        return Rule(
            kind,
            self.enabled.data,
            limit,
            tuple(self.subjects.data or ()),
            tuple(self.scopes.data or ()),
        )


class MailsForm(FlaskForm):
    """What a user wants by mail."""

    delivery = RadioField(
        "When?", choices=[SelectChoice(key, words) for key, words in DELIVERIES.items()]
    )
    hour = IntegerField(
        "Hour of the daily mail",
        [InputRequired("Give an hour from 0 to 23."), NumberRange(0, 23)],
        description="0 to 23, in the organisation's time.",
    )
    kinds = CheckboxesField(
        "Which kinds?", choices=[SelectChoice(kind, words) for kind, words in KINDS.items()]
    )
    scopes = CheckboxesField("About whom? None ticked: everybody you may see")
    submit = SubmitField("Save")

    def __init__(
        self, kept: WantedMails, scopes: Iterable[Scope], *arguments: Any, **named: Any
    ) -> None:
        super().__init__(*arguments, data=vars(kept), **named)
        self.scopes.choices = _scope_choices(scopes)

    def wanted(self) -> WantedMails:
        """What was filled in."""
        return WantedMails(
            self.delivery.data,
            tuple(self.kinds.data or ()),
            tuple(self.scopes.data or ()),
            self.hour.data,
        )


class AcknowledgeForm(FlaskForm):
    """Saying that an alert was seen."""

    note = TextAreaField(
        "Note", [Length(max=2000)], description="Optional: what is done about it, and by whom."
    )
    submit = SubmitField("Acknowledge")


def subject_choices(kind: str) -> list[tuple[str, str]]:
    """Labels and names of what a rule of this kind may be narrowed to."""
    if kind == FIGURES_LATE:
        measures = Measure.query.order_by(Measure.name)
        return [(f"measure:{one.key}", one.name) for one in measures]
    kpis = [(f"kpi:{one.key}", one.definition["name"]) for one in present_kpis()]
    return [(f"goal:{one.key}", f"Goal {one.name}, with its KPIs") for one in all_goals()] + kpis


def _scope_choices(scopes: Iterable[Scope]) -> list[SelectChoice]:
    """Everybody of a type first, then the single ones, as `kinds.is_among` reads labels."""
    listed = list(scopes)
    types = {scope.type for scope in listed}
    return [SelectChoice(key, words) for key, words in EVERY.items() if key in types] + [
        SelectChoice(scope.label, scope.name) for scope in listed if scope.id
    ]


def scope_labels(scopes: Iterable[Scope]) -> set[str]:
    """The labels that may be chosen among these scopes."""
    return {choice.value for choice in _scope_choices(scopes)}


def _whole(_form: FlaskForm, field: FloatField) -> None:
    if field.data is not None and field.data != int(field.data):
        raise ValidationError("Give whole days.")
