"""Simple exponential smoothing of the flow of the Nile."""

from analysis.smoothing import forecast_level, smooth, smooth_best
from tests.reference.answers import answers
from tests.reference.cases import Case

NILE = "smoothing-nile"


@answers(NILE, "fixed")
def find_fixed(case: Case) -> dict[str, float]:
    found = smooth(case.column("flow"), alpha=0.2)
    return {"sse": found.sse, "last_level": found.value}


@answers(NILE, "optimised")
def find_optimised(case: Case) -> dict[str, float]:
    found = smooth_best(case.column("flow"))
    return {"alpha": found.alpha, "sse": found.sse, "forecast": found.value}


@answers(NILE, "ets-ann")
def find_state_space(case: Case) -> dict[str, float]:
    found = forecast_level(case.column("flow"))
    limits = found.interval()
    return {
        "alpha": found.alpha,
        "forecast": found.value,
        "lower95": float(limits.low),
        "upper95": float(limits.high),
    }
