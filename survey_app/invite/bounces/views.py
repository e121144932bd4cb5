"""The page of what came back."""

from __future__ import annotations

from flask import current_app, render_template
from flask_login import current_user

from survey_app.config import Settings
from survey_app.invite.bounces.fetching import describe_box, fetching_state
from survey_app.invite.bounces.queries import KINDS, REPORTS_SHOWN, newest_reports
from survey_app.invite.views import bp
from survey_app.organisation.sight import in_sight, sight_of
from survey_app.web import allow


@bp.get("/bounces")
@allow("manager")
def list_bounces() -> str:
    """The newest bounces and complaints in sight, and how their fetching goes."""
    settings: Settings = current_app.config["SETTINGS"]
    within = sight_of(current_user)
    mails = newest_reports(within)
    return render_template(
        "invite/bounces.html",
        mails=[(mail, in_sight(mail.campaign.audience_unit_id, within)) for mail in mails],
        is_cut=len(mails) == REPORTS_SHOWN,
        kinds=KINDS,
        box=describe_box(settings),
        state=fetching_state(),
    )
