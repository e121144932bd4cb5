"""Weights, raking, and estimates from weighted rows."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.margins import Margin
from analysis.sampling import Design
from analysis.weighted import WeightedEstimate, weighted_mean, weighted_ratio, weighted_total
from analysis.weighted_shares import weighted_share
from analysis.weights import Raked, kish, post_stratify, rake
from tests.reference.answers import WithTable, answers
from tests.reference.cases import Case

SCHOOLS = "weighting-apistrat"
MEN = "survey-weights-masculinity"


@answers(SCHOOLS, "design", "design-without-fpc")
def from_the_design(case: Case, check: str) -> dict[str, Any]:
    population = case.column("fpc") if check == "design" else None
    design = Design(case.column("pw"), strata=case.words("stype"), population=population)
    return _estimates(case, design)


@answers(SCHOOLS, "unweighted")
def of_equal_weights(case: Case) -> dict[str, Any]:
    found = weighted_mean(case.column("api00"), Design(np.ones(len(case.rows))))
    return {"mean": found.value, "se": found.std_error}


@answers(SCHOOLS, "raked")
def raked_to_three_margins(case: Case) -> WithTable:
    raked = _raked(case)
    design = Design(
        raked.weights,
        strata=case.words("stype"),
        population=case.column("fpc"),
        # The reference fits the residuals without weights, so the start is not given.
        margins=_margins(case),
    )
    rows = [{"row": row, "weight": weight} for row, weight in enumerate(raked.weights, start=1)]
    return WithTable(_estimates(case, design), rows)


@answers(SCHOOLS, "kish")
def cost_of_three_weightings(case: Case) -> dict[str, Any]:
    start = case.column("pw")
    wide = next(margin for margin in _margins(case) if margin.name == "sch.wide")
    weightings = {
        "raked": _raked(case).weights,
        "poststratified": post_stratify(wide, start).weights,
        "design": start,
    }
    return {name: _cost(weights) for name, weights in weightings.items()}


@answers(MEN, "kish")
def cost_of_survey_weights(case: Case) -> dict[str, Any]:
    return _cost(case.column("weight"))


@answers(MEN, "share-important")
def weighted_share_with_logit_limits(case: Case) -> dict[str, Any]:
    return _shares(case, np.ones((len(case.rows), 1), bool))[0]


@answers(MEN, "share-by-age")
def weighted_share_of_each_age(case: Case) -> dict[str, Any]:
    ages = np.unique(case.words("age3"))
    found = _shares(case, case.words("age3")[:, None] == ages)
    return {str(age): one for age, one in zip(ages, found, strict=True)}


@answers(MEN, "distribution")
def weighted_distribution(case: Case) -> dict[str, Any]:
    answer = case.words("important")
    kinds = np.unique(answer[~np.isin(answer, ["", "No answer"])])
    hits = np.where(np.isin(answer, kinds)[:, None], answer[:, None] == kinds, np.nan)
    found = weighted_share(hits, Design(case.column("weight")))
    return {str(kind): share for kind, share in zip(kinds, np.asarray(found.value), strict=True)}


def _margins(case: Case) -> list[Margin]:
    declared = case.checks["raked"]["params"]["margins"]
    return [Margin.of(name, case.words(name), totals) for name, totals in declared.items()]


def _raked(case: Case) -> Raked:
    return rake(_margins(case), case.column("pw"))


def _estimates(case: Case, design: Design) -> dict[str, Any]:
    score, enrolled = case.column("api00"), case.column("enroll")
    mean, total = weighted_mean(score, design), weighted_total(enrolled, design)
    share = weighted_share(score >= 700, design)
    ratio = weighted_ratio(case.column("api.stu"), enrolled, design)
    student, normal = mean.interval(), replace(mean, df=math.inf).interval()
    types = np.unique(case.words("stype"))
    inside = case.words("stype")[:, None] == types
    by_type = weighted_mean(np.where(inside, score[:, None], np.nan), design)
    return {
        "mean_api00": mean.value,
        "se_api00": mean.std_error,
        "ci_t_lower": student.low,
        "ci_t_upper": student.high,
        "df": mean.df,
        "ci_normal_lower": normal.low,
        "ci_normal_upper": normal.high,
        "deff_with_replacement": mean.design_effect,
        "total_enroll": total.value,
        "se_total_enroll": total.std_error,
        "by_stype": _by_name(types, by_type),
        "share_api00_700": share.value,
        "se_share": share.std_error,
        "ratio_tested_to_enrolled": ratio.value,
        "se_ratio": ratio.std_error,
    }


def _by_name(names: np.ndarray, found: WeightedEstimate) -> dict[str, Any]:
    means, errors = np.asarray(found.value), np.asarray(found.std_error)
    return {
        str(name): {"mean": mean, "se": error}
        for name, mean, error in zip(names, means, errors, strict=True)
    }


def _cost(weights: np.ndarray) -> dict[str, Any]:
    found = kish(weights)
    return {
        "n": found.n,
        "sum_w": found.sum_w,
        "kish_effective_n": found.effective_n,
        "kish_deff": found.design_effect,
        "cv_weights": found.cv,
    }


def _shares(case: Case, inside: np.ndarray) -> list[dict[str, Any]]:
    """The share to whom it is important, in every cell; its limits by the normal quantile."""
    answer = case.words("important")
    given = ~np.isin(answer, ["", "No answer"])
    important = np.isin(answer, ["Very important", "Somewhat important"])
    hits = np.where(inside & given[:, None], important[:, None], np.nan)
    found = weighted_share(hits, Design(case.column("weight")))
    limits = replace(found, df=np.full(inside.shape[1], np.inf)).interval(rule="logit")
    columns = {
        "n": found.n,
        "share": found.value,
        "se": found.std_error,
        "deff_with_replacement": found.design_effect,
        "logit_lower": limits.low,
        "logit_upper": limits.high,
    }
    return [
        {name: np.asarray(column)[cell] for name, column in columns.items()}
        for cell in range(inside.shape[1])
    ]
