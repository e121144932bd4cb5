"""`soundings runs | scores`: runs, and what they scored."""

from __future__ import annotations

from typing import BinaryIO

import click
from sqlalchemy import select

from survey_app.command_line.command_edge import reading, show_documents
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.report.models import ScoreRun
from survey_app.report.queries import SeenResults, recent_runs
from survey_app.report.schemas import RunSchema
from survey_app.report.score_files import MEDIA_TYPES, write_scores


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
@click.argument("file", type=click.File("wb"), default="-")
@click.option("--format", "form", type=click.Choice(list(MEDIA_TYPES)), default="csv")
def scores(run: str, file: BinaryIO, form: str) -> None:
    """Write what RUN (its id, or a period) scored into FILE, or to the standard output."""
    with reading():
        write_scores(_find(run), SeenResults(everything=True, scopes=()), form, file)


def _find(name: str) -> ScoreRun:
    of_period = select(ScoreRun).where(ScoreRun.period_label == name, ScoreRun.state == "done")
    run = db.session.scalar(
        select(ScoreRun).where(ScoreRun.public_id == name)
    ) or db.session.scalar(of_period.order_by(ScoreRun.id.desc()).limit(1))
    if run is None:
        raise NotFound(f"There is no run with the id {name!r} and no finished one of that period.")
    return run


groups = (runs, scores)
