"""Trend of the flow of the Nile."""

from typing import Any

from analysis.single_series import autocorrelation, least_squares, pettitt
from analysis.trend import mann_kendall, theil_sen
from tests.reference.answers import answers
from tests.reference.cases import Case

NILE = "trend-nile"


@answers(NILE, "mann-kendall")
def find_mann_kendall(case: Case) -> dict[str, Any]:
    flow = case.column("flow")
    test, trend = mann_kendall(flow), theil_sen(flow)
    limits = trend.interval()
    return {
        "n": int(test.n),
        "S": float(test.s),
        "var_S": float(test.variance),
        "tau_b": float(test.tau_b),
        "z": float(test.z),
        "p": float(test.p),
        "sens_slope": trend.value,
        "slope_lower": float(limits.low),
        "slope_upper": float(limits.high),
    }


@answers(NILE, "pettitt")
def find_change_point(case: Case) -> dict[str, Any]:
    found = pettitt(case.column("flow"))
    # The first value after the change, counted from 0, is the last one before it, counted from 1.
    return {"K": found.statistic, "p": found.p, "change_after_index": found.index}


@answers(NILE, "least-squares")
def find_line(case: Case) -> dict[str, Any]:
    line = least_squares(case.column("flow"))
    return {
        "slope": line.value,
        "se": line.std_error,
        "t": line.statistic,
        "p": line.p,
        "r2": line.r_squared,
    }


@answers(NILE, "autocorrelation")
def find_autocorrelation(case: Case) -> dict[str, Any]:
    found = autocorrelation(case.column("flow"), lags=5)
    return {f"lag{lag}": float(one) for lag, one in enumerate(found, 1)}
