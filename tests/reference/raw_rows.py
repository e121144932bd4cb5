"""The numbers of the service desk example, computed from the rows of its CSV files.

Nothing of the product is used, neither its reading nor its statistics: csv, math and scipy alone.
All intervals are two-sided at 95 %.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from scipy import stats

FOLDER = Path(__file__).parents[2] / "examples" / "service_desk"
LEVEL = 0.95
SNAPSHOT = datetime(2016, 3, 9)


@dataclass(frozen=True)
class Expected:
    """A statistic with its interval (None where there is none) and its counts."""

    value: float
    low: float | None
    high: float | None
    n: int
    n_eligible: int


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the example's files."""
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def item_names() -> list[str]:
    """The columns of the survey that hold ratings, which are also the ids of the questions."""
    return [name for name in read_rows("survey_severity.csv")[0] if name.startswith("q")]


def ratings_of(item: str) -> tuple[list[int], int]:
    """The ratings of an item, and how many people were asked for it."""
    rows = read_rows("survey_severity.csv")
    return [int(row[item]) for row in rows if row[item] != ""], len(rows)


def missing_counts(item: str) -> dict[str, int]:
    """How many chose "N/A", and how many neither rated the item nor chose that."""
    mark = f"na_{item.partition('_')[0]}"
    blank = [row for row in read_rows("survey_severity.csv") if row[item] == ""]
    not_applicable = sum(row[mark] == "1" for row in blank)
    return {"not_applicable": not_applicable, "skipped": len(blank) - not_applicable}


def mean_severity(item: str) -> Expected:
    """Mean with Student's t interval."""
    ratings, asked = ratings_of(item)
    mean = math.fsum(ratings) / len(ratings)
    interval = stats.t(len(ratings) - 1, mean, stats.sem(ratings)).interval(LEVEL)
    return Expected(mean, float(interval[0]), float(interval[1]), len(ratings), asked)


def share_from(item: str, cut: int) -> Expected:
    """Share of ratings at or above the cut, with Wilson's score interval."""
    ratings, asked = ratings_of(item)
    count = sum(rating >= cut for rating in ratings)
    limits = stats.binomtest(count, len(ratings)).proportion_ci(LEVEL, method="wilson")
    return Expected(count / len(ratings), limits.low, limits.high, len(ratings), asked)


def incident_seconds() -> tuple[list[float], list[float]]:
    """Seconds from opening to resolution, and from opening to the snapshot for those unresolved."""
    resolved, unresolved = [], []
    for row in read_rows("incident_resolution.csv"):
        opened = datetime.fromisoformat(row["opened_at"])
        if row["resolved_at"]:
            end = datetime.fromisoformat(row["resolved_at"])
            resolved.append((end - opened).total_seconds())
        else:
            unresolved.append((SNAPSHOT - opened).total_seconds())
    return resolved, unresolved


def median_time_to_resolve() -> Expected:
    """Kaplan-Meier median; its limits are where the log-log limits of the curve pass one half."""
    resolved, unresolved = incident_seconds()
    n = len(resolved) + len(unresolved)
    curve = stats.ecdf(stats.CensoredData(resolved, right=unresolved)).sf
    median = _first_at_half(curve.quantiles, curve.probabilities)
    lower, upper = log_log_limits(resolved, unresolved, curve.quantiles, curve.probabilities)
    low, high = (_first_at_half(curve.quantiles, limit) for limit in (lower, upper))
    return Expected(median, low, high, n, n)


def log_log_limits(
    resolved: list[float], unresolved: list[float], times: np.ndarray, survival: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limits S ** exp(-+ z se) with se = sqrt(Greenwood's sum) / |log S|, time by time."""
    z = stats.norm.ppf((1 + LEVEL) / 2)
    greenwood = 0.0
    lower, upper = [], []
    for time, level in zip(times, survival, strict=True):
        at_risk = sum(one >= time for one in resolved) + sum(one >= time for one in unresolved)
        ended = resolved.count(time)
        greenwood += ended / (at_risk * (at_risk - ended)) if ended else 0.0
        error = math.sqrt(greenwood) / abs(math.log(level)) if level < 1 else 0.0
        lower.append(level ** math.exp(z * error))
        upper.append(level ** math.exp(-z * error))
    return np.array(lower), np.array(upper)


def _first_at_half(times: np.ndarray, level: np.ndarray) -> float:
    return float(times[np.flatnonzero(level <= 0.5)[0]])


def figures_of(name: str, first: str, last: str) -> list[float]:
    """The values of a figure from one month (YYYY-MM) to another, both included, in order."""
    return [
        float(row["value"])
        for row in sorted(read_rows("monthly_figures.csv"), key=lambda row: row["month"])
        if row["figure"] == name and first <= row["month"] <= last
    ]


def ratio_of_sums(above: str, below: str, first: str, last: str) -> Expected:
    """Sum of one figure by the sum of another; a complete count, so without an interval."""
    numerators, denominators = figures_of(above, first, last), figures_of(below, first, last)
    ratio = math.fsum(numerators) / math.fsum(denominators)
    return Expected(ratio, None, None, len(numerators), len(numerators))


def last_figure(name: str, first: str, last: str) -> Expected:
    """The figure of the last month that has one."""
    return Expected(figures_of(name, first, last)[-1], None, None, 1, 1)
