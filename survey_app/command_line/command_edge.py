"""The edge of a command: the app, one transaction, and what was refused told problem by problem."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from marshmallow import Schema
from sqlalchemy import Select

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.db import begin_reading, db
from survey_app.design.reading import read_document
from survey_app.domain.problems import Problem, Refused
from survey_app.jobs import dispatch_queued

ROWS_AT_ONCE = 1000
Made = TypeVar("Made")

# What a file argument takes: '-' is the standard input.
FILE = click.File("rb")


@contextmanager
def reading() -> Iterator[Settings]:
    """The installation, in a transaction that only reads."""
    with _installation() as settings:
        begin_reading()
        yield settings


@contextmanager
def storing() -> Iterator[Settings]:
    """The installation; what was done is stored at the end, or after any exception nothing."""
    with _installation() as settings:
        yield settings
        db.session.commit()
        dispatch_queued()


@contextmanager
def _installation() -> Iterator[Settings]:
    app = create_app()
    with app.app_context():
        try:
            yield app.config["SETTINGS"]
        finally:
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def accept(outcome: tuple[Made | None, list[Problem]]) -> Made:
    """What a step made; raises Refused with its problems where it was refused."""
    made, problems = outcome
    if problems:
        raise Refused(problems)
    assert made is not None
    return made


def read_mapping(path: str | None) -> dict[str, Any] | None:
    """The mapping of a file's columns, from a YAML file of its own."""
    return None if path is None else accept(read_document(Path(path).read_bytes()))


def show_rows(rows: Select[Any], schema: Schema) -> None:
    """Print what a query finds, as the API has it: one JSON document a line."""
    show_documents(
        schema.dump(row)
        for row in db.session.scalars(rows.execution_options(yield_per=ROWS_AT_ONCE))
    )


def show_documents(documents: Iterable[Any]) -> None:
    """Print JSON documents, one a line."""
    for document in documents:
        click.echo(json.dumps(document, ensure_ascii=False))
