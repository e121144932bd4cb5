"""What the views of goals, KPIs, targets and sets share."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template
from flask_login import current_user

from survey_app.config import Settings
from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.goals.sight import Scopes, may_read, scopes_in_sight


def present_settings() -> Settings:
    """The settings of the installation."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def zone() -> ZoneInfo:
    """The organisation's time zone."""
    return present_settings().zone


def today() -> date:
    """The day it is in the organisation's time zone."""
    return utc_now().astimezone(zone()).date()


def readable() -> Scopes:
    """The scopes whose targets the signed-in user may read; None for all."""
    return may_read(scopes_in_sight(current_user))


def form_page(
    title: str,
    form: FlaskForm,
    problems: list[Problem],
    template: str = "goals/form.html",
    **more: Any,
) -> tuple[str, int]:
    """A page with one form; 422 where something needs mending."""
    page = render_template(template, title=title, form=form, problems=problems, **more)
    return page, 422 if problems or form.errors else 200
