"""Reading figures: which ones are current, what each measure has, what was imported."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import NotFound
from survey_app.figures.models import Figure, FigureBatch, Measure
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.sight import Sight, is_in_sight

STREAMED_AT_ONCE = 5000


class CurrentFigure(NamedTuple):
    """A figure that counts; `representative` is '' where it is the whole unit's."""

    measure: str
    unit: str
    representative: str
    period_start: date
    value: float


class NaturalKey(NamedTuple):
    """What makes two figures the same figure, of which the newest counts."""

    measure_id: int
    unit_id: int
    representative_key: str
    period_start: date


def current_ids(
    first: date | None = None, until: date | None = None, measure_ids: Collection[int] | None = None
) -> Select[tuple[int]]:
    """Ids of the current figures: of each natural key the one of the newest batch not undone.

    Only figures of months from `first` (included) to `until` (excluded), and of these measures.
    """
    newest_first = func.row_number().over(
        partition_by=(
            Figure.measure_id,
            Figure.unit_id,
            Figure.representative_key,
            Figure.period_start,
        ),
        order_by=Figure.batch_id.desc(),
    )
    ranked = (
        select(Figure.id, newest_first.label("rank"))
        .join(FigureBatch, FigureBatch.id == Figure.batch_id)
        .where(FigureBatch.undone_at.is_(None))
    )
    if first is not None:
        ranked = ranked.where(Figure.period_start >= first)
    if until is not None:
        ranked = ranked.where(Figure.period_start < until)
    if measure_ids is not None:
        ranked = ranked.where(Figure.measure_id.in_(measure_ids))
    numbered = ranked.subquery()
    return select(numbered.c.id).where(numbered.c.rank == 1)


def current_figures(first: date, until: date) -> Iterator[CurrentFigure]:
    """The current figures of months from `first` (included) to `until` (excluded), streamed."""
    found = db.session.execute(
        select(Measure.key, Unit.key, Figure.representative_key, Figure.period_start, Figure.value)
        .join(Measure, Measure.id == Figure.measure_id)
        .join(Unit, Unit.id == Figure.unit_id)
        .where(Figure.id.in_(current_ids(first, until)))
        .order_by(Figure.period_start, Figure.measure_id, Figure.unit_id, Figure.representative_key)
        .execution_options(yield_per=STREAMED_AT_ONCE)
    )
    for row in found:
        yield CurrentFigure(*row)


def current_values(
    measure_ids: Collection[int], first: date, until: date
) -> Mapping[NaturalKey, float]:
    """The current values of these measures, from month `first` (included) to `until` (excluded)."""
    found = db.session.execute(
        select(
            Figure.measure_id,
            Figure.unit_id,
            Figure.representative_key,
            Figure.period_start,
            Figure.value,
        ).where(Figure.id.in_(current_ids(first, until, measure_ids)))
    )
    return {NaturalKey(*row[:4]): row[4] for row in found}


def measures_with_extent(within: Sight) -> list[Row[Any]]:
    """Each measure with the number of its current figures, their first and their last month."""
    counted = (
        select(
            Figure.measure_id,
            func.count().label("count"),
            func.min(Figure.period_start).label("first"),
            func.max(Figure.period_start).label("last"),
        )
        .where(Figure.id.in_(current_ids()), is_in_sight(Figure.unit_id, within))
        .group_by(Figure.measure_id)
        .subquery()
    )
    return list(
        db.session.execute(
            select(Measure, counted.c.count, counted.c.first, counted.c.last)
            .outerjoin(counted, counted.c.measure_id == Measure.id)
            .order_by(Measure.name)
        )
    )


def newest_figures(measure: Measure, within: Sight, limit: int) -> list[Row[Any]]:
    """The measure's current figures with unit, representative and batch, the latest month first."""
    return list(
        db.session.execute(
            select(Figure, Unit, Representative, FigureBatch)
            .join(Unit, Unit.id == Figure.unit_id)
            .join(FigureBatch, FigureBatch.id == Figure.batch_id)
            .outerjoin(Representative, Representative.id == Figure.representative_id)
            .where(
                Figure.id.in_(current_ids(measure_ids=[measure.id])),
                is_in_sight(Figure.unit_id, within),
            )
            .order_by(Figure.period_start.desc(), Unit.name, Figure.representative_key)
            .limit(limit)
        )
    )


def newest_batches(within: Sight, limit: int) -> list[Row[Any]]:
    """The batches imported last, with who imported them: those with figures in sight alone."""
    foreign = select(Figure.batch_id).where(~is_in_sight(Figure.unit_id, within))
    return list(
        db.session.execute(
            select(FigureBatch, User)
            .outerjoin(User, User.id == FigureBatch.imported_by_id)
            .where(FigureBatch.id.not_in(foreign))
            .order_by(FigureBatch.id.desc())
            .limit(limit)
        )
    )


def units_of_batch(batch: FigureBatch) -> set[int]:
    """Ids of the units for which the batch has figures."""
    return set(
        db.session.scalars(select(Figure.unit_id).where(Figure.batch_id == batch.id).distinct())
    )


def measure_by_key(key: str) -> Measure:
    """The measure with this key; raises NotFound."""
    measure = db.session.scalar(select(Measure).where(Measure.key == key))
    if measure is None:
        raise NotFound(f"There is no measure with the key {key!r}.")
    return measure


def batch_by_id(batch_id: int) -> FigureBatch:
    """The batch with this id; raises NotFound."""
    batch = db.session.get(FigureBatch, batch_id)
    if batch is None:
        raise NotFound("There is no such import of figures. Choose one from the list.")
    return batch
