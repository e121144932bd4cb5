"""Pages on which managers find, add and change contacts."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.invite.contact_forms import ContactForm, contact_form
from survey_app.invite.contact_models import REASONS, Contact
from survey_app.invite.contact_queries import (
    Wanted,
    contact_by_id,
    find_contacts,
    invitations_of,
)
from survey_app.invite.forms import units_offered
from survey_app.invite.pages import form_page, settings, within
from survey_app.invite.registering import add_contact, opt_in, opt_out, revise_contact
from survey_app.invite.views import bp
from survey_app.organisation.queries import keys_to_units
from survey_app.web import allow


@bp.get("/contacts")
@allow("manager")
def list_contacts() -> str:
    """Contacts, searched, filtered and in pages."""
    asked = {name: request.args.get(name, "").strip() for name in ("search", "unit", "askable")}
    unit = keys_to_units(within()).get(asked["unit"])
    wanted = Wanted(
        words=asked["search"],
        unit_id=unit.id if unit else None,
        askable_at=utc_now() if asked["askable"] else None,
    )
    after = request.args.get("after", "")
    return render_template(
        "invite/contacts.html",
        reasons=REASONS,
        page=find_contacts(wanted, after, within()),
        asked={name: value for name, value in asked.items() if value},
        units=units_offered(within()),
        after=after,
        within=within(),
    )


@bp.route("/contacts/new", methods=["GET", "POST"])
@allow("manager")
def new_contact() -> Any:
    """Add one contact."""
    form = contact_form(within())
    if not form.validate_on_submit():
        return _contact_page(form, None, [])
    contact, problems = add_contact(form.cells(), utc_now(), within())
    if contact is None:
        return _contact_page(form, None, problems)
    flash(f"{contact.email} was added.")
    return redirect(url_for("invite.list_contacts"))


@bp.route("/contacts/<int:contact_id>", methods=["GET", "POST"])
@allow("manager")
def edit_contact(contact_id: int) -> Any:
    """See and change one contact."""
    contact = contact_by_id(contact_id, within())
    form = contact_form(within(), contact, settings().zone, mark_of(contact))
    if not form.validate_on_submit():
        return _contact_page(form, contact, [])
    revised, problems = revise_contact(contact, form.cells(), within(), form.seen.data)
    if revised is None:
        form.seen.data = mark_of(contact)
        return _contact_page(form, contact, problems)
    flash(f"{contact.email} was changed.")
    return redirect(url_for("invite.list_contacts"))


@bp.post("/contacts/<int:contact_id>/opt-out")
@allow("manager")
def opt_contact_out(contact_id: int) -> Any:
    """Never invite this contact again."""
    contact = contact_by_id(contact_id, within())
    opt_out(contact, utc_now())
    flash(f"{contact.email} is not invited any more.")
    return redirect(url_for("invite.edit_contact", contact_id=contact_id))


@bp.post("/contacts/<int:contact_id>/opt-in")
@allow("manager")
def opt_contact_in(contact_id: int) -> Any:
    """Invite this contact again."""
    contact = contact_by_id(contact_id, within())
    opt_in(contact, utc_now())
    flash(f"{contact.email} may be invited again.")
    return redirect(url_for("invite.edit_contact", contact_id=contact_id))


def _contact_page(form: ContactForm, contact: Contact | None, problems: list[Problem]) -> Any:
    asked = invitations_of(contact) if contact is not None else []
    return form_page(
        "contact_form.html", form, problems, contact=contact, reasons=REASONS, asked=asked
    )
