"""Pages on which managers write what must hold between answers."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from survey_app.db import utc_now
from survey_app.design.condition_words import say_condition
from survey_app.design.constraints import (
    constraint_at,
    constraints_of,
    put_constraint,
    remove_constraint,
)
from survey_app.design.editing import save_draft
from survey_app.design.forms import ConstraintForm, RevisionForm
from survey_app.design.models import Questionnaire
from survey_app.design.pages import form_page, save_form
from survey_app.design.queries import questionnaire_by_key, read_definition
from survey_app.design.views import bp
from survey_app.domain.problems import Problem
from survey_app.web import allow

RULES = "design.list_constraints"


@bp.get("/<key>/rules")
@allow("manager")
def list_constraints(key: str) -> str:
    """The rules between answers."""
    return _rules_page(questionnaire_by_key(key), [])


@bp.route("/<key>/rules/new", methods=["GET", "POST"], defaults={"number": None})
@bp.route("/<key>/rules/<int:number>", methods=["GET", "POST"])
@allow("manager")
def edit_constraint(key: str, number: int | None) -> Any:
    """Add or change a rule."""
    draft = questionnaire_by_key(key)
    rule = {} if number is None else constraint_at(draft.draft, number)
    loaded = read_definition(draft.draft)
    condition = rule.get("must")
    data = ConstraintForm.shown_condition(condition) if condition else {}
    form = ConstraintForm(data={**rule, **data, "revision": draft.draft_revision})
    form.offer(loaded.items, condition)
    form.offer_places(loaded.questions)
    shown = {"number": number, "said": ""}
    if condition:
        shown["said"] = f"It must hold that {say_condition(condition, loaded.items)}"
    if not form.validate_on_submit():
        return form_page("constraint.html", form, [], draft, **shown)
    changed = put_constraint(draft.draft, number, form.content())
    return save_form(draft, changed, form, "constraint.html", RULES, **shown)


@bp.post("/<key>/rules/<int:number>/remove")
@allow("manager")
def remove_rule(key: str, number: int) -> Any:
    """Take a rule out of the draft."""
    draft = questionnaire_by_key(key)
    changed = remove_constraint(draft.draft, number)
    problems = save_draft(draft, changed, RevisionForm().seen(), utc_now())
    if problems:
        return _rules_page(draft, problems), 422
    return redirect(url_for(RULES, key=key))


def _rules_page(draft: Questionnaire, problems: list[Problem]) -> str:
    items = read_definition(draft.draft).items
    rules = [(rule, say_condition(rule["must"], items)) for rule in constraints_of(draft.draft)]
    return render_template(
        "design/constraints.html", questionnaire=draft, rules=rules, problems=problems
    )
