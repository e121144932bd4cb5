"""Bounces in a mailbox on an IMAP server (RFC 3501), always over an encrypted connection."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from survey_app.invite.bounces.boxes import LARGEST, BoxTrouble

SECONDS_TO_ANSWER = 15.0


class ImapBox:
    """A mailbox named by imaps://user:password@host:993/INBOX, or by imap:// with STARTTLS."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.encrypted = parts.scheme == "imaps"
        self.host = parts.hostname or ""
        self.port = parts.port or (993 if self.encrypted else 143)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.mailbox = unquote(parts.path.strip("/")) or "INBOX"
        self.server: imaplib.IMAP4 | None = None

    def __str__(self) -> str:
        """The mailbox for people: everything but the password."""
        return f"{self.mailbox} of {self.user} at {self.host}:{self.port}"

    def unread(self, most: int | None = None) -> list[str]:
        """The numbers (UIDs) of the oldest `most` unread messages, or of all."""
        server = self.server or self._sign_in()
        [found] = self._ask(lambda: server.uid("SEARCH", "UNSEEN"))
        numbers = (found or b"").decode("ascii", "replace").split()
        return sorted(numbers, key=int)[:most]

    def fetch(self, keys: list[str]) -> Iterator[tuple[str, bytes]]:
        """The messages with these numbers; one that was deleted meanwhile is left out."""
        server = self.server
        assert server is not None, "unread() comes first"
        for key in keys:
            wanted = f"(BODY.PEEK[]<0.{LARGEST}>)"
            answers = self._ask(lambda key=key, wanted=wanted: server.uid("FETCH", key, wanted))
            content = next((part[1] for part in answers if isinstance(part, tuple)), None)
            if content is not None:
                yield key, content

    def mark(self, key: str, broken: bool) -> None:
        """Set the flag Seen, and Flagged if the message could not be read."""
        server = self.server
        assert server is not None, "unread() comes first"
        flags = r"(\Seen \Flagged)" if broken else r"(\Seen)"
        self._ask(lambda: server.uid("STORE", key, "+FLAGS.SILENT", flags))

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        server, self.server = self.server, None
        if server is not None:
            try:
                server.logout()
            except (imaplib.IMAP4.error, OSError):
                # The connection is gone already, which is all that was wanted.
                _hang_up(server)

    def _sign_in(self) -> imaplib.IMAP4:
        server = self._connect()
        try:
            # imaplib puts the user and the mailbox into its lines as they are.
            server.login(_quoted(self.user), self.password)
        except imaplib.IMAP4.error as error:
            _hang_up(server)
            raise BoxTrouble(
                f"The IMAP server {self.host}:{self.port} does not accept the sign-in of "
                f"{self.user} ({_reason(error)}). Check SOUNDINGS_BOUNCE_IMAP."
            ) from error
        except OSError as error:
            _hang_up(server)
            raise self._lost(error) from error
        self.server = server
        self._ask(lambda: server.select(_quoted(self.mailbox)))
        return server

    def _connect(self) -> imaplib.IMAP4:
        secure = ssl.create_default_context()
        try:
            if self.encrypted:
                return imaplib.IMAP4_SSL(
                    self.host, self.port, ssl_context=secure, timeout=SECONDS_TO_ANSWER
                )
            server = imaplib.IMAP4(self.host, self.port, timeout=SECONDS_TO_ANSWER)
        except (imaplib.IMAP4.error, OSError) as error:
            raise BoxTrouble(
                f"The IMAP server {self.host}:{self.port} cannot be reached ({_reason(error)}). "
                "Check SOUNDINGS_BOUNCE_IMAP: imaps:// for a port that begins encrypted, imap:// "
                "for STARTTLS."
            ) from error
        try:
            server.starttls(secure)
        except (imaplib.IMAP4.error, OSError) as error:
            _hang_up(server)
            raise BoxTrouble(
                f"The IMAP server {self.host}:{self.port} gives no encrypted connection "
                f"({_reason(error)}). The password is not sent without one: use imaps://."
            ) from error
        return server

    def _ask(self, command: Any) -> list[Any]:
        """The lines of an answer; raises BoxTrouble for any answer but OK."""
        try:
            verdict, lines = command()
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._lost(error) from error
        if verdict != "OK":
            told = b" ".join(line for line in lines if isinstance(line, bytes))
            raise BoxTrouble(
                f"The IMAP server {self.host}:{self.port} answered for {self.mailbox}: {verdict} "
                f"{told.decode('utf-8', 'replace')}. Check the mailbox in SOUNDINGS_BOUNCE_IMAP."
            )
        return list(lines)

    def _lost(self, error: Exception) -> BoxTrouble:
        return BoxTrouble(
            f"The connection to the IMAP server {self.host}:{self.port} was lost "
            f"({_reason(error)}). It is tried again by itself."
        )


def _hang_up(server: imaplib.IMAP4) -> None:
    # Where encryption failed, imaplib's own socket is gone already.
    with contextlib.suppress(OSError):
        server.shutdown()


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS_TO_ANSWER:.0f} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.rstrip(". ")
    told = error.args[0] if error.args else ""
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    return " ".join(text.split())[:200].rstrip(". ") or type(error).__name__
