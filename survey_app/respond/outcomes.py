"""What a page sends, and what can come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey_app.domain.answers import Document
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Answer, Posted
from survey_app.respond.uploading import Upload

# Fields with which a page speaks of itself; no id of a question begins like this.
PAGE, REVISION, LANGUAGE, ACTION, TAKE = "_page", "_revision", "_language", "_go", "_take."
NEXT, BACK, SAVE, SEND, CHANGE, KEEP = "next", "back", "save", "send", "change", "keep"
ACTIONS = (NEXT, BACK, SAVE, SEND, CHANGE, KEEP)
SPEAK = "speak:"
# Before an item's id in the address of a page: what is shown as chosen.
CHOSEN = "a."
# The page behind the last one, with nothing but the button to send.
END = "_end"
MOST_REVISIONS = 9


@dataclass(frozen=True)
class Sent:
    """What a page sent: which page, as of which revision, what is wished, and the answers."""

    page: str
    revision: int
    language: str
    action: str
    taken: Mapping[str, str]
    answers: Posted
    uploads: Mapping[str, Upload]


@dataclass(frozen=True)
class Shown:
    """A page to show again: with what was typed, what is wrong, or in another language.

    `revision` is the one it was made as of: a page that is behind stays behind.
    """

    page: str
    language: str
    revision: int
    typed: Posted
    known: Document
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Clash:
    """Answers of which others were saved elsewhere meanwhile: item id to (typed, saved)."""

    page: str
    language: str
    sent: Sent
    differing: Mapping[str, tuple[Answer, Answer]]


@dataclass(frozen=True)
class Moved:
    """What was sent is kept; `page` is shown next, '' for the one where one would go on.

    `note` names what the page says at its top.
    """

    page: str
    language: str
    anchor: str = ""
    note: str = ""


@dataclass(frozen=True)
class Saved:
    """What was sent is kept, to be gone on with another time."""

    language: str


@dataclass(frozen=True)
class Stored:
    """The response is stored."""

    language: str
    answers: Document


@dataclass(frozen=True)
class Received:
    """There is a response already, and it stays as it is; `came_late` says that a change of it was
    sent when it could not be changed any more, or after the change was given up elsewhere."""

    language: str
    came_late: bool = False


@dataclass(frozen=True)
class Enough:
    """No more answers of people like this one are wanted; nothing was kept."""

    language: str


Outcome = Shown | Clash | Moved | Saved | Stored | Received | Enough


def read_sent(fields: Mapping[str, Sequence[str]], uploads: Mapping[str, Upload]) -> Sent:
    """Part what a page says of itself from the answers on it."""
    own = {name: values for name, values in fields.items() if name.startswith("_")}
    revision, action = _first(own, REVISION), _first(own, ACTION)
    return Sent(
        page=_first(own, PAGE),
        revision=int(revision) if revision.isdecimal() and len(revision) <= MOST_REVISIONS else 0,
        language=_first(own, LANGUAGE),
        action=action if action in ACTIONS or action.startswith(SPEAK) else SEND,
        taken={
            name.removeprefix(TAKE): values[0]
            for name, values in own.items()
            if name.startswith(TAKE) and values
        },
        answers={name: values for name, values in fields.items() if not name.startswith("_")},
        uploads=uploads,
    )


def read_chosen(query: Mapping[str, str]) -> dict[str, str]:
    """What a link in a mail says of its question: item id to value, of parameters `a.<item id>`."""
    return {
        name.removeprefix(CHOSEN): value for name, value in query.items() if name.startswith(CHOSEN)
    }


def _first(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name, ())
    return values[0] if values else ""
