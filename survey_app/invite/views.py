"""The room's pages; here those of the outbox that takes mails where no server is configured."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask_login import current_user

from survey_app.config import Settings
from survey_app.invite import queries
from survey_app.invite.outbox import MAILS_A_PAGE, list_mails, read_mail
from survey_app.invite.sight import require_everything
from survey_app.organisation.sight import sight_of
from survey_app.web import allow

bp = Blueprint("invite", __name__, url_prefix="/invite")


@bp.get("/outbox")
@allow("manager")
def list_outbox() -> str:
    """Mails that were kept here, because no mail server is configured."""
    require_everything(sight_of(current_user))
    page = max(request.args.get("page", 1, type=int), 1)
    mails, total = list_mails(_settings().outbox, page)
    return render_template(
        "invite/outbox.html",
        mails=mails,
        total=total,
        page=page,
        a_page=MAILS_A_PAGE,
        waiting=queries.count_waiting_mails(),
    )


@bp.get("/outbox/<key>")
@allow("manager")
def show_mail(key: str) -> str:
    """One mail of the outbox: its words, never its HTML."""
    require_everything(sight_of(current_user))
    return render_template("invite/mail.html", mail=read_mail(_settings().outbox, key))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
