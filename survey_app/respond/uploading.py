"""Files that people send with their answers: kept in the installation's own folder, never served
from the web's, each with what is known of it beside it.

A file is kept as it arrives, also where the page it came with is refused, so that nobody has to
choose it again; it counts once its answer is stored.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import filetype
from flask import current_app

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.file import File
from survey_app.domain.questionnaire import Posted, Questionnaire

FILE_ID = re.compile(r"[0-9a-f]{32}")
LONGEST_NAME = 200
# With one link, counted before what nobody names is cleared away.
MOST_FILES = 20
SAME_ENDING = {"jpeg": "jpg", "tiff": "tif", "mpeg": "mp3", "oga": "ogg"}
# Beside each file, what is known of it.
ABOUT = ".json"
UNFINISHED = ".part"


@dataclass(frozen=True)
class Upload:
    """A file as a form brought it."""

    name: str
    content: bytes


def take_files(
    questionnaire: Questionnaire,
    invitation_id: int,
    sent: Posted,
    uploads: Mapping[str, Upload],
) -> tuple[Posted, list[Problem]]:
    """Return the fields of a form with each file in the place of its field, and what is wrong.

    A field of a file question names a file that this invitation brought before, for this question;
    a new file takes its place. Nothing else can be put there.
    """
    fields: dict[str, Any] = dict(sent)
    problems = []
    for question in questionnaire.questions:
        if not isinstance(question, File):
            continue
        named = fields.pop(question.id, [])
        upload = uploads.get(question.id)
        if upload is None and not named:
            continue
        with _alone():
            if upload is not None:
                kept = _keep(question, invitation_id, upload)
            else:
                kept = _find(question, invitation_id, named[0])
        if isinstance(kept, Problem):
            problems.append(kept)
        else:
            fields[question.id] = question.encode(kept)
    return fields, problems


def name_files(questionnaire: Questionnaire, fields: Posted) -> Posted:
    """Return the fields with each kept file as the id that `take_files` finds it by."""
    named: dict[str, Any] = dict(fields)
    for question in questionnaire.questions:
        if isinstance(question, File) and question.id in named:
            named[question.id] = [json.loads(value)["id"] for value in named[question.id]]
    return named


def path_of(invitation_id: int, file_id: str) -> Path | None:
    """Where a file is kept; None for one that is not there."""
    if not FILE_ID.fullmatch(file_id):
        return None
    path = _folder(invitation_id) / file_id
    return path if path.is_file() else None


def invitations_with_files() -> list[int]:
    """The ids of the invitations that brought files."""
    root = _root()
    names = [folder.name for folder in root.iterdir()] if root.is_dir() else []
    return [int(name) for name in names if name.isdecimal()]


def clear_unnamed(named: Mapping[int, set[str]], before: datetime) -> int:
    """Delete what came before a moment and is not among the named file ids of its invitation;
    gives the number of files. Invitations that are not told of are left alone."""
    cleared = 0
    for invitation_id, file_ids in named.items():
        with _alone():
            cleared += _clear(_folder(invitation_id), file_ids, before)
    return cleared


def _clear(folder: Path, named: set[str], before: datetime) -> int:
    cleared = 0
    if not folder.is_dir():
        return cleared
    for path in folder.iterdir():
        is_old = path.stat().st_mtime < before.timestamp()
        is_named = path.suffix != UNFINISHED and path.stem in named
        if is_old and not is_named:
            path.unlink()
            cleared += not path.suffix
    if not any(folder.iterdir()):
        folder.rmdir()
    return cleared


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody else keeps, finds or clears files meanwhile, in whatever process."""
    root = _root()
    root.mkdir(exist_ok=True)
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _keep(question: File, invitation_id: int, upload: Upload) -> dict[str, Any] | Problem:
    kind = filetype.guess(upload.content)
    media_type = kind.mime if kind else ""
    name = _plain_name(upload.name, kind.extension if kind else "")
    if problem := question.check_upload(name, len(upload.content), media_type):
        return problem
    folder = _folder(invitation_id)
    folder.mkdir(parents=True, exist_ok=True)
    # The same file sent again, by a second click or a second try, is the same file.
    file_id = sha256(f"{question.id}\0{name}\0".encode() + upload.content).hexdigest()[:32]
    if not (folder / file_id).exists() and sum(1 for _path in folder.iterdir()) >= MOST_FILES * 2:
        return Problem.told(
            question.id,
            "too_many_files",
            "Too many files were sent with this link. Send the other answers without another file.",
        )
    value = {
        "id": file_id,
        "name": name,
        "size": len(upload.content),
        "type": media_type,
    }
    _write(folder / value["id"], upload.content)
    about = json.dumps({"question": question.id, "value": value})
    _write(folder / f"{value['id']}{ABOUT}", about.encode())
    return value


def _write(path: Path, content: bytes) -> None:
    """An answer that is acknowledged survives a power cut, and so does the file that it names."""
    unfinished = path.with_name(path.name + UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _find(question: File, invitation_id: int, file_id: str) -> dict[str, Any] | Problem:
    path = path_of(invitation_id, file_id)
    if path is not None:
        about = json.loads(path.with_suffix(ABOUT).read_text())
        if about["question"] == question.id:
            value: dict[str, Any] = about["value"]
            # Named anew, so its two days begin anew.
            path.touch()
            path.with_suffix(ABOUT).touch()
            return value
    return Problem.told(question.id, "not_a_file", "The file did not arrive. Choose it once more.")


def _plain_name(name: str, extension: str) -> str:
    """The name without folders and without what no file system or page should meet; it ends as the
    bytes say, whatever it said itself."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(sign for sign in last if sign.isprintable()).strip(" .")[-LONGEST_NAME:]
    ending = plain.rpartition(".")[2].lower()
    if not extension or SAME_ENDING.get(ending, ending) == extension:
        return plain or "file"
    return f"{plain or 'file'}.{extension}"


def _folder(invitation_id: int) -> Path:
    return _root() / str(invitation_id)


def _root() -> Path:
    return Path(current_app.config["SETTINGS"].home) / "uploads"
