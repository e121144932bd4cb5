"""`soundings periods`: closing a period with a run, reopening it, and comparing two runs."""

from __future__ import annotations

import click

from survey_app.command_line.command_edge import accept, reading, storing
from survey_app.db import utc_now
from survey_app.domain.problems import NotFound
from survey_app.report.closing import close_period, reopen_period
from survey_app.report.comparing import compare_runs
from survey_app.report.late_sources import find_late_sources
from survey_app.report.queries import SeenResults, closing_of, run_by_public_id

EVERYTHING = SeenResults(True, ())


@click.group()
def periods() -> None:
    """Periods whose numbers are agreed."""


@periods.command("close")
@click.argument("run_id", metavar="RUN")
@click.option("--note", default="", help="What a reader of the closed numbers should know.")
def close_with(run_id: str, note: str) -> None:
    """Close the period of RUN with this run: its numbers are then the ones that count."""
    with storing() as settings:
        run = run_by_public_id(run_id)
        late = find_late_sources(run, settings.zone)
        accept(close_period(run, note, utc_now(), settings.zone))
        label = run.period_label
    click.echo(f"{label} is closed.{f' Not in it, as they came later: {late}.' if late else ''}")


@periods.command("reopen")
@click.argument("run_id", metavar="RUN")
@click.option("--reason", required=True, help="Why; it stays on record.")
def reopen(run_id: str, reason: str) -> None:
    """Reopen the period that was closed with RUN, so that it can be scored again."""
    with storing():
        run = run_by_public_id(run_id)
        closing = closing_of(run)
        if closing is None or closing.run_id != run.id:
            raise NotFound(f"{run.period_label} is not closed with this run.")
        accept(reopen_period(closing, reason, utc_now()))
        label = run.period_label
    click.echo(f"{label} is open again.")


@periods.command("compare")
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="RUN")
def compare(first: str, second: str) -> None:
    """List every number that differs between two runs, and why."""
    with reading():
        found = compare_runs(run_by_public_id(first), run_by_public_id(second), EVERYTHING)
    for one in found.differences:
        row = one.row
        values = " -> ".join(
            "" if of is None else str(of["value"]) for of in (one.first, one.second)
        )
        why = " ".join(cause.sentence for cause in one.causes)
        click.echo(f"{row['kpi_id']}\t{row['scope_name']}\t{row['window']}\t{values}\t{why}")
    click.echo(f"{found.count} numbers differ, {found.alike} are alike.")


groups = (periods,)
