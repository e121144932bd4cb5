"""How many of those invited have answered: filled into the rows of a run whose KPIs ask them.

Loads numpy; only jobs import it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from analysis.definitions import DIMENSION, RatingSource, ScopeType
from analysis.nonresponse import Dispositions, response_rate_1
from analysis.periods import LONG_MONTHS, Period, WindowType
from analysis.scorebook import Scorebook
from survey_app.db import db
from survey_app.invite.models import Invitation
from survey_app.organisation.calendars import day_begins, months_before
from survey_app.organisation.models import Representative, Unit


@dataclass(frozen=True)
class Invited:
    """How many were invited and how many of them have answered."""

    invited: int = 0
    answered: int = 0

    def __add__(self, other: Invited) -> Invited:
        return Invited(self.invited + other.invited, self.answered + other.answered)

    @property
    def rate(self) -> float | None:
        """Response rate 1 of AAPOR; None where nobody was invited.

        Nobody is taken out of the denominator: a mail that was not delivered, or somebody who opted
        out, is an answer that did not come.
        """
        if not self.invited:
            return None
        missing = self.invited - self.answered
        return float(response_rate_1(Dispositions(self.answered, refusal=missing)).value)


@dataclass(frozen=True)
class CountedInvitations:
    """By window, KPI and scope (type, id), the invitations sent in the window's months.

    Rows of a dimension are about some of those invited, whom nobody counts.
    """

    found: Mapping[tuple[str, str, str, str], Invited]

    def of(self, row: Mapping[str, Any]) -> Invited | None:
        """The invitations behind a scored row; None where it rests on none, or is withheld."""
        if row["suppressed_reason"] or any(
            value for name, value in row.items() if name.startswith(DIMENSION)
        ):
            return None
        return self.found.get((row["window"], row["kpi_id"], row["scope_type"], row["scope_id"]))

    def complete(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row with its response rate."""
        invited = self.of(row)
        return {**row, "response_rate": None if invited is None else invited.rate}


def count_invited(book: Scorebook, period: Period, zone: ZoneInfo) -> CountedInvitations:
    """Count the invitations to the questionnaires of the KPIs, by the unit and person at sending.

    Who was invited in a window counts as answered whenever the answer came.
    """
    above = _scopes_above(book)
    found: dict[tuple[str, str, str, str], Invited] = {}
    for window, months in ((WindowType.PERIOD, 0), (WindowType.LONG, LONG_MONTHS)):
        for asked, version, unit, person, counted in _count_sent(period, months, zone):
            scopes = [*above(unit, person)]
            for kpi in book.kpis:
                source = kpi.source
                if not isinstance(source, RatingSource) or source.questionnaire != asked:
                    continue
                if source.versions and version not in source.versions:
                    continue
                for scope in scopes:
                    place = (window.value, kpi.id, *scope)
                    found[place] = found.get(place, Invited()) + counted
    return CountedInvitations(found)


def _scopes_above(book: Scorebook) -> Any:
    """Gives the scopes that an invitation of a unit and a representative counts for."""
    units = {unit.id for unit in book.units}

    def above(unit: str | None, person: str | None) -> Iterator[tuple[str, str]]:
        yield ScopeType.ALL.value, ""
        if unit in units:
            for one in book.upwards(str(unit)):
                yield ScopeType.UNIT.value, one
        if person:
            yield ScopeType.REPRESENTATIVE.value, person

    return above


def _count_sent(
    period: Period, months: int, zone: ZoneInfo
) -> Iterator[tuple[str, int, str | None, str | None, Invited]]:
    """What was sent in a period, or in so many months up to its end, in groups."""
    start = months_before(period.end, months) if months else period.start
    rows = db.session.execute(
        select(
            Invitation.questionnaire_key,
            Invitation.version_number,
            Unit.key,
            Representative.key,
            func.count(Invitation.id),
            func.count(Invitation.id).filter(Invitation.answered),
        )
        .outerjoin(Unit, Unit.id == Invitation.unit_id)
        .outerjoin(Representative, Representative.id == Invitation.representative_id)
        .where(
            Invitation.created_at >= day_begins(start, zone),
            Invitation.created_at < day_begins(period.end, zone),
            Invitation.revoked_at.is_(None),
            # Nobody knows how many have seen an open link: who came by one was not invited.
            Invitation.contact_id.is_not(None),
        )
        .group_by(
            Invitation.questionnaire_key, Invitation.version_number, Unit.key, Representative.key
        )
    )
    for asked, version, unit, person, invited, answered in rows:
        yield asked, version, unit, person, Invited(invited, answered)
