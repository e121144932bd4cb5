"""How a page with a form answers: shown again with what is wrong, or saved as the draft."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from survey_app.db import utc_now
from survey_app.design.editing import save_draft
from survey_app.design.forms import RevisionForm
from survey_app.design.models import Questionnaire
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm


def form_page(
    template: str,
    form: FlaskForm,
    problems: list[Problem],
    draft: Questionnaire | None = None,
    **shown: Any,
) -> tuple[str, int]:
    """The page with the form as typed; its status says whether something is wrong."""
    status = 422 if problems or form.errors else 200
    # A long form tells at its top what it tells at its fields.
    told = problems or [
        Problem(form[name].label.text, "field", sentence)
        for name, sentences in form.errors.items()
        for sentence in sentences
        if isinstance(sentence, str)
    ]
    page = render_template(
        f"design/{template}", form=form, problems=told, questionnaire=draft, **shown
    )
    return page, status


def save_form(
    draft: Questionnaire,
    changed: dict[str, Any],
    form: RevisionForm,
    template: str,
    back: str = "design.show_questionnaire",
    **shown: Any,
) -> Any:
    """Save the changed draft and go back, or show the form again with what is wrong."""
    problems = save_draft(draft, changed, form.seen(), utc_now())
    if problems:
        return form_page(template, form, problems, draft, **shown)
    return redirect(url_for(back, key=draft.key))
