"""`soundings questionnaires | kpis | targets`: what is asked, measured and wanted, in and out."""

from __future__ import annotations

from typing import BinaryIO, TextIO

import click
from sqlalchemy import select

from survey_app.command_line.command_edge import FILE, accept, reading, storing
from survey_app.db import db, utc_now
from survey_app.design.editing import create_questionnaire, save_draft
from survey_app.design.models import Questionnaire
from survey_app.design.publishing import publish
from survey_app.design.queries import all_questionnaires
from survey_app.design.reading import read_document
from survey_app.domain.problems import Refused
from survey_app.goals.exchange import export_scorebook, import_scorebook
from survey_app.goals.target_files import export_targets, import_targets

WRITTEN = click.File("w", encoding="utf-8")


@click.group()
def questionnaires() -> None:
    """What is asked."""


@questionnaires.command("list")
def list_questionnaires() -> None:
    """List the questionnaires with their last published version."""
    with reading():
        for one in all_questionnaires():
            last = f"version {one.versions[-1].number}" if one.versions else "not published"
            click.echo(f"{one.key}  {one.title} ({last})")


@questionnaires.command("publish")
@click.argument("file", type=FILE)
def publish_file(file: BinaryIO) -> None:
    """Publish the questionnaire in the YAML or JSON FILE, as a new one or as its next version."""
    with storing():
        definition, now = accept(read_document(file.read())), utc_now()
        key = definition.get("key")
        present = db.session.scalar(select(Questionnaire).where(Questionnaire.key == str(key)))
        if present is None:
            present = accept(create_questionnaire(definition, now))
        elif problems := save_draft(present, definition, present.draft_revision, now):
            raise Refused(problems)
        version = accept(publish(present, now, present.draft_revision))
        told = f"{present.key} is published as version {version.number}."
    click.echo(told)


@click.group()
def kpis() -> None:
    """Goals, KPIs and targets as a scorebook."""


@kpis.command("import")
@click.argument("file", type=FILE)
def import_kpis(file: BinaryIO) -> None:
    """Take over goals, KPIs and targets of the scorebook FILE (YAML)."""
    with storing() as settings:
        told = str(accept(import_scorebook(file.read(), utc_now(), settings.zone)))
    click.echo(told)


@kpis.command("export")
@click.argument("file", type=WRITTEN, default="-")
def export_kpis(file: TextIO) -> None:
    """Write all goals, KPIs and targets as a scorebook into FILE, or to the standard output."""
    with reading() as settings:
        file.write(export_scorebook(settings.time_zone))


@click.group()
def targets() -> None:
    """Targets as CSV."""


@targets.command("import")
@click.argument("file", type=FILE)
def import_target_file(file: BinaryIO) -> None:
    """Set the targets of the CSV FILE, all of them or none."""
    with storing() as settings:
        found, problems = import_targets(file.read(), utc_now(), settings.zone)
        if problems:
            raise Refused(problems)
        count = len(found)
    click.echo(f"The file's targets hold now: {count}.")


@targets.command("export")
@click.argument("file", type=WRITTEN, default="-")
def export_target_file(file: TextIO) -> None:
    """Write the targets as CSV into FILE, or to the standard output; `import` takes it back."""
    with reading():
        file.write(export_targets(None))


groups = (questionnaires, kpis, targets)
