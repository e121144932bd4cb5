"""Pages on which an administrator arranges units, representatives and users."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from survey_app.accounts.auditing import record
from survey_app.accounts.enrolling import enrol_user, revise_user
from survey_app.accounts.models import User
from survey_app.accounts.queries import find_user, user_by_id
from survey_app.db import db, utc_now
from survey_app.domain.problems import Problem
from survey_app.forms import FlaskForm
from survey_app.organisation.arranging import (
    add_representative,
    add_unit,
    rename_unit,
    revise_representative,
    set_sight,
)
from survey_app.organisation.forms import (
    RepresentativeChangeForm,
    RepresentativeForm,
    UnitChangeForm,
    UnitForm,
    UserChangeForm,
    UserForm,
)
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import (
    granted_by_user,
    granted_units,
    representative_by_key,
    root_unit,
    unit_by_key,
    units_in_order,
)
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
        granted=granted_by_user(),
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


@bp.route("/units/<key>/edit", methods=["GET", "POST"])
@allow("admin")
def edit_unit(key: str) -> Any:
    """Give a unit another name."""
    unit = unit_by_key(key)
    form = UnitChangeForm(obj=unit)
    title = f"Change {unit.name}"
    if not form.validate_on_submit():
        return _form_page(title, form, [])
    changed, problems = rename_unit(unit, form.name.data)
    if changed is None:
        return _form_page(title, form, problems)
    return _done("unit changed", changed.name)


@bp.route("/representatives/new", methods=["GET", "POST"])
@allow("admin")
def new_representative() -> Any:
    """Add a representative."""
    form = RepresentativeForm()
    title = "Add a representative"
    if not form.validate_on_submit():
        return _form_page(title, form, [])
    user, problems = find_user(form.email.data)
    if problems:
        return _form_page(title, form, problems)
    person, problems = add_representative(
        form.key.data, form.name.data, unit_by_key(form.unit.data), user
    )
    if person is None:
        return _form_page(title, form, problems)
    return _done("representative added", person.name)


@bp.route("/representatives/<key>/edit", methods=["GET", "POST"])
@allow("admin")
def edit_representative(key: str) -> Any:
    """Change a representative's name and sign-in, or note that they work here no more."""
    person = representative_by_key(key)
    form = RepresentativeChangeForm(obj=person, email=person.user.email if person.user else "")
    title = f"Change {person.name}"
    if not form.validate_on_submit():
        return _form_page(title, form, [])
    user, problems = find_user(form.email.data)
    if problems:
        return _form_page(title, form, problems)
    changed, problems = revise_representative(person, form.name.data, form.active.data, user)
    if changed is None:
        return _form_page(title, form, problems)
    return _done("representative changed", changed.name)


@bp.route("/users/new", methods=["GET", "POST"])
@allow("admin")
def new_user() -> Any:
    """Add a user; unless told otherwise, managers and analysts see the whole company."""
    form = UserForm()
    company = root_unit()
    if request.method == "GET" and company is not None:
        form.sees.data = [company.key]
    if not form.validate_on_submit():
        return _user_page("Add a user", form, [])
    user, problems = enrol_user(
        form.email.data, form.name.data, form.password.data, [form.role.data]
    )
    if user is not None:
        problems = set_sight(user, map(unit_by_key, form.sees.data))
    if user is None or problems:
        return _user_page("Add a user", form, problems)
    return _done("user added", user.email, role=form.role.data, sees=_sight_keys(user))


@bp.route("/users/<int:user_id>/edit", methods=["GET", "POST"])
@allow("admin")
def edit_user(user_id: int) -> Any:
    """Change a user's role and sight, or shut them out."""
    user = user_by_id(user_id)
    form = UserChangeForm(
        data={
            "name": user.name,
            "role": user.roles[0].name if user.roles else None,
            "sees": _sight_keys(user),
            "active": user.active,
        }
    )
    title = f"Change {user.email}"
    if not form.validate_on_submit():
        return _user_page(title, form, [])
    changed, problems = revise_user(user, form.name.data, [form.role.data], form.active.data)
    if changed is not None:
        problems = set_sight(user, map(unit_by_key, form.sees.data))
    if changed is None or problems:
        return _user_page(title, form, problems)
    told = {"role": form.role.data, "sees": _sight_keys(user), "active": user.active}
    return _done("user changed", user.email, **told)


def _sight_keys(user: User) -> list[str]:
    return [unit.key for unit in granted_units(user)]


def _form_page(title: str, form: FlaskForm, problems: list[Problem]) -> tuple[str, int]:
    status = 422 if problems or form.errors else 200
    page = render_template("organisation/form.html", title=title, form=form, problems=problems)
    return page, status


def _user_page(title: str, form: UserForm, problems: list[Problem]) -> tuple[str, int]:
    status = 422 if problems or form.errors else 200
    page = render_template("organisation/user.html", title=title, form=form, problems=problems)
    return page, status


def _done(action: str, subject: str, **detail: Any) -> Any:
    record(action, subject, utc_now(), **detail)
    flash(f"{subject} was {action.rpartition(' ')[2]}.")
    return redirect(url_for("organisation.show_organisation"))
