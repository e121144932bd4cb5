"""The stamp in the page of an open link: when the page was sent out, and a number that no other
page has. Both are signed, for the one link.

The page itself is kept and the same for all; the stamp is put in its place when it is sent.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from itsdangerous import BadSignature, Signer

# Stands in the template `respond/open_guards.html`.
PLACE = b"--stamp--"
MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Stamp(NamedTuple):
    """What a stamp says."""

    number: str
    made_at: datetime


def make_stamp(key: str, now: datetime) -> str:
    """A new stamp for the page of the link with this key."""
    number = secrets.token_urlsafe(12)
    return _signer(key).sign(f"{number}.{(now - EPOCH) // MILLISECOND}").decode()


def read_stamp(key: str, stamp: str) -> Stamp | None:
    """What a stamp of this link's page says; None for what is no such stamp."""
    try:
        number, _, made = _signer(key).unsign(stamp).decode().partition(".")
    except (BadSignature, UnicodeError):
        return None
    return Stamp(number, EPOCH + int(made) * MILLISECOND)


def put_stamp(page: bytes, stamp: str) -> bytes:
    """The page with its stamp in place."""
    return page.replace(PLACE, stamp.encode(), 1)


def _signer(key: str) -> Signer:
    secret = current_app.config["SETTINGS"].secret_key
    return Signer(secret, salt=f"soundings open link/{key}", key_derivation="hmac")
