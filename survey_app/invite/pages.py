"""What the pages of contacts and campaigns have in common."""

from __future__ import annotations

from flask import current_app, render_template
from flask_login import current_user

from survey_app.config import Settings
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.invite.sight import require_company
from survey_app.organisation.sight import Sight, sight_of


def settings() -> Settings:
    """The installation's settings."""
    kept: Settings = current_app.config["SETTINGS"]
    return kept


def within() -> Sight:
    """What whoever asks for the page sees."""
    return sight_of(current_user)


def company_only() -> None:
    """Raise Forbidden unless whoever asks sees the whole company."""
    require_company(within())


def form_page(
    template: str, form: FlaskForm, problems: list[Problem], **shown: object
) -> tuple[str, int]:
    """A page with one form as it was typed; 422 where something needs mending."""
    page = render_template(f"invite/{template}", form=form, problems=problems, **shown)
    return page, 422 if problems or form.errors else 200
