"""A file of contacts on its way in: received, looked at, stored or discarded, perhaps undone.

The file lies in the installation's folder; the row of `contact_batch` says what is to be done with
it and how far that is, so that any worker can take it up where another one was stopped.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import db
from survey_app.domain.problems import Forbidden, NotFound, Problem
from survey_app.invite.contact_models import ContactBatch
from survey_app.organisation.sight import Sight, sight_of

PIECE = 1024 * 1024
# A worker says at each chunk that it is still there; one that is silent for so long is dead.
CLAIM_HOLDS = timedelta(minutes=2)
# What nobody decides on is forgotten: the file holds addresses.
KEPT_UNDECIDED = timedelta(days=7)
# An upload that takes longer has broken off.
LONGEST_ARRIVAL = timedelta(days=1)
ARRIVING = "arriving-"
WORKING = ("waiting", "checking", "storing", "undoing")
BATCHES_SHOWN = 50


class Overtaken(Exception):
    """Another worker has taken the batch over, or somebody has decided otherwise."""


def receive(
    upload: BinaryIO, filename: str, key: str, settings: Settings, now: datetime
) -> tuple[ContactBatch | None, list[Problem]]:
    """Put a file into the installation's folder, for its owner alone, to be looked at."""
    # What was read so far is let go: on SQLite others need not wait while a long file is copied.
    user_id = acting_user_id()
    db.session.rollback()
    folder = settings.home / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=ARRIVING)
    digest = hashlib.sha256()
    size = 0
    with open(handle, "wb") as file:
        while piece := upload.read(PIECE):
            digest.update(piece)
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        os.unlink(name)
        message = "The file is empty. Choose a file with a header and rows."
        return None, [Problem("file", "empty_file", message)]
    batch = ContactBatch(
        filename=filename[:255],
        sha256=digest.hexdigest(),
        size_bytes=size,
        key_column=key,
        state="waiting",
        created_at=now,
        created_by_id=user_id,
    )
    db.session.add(batch)
    db.session.flush()
    os.replace(name, path_of(batch.id, settings))
    return batch, []


def path_of(batch_id: int, settings: Settings) -> Path:
    """Where the file of a batch lies."""
    return settings.home / "imports" / str(batch_id)


def batch_by_id(batch_id: int, user: User) -> ContactBatch:
    """The batch, if it is the user's own or the user sees all; raises NotFound."""
    batch = db.session.get(ContactBatch, batch_id)
    if batch is None or not _is_shown(batch, user):
        raise NotFound("There is no such import. Choose one from the list of imports.")
    return batch


def newest_batches(user: User | None = None) -> Sequence[ContactBatch]:
    """The newest batches: all, or those that the user may see."""
    wanted = select(ContactBatch).order_by(ContactBatch.id.desc()).limit(BATCHES_SHOWN)
    if user is not None and sight_of(user) is not None:
        wanted = wanted.where(ContactBatch.created_by_id == user.id)
    return db.session.scalars(wanted).all()


def _is_shown(batch: ContactBatch, user: User) -> bool:
    return batch.created_by_id == user.id or sight_of(user) is None


def sight_for(batch: ContactBatch) -> Sight:
    """What whoever sent the file sees now; a file of the command line is everybody's."""
    if batch.created_by_id is None:
        return None
    return sight_of(db.session.get_one(User, batch.created_by_id))


def confirm(batch: ContactBatch, now: datetime) -> bool:
    """Have a file that was looked at stored; False where somebody was faster."""
    if not _turn(batch.id, "checked", "storing", added=0, updated=0, unchanged=0):
        return False
    record("contacts import confirmed", batch.filename, now, batch=batch.id, rows=batch.row_count)
    return True


def discard(batch: ContactBatch, settings: Settings, now: datetime) -> bool:
    """Forget a file that was not stored; False where somebody was faster."""
    db.session.refresh(batch, with_for_update=True)
    if batch.state not in ("checked", "refused"):
        return False
    path_of(batch.id, settings).unlink(missing_ok=True)
    record("contacts import discarded", batch.filename, now, batch=batch.id)
    db.session.delete(batch)
    db.session.flush()
    return True


def ask_to_undo(batch: ContactBatch, now: datetime) -> bool:
    """Have what a file changed taken back; False where somebody was faster."""
    if not _turn(batch.id, "stored", "undoing"):
        return False
    record("contacts import undone", batch.filename, now, batch=batch.id)
    return True


def _turn(batch_id: int, state: str, to: str, **values: int) -> bool:
    turned = db.session.execute(
        update(ContactBatch)
        .where(ContactBatch.id == batch_id, ContactBatch.state == state)
        .values(state=to, bytes_done=0, claimed_at=None, **values)
    )
    assert isinstance(turned, CursorResult)
    return bool(turned.rowcount)


def to_be_worked_on(now: datetime) -> Sequence[int]:
    """Ids of the batches that nobody is at."""
    return db.session.scalars(
        select(ContactBatch.id)
        .where(
            ContactBatch.state.in_(WORKING),
            ContactBatch.claimed_at.is_(None) | (ContactBatch.claimed_at < now - CLAIM_HOLDS),
        )
        .order_by(ContactBatch.id)
    ).all()


def claim(batch_id: int, now: datetime) -> ContactBatch | None:
    """Take a batch for this worker, unless another one is at it."""
    db.session.flush()
    taken = db.session.execute(
        update(ContactBatch)
        .where(
            ContactBatch.id == batch_id,
            ContactBatch.state.in_(WORKING),
            ContactBatch.claimed_at.is_(None) | (ContactBatch.claimed_at < now - CLAIM_HOLDS),
        )
        .values(claimed_at=now)
    )
    assert isinstance(taken, CursorResult)
    if not taken.rowcount:
        return None
    return db.session.get_one(ContactBatch, batch_id, populate_existing=True)


def hold(batch_id: int, claimed_at: datetime, now: datetime) -> ContactBatch:
    """The batch, locked, for the progress of the worker that claimed it; raises Overtaken."""
    batch = db.session.get(ContactBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.claimed_at != claimed_at:
        raise Overtaken
    batch.claimed_at = now
    return batch


def forget_undecided(settings: Settings, now: datetime) -> None:
    """Give up files on which nobody has decided for a week."""
    old = db.session.scalars(
        select(ContactBatch).where(
            ContactBatch.state == "checked", ContactBatch.created_at < now - KEPT_UNDECIDED
        )
    ).all()
    for batch in old:
        batch.state = "refused"
        message = "Nobody decided on this file for a week, so it was deleted. Upload it again."
        batch.problems = [*batch.problems, as_document(Problem("file", "undecided", message))]
        path_of(batch.id, settings).unlink(missing_ok=True)


def forget_left_files(settings: Settings, now: datetime) -> None:
    """Delete what processes that were killed have left: uploads that broke off, and files of which
    the batch is done with or was never stored."""
    folder = settings.home / "imports"
    if not folder.is_dir():
        return
    before = (now - LONGEST_ARRIVAL).timestamp()
    old = [path for path in folder.iterdir() if _changed_at(path) < before]
    wanted = set(
        db.session.scalars(
            select(ContactBatch.id).where(ContactBatch.state.in_((*WORKING, "checked")))
        )
    )
    for path in old:
        if path.name.startswith(ARRIVING) or (
            path.name.isdecimal() and int(path.name) not in wanted
        ):
            path.unlink(missing_ok=True)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        # It has arrived meanwhile, under its own name.
        return math.inf


def as_document(problem: Problem) -> dict[str, str]:
    """A problem as the batch keeps it."""
    return {"place": problem.place, "code": problem.code, "message": problem.message}


def require_undoable(batch: ContactBatch) -> None:
    """Raise Forbidden where there is nothing to take back."""
    if batch.state != "stored":
        raise Forbidden(f"The import {batch.id} is {batch.state}; only a stored one can be undone.")
