"""Estimating how a KPI's figures follow an index of local conditions, from past months.

Loads the analysis; imported by the view that shows an estimate, when it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import select

from analysis.adjusting import estimate_elasticity
from survey_app.db import db
from survey_app.figures.models import Measure
from survey_app.figures.queries import NaturalKey, current_values
from survey_app.goals.models import KpiDefinition
from survey_app.goals.queries import read_levels
from survey_app.organisation.queries import below, keys_to_units

FIRST_MONTH = date(1900, 1, 1)
Scope = tuple[str, str]


@dataclass(frozen=True)
class ElasticityFound:
    """An elasticity from past months with its 95 % interval; or `reason`, why there is none.

    `latest` is the last month with an index, and what the index was then.
    """

    value: float | None
    low: float | None
    high: float | None
    months: int
    reason: str
    latest: tuple[date, float] | None


def estimate_from_months(
    kpi: KpiDefinition, scope: Scope, index_measure: str, this_month: date
) -> ElasticityFound:
    """The slope of log figure on log index over the months before `this_month`.

    For sums of figures alone: the figures of the scope added up month by month, beside the mean of
    the index's figures there or, where it has none, in the scope above. Nothing is stored.
    """
    if kpi.definition["statistic"] != "sum":
        reason = "Only for sums of figures can past months be compared with an index."
        return ElasticityFound(None, None, None, 0, reason, None)
    ids = dict(db.session.execute(select(Measure.key, Measure.id)).tuples().all())
    measure, index = ids.get(kpi.definition["source"]["measure"]), ids.get(index_measure)
    if measure is None or index is None:
        return ElasticityFound(None, None, None, 0, "One of the two measures is not there.", None)
    values = current_values([measure, index], FIRST_MONTH, this_month)
    sums = _by_month(values, measure, _inside(scope))
    indices: dict[date, list[float]] = {}
    for level in reversed(read_levels()(*scope)):
        indices |= _by_month(values, index, _inside(level))
    means = {month: sum(found) / len(found) for month, found in sorted(indices.items())}
    latest = (max(means), means[max(means)]) if means else None
    months = sorted(sums.keys() & means.keys())
    flows, levels = [sum(sums[month]) for month in months], [means[month] for month in months]
    if any(number <= 0 for number in (*flows, *levels)):
        reason = "Some months have a figure of 0 or less, which has no logarithm."
        return ElasticityFound(None, None, None, len(months), reason, latest)
    found = estimate_elasticity(np.array(flows), np.array(levels))
    if found.reason:
        return ElasticityFound(None, None, None, found.n, found.reason, latest)
    interval = found.interval()
    return ElasticityFound(
        found.value, float(interval.low), float(interval.high), found.n, "", latest
    )


def _by_month(
    values: Mapping[NaturalKey, float], measure_id: int, is_inside: Callable[[NaturalKey], bool]
) -> dict[date, list[float]]:
    found: dict[date, list[float]] = {}
    for key, value in values.items():
        if key.measure_id == measure_id and is_inside(key):
            found.setdefault(key.period_start, []).append(value)
    return found


def _inside(scope: Scope) -> Callable[[NaturalKey], bool]:
    """Whether a figure belongs to a scope, as it does in a run."""
    kind, key = scope
    if kind == "representative":
        return lambda figure: figure.representative_key == key
    if kind == "all":
        return lambda _figure: True
    unit_ids = below([keys_to_units()[key].id])
    return lambda figure: figure.unit_id in unit_ids
