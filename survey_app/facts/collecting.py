"""Make facts from the tables, for those months alone whose sources have changed.

Loads pyarrow; only jobs import it. Reading and noting are apart, because a transaction that reads
for long must not write (see `survey_app.db.begin_reading`):

    begin_reading(); collected = collect_facts(...); end the transaction
    note_facts(collected); commit
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from survey_app.db import db
from survey_app.facts.fingerprints import present_fingerprints
from survey_app.facts.models import FactMonth
from survey_app.facts.parquet import file_sha256, found_months, month_file, month_folder, write_rows
from survey_app.facts.reading import DefinitionLoader, read_rows
from survey_app.organisation.queries import declared_dimensions


@dataclass(frozen=True)
class BuiltMonth:
    """A file that was written: of which kind and month, from what, with what."""

    kind: str
    month: str
    fingerprint: str
    sha256: str
    row_count: int
    built_at: datetime


@dataclass(frozen=True)
class Collected:
    """What one collection changed in the folder."""

    built: tuple[BuiltMonth, ...]
    removed: tuple[tuple[str, str], ...]


def collect_facts(
    now: datetime,
    zone: ZoneInfo,
    folder: Path,
    on_progress: Callable[[float], None] | None = None,
    weighed_by: Collection[str] = (),
) -> Collected:
    """Bring the folder up to date with the tables; whoever calls holds the folder for itself.

    Ratings get a column for each declared dimension, and for each attribute that answers are
    `weighed_by`. `on_progress` gets the share done, 0 to 1. Files whose month has no sources any
    more go.
    """
    dimensions = tuple(sorted({*declared_dimensions(), *weighed_by}))
    present = present_fingerprints(zone, dimensions)
    noted = {
        (row.kind, row.month): (row.fingerprint, row.sha256)
        for row in db.session.scalars(select(FactMonth))
    }
    # The file itself is looked at too: a collection that was cut off before it was noted, or a
    # restored backup, leaves a file that is not the one the table speaks of.
    stale = [
        place
        for place, fingerprint in present.items()
        if noted.get(place) != (fingerprint, file_sha256(month_file(folder, *place)))
    ]
    definitions = DefinitionLoader()
    built = []
    for number, (kind, month) in enumerate(stale, start=1):
        rows = read_rows(kind, month, zone, definitions, dimensions)
        sha256, row_count = write_rows(kind, rows, month_file(folder, kind, month), dimensions)
        fingerprint = present[kind, month]
        built.append(BuiltMonth(kind, month, fingerprint, sha256, row_count, now))
        if on_progress is not None:
            on_progress(number / len(stale))
    for place in found_months(folder) - present.keys():
        shutil.rmtree(month_folder(folder, *place))
    return Collected(tuple(built), tuple(sorted(noted.keys() - present.keys())))


def note_facts(collected: Collected) -> None:
    """Store what was collected."""
    for one in collected.built:
        db.session.merge(FactMonth(**vars(one)))
    for kind, month in collected.removed:
        db.session.delete(db.session.get_one(FactMonth, (kind, month)))
    db.session.flush()
