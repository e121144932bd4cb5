"""How a mail is recognised when something comes back: by its envelope sender or Message-ID.

Both carry the mail's id and a keyed hash of it, so that nobody who has not seen a mail can report
on it. Servers may have changed the case of the letters, or put an address into a longer one.
"""

from __future__ import annotations

import hmac
import re
from functools import lru_cache
from hashlib import sha256

from survey_app.config import Settings

HASH_SIGNS = 10
RETURN_PATH, MESSAGE_ID = b"return path", b"message id"
IN_RETURN_PATH = re.compile(r"\+(\d{1,10})-([0-9a-f]{10})@")
IN_MESSAGE_ID = re.compile(r"(?:^|<)(\d{1,10})\.([0-9a-f]{10})@")


def return_path(mail_id: int, settings: Settings) -> str:
    """The envelope sender of one mail: of its own where SOUNDINGS_BOUNCE_ADDRESS is set."""
    if not settings.bounce_address:
        return settings.mail_address
    account, _at, domain = settings.bounce_address.rpartition("@")
    return f"{account}+{mail_id}-{_hash(settings, RETURN_PATH, mail_id)}@{domain}"


def message_id(mail_id: int, settings: Settings) -> str:
    """The Message-ID of one mail, in angle brackets; the same each time the mail is sent."""
    return f"<{mail_id}.{_hash(settings, MESSAGE_ID, mail_id)}@{settings.mail_domain}>"


def mail_id_of(text: str, settings: Settings) -> int | None:
    """The id of the mail whose envelope sender or Message-ID this is; None if it is not ours."""
    lowered = text.lower()
    for purpose, pattern in ((RETURN_PATH, IN_RETURN_PATH), (MESSAGE_ID, IN_MESSAGE_ID)):
        for number, given in pattern.findall(lowered):
            if hmac.compare_digest(given, _hash(settings, purpose, int(number))):
                return int(number)
    return None


def is_tagged(address: str) -> bool:
    """Whether an address looks like an envelope sender of ours, forged or not."""
    return IN_RETURN_PATH.search(address.lower()) is not None


def _hash(settings: Settings, purpose: bytes, mail_id: int) -> str:
    signed = hmac.digest(_key(settings.secret_key, purpose), str(mail_id).encode(), "sha256")
    return signed.hex()[:HASH_SIGNS]


@lru_cache(maxsize=8)
def _key(secret_key: str, purpose: bytes) -> bytes:
    """A key for one purpose, so that what is signed for another proves nothing here."""
    return hmac.digest(secret_key.encode(), b"soundings mail " + purpose, sha256)
