"""A mail as bytes, as a mail server takes it: headers, a plain part and an HTML part.

The e-mail library builds a message as a tree of objects, which takes longer than all the rest of a
sending; here the parts that differ from person to person are put together directly, and the library
encodes what is the same for all, once.
"""

from __future__ import annotations

import secrets
from binascii import b2a_qp
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, make_msgid, parseaddr
from functools import lru_cache

from email_validator import validate_email

from survey_app.config import Settings
from survey_app.domain.problems import quoted
from survey_app.invite.composing import Letter, html_of, text_of
from survey_app.invite.contact_fields import ENCODED, UNFIT
from survey_app.invite.delivering import WireMail
from survey_app.invite.return_paths import message_id, return_path
from survey_app.invite.signing import make_signer

# As long as a header line may be with its name and the address behind it.
LONGEST_PLAIN_NAME = 50


@dataclass(frozen=True)
class Writer:
    """What is the same for all mails of an installation, worked out once."""

    settings: Settings
    from_line: str
    sign: Callable[[bytes], bytes]

    def write(self, letter: Letter, now: datetime) -> WireMail:
        """The mail, ready to be sent; raises ValueError for what no header line can hold."""
        for place, text in (
            ("the contact's name", letter.to_name),
            ("the contact's address", letter.to_address),
            ("the campaign's subject", letter.subject),
        ):
            _check_header_text(place, text)
        recipient = mail_address(letter.to_address)
        headers = [
            self.from_line,
            f"To: {_mailbox(letter.to_name, recipient)}",
            _header_line("Subject", letter.subject),
            f"Date: {format_datetime(now)}",
            f"Message-ID: {self._message_id(letter)}",
            "MIME-Version: 1.0",
        ]
        if letter.unsubscribe:
            headers += [
                f"List-Unsubscribe: <{letter.unsubscribe}>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ]
        boundary = f"=_{secrets.token_hex(16)}"
        headers.append(f'Content-Type: multipart/alternative; boundary="{boundary}"')
        content = b"\r\n".join(
            [
                "\r\n".join(headers).encode("ascii"),
                b"",
                _part(boundary, "plain", text_of(letter)),
                _part(boundary, "html", html_of(letter)),
                f"--{boundary}--\r\n".encode(),
            ]
        )
        return WireMail(self.sender_of(letter), recipient, self.sign(content))

    def sender_of(self, letter: Letter) -> str:
        """Where the mail comes back to when it cannot be delivered."""
        return return_path(letter.mail_id, self.settings)

    def _message_id(self, letter: Letter) -> str:
        if letter.mail_id:
            return message_id(letter.mail_id, self.settings)
        # One that is tried out again is another mail.
        return make_msgid(domain=self.settings.mail_domain)


@lru_cache(maxsize=4)
def make_writer(settings: Settings) -> Writer:
    """What writes the mails of an installation; raises ValueError for settings that cannot."""
    name, address = parseaddr(settings.mail_from)
    name = name or settings.organisation
    _check_header_text("SOUNDINGS_ORGANISATION", settings.organisation)
    _check_header_text("SOUNDINGS_MAIL_FROM", settings.mail_from)
    return Writer(settings, f"From: {_mailbox(name, address)}", make_signer(settings))


def mail_address(address: str) -> str:
    """The address as every mail server takes it: a domain with other letters in its ASCII form."""
    if address.isascii():
        return address
    found = validate_email(address, check_deliverability=False, test_environment=True)
    if found.ascii_email is None:
        raise ValueError(f"{address} cannot be written in ASCII.")
    return found.ascii_email


def _check_header_text(place: str, text: str) -> None:
    # Mail programs decode such words, line breaks and all.
    if ENCODED in text or UNFIT.search(text):
        raise ValueError(f"no header line can hold {quoted(text)}. Change {place}.")


def _mailbox(name: str, address: str) -> str:
    if not name:
        return address
    if name.isascii() and len(name) <= LONGEST_PLAIN_NAME:
        return formataddr((name, address))
    coded = Header(name, "utf-8", header_name="From").encode(linesep="\r\n")
    # On a line of its own: a line has at most 998 characters, and better 78.
    return f"{coded}\r\n <{address}>"


@lru_cache(maxsize=64)
def _header_line(name: str, text: str) -> str:
    charset = "us-ascii" if text.isascii() else "utf-8"
    return f"{name}: " + Header(text, charset, header_name=name).encode(linesep="\r\n")


def _part(boundary: str, kind: str, text: str) -> bytes:
    lines = text.replace("\n", "\r\n").encode()
    return (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + b2a_qp(lines, istext=True)
