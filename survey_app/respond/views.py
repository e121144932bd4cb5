"""The page on which customers answer, and the managers' page for taking over answers."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user

from survey_app.db import connect_to_read, db, utc_now
from survey_app.design.reading import read_document
from survey_app.domain.problems import Problem, SoundingsError
from survey_app.organisation.sight import sight_of
from survey_app.respond.forms import ImportForm
from survey_app.respond.importing import import_answers
from survey_app.respond.posting import read_posted
from survey_app.respond.queries import recent_batches
from survey_app.respond.rendering import empty_page, refused_page, thanks_page
from survey_app.respond.submitting import ALREADY_ANSWERED, find_invitation
from survey_app.respond.submitting import submit as submit_answers
from survey_app.web import allow, csrf

bp = Blueprint("respond", __name__)


@bp.get("/r/<token>")
@allow("public")
def show_page(token: str) -> Any:
    """The questions, or the word that they were answered; changes nothing."""
    with connect_to_read() as connection:
        invited = find_invitation(connection, token, utc_now())
    if invited.response_id is not None:
        return render_template("respond/received.html")
    return Response(empty_page(invited.questionnaire_key, invited.version_number))


@bp.post("/r/<token>")
@csrf.exempt  # There is no session to ride on: the token itself is the permission.
@allow("public")
def submit(token: str) -> Any:
    """Store the answers, once."""
    now = utc_now()
    posted, problems = read_posted(request)
    if not problems:
        answered, problems = submit_answers(token, posted, now)
        if answered is not None:
            return Response(thanks_page(answered.questionnaire_key, answered.version_number))
    if problems[0].code == ALREADY_ANSWERED:
        return render_template("respond/received.html")
    version = find_invitation(db.session.connection(), token, now)[1:3]
    return refused_page(*version, posted, problems), 422


@bp.errorhandler(SoundingsError)
def tell_customer(error: SoundingsError) -> tuple[str, int]:
    """Customers meet a page of their own kind, with nothing of the house around it."""
    db.session.rollback()
    return render_template("respond/closed.html", message=error.message), error.status


@bp.route("/respond/import", methods=["GET", "POST"])
@allow("manager")
def import_page() -> Any:
    """Take over the answers of an existing survey."""
    form = ImportForm()
    if not form.validate_on_submit():
        return _import_form(form, [])
    mapping, problems = read_document(form.mapping.data or "")
    if mapping is None:
        return _import_form(form, [problem.within("mapping") for problem in problems])
    batch, problems = import_answers(
        form.chosen_version(),
        form.file.data.read(),
        mapping,
        form.file.data.filename,
        utc_now(),
        current_app.config["SETTINGS"].zone,
        sight_of(current_user),
    )
    if batch is None:
        return _import_form(form, problems)
    flash(f"{batch.row_count} responses were imported from {batch.filename}.")
    return redirect(url_for("respond.import_page"))


def _import_form(form: ImportForm, problems: list[Problem]) -> tuple[str, int]:
    status = 422 if problems or form.errors else 200
    page = render_template(
        "respond/import.html",
        form=form,
        problems=problems,
        batches=recent_batches(sight_of(current_user)),
    )
    return page, status
