"""`soundings contacts | answers | visits | figures`: what people and clocks said, in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import click
from sqlalchemy import select

from survey_app.accounts.auditing import record
from survey_app.command_line.command_edge import (
    FILE,
    accept,
    read_mapping,
    reading,
    show_documents,
    show_rows,
    storing,
)
from survey_app.db import db, utc_now
from survey_app.design.queries import questionnaire_by_key, version_by_number
from survey_app.domain.problems import SoundingsError
from survey_app.figures.importing import import_figures
from survey_app.figures.models import Figure
from survey_app.figures.queries import current_ids
from survey_app.figures.schemas import FigureSchema
from survey_app.invite.contact_models import Contact
from survey_app.invite.importing import import_contacts
from survey_app.invite.schemas import ContactSchema
from survey_app.respond.api import newest_responses, with_keys
from survey_app.respond.importing import import_answers
from survey_app.respond.models import Response
from survey_app.respond.schemas import ResponseSchema
from survey_app.visits.importing import import_visits
from survey_app.visits.models import Process, Visit
from survey_app.visits.queries import process_by_key
from survey_app.visits.schemas import VisitSchema

MAPPING = click.Path(exists=True, dir_okay=False)


@click.group()
def contacts() -> None:
    """Who may be invited."""


@contacts.command("list")
def list_contacts() -> None:
    """Print all contacts, one JSON document a line."""
    with reading():
        show_rows(select(Contact).order_by(Contact.id), ContactSchema())


@contacts.command("import")
@click.argument("file", type=FILE)
def import_contact_file(file: BinaryIO) -> None:
    """Add the contacts of the CSV FILE, and update those whose address is known."""
    with storing():
        done = accept(import_contacts(file.read(), _name_of(file), utc_now()))
    click.echo(f"{done.added} added, {done.updated} updated, {done.unchanged} unchanged.")


@click.group()
def answers() -> None:
    """What people have answered."""


@answers.command("list")
@click.argument("questionnaire")
def list_answers(questionnaire: str) -> None:
    """Print the responses to QUESTIONNAIRE in their newest revision, one JSON document a line."""
    with reading():
        key = questionnaire_by_key(questionnaire).key
        rows = newest_responses().where(Response.questionnaire_key == key).order_by(Response.id)
        found = db.session.scalars(rows.execution_options(yield_per=1000))
        for part in found.partitions():
            show_documents(ResponseSchema(many=True).dump(with_keys(part)))


@answers.command("import")
@click.argument("questionnaire")
@click.argument("file", type=FILE)
@click.option("--mapping", type=MAPPING, required=True, help="YAML: which column is what.")
@click.option("--version", "number", type=int, help="Published version; without it the newest.")
def import_answer_file(
    questionnaire: str, file: BinaryIO, mapping: str, number: int | None
) -> None:
    """Import the CSV FILE as answers to QUESTIONNAIRE."""
    with storing() as settings:
        asked = questionnaire_by_key(questionnaire)
        if not asked.versions:
            raise SoundingsError(f"{questionnaire} is not published yet; publish it first.")
        version = version_by_number(asked.key, number or asked.versions[-1].number)
        told = read_mapping(mapping) or {}
        batch = accept(
            import_answers(version, file.read(), told, _name_of(file), utc_now(), settings.zone)
        )
        count = batch.row_count
    click.echo(f"{count} responses were imported.")


@answers.command("export")
@click.argument("key")
@click.option(
    "--format", "file_format", type=click.Choice(["csv", "parquet", "sav"]), default="csv"
)
@click.option("--shape", type=click.Choice(["wide", "long"]), default="wide")
@click.option("--package", is_flag=True, help="With codebook and datapackage.json, as a zip file.")
@click.option(
    "--version", "versions", type=int, multiple=True, help="Only this version; repeatable."
)
@click.option("--first", default="", metavar="MONTH", help="From this month on, like 2026-01.")
@click.option("--last", default="", metavar="MONTH", help="Up to this month, included.")
@click.option("--complete", is_flag=True, help="Only responses in which nothing was skipped.")
@click.option("--named", is_flag=True, help="With customers, moments and names; put on record.")
@click.option("--texts", is_flag=True, help="With the words that people typed; put on record.")
@click.option(
    "--out", type=click.File("wb"), default="-", help="The file to write; - is standard output."
)
def export_answers(
    key: str, file_format: str, out: BinaryIO, versions: tuple[int, ...], **chosen: Any
) -> None:
    """Write the answers to the questionnaire KEY, anonymised unless asked for otherwise."""
    from survey_app.report.answers.commanding import answer_pieces

    chosen |= {"format": file_format, "versions": versions}
    # Stored first: what goes on record does so before the first byte leaves.
    with storing():
        pieces = answer_pieces(key, utc_now(), **chosen)
    for piece in pieces:
        out.write(piece)


@click.group()
def visits() -> None:
    """Timed visits."""


@visits.command("list")
@click.argument("process")
def list_visits(process: str) -> None:
    """Print the visits that went through PROCESS, one JSON document a line."""
    with reading():
        rows = select(Visit).join(Process, Process.id == Visit.process_id)
        wanted = rows.where(Process.id == process_by_key(process).id).order_by(Visit.id)
        show_rows(wanted, VisitSchema())


@visits.command("import")
@click.argument("process")
@click.argument("file", type=FILE)
@click.option("--mapping", type=MAPPING, help="YAML: which column is what.")
def import_visit_file(process: str, file: BinaryIO, mapping: str | None) -> None:
    """Import the CSV FILE as visits that went through PROCESS."""
    with storing() as settings:
        through, name, now = process_by_key(process), _name_of(file), utc_now()
        told = read_mapping(mapping)
        done = accept(import_visits(through, file.read(), name, now, settings.zone, told))
        record("visits imported", name, now, batch=done.batch.id, rows=done.batch.row_count)
        words = str(done)
    click.echo(words)


@click.group()
def figures() -> None:
    """Imported figures."""


@figures.command("list")
def list_figures() -> None:
    """Print the figures that count, one JSON document a line."""
    with reading():
        rows = select(Figure).where(Figure.id.in_(current_ids())).order_by(Figure.id)
        show_rows(rows, FigureSchema())


@figures.command("import")
@click.argument("file", type=FILE)
@click.option("--mapping", type=MAPPING, help="YAML: which column is what.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
def import_figure_file(file: BinaryIO, mapping: str | None, dry_run: bool) -> None:
    """Import the CSV FILE of figures."""
    with storing() as settings:
        name, now, told = _name_of(file), utc_now(), read_mapping(mapping)
        done = accept(import_figures(file.read(), name, now, settings.zone, dry_run, told))
        if done.batch is not None:
            record("figures imported", name, now, rows=done.batch.row_count)
        counts = f"{len(done.new)} new, {len(done.replaced)} replaced, {done.unchanged} unchanged"
    click.echo(f"{'Would be' if dry_run else 'Imported'}: {counts}.")


def _name_of(file: BinaryIO) -> str:
    return Path(file.name).name if isinstance(file.name, str) else "standard input"


groups = (contacts, answers, visits, figures)
