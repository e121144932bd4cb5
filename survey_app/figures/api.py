"""Figures for machines: imported with or without a dry run, undone by import."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from survey_app.accounts.auditing import record
from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.api.resources import Resources, accept
from survey_app.db import utc_now
from survey_app.domain.problems import NotFound
from survey_app.figures.defining import define_measure
from survey_app.figures.importing import FigureChanges, import_figures
from survey_app.figures.models import Figure, FigureBatch, Measure
from survey_app.figures.queries import batch_by_id, current_ids, measure_by_key, units_of_batch
from survey_app.figures.schemas import (
    FigureBatchSchema,
    FigureChangesSchema,
    FigureQuery,
    FigureSchema,
    MeasureSchema,
    WantedFigures,
    WantedMeasure,
)
from survey_app.figures.undoing import undo_batch
from survey_app.organisation.calendars import next_month
from survey_app.organisation.sight import is_in_sight, sight_of

resources = Resources("figures", "Measures, and their figures by unit, representative and month.")
READ, WRITE = "figures:read", "figures:write"
REPLACED = ("row_number", "measure", "unit", "representative", "period_start", "value")


@resources.operation("GET", "/measures", READ, page_of(MeasureSchema), query=PageQuery)
def list_measures(query: dict[str, Any]) -> Page:
    """List measures."""
    return read_page(select(Measure), Measure.id, query)


@resources.operation("POST", "/measures", WRITE, MeasureSchema, status=201, body=WantedMeasure)
def new_measure(body: dict[str, Any]) -> Any:
    """Add a measure."""
    made = accept(define_measure(**body))
    record("measure added", made.key, utc_now())
    return made, url_for("figures_api.show_measure", key=made.key)


@resources.operation("GET", "/measures/<key>", READ, MeasureSchema)
def show_measure(key: str) -> Measure:
    """Read a measure."""
    return measure_by_key(key)


@resources.operation(
    "GET", "/figures", READ, page_of(FigureSchema), query=FigureQuery, refusals=[404]
)
def list_figures(query: dict[str, Any]) -> Page:
    """List the figures that count."""
    first, last = _first_day(query["first_month"]), _first_day(query["last_month"])
    measures = [measure_by_key(query["measure"]).id] if query["measure"] else None
    current = current_ids(first, next_month(last) if last else None, measures)
    rows = (
        select(Figure)
        .where(Figure.id.in_(current), is_in_sight(Figure.unit_id, sight_of(current_user)))
        .options(
            joinedload(Figure.measure), joinedload(Figure.unit), joinedload(Figure.representative)
        )
    )
    return read_page(rows, Figure.id, query)


@resources.operation(
    "POST", "/figures/imports", WRITE, FigureChangesSchema, status=201, body=WantedFigures
)
def import_file(body: dict[str, Any]) -> Any:
    """Import a CSV file of figures, all of its rows or none; or see what it would change."""
    now = utc_now()
    changes = accept(
        import_figures(
            body["csv"].encode(),
            body["filename"],
            now,
            current_app.config["SETTINGS"].zone,
            body["dry_run"],
            body["mapping"],
            sight_of(current_user),
            body["confirmed"],
        )
    )
    if changes.batch is None:
        return _changes(changes)
    record("figures imported", body["filename"], now, rows=changes.batch.row_count)
    return _changes(changes), url_for("figures_api.show_import", batch_id=changes.batch.id)


@resources.operation("GET", "/figures/imports", READ, page_of(FigureBatchSchema), query=PageQuery)
def list_imports(query: dict[str, Any]) -> Page:
    """List the imports that have figures of units in sight alone, the newest first."""
    foreign = select(Figure.batch_id).where(~is_in_sight(Figure.unit_id, sight_of(current_user)))
    rows = select(FigureBatch).where(FigureBatch.id.not_in(foreign))
    return read_page(rows, FigureBatch.id, query, newest_first=True)


@resources.operation("GET", "/figures/imports/<int:batch_id>", READ, FigureBatchSchema)
def show_import(batch_id: int) -> FigureBatch:
    """Read an import."""
    batch, within = batch_by_id(batch_id), sight_of(current_user)
    if within is not None and units_of_batch(batch) - within:
        raise NotFound("There is no such import of figures.")
    return batch


@resources.operation("POST", "/figures/imports/<int:batch_id>/undo", WRITE, FigureBatchSchema)
def undo_import(batch_id: int) -> FigureBatch:
    """Undo an import: each of its figures falls back to the import before it."""
    batch = accept(undo_batch(batch_by_id(batch_id), utc_now(), sight_of(current_user)))
    record("figures undone", batch.filename, utc_now(), batch=batch.id)
    return batch


def _first_day(month: str) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None


def _changes(changes: FigureChanges) -> dict[str, Any]:
    return {
        "import_id": changes.batch.id if changes.batch else None,
        "new": len(changes.new),
        "replaced": [
            {name: getattr(figure, name) for name in REPLACED} | {"before": before}
            for figure, before in changes.replaced
        ],
        "unchanged": changes.unchanged,
        "fingerprint": changes.fingerprint,
    }
