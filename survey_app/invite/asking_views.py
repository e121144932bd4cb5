"""Pages of what holds for all contacts: their attributes, who is never invited, the rules."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from survey_app.db import mark_of, utc_now
from survey_app.domain.problems import Problem
from survey_app.invite.contact_forms import (
    AttributeForm,
    RulesForm,
    SuppressForm,
    attribute_data,
    rules_data,
)
from survey_app.invite.contact_models import REASONS, rules
from survey_app.invite.declared import attribute_by_key, declared_attributes
from survey_app.invite.declaring import KINDS, declare_attribute, drop_attribute
from survey_app.invite.pages import company_only, form_page
from survey_app.invite.ruling import revise_rules
from survey_app.invite.suppressing import (
    find_suppressions,
    release_address,
    suppress_lines,
    suppression_of,
)
from survey_app.invite.views import bp
from survey_app.web import allow


@bp.get("/contacts/attributes")
@allow("manager")
def list_attributes() -> str:
    """What is known of contacts."""
    company_only()
    return render_template(
        "invite/contact_attributes.html", attributes=declared_attributes(), kinds=KINDS
    )


@bp.route("/contacts/attributes/new", methods=["GET", "POST"])
@allow("manager")
def new_attribute() -> Any:
    """Declare an attribute."""
    company_only()
    form = AttributeForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        made, problems = declare_attribute(form.name.data or "", form.declared(), utc_now())
        if made is not None:
            return _declared(made.label)
    return form_page("contact_attribute.html", form, problems, attribute=None)


@bp.route("/contacts/attributes/edit", methods=["GET", "POST"])
@allow("manager")
def edit_attribute() -> Any:
    """Change what an attribute is."""
    company_only()
    # Its name may have any signs, so it is no part of the address.
    present = attribute_by_key(request.args.get("name", ""))
    form = AttributeForm(data=attribute_data(present))
    del form.name
    problems: list[Problem] = []
    if form.validate_on_submit():
        made, problems = declare_attribute(present.key, form.declared(), utc_now(), present)
        if made is not None:
            return _declared(made.label)
    return form_page("contact_attribute.html", form, problems, attribute=present)


@bp.post("/contacts/attributes/drop")
@allow("manager")
def drop_declared() -> Any:
    """Forget what an attribute must be."""
    company_only()
    present = attribute_by_key(request.args.get("name", ""))
    drop_attribute(present, utc_now())
    flash(f"{present.label} is not declared any more; values are kept as text.")
    return redirect(url_for("invite.list_attributes"))


@bp.get("/suppressions")
@allow("manager")
def list_suppressions() -> str:
    """Addresses that are never invited."""
    company_only()
    words = request.args.get("search", "").strip()
    after = request.args.get("after", "")
    page = find_suppressions(words, after)
    return render_template(
        "invite/contact_suppressions.html", page=page, search=words, after=after, reasons=REASONS
    )


@bp.route("/suppressions/new", methods=["GET", "POST"])
@allow("manager")
def suppress_addresses() -> Any:
    """Put addresses on the list."""
    company_only()
    form = SuppressForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        done, problems = suppress_lines(form.addresses.data, form.note.data or "", utc_now())
        if done is not None:
            flash(f"{done.added} put on the list, {done.known} stood there already.")
            return redirect(url_for("invite.list_suppressions"))
    return form_page("contact_suppress.html", form, problems)


@bp.route("/suppressions/release", methods=["GET", "POST"])
@allow("manager")
def release_suppressed() -> Any:
    """Ask once more, then take an address off the list."""
    company_only()
    entry = suppression_of(request.args.get("email", ""))
    if request.method == "GET":
        return render_template("invite/contact_release.html", entry=entry, reasons=REASONS)
    email = entry.email
    release_address(email, utc_now())
    flash(f"{email} may be invited again.")
    return redirect(url_for("invite.list_suppressions"))


@bp.route("/rules", methods=["GET", "POST"])
@allow("manager")
def edit_rules() -> Any:
    """The rules for all campaigns."""
    company_only()
    kept = rules()
    form = RulesForm(data={**rules_data(kept), "seen": mark_of(kept)})
    problems: list[Problem] = []
    if form.validate_on_submit():
        revised, problems = revise_rules(form.ruling(), utc_now(), form.seen.data)
        if revised is not None:
            flash("The rules hold from now on.")
            return redirect(url_for("invite.edit_rules"))
        form.seen.data = mark_of(kept)
    return form_page("contact_rules.html", form, problems)


def _declared(label: str) -> Any:
    flash(f"{label} is declared. What is typed or imported from now on is checked.")
    return redirect(url_for("invite.list_attributes"))
