"""The page on which the organisation says by what its answers may be told apart."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.goals.dimension_forms import DimensionsForm
from survey_app.goals.dimensions import declare_dimensions, seen_attributes
from survey_app.goals.sight import require_company
from survey_app.goals.views import bp
from survey_app.organisation.queries import declared_dimensions
from survey_app.web import allow


@bp.route("/dimensions", methods=["GET", "POST"])
@allow("manager")
def edit_dimensions() -> Any:
    """Choose the attributes that are dimensions."""
    require_company(current_user)
    seen = seen_attributes()
    form = DimensionsForm(seen, declared_dimensions())
    problems: list[Problem] = []
    if form.validate_on_submit():
        declared, problems = declare_dimensions(form.names(), utc_now())
        if declared is not None:
            flash(f"Dimensions are now: {', '.join(declared) or 'none'}.")
            return redirect(url_for("goals.edit_dimensions"))
    elif request.method == "GET":
        form.show()
    page = render_template("goals/dimensions.html", form=form, problems=problems, seen=seen)
    return page, 422 if problems or form.errors else 200
