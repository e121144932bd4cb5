"""Pages on which an administrator arranges units, representatives and users."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select

from survey_app.accounts.auditing import record
from survey_app.accounts.enrolling import enrol_user
from survey_app.accounts.forms import UserForm
from survey_app.accounts.models import User
from survey_app.db import db, utc_now
from survey_app.domain.problems import Problem
from survey_app.organisation.arranging import add_representative, add_unit, grant_sight
from survey_app.organisation.forms import RepresentativeForm, UnitForm
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import root_unit, unit_by_key, units_in_order
from survey_app.web import allow

bp = Blueprint("organisation", __name__, url_prefix="/organisation")


@bp.get("/")
@allow("admin")
def show_organisation() -> str:
    """Units as a tree, representatives, users."""
    return render_template(
        "organisation/organisation.html",
        units=units_in_order(),
        people=db.session.scalars(select(Representative).order_by(Representative.name)).all(),
        users=db.session.scalars(select(User).order_by(User.email)).all(),
    )


@bp.route("/units/new", methods=["GET", "POST"])
@allow("admin")
def new_unit() -> Any:
    """Add a unit."""
    form = UnitForm()
    if not form.validate_on_submit():
        return _form_page("Add a unit", form, [])
    unit, problems = add_unit(form.key.data, form.name.data, unit_by_key(form.parent.data))
    if unit is None:
        return _form_page("Add a unit", form, problems)
    return _done("unit added", unit.name)


@bp.route("/representatives/new", methods=["GET", "POST"])
@allow("admin")
def new_representative() -> Any:
    """Add a representative."""
    form = RepresentativeForm()
    title = "Add a representative"
    if not form.validate_on_submit():
        return _form_page(title, form, [])
    address = form.email.data.strip().lower()
    user = db.session.scalar(select(User).where(User.email == address)) if address else None
    if address and user is None:
        message = f"Nobody signs in as {address}; add the user first."
        return _form_page(title, form, [Problem("e-mail", "unknown", message)])
    person, problems = add_representative(
        form.key.data, form.name.data, unit_by_key(form.unit.data), user
    )
    if person is None:
        return _form_page(title, form, problems)
    return _done("representative added", person.name)


@bp.route("/users/new", methods=["GET", "POST"])
@allow("admin")
def new_user() -> Any:
    """Add a user; managers and analysts see the whole company until told otherwise."""
    form = UserForm()
    if not form.validate_on_submit():
        return _form_page("Add a user", form, [])
    user, problems = enrol_user(
        form.email.data, form.name.data, form.password.data, [form.role.data]
    )
    if user is None:
        return _form_page("Add a user", form, problems)
    company = root_unit()
    if company is not None and form.role.data in ("manager", "analyst"):
        grant_sight(user, company)
    return _done("user added", user.email)


def _form_page(title: str, form: FlaskForm, problems: list[Problem]) -> tuple[str, int]:
    status = 422 if problems or form.errors else 200
    page = render_template("organisation/form.html", title=title, form=form, problems=problems)
    return page, status


def _done(action: str, subject: str) -> Any:
    record(action, subject, utc_now())
    flash(f"{subject} was added.")
    return redirect(url_for("organisation.show_organisation"))
