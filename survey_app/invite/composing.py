"""The words of a mail: templates with placeholders, checked when written, filled when sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from html import escape

from email_validator import validate_email

from survey_app.config import Settings
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.invite.contact_fields import ENCODED, UNFIT

PLACEHOLDERS = ("name", "link")
# One space before {name} belongs to it: "Dear {name}," becomes "Dear," where no name is known.
PLACEHOLDER = re.compile(r"( ?)\{([^{}\n]*)\}")
LONGEST_SUBJECT = 200
LONGEST_MESSAGE = 20_000

HTML_PAGE = """\
<!doctype html>
<html><head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1d2326;background:#fff">
<div style="max-width:36em">
{paragraphs}
</div></body></html>
"""


@dataclass(frozen=True)
class Letter:
    """All that the mail to one person says."""

    to_name: str
    to_address: str
    subject: str
    message: str
    link: str


def check_words(subject: str, message: str) -> list[Problem]:
    """What keeps a subject and a message template from being sent."""
    problems = []
    if not subject:
        problems.append(Problem("subject", "empty", "Give the mail a subject."))
    if UNFIT.search(subject):
        problems.append(Problem("subject", "control", "Write the subject in one line."))
    if ENCODED in subject:
        text = (
            f"The subject has {quoted(ENCODED)}, which mail programs take for the beginning of an "
            "encoded text. Write the text itself."
        )
        problems.append(Problem("subject", "encoded", text))
    if len(subject) > LONGEST_SUBJECT:
        text = f"The subject has {len(subject)} characters; shorten it to {LONGEST_SUBJECT}."
        problems.append(Problem("subject", "too_long", text))
    if any("{" + name + "}" in subject for name in PLACEHOLDERS):
        text = "The subject is the same for everybody. Move the placeholder into the message."
        problems.append(Problem("subject", "placeholder", text))
    if len(message) > LONGEST_MESSAGE:
        text = f"The message has {len(message)} characters; shorten it to {LONGEST_MESSAGE}."
        problems.append(Problem("message", "too_long", text))
    used = [found.group(2) for found in PLACEHOLDER.finditer(message)]
    if "link" not in used:
        text = "The message has no {link}. Write {link} where the personal link is to stand."
        problems.append(Problem("message", "no_link", text))
    problems += [
        Problem(
            "message",
            "unknown_placeholder",
            f"There is no placeholder {quoted('{' + name + '}')}.{did_you_mean(name, PLACEHOLDERS)}"
            " Write {name} or {link}, or leave the braces out.",
        )
        for name in dict.fromkeys(used)
        if name not in PLACEHOLDERS
    ]
    return problems


def text_of(letter: Letter) -> str:
    """The message as plain text."""
    return _fill(letter, letter.message, str, letter.link)


def html_of(letter: Letter) -> str:
    """The message as HTML: the same words, escaped, with the link to click on."""
    link = escape(letter.link)
    anchor = f'<a href="{link}" style="color:#0b5d66">{link}</a>'
    filled = _fill(letter, escape(letter.message, quote=False), escape, anchor)
    paragraphs = [
        f"<p>{paragraph}</p>".replace("\n", "<br>\n")
        for paragraph in re.split(r"\n{2,}", filled.strip("\n"))
    ]
    return HTML_PAGE.format(title=escape(letter.subject), paragraphs="\n".join(paragraphs))


def compose(letter: Letter, settings: Settings, now: datetime) -> EmailMessage:
    """The mail, ready to be sent; raises ValueError for what no header line can hold."""
    _check_header_lines(letter, settings)
    sender_name, sender = parseaddr(settings.mail_from)
    mail = EmailMessage()
    mail["From"] = Address(sender_name or settings.organisation, addr_spec=sender)
    mail["To"] = Address(letter.to_name, addr_spec=mail_address(letter.to_address))
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail.set_content(text_of(letter), cte="quoted-printable")
    mail.add_alternative(html_of(letter), subtype="html", cte="quoted-printable")
    return mail


def _check_header_lines(letter: Letter, settings: Settings) -> None:
    texts = {
        "the contact's name": letter.to_name,
        "the contact's address": letter.to_address,
        "the campaign's subject": letter.subject,
        "SOUNDINGS_ORGANISATION": settings.organisation,
        "SOUNDINGS_MAIL_FROM": settings.mail_from,
    }
    for place, text in texts.items():
        # The e-mail library decodes such words, line breaks and all, after its own check.
        if ENCODED in text or UNFIT.search(text):
            raise ValueError(f"no header line can hold {quoted(text)}. Change {place}.")


def mail_address(address: str) -> str:
    """The address as every mail server takes it: a domain with other letters in its ASCII form."""
    if address.isascii():
        return address
    found = validate_email(address, check_deliverability=False, test_environment=True)
    if found.ascii_email is None:
        raise ValueError(f"{address} cannot be written in ASCII.")
    return found.ascii_email


def _fill(letter: Letter, template: str, write: Callable[[str], str], link: str) -> str:
    # In one pass, so that a name like "{link}" stays a name.
    def value(found: re.Match[str]) -> str:
        space, placeholder = found.groups()
        if placeholder == "link":
            return f"{space}{link}"
        return f"{space}{write(letter.to_name)}" if letter.to_name else ""

    return PLACEHOLDER.sub(value, template)
