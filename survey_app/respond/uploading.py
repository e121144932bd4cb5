"""Files that people send with their answers: kept in the installation's own folder, never served
from the web's, each with what is known of it beside it.

A file is kept as it arrives, also where the page it came with is refused, so that nobody has to
choose it again; it counts once its answer is stored.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filetype
from flask import current_app

from survey_app.domain.problems import Problem
from survey_app.domain.question_types.file import File
from survey_app.domain.questionnaire import Posted, Questionnaire

if TYPE_CHECKING:
    from survey_app.respond.answering import Sent

FILE_ID = re.compile(r"[0-9a-f]{32}")
LONGEST_NAME = 200
# What nobody's answer names is cleared away after so long.
KEPT_UNNAMED = timedelta(days=2)


@dataclass(frozen=True)
class Upload:
    """A file as a form brought it."""

    name: str
    content: bytes


def take_files(
    questionnaire: Questionnaire, invitation_id: int, sent: Sent
) -> tuple[Posted, list[Problem]]:
    """Return the fields of a form with each file in the place of its field, and what is wrong.

    A field of a file question names a file that this invitation brought before, for this question;
    a new file takes its place. Nothing else can be put there.
    """
    fields: dict[str, Any] = dict(sent.answers)
    problems = []
    for question in questionnaire.questions:
        if not isinstance(question, File):
            continue
        named = fields.pop(question.id, [])
        upload = sent.uploads.get(question.id)
        if upload is not None:
            kept = _keep(question, invitation_id, upload)
        elif named:
            kept = _find(question, invitation_id, named[0])
        else:
            continue
        if isinstance(kept, Problem):
            problems.append(kept)
        else:
            fields[question.id] = question.encode(kept)
    return fields, problems


def path_of(invitation_id: int, file_id: str) -> Path | None:
    """Where a file is kept; None for one that is not there."""
    if not FILE_ID.fullmatch(file_id):
        return None
    path = _folder(invitation_id) / file_id
    return path if path.is_file() else None


def clear_unnamed(named: Mapping[int, set[str]], now: datetime) -> int:
    """Delete files that no answer and no draft names (invitation to file ids), two days old or
    more; gives their number."""
    cleared = 0
    root = _root()
    for folder in root.iterdir() if root.is_dir() else ():
        for path in folder.iterdir():
            file_id = path.name.removesuffix(".json")
            old = now.timestamp() - path.stat().st_mtime > KEPT_UNNAMED.total_seconds()
            if old and file_id not in named.get(int(folder.name), set()):
                path.unlink()
                cleared += path.suffix != ".json"
        if not any(folder.iterdir()):
            shutil.rmtree(folder)
    return cleared


def _keep(question: File, invitation_id: int, upload: Upload) -> dict[str, Any] | Problem:
    name = _plain_name(upload.name)
    media_type = filetype.guess_mime(upload.content) or ""
    if problem := question.check_upload(name, len(upload.content), media_type):
        return problem
    value = {
        "id": secrets.token_hex(16),
        "name": name,
        "size": len(upload.content),
        "type": media_type,
    }
    folder = _folder(invitation_id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / value["id"]).write_bytes(upload.content)
    about = json.dumps({"question": question.id, "value": value})
    (folder / f"{value['id']}.json").write_text(about)
    return value


def _find(question: File, invitation_id: int, file_id: str) -> dict[str, Any] | Problem:
    path = path_of(invitation_id, file_id)
    if path is not None:
        about = json.loads(path.with_suffix(".json").read_text())
        if about["question"] == question.id:
            value: dict[str, Any] = about["value"]
            return value
    return Problem.told(question.id, "not_a_file", "The file did not arrive. Choose it once more.")


def _plain_name(name: str) -> str:
    """The name without folders and without what no file system or page should meet."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(sign for sign in last if sign.isprintable()).strip()
    return plain[-LONGEST_NAME:] or "file"


def _folder(invitation_id: int) -> Path:
    return _root() / str(invitation_id)


def _root() -> Path:
    return Path(current_app.config["SETTINGS"].home) / "uploads"
