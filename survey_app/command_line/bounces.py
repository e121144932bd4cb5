"""`soundings bounces`: mails that came back, read from files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from survey_app.command_line.command_edge import storing
from survey_app.domain.problems import SoundingsError
from survey_app.invite.bounces.boxes import LARGEST, Box
from survey_app.invite.bounces.jobs import BROKEN, NOTHING, read_messages
from survey_app.invite.bounces.maildirs import Maildir


class OneFile:
    """A file that is one message; it stays as it is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def unread(self, most: int | None = None) -> list[str]:
        """The file."""
        return [self.path.name][:most]

    def fetch(self, keys: list[str]) -> Iterator[tuple[str, bytes]]:
        """What is in it."""
        with open(self.path, "rb") as file:
            content = file.read(LARGEST)
        if content.startswith(b"From "):
            raise SoundingsError(
                f"{self.path} is an mbox, a file of several messages. Split it, or make it a "
                "maildir first, for example with mb2md."
            )
        yield from ((key, content) for key in keys)

    def mark(self, key: str, broken: bool) -> None:
        """Whose file it is decides what becomes of it."""

    def close(self) -> None:
        """Nothing stays open."""


@click.group()
def bounces() -> None:
    """Mails that came back, and complaints."""


@bounces.command("read")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def read_bounces(path: Path) -> None:
    """Record the message in the file PATH, or all new ones in the maildir PATH.

    New messages of a maildir are moved to its folder cur. Reading one twice changes nothing.
    """
    box: Box = Maildir(path) if path.is_dir() else OneFile(path)
    counts: Counter[str] = Counter()
    with storing() as settings:
        keys = box.unread()
        with click.progressbar(keys, label="Reading") as waiting:
            for key in waiting:
                counts += read_messages(box, [key], settings)
    click.echo(
        f"{counts.total()} read: {counts['hard']} hard bounces, {counts['soft']} soft ones, "
        f"{counts['complaint']} complaints, {counts[NOTHING]} that told nothing new, "
        f"{counts[BROKEN]} that could not be read."
    )


groups = (bounces,)
