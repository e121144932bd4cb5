"""Five composite indicators of 51 states, and a published geometric mean: ``composite-drivers``."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.aggregation import Aggregation, aggregate, weighted_mean
from analysis.composite import (
    distance_to_best,
    geometric_mean,
    min_max,
    percentile_rank,
    ranks,
    z_score,
)
from analysis.interval import Floats
from analysis.score import scores_between
from tests.reference.answers import WithTable, answers
from tests.reference.cases import Case

CASE = "composite-drivers"
Normalise = Callable[[Floats, Floats], Floats]
RULES: dict[str, Normalise] = {
    "minmax": min_max,
    "zscore": z_score,
    "percentile": percentile_rank,
    "distance-to-best": distance_to_best,
}


def normalised(case: Case, check: str, normalise: Normalise) -> tuple[Floats, Floats]:
    """The indicators by a rule, and their weights, both (indicators, states)."""
    params = case.checks[check]["params"]
    values = np.stack([case.column(name) for name in params["weights"]])
    direction = np.full(len(values), float(params["direction"]))
    weights = np.array(list(params["weights"].values()))
    scores = normalise(values, direction)
    return scores, np.broadcast_to(weights[:, None], scores.shape)


def told(case: Case, scores: Floats) -> WithTable:
    states, places = case.words("state"), ranks(scores)
    first = np.argsort(places)[:3]
    expected = {
        "top3": states[first].tolist(),
        "top3_score": scores[first].tolist(),
        "mean": scores.mean(),
        "sd": scores.std(ddof=1),
    }
    rows = zip(states, scores, places, strict=True)
    return WithTable(
        expected, [{"state": state, "score": score, "rank": rank} for state, score, rank in rows]
    )


@answers(CASE, *RULES)
def arithmetic(case: Case, check: str) -> WithTable:
    return told(case, weighted_mean(*normalised(case, check, RULES[check])))


@answers(CASE, "geometric")
def geometric(case: Case) -> WithTable:
    scores, weights = normalised(
        case, "geometric", lambda values, direction: min_max(values, direction, 1, 100)
    )
    return told(case, aggregate(scores, weights, Aggregation.GEOMETRIC))


@answers(CASE, "hdi-worked-example")
def human_development(case: Case) -> dict[str, Any]:
    def part(value: float, worst: float, best: float) -> float:
        return float(scores_between(worst, best, np.array(value))) / 100

    def mean(*parts: float) -> float:
        return float(geometric_mean(np.array(parts)[:, None], np.ones(len(parts)))[0])

    life = part(73.5, 20, 83.2)
    schooling = mean(part(7.5, 0, 13.2), part(11.4, 0, 20.6))
    education = part(schooling, 0, 0.951)
    income = part(math.log(7263), math.log(163), math.log(108211))
    return {
        "life": life,
        "education": education,
        "income": income,
        "hdi": mean(life, education, income),
    }
