"""Pages on which a user makes and revokes personal tokens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.accounts.forms import TokenForm
from survey_app.accounts.scopes import scopes_for
from survey_app.accounts.tokens import make_token, revoke_token, token_of, tokens_of
from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.web import allow

bp = Blueprint("accounts", __name__, url_prefix="/account")


@bp.get("/tokens")
@allow("manager", "analyst", "representative")
def list_tokens() -> str:
    """The user's own tokens."""
    tokens = tokens_of(current_user)
    return render_template("accounts/tokens.html", tokens=tokens, now=utc_now())


@bp.route("/tokens/new", methods=["GET", "POST"])
@allow("manager", "analyst", "representative")
def new_token() -> Any:
    """Make a token and show its secret, this once."""
    form = TokenForm(scopes_for(current_user))
    problems: list[Problem] = []
    if form.validate_on_submit():
        made, problems = make_token(
            current_user, form.name.data, form.scopes.data, form.days.data, utc_now()
        )
        if made is not None:
            token, secret = made
            return render_template("accounts/token_made.html", token=token, secret=secret)
    page = render_template("accounts/new_token.html", form=form, problems=problems)
    return page, 422 if problems or form.errors else 200


@bp.post("/tokens/<int:token_id>/revoke")
@allow("manager", "analyst", "representative")
def revoke(token_id: int) -> Any:
    """End a token."""
    token = token_of(current_user, token_id)
    name = token.name
    revoke_token(token, utc_now())
    flash(f"The token {name} is revoked: whatever shows it is refused from now on.")
    return redirect(url_for("accounts.list_tokens"))
