"""Declaring by which attributes of contacts answers may be told apart, and what there is of them.

Attributes are as of sending, or of the import of answers: a contact who moves on stays where they
were. What is declared becomes a column of the facts of all months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select

from analysis.dimension_entry import DIMENSION_NAME, MOST_DIMENSIONS
from analysis.scorebook import Scorebook
from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import Problem, quoted
from survey_app.invite.contact_models import Contact
from survey_app.organisation.models import Dimension
from survey_app.organisation.queries import declared_dimensions
from survey_app.respond.models import Response

LONGEST_NAME = 63
# Who looks for attributes reads so many of the newest contacts, and as many responses.
LOOKED_AT = 1000
MOST_EXAMPLES = 4


@dataclass(frozen=True)
class SeenAttribute:
    """An attribute that contacts or responses have, with some of its values."""

    name: str
    values: tuple[str, ...]

    @property
    def is_fit(self) -> bool:
        """Whether it can name a column."""
        return not _name_problems(self.name)

    @property
    def examples(self) -> str:
        """Some values, and how many others were seen."""
        shown = ", ".join(self.values[:MOST_EXAMPLES])
        more = len(self.values) - MOST_EXAMPLES
        return f"{shown} and {more} more" if more > 0 else shown


def seen_attributes() -> list[SeenAttribute]:
    """The attributes of the newest contacts and responses, by name."""
    found: dict[str, set[str]] = {}
    for table in (Contact, Response):
        newest = select(table.attributes).order_by(table.id.desc()).limit(LOOKED_AT)
        for attributes in db.session.scalars(newest):
            for name, value in attributes.items():
                if value.strip():
                    found.setdefault(name, set()).add(value.strip())
    return [SeenAttribute(name, tuple(sorted(found[name]))) for name in sorted(found)]


def declare_dimensions(
    names: Sequence[str], now: datetime
) -> tuple[tuple[str, ...] | None, list[Problem]]:
    """Tell answers apart by these attributes, and by no others; gives them sorted.

    The facts of all months are made anew with the next run. Past runs stay as they are.
    """
    wanted = tuple(sorted({name.strip() for name in names if name.strip()}))
    problems = [problem for name in wanted for problem in _name_problems(name)]
    if len(wanted) > MOST_DIMENSIONS:
        message = f"These are {len(wanted)} dimensions. Keep {MOST_DIMENSIONS} at most."
        problems.append(Problem("dimensions", "too_many", message))
    if len({name.casefold() for name in wanted}) < len(wanted):
        message = "Two of the names differ in small and capital letters only. Keep one of them."
        problems.append(Problem("dimensions", "alike", message))
    if problems:
        return None, problems
    before = declared_dimensions()
    if wanted != before:
        db.session.execute(delete(Dimension))
        db.session.add_all(Dimension(name=name) for name in wanted)
        db.session.flush()
        record("dimensions declared", ", ".join(wanted) or "none", now, before=list(before))
    return wanted, []


def keep_declared(book: Scorebook) -> Scorebook:
    """The scorebook broken down by what is declared: the facts have no other columns."""
    declared = declared_dimensions()
    kpis = (
        replace(kpi, by=tuple(name for name in kpi.by if name in declared)) for kpi in book.kpis
    )
    return replace(book, kpis=tuple(kpis))


def _name_problems(name: str) -> list[Problem]:
    if DIMENSION_NAME.fullmatch(name) and len(name) <= LONGEST_NAME:
        return []
    message = (
        f"{quoted(name)} cannot name a column. Dimensions have names of letters, digits and "
        f"underscores, {LONGEST_NAME} at most, that begin with a letter. Name the attribute anew "
        "where contacts and answers come from."
    )
    return [Problem("dimensions", "form", message)]
