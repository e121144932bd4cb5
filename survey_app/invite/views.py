"""Pages on which managers keep contacts, write campaigns, send them and watch the mails leave."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.config import Settings
from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.invite import queries
from survey_app.invite.contact_models import REASONS, Contact
from survey_app.invite.forms import (
    ContactForm,
    ImportForm,
    contact_data,
)
from survey_app.invite.importing import import_contacts as import_file
from survey_app.invite.outbox import MAILS_A_PAGE, list_mails, read_mail
from survey_app.invite.registering import add_contact, opt_in, opt_out, revise_contact
from survey_app.invite.sight import require_everything
from survey_app.organisation.sight import Sight, sight_of
from survey_app.web import allow

bp = Blueprint("invite", __name__, url_prefix="/invite")


@bp.get("/contacts")
@allow("manager")
def list_contacts() -> str:
    """Contacts, searched and in pages."""
    words = request.args.get("search", "").strip()
    after = request.args.get("after", "")
    within = _within()
    page = queries.find_contacts(words, after, within)
    return render_template(
        "invite/contacts.html", reasons=REASONS, page=page, search=words, after=after, within=within
    )


@bp.route("/contacts/import", methods=["GET", "POST"])
@allow("manager")
def import_contacts() -> Any:
    """Take contacts over from a file."""
    form = ImportForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        upload = form.file.data
        done, problems = import_file(upload.read(), upload.filename or "", utc_now(), _within())
        if done is not None:
            flash(f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged.")
            return redirect(url_for("invite.list_contacts"))
    status = 422 if problems or form.errors else 200
    return render_template("invite/import.html", form=form, problems=problems), status


@bp.route("/contacts/new", methods=["GET", "POST"])
@allow("manager")
def new_contact() -> Any:
    """Add one contact."""
    form = ContactForm(_within())
    if not form.validate_on_submit():
        return _contact_form(form, None, [])
    contact, problems = add_contact(form.cells(), utc_now(), _within())
    if contact is None:
        return _contact_form(form, None, problems)
    flash(f"{contact.email} was added.")
    return redirect(url_for("invite.list_contacts"))


@bp.route("/contacts/<int:contact_id>", methods=["GET", "POST"])
@allow("manager")
def edit_contact(contact_id: int) -> Any:
    """See and change one contact."""
    contact = queries.contact_by_id(contact_id, _within())
    data = contact_data(contact) | {"seen": mark_of(contact)}
    form = ContactForm(_within(), contact.representative, data=data)
    if not form.validate_on_submit():
        return _contact_form(form, contact, [])
    revised, problems = revise_contact(contact, form.cells(), _within(), form.seen.data)
    if revised is None:
        form.seen.data = mark_of(contact)
        return _contact_form(form, contact, problems)
    flash(f"{contact.email} was changed.")
    return redirect(url_for("invite.list_contacts"))


@bp.post("/contacts/<int:contact_id>/opt-out")
@allow("manager")
def opt_contact_out(contact_id: int) -> Any:
    """Never invite this contact again."""
    contact = queries.contact_by_id(contact_id, _within())
    opt_out(contact, utc_now())
    flash(f"{contact.email} is not invited any more.")
    return redirect(url_for("invite.edit_contact", contact_id=contact_id))


@bp.post("/contacts/<int:contact_id>/opt-in")
@allow("manager")
def opt_contact_in(contact_id: int) -> Any:
    """Invite this contact again."""
    contact = queries.contact_by_id(contact_id, _within())
    opt_in(contact, utc_now())
    flash(f"{contact.email} may be invited again.")
    return redirect(url_for("invite.edit_contact", contact_id=contact_id))


@bp.get("/outbox")
@allow("manager")
def list_outbox() -> str:
    """Mails that were kept here, because no mail server is configured."""
    require_everything(_within())
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
    require_everything(_within())
    return render_template("invite/mail.html", mail=read_mail(_settings().outbox, key))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _within() -> Sight:
    return sight_of(current_user)


def _contact_form(form: FlaskForm, contact: Contact | None, problems: list[Problem]) -> Any:
    status = 422 if problems or form.errors else 200
    return render_template(
        "invite/contact_form.html", form=form, contact=contact, problems=problems, reasons=REASONS
    ), status
