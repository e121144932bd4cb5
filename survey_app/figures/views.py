"""Pages for measures, imports of figures with a dry run, and undoing an import."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_login import current_user

from survey_app.accounts.auditing import record
from survey_app.db import utc_now
from survey_app.domain.problems import Problem
from survey_app.figures.confirming import pack, unpack
from survey_app.figures.defining import define_measure
from survey_app.figures.forms import ConfirmForm, ImportForm, MeasureForm, UndoForm
from survey_app.figures.importing import OPTIONAL, REQUIRED, FigureChanges, import_figures
from survey_app.figures.queries import (
    batch_by_id,
    measure_by_key,
    measures_with_extent,
    newest_batches,
    newest_figures,
)
from survey_app.figures.undoing import undo_batch
from survey_app.organisation.sight import sight_of
from survey_app.web import allow

bp = Blueprint("figures", __name__, url_prefix="/figures")

SHOWN_FIGURES = 240
SHOWN_BATCHES = 50


@bp.app_template_filter("figure")
def show_figure(value: float) -> str:
    """A counted value as it was counted, thousands apart: it is no estimate to be rounded."""
    return f"{value:,.12g}".replace(",", "\u202f").replace("-", "\u2212")


@bp.get("/")
@allow("manager")
def list_figures() -> str:
    """Measures with what they have, and the imports."""
    return _list_page([])


@bp.get("/measures/<key>")
@allow("manager")
def show_measure(key: str) -> str:
    """The current figures of one measure."""
    measure = measure_by_key(key)
    figures = newest_figures(measure, sight_of(current_user), SHOWN_FIGURES + 1)
    return render_template(
        "figures/measure.html",
        measure=measure,
        figures=figures[:SHOWN_FIGURES],
        more=len(figures) > SHOWN_FIGURES,
    )


@bp.route("/new-measure", methods=["GET", "POST"])
@allow("manager")
def new_measure() -> Any:
    """Add a measure."""
    form = MeasureForm()
    problems: list[Problem] = []
    if form.validate_on_submit():
        measure, problems = define_measure(
            form.key.data, form.name.data, form.unit_of_measure.data, form.kind.data
        )
        if measure is not None:
            record("measure added", measure.key, utc_now())
            flash(f"{measure.name} was added. Its figures can be imported now.")
            return redirect(url_for("figures.list_figures"))
    page = render_template("figures/new_measure.html", form=form, problems=problems)
    return page, 422 if problems or form.errors else 200


@bp.route("/import", methods=["GET", "POST"])
@allow("manager")
def import_page() -> Any:
    """Choose a file; then see what it would change."""
    form = ImportForm()
    if not form.validate_on_submit():
        return _import_page(form, [])
    data, filename = form.file.data.read(), form.file.data.filename
    changes, problems = _import(data, filename, form.mapping.mapping)
    packed = pack(data)
    if changes is None or isinstance(packed, Problem):
        return _import_page(form, problems or [packed])
    told = {"packed": packed, "filename": filename, "mapping": form.mapping.data}
    again = ConfirmForm(formdata=None, seen=changes.fingerprint, **told)
    return _changes_page(again, changes, [])


@bp.post("/import/confirm")
@allow("manager")
def confirm_import() -> Any:
    """Import what was looked at, or show what it would change by now."""
    form = ConfirmForm()
    data = unpack(form.packed.data or "")
    if not form.validate() or isinstance(data, Problem):
        return _import_page(ImportForm(formdata=None), [data] if isinstance(data, Problem) else [])
    told = (data, form.filename.data, form.mapping.mapping)
    changes, problems = _import(*told, confirmed=form.seen.data)
    if changes is None:
        changes, now_wrong = _import(*told)
        if changes is None:
            return _import_page(ImportForm(formdata=None, mapping=form.mapping.data), now_wrong)
        form.seen.data = changes.fingerprint
        return _changes_page(form, changes, problems)
    record("figures imported", form.filename.data, utc_now(), rows=changes.batch.row_count)
    flash(f"{form.filename.data} was imported: {changes.batch.row_count} figures.")
    return redirect(url_for("figures.list_figures"))


@bp.post("/batches/<int:batch_id>/undo")
@allow("manager")
def undo_import(batch_id: int) -> Any:
    """Take an import back."""
    batch, problems = undo_batch(batch_by_id(batch_id), utc_now(), sight_of(current_user))
    if batch is None:
        return _list_page(problems), 422
    record("figures undone", batch.filename, utc_now(), batch=batch.id)
    flash(f"{batch.filename} was undone: its {batch.row_count} figures count no longer.")
    return redirect(url_for("figures.list_figures"))


def _import(
    data: bytes, filename: str, mapping: object, confirmed: str | None = None
) -> tuple[FigureChanges | None, list[Problem]]:
    return import_figures(
        data,
        filename,
        utc_now(),
        current_app.config["SETTINGS"].zone,
        dry_run=confirmed is None,
        mapping=mapping,
        within=sight_of(current_user),
        confirmed=confirmed,
    )


def _list_page(problems: list[Problem]) -> str:
    return render_template(
        "figures/list.html",
        measures=measures_with_extent(sight_of(current_user)),
        batches=newest_batches(sight_of(current_user), SHOWN_BATCHES),
        undo=UndoForm(),
        problems=problems,
    )


def _import_page(form: ImportForm, problems: list[Problem]) -> tuple[str, int]:
    page = render_template(
        "figures/import.html",
        form=form,
        problems=problems,
        measures=measures_with_extent(sight_of(current_user)),
        required=REQUIRED,
        optional=OPTIONAL,
    )
    return page, 422 if problems or form.errors else 200


def _changes_page(
    form: ConfirmForm, changes: FigureChanges, problems: list[Problem]
) -> tuple[str, int]:
    page = render_template(
        "figures/changes.html", form=form, changes=changes, problems=problems, shown=SHOWN_FIGURES
    )
    return page, 422 if problems else 200
