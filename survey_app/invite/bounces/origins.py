"""Which of our mails a report is about, and whether the report proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser

from survey_app.config import Settings
from survey_app.invite.return_paths import is_tagged, mail_id_of

# Where a server writes down whom a report was sent to: the envelope sender of the mail.
RECIPIENTS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
# What is known of the mail in its own header, or in what a complaint says of it.
TRACES = ("Message-ID", "Return-Path", "Original-Mail-From")
# The same in a copy of the mail that stands in a text.
TRACE_LINES = re.compile(
    rf"^[ \t>]*({'|'.join(TRACES)}):[ \t]*(?:\r?\n[ \t>]+)?(\S+)", re.IGNORECASE | re.MULTILINE
)
LONGEST_TEXT = 200_000


def origin_of(message: Message, settings: Settings) -> tuple[int | None, bool]:
    """The id of our mail that the report proves to be about; else None and whether it is foreign.

    Foreign is a report that names a mail that is not ours, or an envelope sender that we never
    had. One that names none at all may be about anything.
    """
    foreign = False
    for name in RECIPIENTS:
        for value in message.get_all(name, []):
            found = mail_id_of(str(value), settings)
            if found is not None:
                return found, False
            foreign = foreign or is_tagged(str(value))
    for trace in _traces(message):
        found = mail_id_of(trace, settings)
        if found is not None:
            return found, False
        foreign = True
    return None, foreign


def text_of(part: Message) -> str:
    """The words of a text part, whatever its encoding claims to be."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content[:LONGEST_TEXT].decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return content[:LONGEST_TEXT].decode("latin-1")


def _traces(message: Message) -> Iterator[str]:
    """What the report repeats of the mail that came back."""
    for part in message.walk():
        if part is not message:
            yield from _header_traces(part)
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            yield from _header_traces(HeaderParser().parsestr(text_of(part)))
        elif kind == "text/plain":
            yield from (found[2] for found in TRACE_LINES.finditer(text_of(part)))


def _header_traces(header: Message) -> Iterator[str]:
    for name in TRACES:
        for value in header.get_all(name, []):
            # A report of a report came from nobody.
            if str(value).strip() not in ("", "<>"):
                yield str(value)
