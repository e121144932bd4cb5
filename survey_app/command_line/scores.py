"""`soundings runs | scores`: runs, and what they scored."""

from __future__ import annotations

from typing import TextIO

import click
from sqlalchemy import select

from analysis.export import write_csv
from survey_app.command_line.command_edge import reading, show_documents
from survey_app.db import db
from survey_app.domain.problems import Conflict, NotFound
from survey_app.report.models import ScoreRun
from survey_app.report.queries import SeenResults, recent_runs, stream_rows
from survey_app.report.schemas import RunSchema


@click.group()
def runs() -> None:
    """Runs, each the scoring of one period."""


@runs.command("list")
def list_runs() -> None:
    """List the runs asked for last, the latest first."""
    with reading():
        for run, email in recent_runs():
            asked = f"asked for {run.requested_at:%Y-%m-%d %H:%M} UTC by {email or 'the system'}"
            click.echo(f"{run.public_id}  {run.period_label}  {run.state}  {asked}")


@runs.command("show")
@click.argument("run")
def show_run(run: str) -> None:
    """Show RUN: its id, or the period whose newest finished run is meant."""
    with reading():
        show_documents([RunSchema().dump(_find(run))])


@click.command()
@click.argument("run")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def scores(run: str, file: TextIO) -> None:
    """Write what RUN (its id, or a period) scored as CSV into FILE, or to the standard output."""
    with reading():
        found = _find(run)
        if found.state != "done":
            raise Conflict(f"This run is {found.state}, so it has no scores.")
        write_csv(stream_rows(found.id, SeenResults(everything=True, scopes=())), file)


def _find(name: str) -> ScoreRun:
    of_period = select(ScoreRun).where(ScoreRun.period_label == name, ScoreRun.state == "done")
    run = db.session.scalar(
        select(ScoreRun).where(ScoreRun.public_id == name)
    ) or db.session.scalar(of_period.order_by(ScoreRun.id.desc()).limit(1))
    if run is None:
        raise NotFound(f"There is no run with the id {name!r} and no finished one of that period.")
    return run


groups = (runs, scores)
