"""Reading what came back: reports of failed delivery (RFC 3464, and older ones), and complaints
(RFC 5965). Warnings of a delay, automatic replies and anything else are nobody's report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

from survey_app.config import Settings
from survey_app.invite.bounces.origins import origin_of, text_of
from survey_app.invite.bounces.statuses import HARD, SOFT, kind_of, read_status

COMPLAINT = "complaint"
# Kinds of feedback by which somebody says that the mail was not wanted; others are about
# signatures, viruses, or say that it was no spam.
UNWANTED = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
FROM_SERVERS = frozenset({"mailer-daemon", "postmaster", "mailerdaemon", "mail-daemon"})
LONGEST_DETAIL = 500


@dataclass(frozen=True)
class Report:
    """One report: 'hard', 'soft' or 'complaint'; the id of our mail that it proves to be about.

    Without a proof (`mail_id` is None) the failing `addresses`, in lower case, are all that is
    known. `detail` is what the server said, for people.
    """

    kind: str
    mail_id: int | None
    addresses: tuple[str, ...]
    detail: str


def read_report(message: bytes, settings: Settings) -> Report | None:
    """The report that a mail is; None where it is none, or is about a mail that is not ours."""
    parsed = message_from_bytes(message)
    found = _complaint(parsed) or _failure(parsed) or _failure_in_words(parsed)
    if found is None:
        return None
    kind, addresses, detail = found
    mail_id, foreign = origin_of(parsed, settings)
    if foreign:
        return None
    return Report(kind, mail_id, addresses, _clean(detail))


Found = tuple[str, tuple[str, ...], str]


def _complaint(message: Message) -> Found | None:
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report" and part.is_multipart():
            fields = part.get_payload(0)
            assert isinstance(fields, Message)
            kind = str(fields.get("Feedback-Type", "")).strip().lower()
            if kind in UNWANTED:
                address = parseaddr(str(fields.get("Original-Rcpt-To", "")))[1].lower()
                return COMPLAINT, (address,) if address else (), f"Complaint: {kind}"
    return None


def _failure(message: Message) -> Found | None:
    """What a report in the form of RFC 3464 says of the recipients to whom nothing was delivered.

    A mail has one recipient; where an alias has made several of it, one that is only full is
    enough for a soft one.
    """
    kinds, details = [], []
    for fields in _failed_recipients(message):
        more = " ".join(str(fields.get("Diagnostic-Code", "")).split())
        status = read_status(str(fields.get("Status", "")), more)
        kinds.append(kind_of(status, more))
        details.append(f"{status} {more}".strip())
    if not kinds:
        return None
    kind = HARD if all(one == HARD for one in kinds) else SOFT
    return kind, _failed_addresses(message), details[kinds.index(kind)]


def _failed_recipients(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for fields in part.get_payload():
                action = str(fields.get("Action", "")).strip().lower()  # type: ignore[union-attr]
                if action.startswith(("fail", "error")):
                    yield fields  # type: ignore[misc]


def _failure_in_words(message: Message) -> Found | None:
    """What a report that is written for people only says, if a server has written it."""
    if not _is_from_a_server(message) or _has_delivery_status(message):
        return None
    addresses = _failed_addresses(message)
    if not addresses:
        return None
    words = next((text_of(part) for part in message.walk() if _is_text(part)), "")
    status = read_status("", words)
    return kind_of(status, words), addresses, _line_with(status, words)


def _is_from_a_server(message: Message) -> bool:
    if "X-Failed-Recipients" in message:
        return True
    account = parseaddr(str(message.get("From", "")))[1].partition("@")[0].lower()
    if account in FROM_SERVERS:
        return True
    answered = str(message.get("Auto-Submitted", "no")).strip().lower()
    return str(message.get("Return-Path", "")).strip() == "<>" and answered == "no"


def _has_delivery_status(message: Message) -> bool:
    return any(part.get_content_type() == "message/delivery-status" for part in message.walk())


def _failed_addresses(message: Message) -> tuple[str, ...]:
    # The library stumbles over a sender that is missing, or not written in ASCII.
    sender = str(message.get("From", "")).encode("ascii", "replace").decode() or "<>"
    del message["From"]
    message["From"] = sender
    # Loaded in the worker, where bounces are read, and not in each web process.
    from flufl.bounce import all_failures

    _delayed, failed = all_failures(message)
    return tuple(sorted(address.decode("ascii", "replace").lower() for address in failed))


def _is_text(part: Message) -> bool:
    return part.get_content_type() == "text/plain"


def _line_with(status: str, words: str) -> str:
    """The line in which a server said why."""
    if not status:
        return ""
    unspecific = status.endswith(".0.0")
    signs = (re.escape(status), rf"{status[0]}\d\d") if unspecific else (re.escape(status),)
    lines = [line.strip() for line in words.splitlines()]
    for sign in signs:
        for line in lines:
            if re.search(rf"(?<![\d.]){sign}(?!\.?\d)", line):
                return line
    return status


def _clean(text: str) -> str:
    """Fit for a table and for a page: no NUL, no half characters, no line breaks."""
    words = " ".join(text.split())
    shown = (sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in words)
    return "".join(shown)[:LONGEST_DETAIL]
