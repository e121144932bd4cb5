"""Reading the local outbox: the mails kept while no SMTP server is configured."""

from __future__ import annotations

import mailbox
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default as MODERN
from pathlib import Path

from survey_app.domain.problems import NotFound

MAILS_A_PAGE = 50


@dataclass(frozen=True)
class KeptMail:
    """A mail of the outbox; `text` is empty in a list."""

    key: str
    to: str
    subject: str
    date: datetime | None
    text: str = ""


def list_mails(folder: Path, page: int) -> tuple[list[KeptMail], int]:
    """The mails of one page (the first is 1), newest first, and the number of all."""
    if not folder.is_dir():
        return [], 0
    box = mailbox.Maildir(folder, create=False)
    keys = sorted(box.keys(), key=_kept_at, reverse=True)
    shown = keys[(page - 1) * MAILS_A_PAGE : page * MAILS_A_PAGE]
    parser = BytesHeaderParser(policy=MODERN)
    return [_kept(key, parser.parsebytes(box.get_bytes(key))) for key in shown], len(keys)


def read_mail(folder: Path, key: str) -> KeptMail:
    """One mail with its plain text; raises NotFound."""
    box = mailbox.Maildir(folder, create=False) if folder.is_dir() else None
    if box is None or key not in box:
        raise NotFound("There is no such mail in the outbox. Choose one from the list.")
    mail = message_from_bytes(box.get_bytes(key), policy=MODERN)
    body = mail.get_body(("plain",))
    return _kept(key, mail, body.get_content() if body is not None else "")


def _kept_at(key: str) -> tuple[float, str]:
    # A Maildir's file name begins with the seconds since 1970; equal ones keep their file order.
    seconds = key.partition(".")[0]
    return (float(seconds) if seconds.isdecimal() else 0.0, key)


def _kept(key: str, mail: EmailMessage, text: str = "") -> KeptMail:
    date = mail["Date"]
    return KeptMail(
        key=key,
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        date=date.datetime if date is not None else None,
        text=text,
    )
