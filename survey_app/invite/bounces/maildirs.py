"""Bounces in a maildir, where a mail server on this machine puts them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from heapq import nsmallest
from pathlib import Path

from survey_app.invite.bounces.boxes import LARGEST, BoxTrouble


class Maildir:
    """A maildir: what is in its folder `new` is unread; reading moves it to `cur` with a flag."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def unread(self, most: int | None = None) -> list[str]:
        """The keys of the oldest `most` unread messages, or of all."""
        try:
            names = os.listdir(self.folder / "new")
            if not (self.folder / "cur").is_dir():
                raise FileNotFoundError
        except OSError as error:
            raise BoxTrouble(
                f"{self.folder} cannot be read as a maildir ({error.strerror or 'no cur'}). Name "
                "a folder with new and cur in it, which this user may read and write."
            ) from error
        # Names begin with the second of delivery, and hidden ones are no messages.
        kept = (name for name in names if not name.startswith("."))
        return sorted(kept) if most is None else nsmallest(most, kept)

    def fetch(self, keys: list[str]) -> Iterator[tuple[str, bytes]]:
        """The messages with these keys; one that somebody else has moved is left out."""
        for key in keys:
            try:
                with open(self.folder / "new" / key, "rb") as file:
                    content = file.read(LARGEST)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._locked(error) from error
            yield key, content

    def mark(self, key: str, broken: bool) -> None:
        """Move a message to `cur`: seen, and flagged if it could not be read."""
        name = key.partition(":")[0] + (":2,FS" if broken else ":2,S")
        try:
            os.rename(self.folder / "new" / key, self.folder / "cur" / name)
        except FileNotFoundError:
            # Somebody else has moved it meanwhile, having read it too.
            return
        except OSError as error:
            raise self._locked(error) from error

    def close(self) -> None:
        """Nothing stays open."""

    def _locked(self, error: OSError) -> BoxTrouble:
        return BoxTrouble(
            f"A message in {self.folder} cannot be read and moved ({error.strerror}). Let this "
            "user read and write the folder and what is in it."
        )
