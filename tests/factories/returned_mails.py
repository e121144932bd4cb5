"""Mails that come back, for tests: the files in tests/invite/bounces/mails, filled in.

They are written for these tests, after RFC 3464, RFC 3834 and RFC 5965 and after the forms that
the named servers use.
"""

from __future__ import annotations

from pathlib import Path

from survey_app.config import Settings
from survey_app.invite.return_paths import message_id, return_path

FOLDER = Path(__file__).parents[1] / "invite" / "bounces" / "mails"


def returned(
    name: str,
    mail_id: int,
    settings: Settings,
    address: str = "mia@example.org",
    sender: str | None = None,
    original: str | None = None,
) -> bytes:
    """The mail `name` about our mail `mail_id`; `sender` and `original` say otherwise what its
    envelope sender and its Message-ID were."""
    text = (FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    filled = {
        "@RETURN_PATH@": return_path(mail_id, settings) if sender is None else sender,
        "@MESSAGE_ID@": message_id(mail_id, settings) if original is None else original,
        "@ADDRESS@": address,
    }
    for placeholder, value in filled.items():
        text = text.replace(placeholder, value)
    return text.replace("\n", "\r\n").encode()
