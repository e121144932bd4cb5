"""Alpha, omega and correlations of the staff survey ``reliability-attitude``."""

from typing import Any

import numpy as np

from analysis.correlation import pearson, spearman
from analysis.omega import omega
from analysis.reliability import ItemMoments, item_moments, reliability
from tests.reference.answers import answers
from tests.reference.cases import Case

CASE = "reliability-attitude"
SIX = ("complaints", "privileges", "learning", "raises", "critical", "advance")
ITEMS = {"seven-items": ("rating", *SIX), "six-items": SIX}


def moments_of(case: Case, items: tuple[str, ...]) -> ItemMoments:
    columns = np.column_stack([case.column(item) for item in items])
    return item_moments(columns, lowest=0, highest=100)


@answers(CASE, "seven-items", "six-items")
def alpha(case: Case, check: str) -> dict[str, Any]:
    items = ITEMS[check]
    found = reliability(moments_of(case, items))
    interval = found.interval()
    return {
        "n": found.n,
        "k": len(found.mean),
        "alpha": found.value,
        "standardized_alpha": found.standardized,
        "average_interitem_r": found.average_correlation,
        "guttman_lambda6": found.lambda6,
        "feldt_lower": interval.low,
        "feldt_upper": interval.high,
        "items": {
            item: {
                "alpha_if_deleted": found.value_if_dropped[number],
                "std_alpha_if_deleted": found.standardized_if_dropped[number],
                "item_rest_correlation": found.item_rest[number],
                "mean": found.mean[number],
                "sd": found.sd[number],
            }
            for number, item in enumerate(items)
        },
    }


@answers(CASE, "omega")
def omega_total(case: Case) -> dict[str, Any]:
    found = omega(moments_of(case, SIX))
    loadings = dict(zip(SIX, found.loadings.tolist(), strict=True))
    return {"omega_total": found.value, "loadings": loadings}


@answers(CASE, "correlations")
def correlations(case: Case) -> dict[str, Any]:
    rating, complaints = case.column("rating"), case.column("complaints")
    return {
        "rating_complaints_pearson": pearson(rating, complaints).value,
        "rating_complaints_spearman": spearman(rating, complaints).value,
    }
