"""Pages on which managers plan that customers are asked some days after their visit."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, redirect, url_for
from flask_login import current_user

from survey_app.config import Settings
from survey_app.db import mark_of, utc_now
from survey_app.invite.repeating import AFTER_VISIT, plan_series
from survey_app.invite.series_forms import series_data
from survey_app.invite.series_queries import series_by_id
from survey_app.invite.series_views import save_series, series_form, to_series
from survey_app.organisation.sight import sight_of
from survey_app.visits.follow_up_forms import FollowUpForm
from survey_app.visits.views import bp
from survey_app.web import allow


@bp.route("/follow-ups/new", methods=["GET", "POST"])
@allow("manager")
def new_follow_up() -> Any:
    """Plan that customers are asked after their visits."""
    form = FollowUpForm(sight_of(current_user))
    if not form.validate_on_submit():
        return series_form(form, None, [])
    series, problems = plan_series(form.plan(), _zone(), utc_now())
    return series_form(form, None, problems) if series is None else to_series(series)


@bp.route("/follow-ups/<int:series_id>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_follow_up(series_id: int) -> Any:
    """Change a series that asks customers after their visits."""
    within = sight_of(current_user)
    series = series_by_id(series_id, within)
    if series.kind != AFTER_VISIT:
        return redirect(url_for("invite.edit_series", series_id=series.id))
    form = FollowUpForm(within, data=series_data(series) | {"seen": mark_of(series)})
    if not form.validate_on_submit():
        return series_form(form, series, [])
    return save_series(series, form)


def _zone() -> ZoneInfo:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.zone
