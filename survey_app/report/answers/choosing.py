"""What somebody wants to take away, and whether they may."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.design.models import Questionnaire
from survey_app.domain.problems import Forbidden, NotFound, Problem
from survey_app.facts.reading import DefinitionLoader
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.sight import Sight
from survey_app.report.answers.columns import Asked

SHAPES = ("wide", "long")
FORMATS = ("csv", "parquet", "sav")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """One download.

    `versions` are numbers, () is all; `first` and `last` are months 'YYYY-MM', both included, ''
    is no end. `package` puts codebook and description beside the table, in one zip file. `named`
    is with customer, moment and names; `texts` with the words that people typed.
    """

    key: str
    versions: tuple[int, ...] = ()
    first: str = ""
    last: str = ""
    complete: bool = False
    shape: str = SHAPES[0]
    format: str = FORMATS[0]
    package: bool = False
    named: bool = False
    texts: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether it holds what may tell who somebody is, so that it is put on record."""
        return self.named or self.texts

    @property
    def filename(self) -> str:
        """What the file is called."""
        parts = ["answers", self.key]
        if len(self.versions) == 1:
            parts.append(f"v{self.versions[0]}")
        if self.first or self.last:
            parts.append(f"{self.first or 'first'}_to_{self.last or 'last'}")
        parts += ["complete"] * self.complete + ["named"] * self.named + ["texts"] * self.texts
        ending = "zip" if self.package else self.format
        return f"{'_'.join([*parts, self.shape])}.{ending}"

    def problems(self) -> list[Problem]:
        """What cannot be asked for."""
        problems = [
            Problem(name, "month", f"{given!r} is no month. Write it like 2026-07.")
            for name, given in (("first", self.first), ("last", self.last))
            if given and not MONTH.fullmatch(given)
        ]
        if not problems and self.first and self.last and self.first > self.last:
            message = f"{self.first} is after {self.last}. Choose months the other way round."
            problems.append(Problem("first", "reversed", message))
        for name, given, known in (
            ("shape", self.shape, SHAPES),
            ("format", self.format, FORMATS),
        ):
            if given not in known:
                message = f"There is no {name} {given!r}. Choose one of: {', '.join(known)}."
                problems.append(Problem(name, "unknown", message))
        return problems

    def has_month(self, month: str) -> bool:
        """Whether a month is chosen."""
        return (not self.first or self.first <= month) and (not self.last or month <= self.last)


@dataclass(frozen=True)
class Names:
    """The keys of units and the keys and names of representatives, by id."""

    units: dict[int, str]
    representatives: dict[int, tuple[str, str]]


def require_rights(choice: Choice, user: User) -> None:
    """Raise Forbidden where only managers may have what is asked for."""
    if choice.is_personal and not user.manages:
        raise Forbidden(
            "Answers with names, or with the words that people typed, are for managers. Leave both "
            "out, or ask a manager for the file."
        )


def questionnaire_by_key(key: str) -> Questionnaire:
    """The questionnaire, which has a published version; raises NotFound."""
    found = db.session.scalar(select(Questionnaire).where(Questionnaire.key == key))
    if found is None or not found.versions:
        raise NotFound(f"There is no published questionnaire with the key {key!r}.")
    return found


def versions_of(key: str, wanted: Sequence[int] = ()) -> list[Asked]:
    """The chosen versions of a questionnaire, or all; raises NotFound for one that is not there."""
    numbers = [version.number for version in questionnaire_by_key(key).versions]
    if unknown := sorted(set(wanted).difference(numbers)):
        raise NotFound(f"There is no version {unknown[0]} of {key!r}.")
    definitions = DefinitionLoader()
    return [
        Asked(number, *definitions.load(key, number))
        for number in numbers
        if not wanted or number in wanted
    ]


def all_names() -> Names:
    """Keys and names as they are now."""
    return Names(
        dict(db.session.execute(select(Unit.id, Unit.key)).tuples().all()),
        {
            id_: (key, name)
            for id_, key, name in db.session.execute(
                select(Representative.id, Representative.key, Representative.name)
            )
        },
    )


@dataclass(frozen=True)
class Rules:
    """Everything that decides what a download holds, besides the answers: same rules, same bytes.

    `within` are the units that may be seen; `secret` draws the numbers that stand for responses.
    """

    choice: Choice
    versions: tuple[Asked, ...]
    within: Sight
    names: Names
    secret: bytes
