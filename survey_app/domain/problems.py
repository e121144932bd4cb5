"""Expected trouble as a value (`Problem`), surprise as one tree of exceptions."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, its code for machines, and a sentence with the remedy.

    `place` is for people ("row 7, column email"); `code` is a lower_snake_case word that stays
    the same when the sentence is reworded. A sentence that customers may meet keeps its `template`
    and the `values` that fill it, so that the edge can say it in their language.
    """

    place: str
    code: str
    message: str
    template: str = field(default="", compare=False, repr=False)
    values: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def told(cls, place: str, code: str, template: str, /, **values: object) -> Problem:
        """Return the problem whose message is `template` with its {names} filled from `values`.

        Templates are collected for translation wherever this is called with a literal. A value
        that is a tuple is a list of words which are translated too; numbers and dates are written
        as the language does.
        """
        plain = {
            name: ", ".join(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }
        return cls(place, code, template.format(**plain), template, values)

    def within(self, place: str) -> Problem:
        """Return the same problem seen from further out: its place gets `place` put before it."""
        joined = ", ".join(part for part in (place, self.place) if part)
        return replace(self, place=joined)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


# Somebody else's change came between opening a form and sending it.
CHANGED_MEANWHILE = Problem(
    "",
    "changed_meanwhile",
    "Somebody else has changed this since you opened the page. What you typed is below; open the "
    "page anew in another tab to see theirs. Saving again puts yours in its place.",
)


class SoundingsError(Exception):
    """Root of all exceptions of the product: a sentence for people and an HTTP status."""

    default_status = 500

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = self.default_status if status is None else status


class NotFound(SoundingsError):
    """What was asked for does not exist, or may not even be known to exist."""

    default_status = 404


class Forbidden(SoundingsError):
    """It exists, but not for this person."""

    default_status = 403


class Gone(SoundingsError):
    """It did exist; it is over (an expired or revoked invitation)."""

    default_status = 410


class Conflict(SoundingsError):
    """Somebody else's change came first."""

    default_status = 409


class Refused(SoundingsError):
    """What was sent cannot be taken, for a machine to read: the problems say why."""

    default_status = 422

    def __init__(self, problems: Sequence[Problem], status: int | None = None) -> None:
        counted = f"{len(problems)} things need mending; nothing was stored."
        super().__init__(str(problems[0]) if len(problems) == 1 else counted, status)
        self.problems = tuple(problems)


def quoted(text: str) -> str:
    """Return foreign text in quotation marks, fit for a message.

    Long text is shortened; characters that do not print (controls, lone surrogates, direction
    marks) are replaced, so that a message can always be shown, logged and encoded.
    """
    short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return (
        '"'
        + "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in short)
        + '"'
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the known word nearest to `word`, or '' if none is near."""
    near = nearest(word, known)
    return f" Did you mean {quoted(near)}?" if near else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest to `word`, or '' if none is near.

    Upper and lower case, spaces and hyphens do not count as differences.
    """
    by_bare_form = {_bare(name): name for name in known}
    near = difflib.get_close_matches(_bare(word[:100]), by_bare_form, n=1, cutoff=0.6)
    return by_bare_form[near[0]] if near else ""


def _bare(word: str) -> str:
    return "".join(sign for sign in word.casefold() if sign not in " -_")
