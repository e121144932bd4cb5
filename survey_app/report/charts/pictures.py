"""Pictures of figures: drawn once in a process of their own, then kept in a folder."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

from survey_app.domain.problems import SoundingsError
from survey_app.report.charts.figure import Figure

log = logging.getLogger(__name__)

FORMS = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "wide.svg": "image/svg+xml",
    "narrow.svg": "image/svg+xml",
}
# About 100 KB each; the longest unused make room.
MOST_KEPT = 500
# Seconds for a process that needs one or two.
PATIENCE = 60
# Each drawing process takes 150 MB: one at a time in a web process, the others wait.
_turn = threading.Lock()


class NotDrawn(SoundingsError):
    """The picture could not be drawn; its table is there all the same."""


def picture_of(figure: Figure, form: str, folder: Path) -> bytes:
    """The figure's picture in one of FORMS, from the folder or drawn now.

    Kept by the figure's content and by the code that draws: the same figure of the same run, seen
    by another user, is the same picture, and one that shows anything else is another.

    Raises NotDrawn, with a sentence, if the drawing fails.
    """
    text = figure.to_json()
    key = hashlib.sha256(f"{drawing_version()}\0{text}".encode()).hexdigest()
    kept = folder / f"{key}.{form}"
    if (found := _read(kept)) is not None:
        return found
    with _turn:
        if (found := _read(kept)) is not None:
            return found
        pictures = _draw(text)
        _keep(folder, key, pictures)
    return pictures[form]


@cache
def drawing_version() -> str:
    """SHA-256 of the code that draws: other code, other pictures."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _draw(text: str) -> dict[str, bytes]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "survey_app.report.charts.rendering"],
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=True,
            cwd=Path(__file__).parents[3],
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.error("A chart was not drawn: %s", getattr(error, "stderr", None) or error)
        raise NotDrawn(
            "The picture could not be drawn; the table holds the same numbers. The details are in "
            "the server's log."
        ) from error
    return {form: base64.b64decode(one) for form, one in json.loads(done.stdout).items()}


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
        # The time of the last use decides what makes room.
        os.utime(path)
    except FileNotFoundError:
        return None
    return content


def _keep(folder: Path, key: str, pictures: dict[str, bytes]) -> None:
    """Store the pictures, each whole or not at all, and make room."""
    folder.mkdir(parents=True, exist_ok=True)
    for form, content in pictures.items():
        unfinished = folder / f".{key}.{form}.{os.getpid()}"
        unfinished.write_bytes(content)
        unfinished.replace(folder / f"{key}.{form}")
    kept = sorted(folder.glob("*.*"), key=_last_use, reverse=True)
    for path in kept[MOST_KEPT * len(FORMS) :]:
        path.unlink(missing_ok=True)


def _last_use(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
