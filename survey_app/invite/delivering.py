"""Handing mails over: to an SMTP server, whose answers become sentences, or to the local outbox."""

from __future__ import annotations

import mailbox
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from survey_app.config import Settings
from survey_app.domain.problems import SoundingsError

SECONDS_TO_ANSWER = 30.0
# Answers of RFC 5321.
OK, WILL_FORWARD, GOING_AWAY = 250, 251, 421
# What the library gives for an answer that is none.
GARBLED = -1
# RFC 3463, X.1.1 to X.1.3, X.1.6 and X.1.10: the address leads to nobody.
NO_SUCH_MAILBOX = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")
# Many servers end a connection after some number of mails; leaving first is politer.
MAILS_A_CONNECTION = 100


class Refused(SoundingsError):
    """This mail will never be taken: the server answered 5xx; `no_such_mailbox` says it so."""

    no_such_mailbox = False


class Deferred(SoundingsError):
    """This mail was not taken now: the server answered 4xx, or the connection was lost."""


class Unreachable(SoundingsError):
    """No mail can be sent at the moment: no connection, no encryption, no sign-in, no sender."""


@dataclass(frozen=True)
class WireMail:
    """A mail ready for a server: its bounces go to `sender`, it goes to `recipient`."""

    sender: str
    recipient: str
    content: bytes


class Post(Protocol):
    """What takes mails: an SMTP server or the local outbox. All raise Refused, Deferred or
    Unreachable."""

    def begin(self, sender: str) -> None:
        """Say whose mail comes next, without waiting for an answer: there is time to write it."""

    def finish(self, mail: WireMail) -> None:
        """Take the mail that was begun."""

    def drop(self) -> None:
        """Take no mail after all."""

    def send(self, mail: WireMail) -> None:
        """Take a mail that is written already."""

    def close(self) -> None:
        """End the connection."""


def open_post(settings: Settings) -> Post:
    """Where mails go with these settings; a connection is made when the first one is sent."""
    return SmtpPost(settings) if settings.smtp_host else LocalOutbox(settings.outbox)


class LocalOutbox:
    """A Maildir, made when the first mail comes, for installations without an SMTP server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, sender: str) -> None:
        """Nobody has to be told."""

    def finish(self, mail: WireMail) -> None:
        """Keep the mail."""
        self.send(mail)

    def drop(self) -> None:
        """Nothing was begun."""

    def send(self, mail: WireMail) -> None:
        """Keep the mail; it is there whole or not at all."""
        try:
            mailbox.Maildir(self.folder, create=True).add(mail.content)
        except OSError as error:
            raise Unreachable(
                f"The outbox {self.folder} cannot be written ({_reason(error)}). "
                "Make room, or let this user write there."
            ) from error

    def close(self) -> None:
        """Nothing stays open."""


class SmtpPost:
    """The configured SMTP server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.place = f"{settings.smtp_host}:{settings.smtp_port}"
        self.server: smtplib.SMTP | None = None
        self.sent = 0

    def begin(self, sender: str) -> None:
        """Say whose mail comes next; the server's answer is waited for in `finish`."""
        if self.sent >= MAILS_A_CONNECTION:
            self.close()
        server = self.server or self._connect()
        try:
            with self._talking():
                server.ehlo_or_helo_if_needed()
                server.putcmd("mail", f"FROM:{smtplib.quoteaddr(sender)}")
        except UnicodeError as error:
            raise Unreachable(
                f"The mail server {self.place} takes senders without accents only, not {sender}. "
                "Check SOUNDINGS_MAIL_FROM."
            ) from error

    def finish(self, mail: WireMail) -> None:
        """Send the mail that was begun to its recipient."""
        server = self.server
        assert server is not None, "A mail is begun first."
        with self._talking():
            code, answer = server.getreply()
            if code != OK:
                self.close()
                raise Unreachable(
                    f"The mail server {self.place} does not take mails from {mail.sender} "
                    f"({_quote(code, answer)}). Check SOUNDINGS_MAIL_FROM."
                )
            code, answer = server.rcpt(mail.recipient)
            if code in (OK, WILL_FORWARD):
                code, answer = server.data(mail.content)
            if code in (OK, WILL_FORWARD):
                self.sent += 1
                return
            raise self._verdict(code, answer)

    def drop(self) -> None:
        """Take back what was begun."""
        if self.server is None:
            return
        try:
            self._reset(self.server.getreply()[0])
        except OSError:
            self._abandon()

    def send(self, mail: WireMail) -> None:
        """Send one mail to its recipient."""
        self.begin(mail.sender)
        self.finish(mail)

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        server, self.server, self.sent = self.server, None, 0
        if server is None:
            return
        try:
            server.quit()
        except OSError:
            # The connection is gone already, which is all that was wanted.
            server.close()

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Tell what the library meets in sentences."""
        try:
            yield
        except smtplib.SMTPHeloError as error:
            self.close()
            raise Unreachable(
                f"The mail server {self.place} does not want to talk to us "
                f"({_quote(error.smtp_code, error.smtp_error)})."
            ) from error
        except smtplib.SMTPResponseException as error:
            raise self._verdict(error.smtp_code, error.smtp_error) from error
        except OSError as error:  # smtplib's own exceptions are among these
            self.close()
            raise Deferred(
                f"The connection to the mail server {self.place} was lost ({_reason(error)})."
            ) from error
        except SoundingsError:
            raise
        except Exception:
            # Nobody knows what the server expects now.
            self._abandon()
            raise

    def _verdict(self, code: int, answer: bytes | str) -> SoundingsError:
        """What to do after this mail was not taken; the server is made ready for the next one."""
        self._reset(code)
        sentence = f"The mail server answered: {_quote(code, answer)}."
        if 500 <= code < 600:
            refused = Refused(sentence)
            refused.no_such_mailbox = bool(NO_SUCH_MAILBOX.search(sentence))
            return refused
        return Deferred(sentence)

    def _reset(self, code: int) -> None:
        server = self.server
        if server is None or code in (GARBLED, GOING_AWAY):
            self._abandon()
            return
        try:
            is_ready = server.rset()[0] == OK
        except OSError:
            is_ready = False
        if not is_ready:
            self._abandon()

    def _abandon(self) -> None:
        """End the connection without a word."""
        server, self.server, self.sent = self.server, None, 0
        if server is not None:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        try:
            if settings.smtp_security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    settings.smtp_host,
                    settings.smtp_port,
                    timeout=SECONDS_TO_ANSWER,
                    context=ssl.create_default_context(),
                )
            else:
                server = smtplib.SMTP(
                    settings.smtp_host, settings.smtp_port, timeout=SECONDS_TO_ANSWER
                )
        except OSError as error:
            raise Unreachable(
                f"The mail server {self.place} cannot be reached ({_reason(error)}). "
                "Check SOUNDINGS_SMTP_HOST, SOUNDINGS_SMTP_PORT and SOUNDINGS_SMTP_SECURITY."
            ) from error
        try:
            self._secure(server)
        except Unreachable:
            server.close()
            raise
        self.server = server
        return server

    def _secure(self, server: smtplib.SMTP) -> None:
        settings = self.settings
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
        except OSError as error:
            raise Unreachable(
                f"The mail server {self.place} gives no encrypted connection ({_reason(error)}). "
                "Set SOUNDINGS_SMTP_SECURITY to tls for a port that begins encrypted, or to none "
                "for a server on this machine."
            ) from error
        try:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
        except (OSError, UnicodeError) as error:
            raise Unreachable(
                f"The mail server {self.place} does not accept the sign-in ({_reason(error)}). "
                "Check SOUNDINGS_SMTP_USER and SOUNDINGS_SMTP_PASSWORD."
            ) from error


def _quote(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}".rstrip(". ")


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return "it takes letters without accents only"
    if isinstance(error, smtplib.SMTPResponseException):
        return _quote(error.smtp_code, error.smtp_error)
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS_TO_ANSWER:.0f} seconds"
    return (error.strerror or str(error)).rstrip(". ")
