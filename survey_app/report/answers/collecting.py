"""Make the columnar copy of a version's answers, for those months alone that have changed.

Loads pyarrow. Whoever calls is in a transaction that only reads (see `survey_app.db`): nothing is
written to the tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from survey_app.facts.reading import DefinitionLoader
from survey_app.organisation.calendars import month_bounds
from survey_app.report.answers.copies import (
    CopiedMonth,
    Copy,
    hold_copy,
    read_copy,
    tell_progress,
    version_folder,
    write_copy,
)
from survey_app.report.answers.fingerprints import Sources, present_months, take_glance
from survey_app.report.answers.reading import copy_schema, read_batches
from survey_app.report.answers.stored import Stored, stored_items

GROUP_ROWS = 32_768


def collect_answers(
    key: str,
    numbers: Sequence[int],
    now: datetime,
    zone: ZoneInfo,
    folder: Path,
    wait: bool,
    on_month: Callable[[], None],
) -> None:
    """Bring the copies of these versions up to date with the tables.

    With `wait` false, a version that another process collects is left to it. `on_month` is called
    after each month.
    """
    # In this order, glance, fingerprints, rows: what comes in meanwhile is noticed the next time.
    glances = {number: take_glance(key, number, zone) for number in numbers}
    stale = [
        number
        for number, glance in glances.items()
        if read_copy(version_folder(folder, key, number)).glance != glance
    ]
    if not stale:
        return
    months = list(present_months(zone))
    definitions = DefinitionLoader()
    for number in stale:
        place = version_folder(folder, key, number)
        with hold_copy(place, wait) as held:
            if held:
                wanted = {
                    month: found[key, number] for month, found in months if (key, number) in found
                }
                stored = stored_items(definitions.load(key, number)[0])
                _collect(place, key, number, stored, wanted, glances[number], now, zone, on_month)


def _collect(
    place: Path,
    key: str,
    number: int,
    stored: Sequence[Stored],
    wanted: dict[str, Sources],
    glance: str,
    now: datetime,
    zone: ZoneInfo,
    on_month: Callable[[], None],
) -> None:
    known = {month.month: month for month in read_copy(place).months}
    tell_progress(place, 0)
    made: dict[str, CopiedMonth] = {}
    for done, (month, sources) in enumerate(wanted.items(), start=1):
        present = known.get(month)
        if (
            present is None
            or present.fingerprint != sources.fingerprint
            or file_sha256(place / present.filename) != present.sha256
        ):
            bounds = month_bounds(month, zone)
            batches = read_batches(key, number, *bounds, sources.revised, stored)
            schema = copy_schema(stored)
            present = _write_month(place, month, sources.fingerprint, batches, schema)
            # Without a glance it is not up to date, but whoever is cut off goes on from here.
            so_far = {**known, **made, month: present}
            write_copy(place, Copy("", now.isoformat(), tuple(so_far.values())))
        made[month] = present
        tell_progress(place, 100 * done // len(wanted))
        on_month()
    write_copy(place, Copy(glance, now.isoformat(), tuple(made.values())))


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, or '' where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _write_month(
    place: Path,
    month: str,
    fingerprint: str,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
) -> CopiedMonth:
    counting = _Counting()
    unfinished = place / "month.unfinished"
    # Dictionaries for what repeats; words do not, and a dictionary of them is tried in vain.
    with pq.ParquetWriter(unfinished, schema, compression="zstd", compression_level=1) as writer:
        for table in _grouped(batches, schema):
            counting.look_at(table)
            writer.write_table(table, row_group_size=GROUP_ROWS)
    copied = CopiedMonth(
        month,
        fingerprint,
        file_sha256(unfinished),
        counting.rows,
        dict(sorted(counting.by_unit.items())),
        tuple(sorted(counting.attributes)),
    )
    unfinished.replace(place / copied.filename)
    return copied


def _grouped(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterable[pa.Table]:
    """The batches as tables of GROUP_ROWS rows: each becomes one group of the file."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= GROUP_ROWS:
            yield pa.Table.from_batches(waiting, schema)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting, schema)


class _Counting:
    """What is known of a file without opening it."""

    def __init__(self) -> None:
        self.rows = 0
        self.by_unit: dict[str, tuple[int, int]] = {}
        self.attributes: set[str] = set()

    def look_at(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        units = table["unit"].fill_null(0).to_numpy()
        complete = table["complete"].to_numpy()
        for unit in np.unique(units):
            here = units == unit
            all_, done = self.by_unit.get(str(unit), (0, 0))
            self.by_unit[str(unit)] = (
                all_ + int(here.sum()),
                done + int((here & complete).sum()),
            )
        for text in pc.unique(table["attributes"]).to_pylist():
            self.attributes.update(json.loads(text))
