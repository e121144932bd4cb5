"""Pages on which managers take contacts over from files, watch that, and take it back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.invite.contact_forms import ImportForm
from survey_app.invite.contact_jobs import work_on_file
from survey_app.invite.file_batches import (
    WORKING,
    ask_to_undo,
    batch_by_id,
    confirm,
    discard,
    newest_batches,
    receive,
)
from survey_app.invite.pages import form_page, settings
from survey_app.invite.views import bp
from survey_app.jobs import enqueue
from survey_app.web import allow


@bp.route("/contacts/import", methods=["GET", "POST"])
@allow("manager")
def import_contacts() -> Any:
    """Send a file, which the worker then looks at."""
    form = ImportForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        upload = form.file.data
        batch, problems = receive(
            upload.stream, upload.filename or "", form.key.data, settings(), utc_now()
        )
        if batch is not None:
            enqueue(work_on_file, batch.id)
            return redirect(url_for("invite.show_import", batch_id=batch.id))
    return form_page("import.html", form, problems)


@bp.get("/contacts/imports")
@allow("manager")
def list_imports() -> str:
    """The files that were sent, newest first."""
    return render_template("invite/contact_imports.html", batches=newest_batches(current_user))


@bp.get("/contacts/imports/<int:batch_id>")
@allow("manager")
def show_import(batch_id: int) -> str:
    """How far a file is, what it would do, what it did, and what is wrong with it."""
    batch = batch_by_id(batch_id, current_user)
    left = next((one["message"] for one in batch.problems if one["code"] == "left"), None)
    return render_template(
        "invite/contact_import.html",
        batch=batch,
        left=left,
        problems=[one for one in batch.problems if one["code"] != "left"],
        is_working=batch.state in WORKING,
    )


@bp.post("/contacts/imports/<int:batch_id>/store")
@allow("manager")
def store_import(batch_id: int) -> Any:
    """Import what was looked at."""
    if confirm(batch_by_id(batch_id, current_user), utc_now()):
        enqueue(work_on_file, batch_id)
    # The second of two clicks ends where the first one did.
    return redirect(url_for("invite.show_import", batch_id=batch_id))


@bp.post("/contacts/imports/<int:batch_id>/discard")
@allow("manager")
def discard_import(batch_id: int) -> Any:
    """Forget a file that was not imported."""
    batch = batch_by_id(batch_id, current_user)
    name = batch.filename
    if not discard(batch, settings(), utc_now()):
        return redirect(url_for("invite.show_import", batch_id=batch_id))
    flash(f"{name} was discarded.")
    return redirect(url_for("invite.list_imports"))


@bp.post("/contacts/imports/<int:batch_id>/undo")
@allow("manager")
def undo_import(batch_id: int) -> Any:
    """Take back what a file changed."""
    if ask_to_undo(batch_by_id(batch_id, current_user), utc_now()):
        enqueue(work_on_file, batch_id)
    return redirect(url_for("invite.show_import", batch_id=batch_id))
