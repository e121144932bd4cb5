"""Where bounces come from: what a box of mails can do, whichever kind it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from survey_app.domain.problems import SoundingsError

# What a report says stands at its beginning; the mail that came back follows and may be long.
LARGEST = 2_000_000


class BoxTrouble(SoundingsError):
    """The box cannot be reached or used now; the message says why and what helps."""


class Box(Protocol):
    """Unread mails: fetched, and marked one by one when what they say is stored."""

    def unread(self, most: int | None = None) -> list[str]:
        """The keys of the oldest `most` unread messages, or of all; raises BoxTrouble."""

    def fetch(self, keys: list[str]) -> Iterator[tuple[str, bytes]]:
        """The messages with these keys, each cut at LARGEST bytes; raises BoxTrouble."""

    def mark(self, key: str, broken: bool) -> None:
        """Mark a message as read, and as `broken` if it could not be; raises BoxTrouble."""

    def close(self) -> None:
        """Leave the box."""
