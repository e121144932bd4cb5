"""Pages of charts: the figure, its table, and both to take away."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request
from flask_login import current_user

from analysis.export import BOM
from survey_app.domain.problems import NotFound
from survey_app.report.charting import KINDS, Chart, choose_chart, kinds_drawn
from survey_app.report.charts.pictures import FORMS, picture_of
from survey_app.report.queries import results_seen_by, run_by_public_id
from survey_app.report.wording import WINDOWS
from survey_app.web import allow

bp = Blueprint("charts", __name__, url_prefix="/report/runs/<public_id>/charts")


@bp.get("/")
@allow("manager", "analyst", "representative")
def list_charts(public_id: str) -> str:
    """The kinds of charts, each with the question it answers."""
    run = run_by_public_id(public_id)
    drawn = kinds_drawn(run, results_seen_by(current_user))
    return render_template("report/charts.html", run=run, kinds=KINDS, drawn=drawn)


@bp.get("/<kind>")
@allow("manager", "analyst", "representative")
def show_chart(public_id: str, kind: str) -> tuple[str, int]:
    """One chart with its table; where there is none, the sentence that says why."""
    run = run_by_public_id(public_id)
    sight = results_seen_by(current_user)
    chart = choose_chart(run, kind, request.args, sight)
    page = render_template(
        "report/chart.html",
        run=run,
        chart=chart,
        kind=KINDS[kind],
        kinds=KINDS,
        drawn=kinds_drawn(run, sight),
        sight=sight,
        window_names=WINDOWS,
    )
    return page, 200 if chart.is_there else 404


@bp.get("/<kind>/<form>")
@allow("manager", "analyst", "representative")
def download_chart(public_id: str, kind: str, form: str) -> Response:
    """The chart's picture (svg, png, or as a page shows it) or its table (csv)."""
    run = run_by_public_id(public_id)
    chart = choose_chart(run, kind, request.args, results_seen_by(current_user))
    if chart.figure is None:
        raise NotFound(chart.reason)
    if form == "csv":
        return _as_file(chart, (BOM + chart.figure.to_csv()).encode(), "csv", "text/csv")
    if form not in FORMS:
        raise NotFound("A chart can be had as svg, png or csv.")
    content = picture_of(chart.figure, form, current_app.config["SETTINGS"].home / "charts")
    if "." in form:
        return Response(content, mimetype=FORMS[form])
    return _as_file(chart, content, form, FORMS[form])


def _as_file(chart: Chart, content: bytes, ending: str, mimetype: str) -> Response:
    disposition = f'attachment; filename="{chart.file_name}.{ending}"'
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": disposition})
