"""Files of contacts in the worker: looked at, stored and undone, a chunk at a time.

Each chunk is a transaction of its own, so that customers are not kept waiting, and what says how
far the file is belongs to it, so that a worker which is killed leaves nothing half done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.exc import OperationalError

from survey_app.accounts.auditing import record
from survey_app.config import Settings
from survey_app.db import begin_reading, db, utc_now
from survey_app.domain.problems import Problem
from survey_app.invite.contact_files import ContactFile
from survey_app.invite.contact_models import ContactBatch
from survey_app.invite.contact_rows import KEY_COLUMNS, RowSorter
from survey_app.invite.file_batches import (
    Overtaken,
    as_document,
    claim,
    forget_left_files,
    forget_undecided,
    hold,
    path_of,
    sight_for,
    to_be_worked_on,
)
from survey_app.invite.importing import Look, Stored, look_at, store_rows
from survey_app.invite.undoing import Undone, undo_changes
from survey_app.jobs import commit_work, enqueue, every_minute, job
from survey_app.organisation.sight import Sight

log = logging.getLogger(__name__)

# A short transaction: what it holds up on SQLite is not felt by a customer.
CHUNK = 1000
# A look holds up nobody.
LOOK_CHUNK = 5000
# One run is short, so that mails get their turn between two of them.
SECONDS_A_RUN = 20.0
GONE = (
    "The file is not in the folder of this installation any more, so nothing of it was kept. "
    "Upload it again; if that happens each time, the web server and the worker do not share "
    "their folder (SOUNDINGS_HOME)."
)

Watcher = Callable[[ContactBatch], None]


@job
def work_on_file(batch_id: int) -> None:
    """Go on with a batch; if some of it is left after SECONDS_A_RUN, ask for another run."""
    if not work(batch_id, SECONDS_A_RUN):
        enqueue(work_on_file, batch_id)


@every_minute
def look_for_files() -> None:
    """Take up what a lost job or a dead worker has left, and forget what nobody decides on."""
    settings: Settings = current_app.config["SETTINGS"]
    forget_undecided(settings, utc_now())
    forget_left_files(settings, utc_now())
    waiting = to_be_worked_on(utc_now())
    commit_work()
    for batch_id in waiting:
        work_on_file(batch_id)


def work(batch_id: int, seconds: float | None = None, watch: Watcher | None = None) -> bool:
    """Do what the state of a batch asks for; False where the time was over before its end.

    `watch` is told of each chunk. Whoever finds the batch taken over by another lets go of it.
    """
    batch = claim(batch_id, utc_now())
    if batch is None:
        db.session.rollback()
        return True
    working = _Working(batch, seconds, watch)
    steps = {"storing": working.store, "undoing": working.undo}.get(batch.state, working.look)
    if batch.state == "waiting":
        batch.state = "checking"
    commit_work()
    try:
        return steps()
    except Overtaken:
        db.session.rollback()
        return True
    except (OperationalError, OSError, MemoryError):
        # The database or the machine is in trouble, not the file: it is taken up again.
        raise
    except Exception as trouble:
        if working.state == "undoing":
            # To take back the half of it is no way out.
            raise
        log.exception("The file of batch %s cannot be worked on", batch_id)
        db.session.rollback()
        with suppress(Overtaken):
            return working.give_up(trouble)
        db.session.rollback()
        return True


class _Working:
    """A worker at one batch."""

    def __init__(self, batch: ContactBatch, seconds: float | None, watch: Watcher | None) -> None:
        settings: Settings = current_app.config["SETTINGS"]
        self.id = batch.id
        self.claimed_at: datetime | None = batch.claimed_at
        self.key = batch.key_column
        self.path: Path = path_of(batch.id, settings)
        self.passed = batch.rows_stored
        self.state = batch.state
        self.within: Sight = sight_for(batch)
        self.end = None if seconds is None else time.monotonic() + seconds
        self.watch = watch

    def look(self) -> bool:
        """Look through the file, from its beginning."""
        if not self.path.exists():
            return self._refuse([Problem("file", "file_gone", GONE)])
        with self.path.open("rb") as opened:
            file = ContactFile(opened, KEY_COLUMNS[self.key])
            # Nothing is written while it is read, so nobody is kept waiting.
            steps = _reading(look_at(file, self._sorter(), LOOK_CHUNK))
            for found in steps:
                self._save(lambda batch, found=found: _tell_look(batch, found))
        if found.problem_count:
            return self._refuse(found.told())
        self._save(lambda batch: _set(batch, state="checked", claimed_at=None, bytes_done=0))
        return True

    def store(self) -> bool:
        """Store the rows behind those that are stored already."""
        if not self.path.exists():
            return self._take_back([Problem("file", "file_gone", GONE)])
        with self.path.open("rb") as opened:
            file = ContactFile(opened, KEY_COLUMNS[self.key])
            steps = store_rows(
                file, self._sorter(), utc_now(),
                passed=self.passed, batch_id=self.id, chunk=CHUNK,
            )  # fmt: skip
            for step in steps:
                if step.problems:
                    db.session.rollback()
                    return self._take_back(list(step.problems))
                self._save(lambda batch, step=step: _tell_stored(batch, step))
                if self._is_over():
                    return self._pause()
        self._save(_finish)
        self.path.unlink(missing_ok=True)
        return True

    def undo(self) -> bool:
        """Take back what is still to be taken back."""
        for step in undo_changes(self.id, CHUNK):
            self._save(lambda batch, step=step: _tell_undone(batch, step))
            if self._is_over():
                return self._pause()
        self._save(_finish_undoing)
        self.path.unlink(missing_ok=True)
        return True

    def give_up(self, trouble: Exception) -> bool:
        """Refuse a file with which something goes wrong that nobody has thought of, instead of
        trying it again for ever."""
        told = Problem(
            "file",
            "trouble",
            f"Something went wrong on our side ({type(trouble).__name__}); the log says what. "
            "Please tell your administrator.",
        )
        return self._take_back([told]) if self.state == "storing" else self._refuse([told])

    def _sorter(self) -> RowSorter:
        begin_reading()
        sorter = RowSorter(self.key, self.within)
        db.session.rollback()
        return sorter

    def _take_back(self, problems: list[Problem]) -> bool:
        message = "What was stored of the file before is taken back."
        told = [*problems, Problem("file", "taken_back", message)]
        self._save(
            lambda batch: _set(batch, state="undoing", problems=[as_document(one) for one in told])
        )
        return self.undo()

    def _refuse(self, problems: list[Problem]) -> bool:
        self._save(
            lambda batch: _set(
                batch,
                state="refused",
                claimed_at=None,
                problems=[as_document(one) for one in problems],
            )
        )
        self.path.unlink(missing_ok=True)
        return True

    def _save(self, tell: Callable[[ContactBatch], None]) -> None:
        """Store a step together with how far it is, if the batch is still this worker's."""
        assert self.claimed_at is not None
        batch = hold(self.id, self.claimed_at, utc_now())
        held_at = batch.claimed_at
        tell(batch)
        if self.watch is not None:
            self.watch(batch)
        commit_work()
        self.claimed_at = held_at

    def _is_over(self) -> bool:
        return self.end is not None and time.monotonic() > self.end

    def _pause(self) -> bool:
        self._save(lambda batch: _set(batch, claimed_at=None))
        return False


def _reading(steps: Iterator[Look]) -> Iterator[Look]:
    while True:
        begin_reading()
        step = next(steps, None)
        db.session.rollback()
        if step is None:
            return
        yield step


def _set(batch: ContactBatch, **values: Any) -> None:
    for name, value in values.items():
        setattr(batch, name, value)


def _tell_look(batch: ContactBatch, look: Look) -> None:
    _set(
        batch,
        bytes_done=look.position,
        row_count=look.rows,
        added=look.added,
        updated=look.updated,
        unchanged=look.unchanged,
    )


def _tell_stored(batch: ContactBatch, step: Stored) -> None:
    batch.rows_stored = step.rows
    batch.bytes_done = step.position
    batch.added += step.done.added
    batch.updated += step.done.updated
    batch.unchanged += step.done.unchanged


def _finish(batch: ContactBatch) -> None:
    now = utc_now()
    _set(batch, state="stored", stored_at=now, claimed_at=None, bytes_done=batch.size_bytes)
    record(
        "contacts imported",
        batch.filename,
        now,
        batch=batch.id,
        added=batch.added,
        updated=batch.updated,
    )


def _tell_undone(batch: ContactBatch, step: Undone) -> None:
    kept = next((one for one in batch.problems if one["code"] == "left"), None)
    invited = step.invited + (kept["invited"] if kept else 0)
    changed = step.changed + (kept["changed"] if kept else 0)
    if invited or changed:
        message = (
            f"{invited:,} added contacts stay, because they were invited meanwhile; {changed:,} "
            "contacts stay as they are, because somebody has changed them since."
        )
        told = {
            "place": "", "code": "left", "message": message,
            "invited": invited, "changed": changed,
        }  # fmt: skip
        batch.problems = [*(one for one in batch.problems if one["code"] != "left"), told]


def _finish_undoing(batch: ContactBatch) -> None:
    """What was never stored as a whole was taken back because of a problem."""
    state = "refused" if batch.stored_at is None else "undone"
    _set(batch, state=state, undone_at=utc_now(), claimed_at=None)
