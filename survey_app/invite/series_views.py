"""Pages on which managers plan campaigns that come again."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.config import Settings
from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.invite.models import CampaignSeries
from survey_app.invite.queries import invited_counts, mail_counts
from survey_app.invite.repeating import (
    AFTER_VISIT,
    next_turns,
    plan_series,
    resume_series,
    revise_series,
    stop_series,
)
from survey_app.invite.series_forms import MonthlyForm, SeriesForm, StopForm, series_data
from survey_app.invite.series_queries import (
    campaigns_of,
    possible_patterns,
    series_by_id,
    series_in,
)
from survey_app.invite.views import bp
from survey_app.organisation.sight import sight_of
from survey_app.web import allow


@bp.get("/series")
@allow("manager")
def list_series() -> str:
    """The series in sight."""
    within = sight_of(current_user)
    return render_template(
        "invite/series.html",
        every=series_in(within),
        can_plan=bool(possible_patterns(within)),
        when=when_of,
    )


@bp.route("/series/new", methods=["GET", "POST"])
@allow("manager")
def new_series() -> Any:
    """Plan a campaign that is sent each month."""
    form = MonthlyForm(sight_of(current_user))
    if not form.validate_on_submit():
        return series_form(form, None, [])
    series, problems = plan_series(form.plan(), _zone(), utc_now())
    return series_form(form, None, problems) if series is None else to_series(series)


@bp.get("/series/<int:series_id>")
@allow("manager")
def show_series(series_id: int) -> str:
    """When a series comes next, and what it has sent."""
    within = sight_of(current_user)
    series = series_by_id(series_id, within)
    campaigns = campaigns_of(series, within)
    return render_template(
        "invite/series_page.html",
        series=series,
        when=when_of(series),
        turns=next_turns(series, _zone()),
        campaigns=campaigns,
        counts=mail_counts([campaign.id for campaign in campaigns]),
        invited=invited_counts([campaign.id for campaign in campaigns]),
    )


@bp.route("/series/<int:series_id>/edit", methods=["GET", "POST"])
@allow("manager")
def edit_series(series_id: int) -> Any:
    """Change a series."""
    within = sight_of(current_user)
    series = series_by_id(series_id, within)
    if series.kind == AFTER_VISIT:
        return redirect(url_for("visits.edit_follow_up", series_id=series.id))
    form = MonthlyForm(within, data=series_data(series) | {"seen": mark_of(series)})
    if not form.validate_on_submit():
        return series_form(form, series, [])
    return save_series(series, form)


@bp.route("/series/<int:series_id>/stop", methods=["GET", "POST"])
@allow("manager")
def stop_turns(series_id: int) -> Any:
    """Ask whether a series is to be stopped; then stop it."""
    series = series_by_id(series_id, sight_of(current_user))
    form = StopForm()
    if not form.validate_on_submit():
        return render_template("invite/series_stop.html", series=series, form=form)
    stop_series(series, utc_now())
    flash(f"{series.name} is stopped. Nothing more is sent.")
    return to_series(series)


@bp.post("/series/<int:series_id>/resume")
@allow("manager")
def resume_turns(series_id: int) -> Any:
    """Let a stopped series go on."""
    series, _ = resume_series(series_by_id(series_id, sight_of(current_user)), _zone(), utc_now())
    flash(f"{series.name} goes on.")
    return to_series(series)


def save_series(series: CampaignSeries, form: Any) -> Any:
    """Change a series to what a form says; the form again if that cannot be."""
    revised, problems = revise_series(series, form.plan(), _zone(), utc_now(), form.seen.data)
    if revised is not None:
        return to_series(revised)
    form.seen.data = mark_of(series)
    return series_form(form, series, problems)


def series_form(
    form: SeriesForm, series: CampaignSeries | None, problems: list[Problem]
) -> tuple[str, int]:
    """The page with a form of a series."""
    status = 422 if problems or form.errors else 200
    return render_template(
        "invite/series_form.html", form=form, series=series, problems=problems
    ), status


def to_series(series: CampaignSeries) -> Any:
    """The way to the page of a series."""
    return redirect(url_for("invite.show_series", series_id=series.id))


def when_of(series: CampaignSeries) -> str:
    """When a series comes, in words."""
    at = f"at {series.at // 60:02}:{series.at % 60:02}"
    if series.kind == AFTER_VISIT:
        days = "1 day" if series.days == 1 else f"{series.days} days"
        return f"{days} after a visit ({series.process_key}) closes, {at}"
    if series.day == 31:
        return f"on the last day of each month, {at}"
    return f"on day {series.day} of each month, {at}"


def _zone() -> ZoneInfo:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.zone
