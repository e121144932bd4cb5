"""Figures that used to come every month and have not come for the last one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from survey_app.db import db
from survey_app.figures.models import Figure
from survey_app.figures.queries import current_ids
from survey_app.organisation.calendars import months_before

MONTHS_LOOKED_AT = 4
# Of those, a measure that comes every month has come in at least so many.
LEAST_MONTHS = 3


@dataclass(frozen=True)
class Missing:
    """A measure of a unit that has no figure for a month, and had one in `came` months before."""

    measure_id: int
    unit_id: int
    month: date
    came: int


def due_month(today: date, days: int) -> date:
    """The first day of the latest month that ended so many days ago or more.

    >>> due_month(date(2026, 8, 10), 10), due_month(date(2026, 8, 11), 10)
    (datetime.date(2026, 6, 1), datetime.date(2026, 7, 1))
    """
    return months_before((today - timedelta(days)).replace(day=1), 1)


def find_missing(
    came: Iterable[tuple[int, int, date]], month: date
) -> dict[tuple[int, int], Missing]:
    """What is missing for a month, by measure and unit, from the months for which figures came."""
    months: dict[tuple[int, int], set[date]] = {}
    for measure_id, unit_id, start in came:
        months.setdefault((measure_id, unit_id), set()).add(start)
    before = {months_before(month, count) for count in range(1, MONTHS_LOOKED_AT + 1)}
    return {
        place: Missing(*place, month, len(found & before))
        for place, found in months.items()
        if month not in found and len(found & before) >= LEAST_MONTHS
    }


def read_months(month: date) -> list[tuple[int, int, date]]:
    """Measure, unit and month of the current figures of a month and of those looked at before it.

    Figures of single representatives are their unit's: one of them is enough.
    """
    first, until = months_before(month, MONTHS_LOOKED_AT), months_before(month, -1)
    return list(
        db.session.execute(
            select(Figure.measure_id, Figure.unit_id, Figure.period_start)
            .where(Figure.id.in_(current_ids(first, until)))
            .distinct()
        ).tuples()
    )


def has_come(missing: Iterable[tuple[int, int, date]]) -> Mapping[tuple[int, int, date], bool]:
    """Whether there is a current figure by now, of each measure, unit and month."""
    wanted = set(missing)
    if not wanted:
        return {}
    months = sorted(month for _measure, _unit, month in wanted)
    found = set(
        db.session.execute(
            select(Figure.measure_id, Figure.unit_id, Figure.period_start).where(
                Figure.id.in_(current_ids(months[0], months_before(months[-1], -1)))
            )
        ).tuples()
    )
    return {one: one in found for one in wanted}
