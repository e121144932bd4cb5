"""`soundings contacts | answers | visits | figures`: what people and clocks said, in and out."""

from __future__ import annotations

import sys
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
from survey_app.domain.problems import NotFound, Problem, Refused, SoundingsError
from survey_app.figures.importing import import_figures
from survey_app.figures.models import Figure
from survey_app.figures.queries import current_ids
from survey_app.figures.schemas import FigureSchema
from survey_app.invite.contact_jobs import work
from survey_app.invite.contact_models import Contact, ContactBatch
from survey_app.invite.contact_rows import KEY_COLUMNS
from survey_app.invite.file_batches import (
    ask_to_undo,
    confirm,
    discard,
    newest_batches,
    receive,
    require_undoable,
)
from survey_app.invite.schemas import ContactSchema
from survey_app.jobs import commit_work
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
@click.option(
    "--key",
    type=click.Choice(list(KEY_COLUMNS)),
    default="email",
    help="By what contacts are known; by external_id, their address may be a new one.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
def import_contact_file(file: BinaryIO, key: str, dry_run: bool) -> None:
    """Add the contacts of the CSV or XLSX FILE, and update those that are known.

    The file is stored in many short steps; `soundings contacts undo` takes it back.
    """
    with storing() as settings:
        batch = accept(receive(file, _name_of(file), key, settings, utc_now()))
        batch_id = batch.id
        commit_work()
        _work(batch_id, "Looking at the file")
        batch = db.session.get_one(ContactBatch, batch_id)
        if batch.state == "refused":
            raise Refused(_told(batch))
        counts = _counts(batch)
        if dry_run:
            discard(batch, settings, utc_now())
            click.echo(f"Would be: {counts}")
            return
        confirm(batch, utc_now())
        commit_work()
        _work(batch_id, "Storing")
        batch = db.session.get_one(ContactBatch, batch_id)
        if batch.state == "refused":
            raise Refused(_told(batch))
        click.echo(_counts(batch))


@contacts.command("imports")
def list_contact_imports() -> None:
    """Print the newest imports: number, file, state and what each did."""
    with reading():
        for batch in newest_batches():
            click.echo(f"{batch.id}  {batch.filename}  {batch.state}  {_counts(batch)}")


@contacts.command("undo")
@click.argument("number", metavar="IMPORT", type=int)
def undo_contact_import(number: int) -> None:
    """Take back what the IMPORT with this number changed; see `soundings contacts imports`."""
    with storing():
        batch = db.session.get(ContactBatch, number)
        if batch is None:
            raise NotFound(f"There is no import {number}. See: soundings contacts imports")
        require_undoable(batch)
        ask_to_undo(batch, utc_now())
        commit_work()
        _work(number, "Taking back")
        batch = db.session.get_one(ContactBatch, number)
        left = [one["message"] for one in batch.problems if one["code"] == "left"]
        click.echo(" ".join([f"The import {number} is taken back.", *left]))


def _work(batch_id: int, words: str) -> None:
    """Do all of what is to be done with a batch, and show how far it is."""
    size = db.session.get_one(ContactBatch, batch_id).size_bytes
    db.session.rollback()
    # Told on the error output, and only to a person: the result is what a program reads.
    with click.progressbar(length=size, label=words, file=sys.stderr) as bar:
        work(batch_id, watch=lambda batch: bar.update(max(batch.bytes_done - bar.pos, 0)))
    db.session.rollback()


def _told(batch: ContactBatch) -> list[Problem]:
    return [Problem(one["place"], one["code"], one["message"]) for one in batch.problems]


def _counts(batch: ContactBatch) -> str:
    return f"{batch.added} added, {batch.updated} updated, {batch.unchanged} unchanged."


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
