"""What a row of facts must fulfil before anything counts it, checked on rows or on tallies."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from analysis.definitions import DIMENSION, MISSING_CODES
from analysis.estimate import Mask
from analysis.facts import COLUMNS, EVENTS, MAY_BE_EMPTY, FactsError


def check_rows(kind: str, rows: pa.Table) -> None:
    """Check rows, or tallies of equal rows (with the column ``count``), against every rule.

    Tallies keep every column that a rule looks at, so that one pass counts and checks.

    Raises
    ------
    FactsError
        Naming the first rule that is broken and by how many rows.
    """
    count = (
        rows["count"].to_numpy() if "count" in rows.column_names else np.ones(rows.num_rows, int)
    )
    rules = {
        f"the column {name} is empty there.": rows[name].is_null().to_numpy()
        for name in rows.column_names
        if name not in MAY_BE_EMPTY[kind] and (name in COLUMNS[kind] or name.startswith(DIMENSION))
    }
    rules |= {"ratings": _ratings, "durations": _durations, "figures": _figures}[kind](rows)
    for sentence, broken in rules.items():
        if broken.any():
            many = int(count[broken].sum())
            told = "1 row" if many == 1 else f"{many} rows"
            raise FactsError(f"In the {kind}, {told} cannot be counted: {sentence}")
    if kind == "figures":
        _check_once(rows)


def _check_once(figures: pa.Table) -> None:
    """A figure that is there twice would count twice; there are few, so all are compared."""
    keys = ["measure", "unit", "representative", "period_start"]
    counted = figures.select(keys).group_by(keys).aggregate([([], "count_all")])
    several = counted.filter(pa.compute.greater(counted["count_all"], 1)).to_pylist()
    for row in sorted(several, key=lambda row: [row[key] for key in keys]):
        told = ", ".join(f"{name} '{row[name]}'" for name in keys)
        raise FactsError(f"In the figures there are two rows of {told}. Keep one of them.")


def _ratings(rows: pa.Table) -> dict[str, Mask]:
    value, missing = rows["value"], rows["missing"]
    values, low, high = (rows[name].to_numpy() for name in ("value", "scale_low", "scale_high"))
    with np.errstate(invalid="ignore"):
        off_scale = (values < low) | (values > high)
        no_scale = ~np.isfinite(low) | ~np.isfinite(high) | (low >= high)
    return {
        "the value is not a finite number; a missing value must be NULL.": _not_finite(value),
        "exactly one of value and missing code must be given.": (
            value.is_null().to_numpy() == missing.is_null().to_numpy()
        ),
        f"the missing code is none of {', '.join(MISSING_CODES)}.": _none_of(
            missing, MISSING_CODES
        ),
        "the scale's ends are not two finite numbers in order.": no_scale,
        "the value lies outside its scale.": off_scale,
        "the series is not 1 or more.": rows["series"].to_numpy() < 1,
    }


def _durations(rows: pa.Table) -> dict[str, Mask]:
    seconds, event = rows["seconds"], rows["event"]
    with np.errstate(invalid="ignore"):
        negative = seconds.to_numpy() < 0
    is_open = pa.compute.equal(event, "open").to_numpy()
    return {
        "the seconds are not a finite number.": _not_finite(seconds),
        "the seconds are negative.": negative,
        f"the event is none of {', '.join(EVENTS)}.": _none_of(event, EVENTS),
        "only an open visit may lack its seconds.": seconds.is_null().to_numpy() & ~is_open,
    }


def _figures(rows: pa.Table) -> dict[str, Mask]:
    month = pa.compute.strftime(rows["period_start"], format="%Y-%m")
    return {
        "the value is not a finite number.": _not_finite(rows["value"]),
        "period_start lies outside the month of its folder.": (
            pa.compute.not_equal(month, rows["month"]).to_numpy()
        ),
    }


def _not_finite(column: pa.ChunkedArray) -> Mask:
    broken: Mask = ~np.isfinite(column.to_numpy()) & column.is_valid().to_numpy()
    return broken


def _none_of(column: pa.ChunkedArray, words: Iterable[str]) -> Mask:
    known = pa.compute.is_in(column, value_set=pa.array(list(words)))
    broken: Mask = ~known.to_numpy() & column.is_valid().to_numpy()
    return broken
