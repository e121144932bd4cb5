"""Regression and importance of drivers, on the two data sets of ``driver-analysis-published``."""

from typing import Any

import numpy as np

from analysis.drivers import DriverRows, complete_rows, regress
from analysis.importance import importance
from analysis.interval import Floats
from tests.reference.answers import answers
from tests.reference.cases import Case

CASE = "driver-analysis-published"
TARGETS = {"swiss.csv": "Fertility", "attitude.csv": "rating"}


def rows_of(case: Case, file: str) -> DriverRows:
    target = TARGETS[file]
    names = [name for name in case.table(file)[0] if name not in (target, "province")]
    drivers = np.column_stack([case.column(name, file) for name in names])
    return complete_rows(names, drivers, case.column(target, file))


def named(names: tuple[str, ...], numbers: Floats) -> dict[str, float]:
    return dict(zip(names, numbers.tolist(), strict=True))


@answers(CASE, "shapley-swiss", "shapley-attitude")
def shares(case: Case, check: str) -> dict[str, Any]:
    rows = rows_of(case, case.checks[check]["params"]["file"])
    found = importance(rows)
    measures = ("lmg", "lmg_share", "first", "last", "betasq", "pratt")
    return {"r2": found.r2} | {
        measure: named(rows.names, getattr(found, measure)) for measure in measures
    }


@answers(CASE, "regression-swiss", "regression-attitude")
def regression(case: Case, check: str) -> dict[str, Any]:
    rows = rows_of(case, case.checks[check]["params"]["file"])
    found = regress(rows)
    with_intercept = ("(Intercept)", *rows.names)
    return {
        "r2": found.r2,
        "adj_r2": found.adj_r2,
        "F": found.f,
        "sigma": found.sigma,
        "coef": named(with_intercept, found.value),
        "se": named(with_intercept, found.std_error),
        "p": named(with_intercept, found.p),
        "vif": named(rows.names, found.vif),
        "std_beta": named(rows.names, found.standardized),
        "se_hc3": named(with_intercept, found.std_error_hc3),
    }
