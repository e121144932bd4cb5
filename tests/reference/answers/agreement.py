"""Intraclass correlations, Krippendorff's alpha and kappa of textbook examples."""

from typing import Any

import numpy as np

from analysis.agreement import intraclass_correlation, mean_squares
from analysis.kappas import cohens_kappa
from analysis.krippendorff import METRICS, krippendorffs_alpha
from tests.reference.answers import answers
from tests.reference.cases import Case

FORMS = {
    "ICC1_single_oneway": "1,1",
    "ICC2_single_agreement": "2,1",
    "ICC3_single_consistency": "3,1",
    "ICC1k_average_oneway": "1,k",
    "ICC2k_average_agreement": "2,k",
    "ICC3k_average_consistency": "3,k",
}
OTHER_LIMITS = "the limits are those of Shrout and Fleiss, which irr gives too but for this form"


def _judges(case: Case) -> np.ndarray:
    return np.stack([case.column(f"judge{one}") for one in (1, 2, 3, 4)], axis=1)


@answers(
    "icc-shrout-fleiss",
    "six-forms",
    not_offered={f"ICC2k_average_agreement.irr_{end}": OTHER_LIMITS for end in ("lower", "upper")},
)
def six_forms(case: Case) -> Any:
    told = {}
    for name, form in FORMS.items():
        one = intraclass_correlation(_judges(case), form)
        limits = one.interval()
        told[name] = {
            "icc": one.value,
            "lower": limits.low,
            "upper": limits.high,
            "F": one.f,
            "df1": one.df1,
            "df2": one.df2,
            "p": one.p,
        }
        if form != "2,k":
            told[name] |= {"irr_lower": limits.low, "irr_upper": limits.high}
    return told


@answers("icc-shrout-fleiss", "mean-squares")
def squares(case: Case) -> Any:
    found = mean_squares(_judges(case))
    return {f"ms_{name}": getattr(found, name) for name in ("targets", "raters", "error", "within")}


@answers("agreement-textbook", "krippendorff")
def alphas(case: Case) -> Any:
    ratings = np.stack([case.column(one, "units.csv") for one in "ABCD"], axis=1)
    return {
        metric: krippendorffs_alpha(ratings, metric, seed=1, draws=0).value for metric in METRICS
    }


@answers("agreement-textbook", "weighted-kappa")
def kappas(case: Case) -> Any:
    order = case.checks["weighted-kappa"]["params"]["order"]
    couples = case.column("Freq", "couples.csv").astype(int)
    pairs = [
        [order.index(word) for word in case.words(name, "couples.csv")]
        for name in ("Husband", "Wife")
    ]
    ratings = np.repeat(np.transpose(pairs), couples, axis=0)
    told: dict[str, Any] = {"n": len(ratings)}
    for weights in ("unweighted", "linear", "quadratic"):
        one = cohens_kappa(ratings, weights=weights)
        limits = one.interval()
        told[weights] = {
            "kappa": one.value,
            "ase": one.std_error,
            "lower": limits.low,
            "upper": limits.high,
        }
    return told
