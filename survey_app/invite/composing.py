"""The words of a mail: templates with placeholders, checked when written, filled when sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

from flask_babel import force_locale, gettext

from survey_app.design.languages import locale_of
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.invite.contact_fields import ENCODED, UNFIT

PLACEHOLDERS = ("name", "link")
# One space before {name} belongs to it: "Dear {name}," becomes "Dear," where no name is known.
PLACEHOLDER = re.compile(r"( ?)\{([^{}\n]*)\}")
LONGEST_SUBJECT = 200
LONGEST_MESSAGE = 20_000

HTML_HEAD = """\
<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1d2326;background:#fff">
<div style="max-width:36em">
"""
HTML_END = "</div></body></html>\n"
LINK_STYLE = "color:#0b5d66"
SMALL = "font-size:13px;color:#5a6469;border-top:1px solid #d5dadd;padding-top:12px"
CHOICE_STYLE = (
    "display:inline-block;min-width:28px;padding:10px 12px;margin:0 4px 6px 0;border:1px solid "
    "#0b5d66;border-radius:4px;text-align:center;text-decoration:none;color:#0b5d66"
)


@dataclass(frozen=True)
class Choice:
    """An answer to the first question, as a link in the mail that only preselects it."""

    label: str
    link: str


@dataclass(frozen=True)
class Letter:
    """All that the mail to one person says.

    `question` and `choices` are the first question with a link for each answer, or empty. `mail_id`
    is the mail's row in the outbox, 0 for one that is only shown or tried out.
    """

    to_name: str
    to_address: str
    subject: str
    message: str
    link: str
    unsubscribe: str = ""
    language: str = "en"
    question: str = ""
    choices: Sequence[Choice] = field(default=())
    mail_id: int = 0


def check_words(subject: str, message: str, place: str = "") -> list[Problem]:
    """What keeps a subject and a message template from being sent; `place` goes before theirs."""
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
    return [Problem(f"{place} {one.place}".strip(), one.code, one.message) for one in problems]


def text_of(letter: Letter) -> str:
    """The message as plain text."""
    text = _fill(_parts(letter.message), letter.to_name, letter.link)
    if letter.choices:
        lines = "\n".join(f"{choice.label}: {choice.link}" for choice in letter.choices)
        text = f"{text.rstrip()}\n\n{letter.question}\n{lines}\n"
    if letter.unsubscribe:
        text = f"{text.rstrip()}\n\n-- \n{_farewell(letter.language)}\n{letter.unsubscribe}\n"
    return text


def html_of(letter: Letter) -> str:
    """The message as HTML: the same words, escaped, with the links to click on."""
    link = escape(letter.link)
    anchor = f'<a href="{link}" style="{LINK_STYLE}">{link}</a>'
    page = _head(letter.subject, letter.language)
    page += _fill(_html_parts(letter.message), escape(letter.to_name), anchor)
    if letter.choices:
        buttons = "\n".join(
            f'<a href="{escape(choice.link)}" style="{CHOICE_STYLE}">{escape(choice.label)}</a>'
            for choice in letter.choices
        )
        page += f"<p><strong>{escape(letter.question)}</strong></p>\n<p>{buttons}</p>\n"
    if letter.unsubscribe:
        address = escape(letter.unsubscribe)
        farewell = escape(_farewell(letter.language), quote=False)
        page += (
            f'<p style="{SMALL}">{farewell} '
            f'<a href="{address}" style="color:#5a6469">{address}</a></p>\n'
        )
    return page + HTML_END


# A part of a template: its text, or ("name" or "link", the space before it).
Part = str | tuple[str, str]


@lru_cache(maxsize=64)
def _parts(message: str) -> tuple[Part, ...]:
    """A template taken apart, once for all its mails."""
    parts: list[Part] = []
    end = 0
    for found in PLACEHOLDER.finditer(message):
        space, name = found.groups()
        if name in PLACEHOLDERS:
            parts += [message[end : found.start()], (name, space)]
            end = found.end()
    return (*parts, message[end:])


@lru_cache(maxsize=64)
def _html_parts(message: str) -> tuple[Part, ...]:
    escaped = escape(message, quote=False)
    paragraphs = [
        f"<p>{paragraph}</p>\n".replace("\n", "<br>\n", paragraph.count("\n"))
        for paragraph in re.split(r"\n{2,}", escaped.strip("\n"))
    ]
    return _parts("".join(paragraphs))


@lru_cache(maxsize=64)
def _head(subject: str, language: str) -> str:
    return HTML_HEAD.format(title=escape(subject), language=escape(language))


@lru_cache(maxsize=16)
def _farewell(language: str) -> str:
    spoken = language.split("-")[0].lower()
    # Without a translation the words are in English, as everywhere.
    with force_locale(spoken if locale_of(spoken) else "en"):
        return gettext("If you do not want to be asked again, open this:")


def _fill(parts: Sequence[Part], name: str, link: str) -> str:
    # In one pass, so that a name like "{link}" stays a name.
    def fill(part: Part) -> str:
        if isinstance(part, str):
            return part
        what, space = part
        value = link if what == "link" else name
        return f"{space}{value}" if value else ""

    return "".join(map(fill, parts))
