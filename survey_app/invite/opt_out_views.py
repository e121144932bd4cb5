"""The page behind a mail's link for opting out; mail programs post to it by themselves (RFC 8058).

It asks for no sign-in, and the link itself changes nothing: scanners open every link of a mail.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from survey_app.db import utc_now
from survey_app.invite.opting_out import invitation_to_end, opt_out_by_mail
from survey_app.invite.suppressing import SAID_SO
from survey_app.web import allow

bp = Blueprint("opt_out", __name__)


@bp.get("/u/<token>")
@allow("public")
def show_page(token: str) -> str:
    """Ask whether the person means it."""
    invitation = invitation_to_end(token)
    contact = invitation.contact
    entry = contact.suppression if contact else None
    done = entry is not None and entry.reason in SAID_SO
    return render_template("invite/opt_out.html", done=done)


@bp.post("/u/<token>")
@allow("public")
def opt_out(token: str) -> str:
    """Opt out: by the page's button, or by a mail program's one click."""
    opt_out_by_mail(token, utc_now())
    return render_template("invite/opt_out.html", done=True)
